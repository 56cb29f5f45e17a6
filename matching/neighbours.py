"""How near to each class of known texts a text is."""

from collections.abc import Sequence

import numpy as np

from matching.encoder import Vectors
from matching.postings import Floats
from matching.separation import Places

_AT_ONCE = 256
_THE_SAME = 0.9999


class Neighbours:
    """
    The *rows* of known texts, each of length 1 or 0, in the order of their *classes*.

    Classes are numbered from 0 to *count* - 1; one without texts has nothing near it. `present`
    are those with texts.
    """

    def __init__(self, rows: Vectors, classes: Places, count: int) -> None:
        self.count = count
        self._rows = rows
        edges = np.searchsorted(classes, np.arange(count + 1))
        self._edges: list[int] = edges.tolist()
        self.present: Places = np.flatnonzero(np.diff(edges))

    def nearest(self, row: Vectors, classes: Sequence[int]) -> Floats:
        """Return the largest product of *row* with a text of each of *classes*, 0 to 1."""
        found = [
            float((self._rows[self._edges[number] : self._edges[number + 1]] @ row).max(initial=0.0))
            for number in classes
        ]
        return np.clip(found, 0, 1)

    def nearest_of_others(self, places: Places) -> Floats:
        """Return for the texts at *places* the same for all classes, as if each had not been known."""
        result = np.zeros((len(places), self.count))
        for start in range(0, len(places), _AT_ONCE):
            chunk = places[start : start + _AT_ONCE]
            like = self._rows[chunk] @ self._rows.T
            # A text that is there twice would be its own neighbour.
            like[like > _THE_SAME] = 0
            starts = np.array(self._edges)[self.present]
            result[start : start + len(chunk), self.present] = np.maximum.reduceat(like, starts, axis=1)
        return np.clip(result, 0, 1)
