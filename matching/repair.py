"""Mends mistyped words towards the words that a knowledge base, or else a language, has."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from matching.spelling import Spelling
from matching.text import normalise

# Below this share of known words the text is taken to be in another language: mending would turn
# good French or Indonesian words into English ones.
_KNOWN_SHARE = 0.34
_SHORTEST, _LONG, _LONGEST = 3, 8, 40
_MOST_WORDS = 40
_REMEMBERED = 8192
# Logarithms of chances: of one typing error in a word, the first letter among them more rarely,
# and of a word that nobody knows. Measured on CLINC150, BANKING77 and HWU64: of three points that
# a typing error costs two come back, and mending what is right costs three tenths.
_ERROR, _FIRST_LETTER, _UNKNOWN = -6.0, -3.0, -20.0
_OWN_SHARE = 0.5
# A word that is one already is taken for a mistyped one less easily.
_ERROR_INTO_A_WORD = -9.0
_LETTERS = re.compile(r"[^\W\d_]+")


class Repair:
    """
    Mends the Latin words of a text that *texts* do not know, towards those they do.

    *words* maps words of the language at large to the logarithm of their chance: such a word is
    not taken for a mistyped one, and is mended to where the *texts* have none like it.
    """

    def __init__(self, texts: Iterable[str], words: Mapping[str, float] | None = None) -> None:
        counts = Counter(word for text in texts for word in normalise(text).split())
        self._known = frozenset(counts)
        self._chances = _chances(counts, words or {})
        self._spelling = Spelling(self._chances)
        self._meant = lru_cache(maxsize=_REMEMBERED)(self._search)

    def repaired(self, text: str) -> str:
        """Return *text* as it was written, but for its mistyped words, mended where it is safe to."""
        words = normalise(text).split()
        if len(words) > _MOST_WORDS or not self._is_in_our_language(words):
            return text
        return _LETTERS.sub(self._mended, text)

    def _is_in_our_language(self, words: list[str]) -> bool:
        latin = [word for word in words if word.isascii() and word.isalpha()]
        known = sum(word in self._known for word in latin)
        return len(latin) == 1 or known > _KNOWN_SHARE * len(latin)

    def _mended(self, found: re.Match[str]) -> str:
        word = found.group().lower()
        if word in self._known or not _is_mendable(word) or len(word) < _SHORTEST:
            return found.group()
        meant = self._meant(word)
        return meant if meant != word else found.group()

    def _search(self, word: str) -> str:
        """Return the word that was most probably meant, by its chance and by that of the errors."""
        is_word = word in self._chances
        most = 2 if len(word) >= _LONG and not is_word else 1
        meant = {word: self._chances.get(word, _UNKNOWN)}
        for other, errors in self._spelling.near(word, most):
            error = errors * (_ERROR_INTO_A_WORD if is_word else _ERROR)
            meant[other] = self._chances[other] + error + (_FIRST_LETTER if other[0] != word[0] else 0)
        # Equal chances are decided by the alphabet.
        return max(sorted(meant), key=meant.__getitem__)


def _chances(counts: Counter[str], words: Mapping[str, float]) -> dict[str, float]:
    """Map each mendable word to the logarithm of its chance, half from the counts and half from *words*."""
    total = max(counts.total(), 1)
    known = {*filter(_is_mendable, counts), *filter(_is_mendable, words)}
    return {
        word: math.log(
            _OWN_SHARE * counts[word] / total + (1 - _OWN_SHARE) * math.exp(words.get(word, -math.inf))
        )
        for word in known
    }


def _is_mendable(word: str) -> bool:
    return word.isascii() and word.isalpha() and 1 < len(word) <= _LONGEST
