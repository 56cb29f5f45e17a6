"""How like the phrasings of each class a question is, by its letters and by its words."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from matching.postings import Floats, Postings, tf_idf
from matching.text import grams, stems

# Terms in more texts than this are multiplied as a dense matrix.
_RARE = 12
# Shares of the nearest phrasing and of the average one in what a class gets.
_NEAREST, _AVERAGE = 0.5, 0.5


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

    def squared_norms(self, classes: npt.NDArray[np.int64], count: int) -> Floats:
        """Return the squared length of the sum of each class's vectors."""
        postings = self.postings
        terms = np.repeat(np.arange(len(postings.frequencies)), postings.frequencies)
        pairs, places = np.unique(terms * count + classes[postings.rows], return_inverse=True)
        sums = np.bincount(places, weights=postings.weights, minlength=len(pairs))
        squares = np.bincount(pairs % count, weights=sums**2, minlength=count)
        return np.asarray(squares, dtype=np.float64)


def word_pairs(text: str) -> list[str]:
    """Return the stems of *text* and each two neighbours, the ends of the text being one too."""
    words = ["", *stems(text), ""]
    return [*words[1:-1], *(f"{word} {following}" for word, following in pairwise(words))]


# Letters bear typing errors, words carry the subject, pairs of words what is asked about it.
_SHARES: tuple[tuple[float, Callable[[str], list[str]]], ...] = (
    (0.5, grams),
    (0.25, stems),
    (0.25, word_pairs),
)


@dataclass(frozen=True, slots=True)
class Spans:
    """Where the texts of each class lie, of those classes that have any."""

    present: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]


class Classes:
    """
    Classes of texts, to which a text can be likened.

    *texts* are in the order of their *classes*, which are numbered from 0 to *count* - 1.
    """

    def __init__(self, texts: Sequence[str], classes: Sequence[int], count: int) -> None:
        self.of_text = np.array(classes, dtype=np.int64)
        self.count = count
        sizes = np.bincount(self.of_text, minlength=count)
        present = np.flatnonzero(sizes)
        starts = (np.cumsum(sizes) - sizes)[present]
        self._spans = Spans(present, starts, sizes[present])
        self._views = [(share, View(features, texts)) for share, features in _SHARES]
        self._squares = np.zeros(count)
        for share, view in self._views:
            self._squares += share * view.squared_norms(self.of_text, max(count, 1))

    def kernel(self) -> npt.NDArray[np.float32]:
        """Return how like each other the texts are."""
        total = np.zeros((len(self.of_text), len(self.of_text)), dtype=np.float32)
        for share, view in self._views:
            total += np.float32(share) * view.kernel()
        return total

    def of_texts(self, text: str) -> Floats:
        """Return how like each of the texts *text* is, 0 to 1."""
        total = np.zeros(len(self.of_text))
        for share, view in self._views:
            total += share * view.similarities(text)
        return total

    def of_classes(self, like: Floats) -> Floats:
        """Return how like each class that is which is so *like* the texts; 0 without texts."""
        return self._of_classes(like, self._squares)

    def of_classes_without(self, place: int, like: Floats) -> Floats:
        """Return the same for the text at *place*, as if it had not been known."""
        own = self.of_text[place]
        squares = self._squares.copy()
        squares[own] += like[place] - 2 * like[self.of_text == own].sum()
        others = like.copy()
        others[place] = 0
        return self._of_classes(others, np.maximum(squares, 1e-6))

    def _of_classes(self, like: Floats, squares: Floats) -> Floats:
        result = np.zeros(self.count)
        if not len(like):
            return result
        spans = self._spans
        nearest = np.maximum.reduceat(like, spans.starts)
        average = np.add.reduceat(like, spans.starts) / np.sqrt(squares[spans.present])
        result[spans.present] = _NEAREST * nearest + _AVERAGE * average
        return np.minimum(result, 1)
