"""Mends mistyped words towards the words that a knowledge base itself uses."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from matching.text import normalise

# Below this share of known words the text is taken to be in another language: mending would turn
# good French or Indonesian words into English ones.
_KNOWN_SHARE = 0.34
_SHORTEST = 4
_LONG = 8
_LONGEST = 40
_MOST_WORDS = 40
_REMEMBERED = 8192


class Repair:
    """Mends the Latin words of a text that *texts* do not know, towards those they do."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts = Counter(word for text in texts for word in normalise(text).split())
        self._known = frozenset(counts)
        # Equal distances are decided by frequency: extractOne keeps the first of equals.
        ordered = sorted(counts, key=lambda word: (-counts[word], word))
        self._words = [word for word in ordered if _is_mendable(word)]
        self._nearest = lru_cache(maxsize=_REMEMBERED)(self._search)

    def repaired(self, text: str) -> str:
        """Return *text* normalised, with its mistyped words mended where it is safe to."""
        words = normalise(text).split()
        if len(words) > _MOST_WORDS or not self._is_in_our_language(words):
            return " ".join(words)
        return " ".join(self._mended(word) for word in words)

    def _is_in_our_language(self, words: list[str]) -> bool:
        latin = [word for word in words if word.isascii() and word.isalpha()]
        known = sum(word in self._known for word in latin)
        return len(latin) == 1 or known > _KNOWN_SHARE * len(latin)

    def _mended(self, word: str) -> str:
        if word in self._known or not _is_mendable(word):
            return word
        return self._nearest(word)

    def _search(self, word: str) -> str:
        most = 2 if len(word) >= _LONG else 1
        found = process.extractOne(word, self._words, scorer=OSA.distance, score_cutoff=most)
        return found[0] if found else word


def _is_mendable(word: str) -> bool:
    return word.isascii() and word.isalpha() and _SHORTEST <= len(word) <= _LONGEST
