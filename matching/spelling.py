"""Mends mistyped words of a query towards the words of the documents, however many those are."""

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
_END_SIZES = {2: range(_SHORTEST, 7), 3: range(5, _LONGEST + 1)}
_LONG_END = 6
_COMPARED = 8

Numbers = npt.NDArray[np.int32]
_NOBODY: Numbers = np.zeros(0, dtype=np.int32)


class Spelling:
    """The words of many documents, found by words that are almost like them."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._words = sorted(filter(_is_mendable, counts))
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
        if word in self._counts or not _is_mendable(word):
            return word
        most = 2 if len(word) >= _LONG else 1
        near = [self._words[number] for number in self._near(word, most).tolist()]
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=most, limit=_COMPARED)
        ranked = sorted((distance, -self._counts[other], other) for other, distance, _ in found)
        return ranked[0][2] if ranked else word

    def _near(self, word: str, most: int) -> Numbers:
        """Return the numbers of the words that begin or end like *word* and have about its letters."""
        size = 3 if len(word) >= _LONG_END else 2
        ends = ((word[:size], ""), ("", word[-size:]))
        numbers = np.concatenate([self._alike.get(end, _NOBODY) for end in ends])
        # An error adds a letter, takes one away, or both. Thousands of words may end in "ing".
        differing = np.bitwise_count(self._letters[numbers] ^ np.uint32(_letters(word)))
        near: Numbers = numbers[differing <= 2 * most]
        return near


def repaired(text: str, mended: Callable[[str], str]) -> str:
    """Return *text*, in its normal form, with each word *mended*."""
    return " ".join(map(mended, text.split()))


def _is_mendable(word: str) -> bool:
    return _SHORTEST <= len(word) <= _LONGEST and word.isascii() and word.isalpha() and word.islower()


def _letters(word: str) -> int:
    """Return the set of the letters of *word*, each small one a bit."""
    bits = 0
    for letter in word:
        bits |= 1 << ord(letter) - ord("a")
    return bits
