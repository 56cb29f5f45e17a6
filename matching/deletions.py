"""Finds short names that are one typing error away: they share too few trigrams to be found by those."""

from collections.abc import Sequence

from rapidfuzz.distance import OSA

LONGEST = 8


class Deletions:
    """
    Short names by what is left of them without one of their letters.

    Two words are one error apart (a letter missing, added or another, two swapped) only where one such
    remainder, or the whole, is the same.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._rows: dict[str, list[int]] = {}
        for row, name in enumerate(names):
            if len(name) <= LONGEST:
                for left in _remainders(name):
                    self._rows.setdefault(left, []).append(row)

    def near(self, word: str) -> list[int]:
        """Return the places of the names that are one error away from *word*, in ascending order."""
        if len(word) > LONGEST + 1:
            return []
        rows = {row for left in _remainders(word) for row in self._rows.get(left, ())}
        return sorted(row for row in rows if OSA.distance(word, self._names[row], score_cutoff=1) == 1)


def _remainders(word: str) -> set[str]:
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}
