"""Finds the words that a mistyped one may mean, however many words are known."""

from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

_SHORTEST, _LONGEST = 4, 40
# From this length on two typing errors are borne, below it one.
_LONG = 8
# A word is compared with those that begin or end like it: of two errors one may be at either end.
_END_SIZES = {1: range(2, 5), 2: range(4, 7), 3: range(5, _LONGEST + 1)}
_MIDDLE_END, _LONG_END = 4, 6
_COMPARED = 8

Numbers = npt.NDArray[np.int32]
_NOBODY: Numbers = np.zeros(0, dtype=np.int32)


class Spelling:
    """Words, each with how *frequent* it is on any scale, found by words that are almost like them."""

    def __init__(self, frequent: Mapping[str, float]) -> None:
        self._frequent = frequent
        self._words = sorted(filter(_is_comparable, frequent))
        self._letters = np.array([_letters(word) for word in self._words], dtype=np.uint32)
        alike: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for number, word in enumerate(self._words):
            for size, lengths in _END_SIZES.items():
                if len(word) in lengths:
                    alike[word[:size], ""].append(number)
                    alike["", word[-size:]].append(number)
        self._alike = {ends: np.array(numbers, dtype=np.int32) for ends, numbers in alike.items()}

    def mended(self, word: str) -> str:
        """Return the word that *word* probably means, the most frequent of equals; itself when none is near."""
        if word in self._frequent or len(word) < _SHORTEST:
            return word
        found = self.near(word, 2 if len(word) >= _LONG else 1)
        ranked = sorted((errors, -self._frequent[other], other) for other, errors in found)
        return ranked[0][2] if ranked else word

    def near(self, word: str, most: int) -> list[tuple[str, int]]:
        """Return some words at most *most* errors (1 or 2) away from *word*, each with how many."""
        if not _is_comparable(word):
            return []
        alike = [self._words[number] for number in self._alike_to(word, most).tolist()]
        found = process.extract(word, alike, scorer=OSA.distance, score_cutoff=most, limit=_COMPARED)
        return [(other, int(errors)) for other, errors, _ in found]

    def _alike_to(self, word: str, most: int) -> Numbers:
        """Return the numbers of the words that begin or end like *word* and have about its letters."""
        size = 3 if len(word) >= _LONG_END else 2 if len(word) >= _MIDDLE_END else 1
        ends = ((word[:size], ""), ("", word[-size:]))
        numbers = np.concatenate([self._alike.get(end, _NOBODY) for end in ends])
        # An error adds a letter, takes one away, or both. Thousands of words may end in "ing".
        differing = np.bitwise_count(self._letters[numbers] ^ np.uint32(_letters(word)))
        near: Numbers = numbers[differing <= 2 * most]
        return near


def repaired(text: str, mended: Callable[[str], str]) -> str:
    """Return *text*, in its normal form, with each word *mended*."""
    return " ".join(map(mended, text.split()))


def _is_comparable(word: str) -> bool:
    return 1 < len(word) <= _LONGEST and word.isascii() and word.isalpha() and word.islower()


def _letters(word: str) -> int:
    """Return the set of the letters of *word*, each small one a bit."""
    bits = 0
    for letter in word:
        bits |= 1 << ord(letter) - ord("a")
    return bits
