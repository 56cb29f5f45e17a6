"""How like known texts a text is, by one kind of feature."""

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from matching.postings import Floats, Postings, tf_idf

# Terms in more texts than this are multiplied as a dense matrix.
_RARE = 12


class View:
    """Texts under one kind of feature, compared by TF-IDF cosine."""

    def __init__(self, features: Callable[[str], list[str]], texts: Sequence[str]) -> None:
        self._features = features
        self.postings = Postings([features(text) for text in texts])
        self._rarity = tf_idf(self.postings)
        self._unknown = (math.log(1 + len(texts)) + 1) ** 2

    def similarities(self, text: str) -> Floats:
        """Return the cosine of *text* with each of the texts, 0 to 1."""
        counts = Counter(self._features(text))
        weights: dict[int, float] = {}
        squares = 0.0
        for feature, count in counts.items():
            number = self.postings.numbers.get(feature)
            if number is None:
                squares += self._unknown
            else:
                weights[number] = (1 + math.log(count)) * float(self._rarity[number])
                squares += weights[number] ** 2
        return self.postings.sums(weights) / max(math.sqrt(squares), 1e-6)

    def kernel(self) -> npt.NDArray[np.float32]:
        """Return the cosine of each two of the texts."""
        size = self.postings.size
        frequencies = self.postings.frequencies
        is_frequent = frequencies > _RARE
        columns = np.full(len(frequencies), -1)
        columns[is_frequent] = np.arange(is_frequent.sum())
        at = np.repeat(columns, frequencies)
        dense = np.zeros((size, int(is_frequent.sum())), dtype=np.float32)
        dense[self.postings.rows[at >= 0], at[at >= 0]] = self.postings.weights[at >= 0]
        pairs = [self._pairs(frequency) for frequency in range(1, _RARE + 1)]
        cells = np.concatenate([cells for cells, _ in pairs])
        parts = np.concatenate([parts for _, parts in pairs])
        rare = np.bincount(cells, weights=parts, minlength=size * size).reshape(size, size)
        return np.asarray(dense @ dense.T + rare, dtype=np.float32)

    def _pairs(self, frequency: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return what the terms in so many texts give each two of them: cells and parts."""
        terms = np.flatnonzero(self.postings.frequencies == frequency)
        starts = np.array(self.postings.edges, dtype=np.int64)[terms]
        places = starts[:, None] + np.arange(frequency)
        rows, weights = self.postings.rows[places].astype(np.int64), self.postings.weights[places]
        cells = rows[:, :, None] * self.postings.size + rows[:, None, :]
        return cells.ravel(), (weights[:, :, None] * weights[:, None, :]).ravel()
