"""Mends mistyped words of a query towards the words of the documents, however many those are."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

_SHORTEST, _LONGEST = 4, 40
# From this length on two typing errors are borne, below it one.
_LONG = 8
# A word is compared with those that begin or end like it: of two errors one may be at either end.
_END_SIZES = {2: range(_SHORTEST, 7), 3: range(5, _LONGEST + 1)}
_LONG_END = 6
_COMPARED = 8


class Spelling:
    """The words of many documents, found by words that are almost like them."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for word in sorted(filter(_is_mendable, counts)):
            for size, lengths in _END_SIZES.items():
                if len(word) in lengths:
                    self._alike[word[:size], ""].append(word)
                    self._alike["", word[-size:]].append(word)

    def mended(self, word: str) -> str:
        """Return the word that *word* probably means, the most frequent of equals; itself when none is near."""
        if word in self._counts or not _is_mendable(word):
            return word
        size = 3 if len(word) >= _LONG_END else 2
        near = [*self._alike.get((word[:size], ""), ()), *self._alike.get(("", word[-size:]), ())]
        most = 2 if len(word) >= _LONG else 1
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=most, limit=_COMPARED)
        ranked = sorted((distance, -self._counts[other], other) for other, distance, _ in found)
        return ranked[0][2] if ranked else word


def repaired(text: str, mended: Callable[[str], str]) -> str:
    """Return *text*, in its normal form, with each word *mended*."""
    return " ".join(map(mended, text.split()))


def _is_mendable(word: str) -> bool:
    return _SHORTEST <= len(word) <= _LONGEST and word.isascii() and word.isalpha()
