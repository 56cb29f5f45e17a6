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
        self._of_text = np.array(classes, dtype=np.int64)
        self._count = count
        sizes = np.bincount(self._of_text, minlength=count)
        present = np.flatnonzero(sizes)
        starts = (np.cumsum(sizes) - sizes)[present]
        self._spans = Spans(present, starts, sizes[present])
        self._views = [(share, View(features, texts)) for share, features in _SHARES]
        self._squares = np.zeros(count)
        for share, view in self._views:
            self._squares += share * view.squared_norms(self._of_text, max(count, 1))

    def likeness(self, text: str) -> Floats:
        """Return how like each class *text* is, 0 to 1; 0 for a class without texts."""
        return self._of_classes(self._of_texts(text), self._squares)

    def likeness_without(self, place: int, text: str) -> Floats:
        """Return the same for *text*, the one at *place*, as if it had not been known."""
        like = self._of_texts(text)
        own = self._of_text[place]
        squares = self._squares.copy()
        squares[own] += like[place] - 2 * like[self._of_text == own].sum()
        like[place] = 0
        return self._of_classes(like, np.maximum(squares, 1e-6))

    def _of_texts(self, text: str) -> Floats:
        total = np.zeros(len(self._of_text))
        for share, view in self._views:
            total += share * view.similarities(text)
        return total

    def _of_classes(self, like: Floats, squares: Floats) -> Floats:
        result = np.zeros(self._count)
        if not len(like):
            return result
        spans = self._spans
        nearest = np.maximum.reduceat(like, spans.starts)
        average = np.add.reduceat(like, spans.starts) / np.sqrt(squares[spans.present])
        result[spans.present] = _NEAREST * nearest + _AVERAGE * average
        return np.minimum(result, 1)
