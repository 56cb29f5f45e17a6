"""Texts as rows of numbers whose products say how like the texts are: in letters and words, and in meaning."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

from matching.encoder import Vectors
from matching.text import grams, stems

Row = npt.NDArray[np.float32]

# Letters, words and pairs of words are hashed into so many numbers. 1024 cost a point of accuracy
# where there is no meaning, 4096 gained none where there is.
WIDTH = 2048
# How much spelling counts beside meaning; half or twice of it cost up to a point.
_SPELLING = 0.4


def word_pairs(text: str) -> list[str]:
    """Return the stems of *text* and each two neighbours, the ends of the text being one too."""
    words = ["", *stems(text), ""]
    return [*words[1:-1], *(f"{word} {following}" for word, following in pairwise(words))]


# Letters bear typing errors, words carry the subject, pairs of words what is asked about it.
_VIEWS: tuple[tuple[float, Callable[[str], list[str]]], ...] = (
    (0.5, grams),
    (0.25, stems),
    (0.25, word_pairs),
)


class Features:
    """
    What makes rows of texts: learnt from the *texts* that are known and the *vectors* of what they mean.

    A row has length 1, or 0 where nothing in it is known: first how the text is spelt, by TF-IDF
    hashed into WIDTH numbers, then what it means, from the middle of all that is known. Without
    *vectors* it is spelling alone.
    """

    def __init__(self, texts: Sequence[str], vectors: Vectors | None = None) -> None:
        self._views = [(share, _View(number, split, texts)) for number, (share, split) in enumerate(_VIEWS)]
        self._middle = None if vectors is None or not len(vectors) else vectors.mean(axis=0)

    def compared(self, rows: Vectors) -> Vectors:
        """Return the part of *rows* by which texts are near, of length 1: meaning where there is any, else spelling."""
        if self._middle is None:
            return rows
        return np.asarray(rows[..., WIDTH:] / np.float32(math.sqrt(1 - _SPELLING)))

    def compared_of(self, texts: Sequence[str], vectors: Vectors | None) -> Vectors:
        """Return the same part for *texts* and their *vectors*, without making whole rows where it can."""
        if self._middle is None or vectors is None:
            return self.rows(texts)
        lengths = np.linalg.norm(moved := vectors - self._middle, axis=1, keepdims=True)
        return np.asarray(moved / np.maximum(lengths, 1e-6) * vectors.any(axis=1, keepdims=True))

    @property
    def width(self) -> int:
        """The numbers in a row."""
        return WIDTH + (0 if self._middle is None else len(self._middle))

    def rows(self, texts: Sequence[str], vectors: Vectors | None = None) -> Vectors:
        """Return a row for each of *texts*, shaped (len(texts), width); *vectors* as when it was made."""
        rows = np.zeros((len(texts), self.width), dtype=np.float32)
        for place, text in enumerate(texts):
            rows[place] = self.row(text, None if vectors is None else vectors[place])
        return rows

    def row(self, text: str, vector: Row | None = None) -> Row:
        """Return the row of one text."""
        row = np.zeros(self.width, dtype=np.float32)
        for share, view in self._views:
            row[:WIDTH] += math.sqrt(share) * view.row(text)
        if self._middle is not None and vector is not None:
            row[:WIDTH] *= math.sqrt(_SPELLING)
            row[WIDTH:] = math.sqrt(1 - _SPELLING) * _unit(vector - self._middle) * bool(vector.any())
        return row


class _View:
    """Texts under one kind of feature: its TF-IDF, hashed with signs so that what collides cancels out."""

    def __init__(self, number: int, split: Callable[[str], list[str]], texts: Sequence[str]) -> None:
        self._split = split
        held = Counter(feature for text in texts for feature in set(split(text)))
        self._numbers = {feature: place for place, feature in enumerate(held)}
        hashes = np.fromiter(
            (crc32(f"{number}{feature}".encode("utf-8", "replace")) for feature in held), np.int64, len(held)
        )
        frequencies = np.fromiter(held.values(), np.float64, len(held))
        self._slots = (hashes >> 1) % WIDTH
        self._rarity = np.log((1 + len(texts)) / (1 + frequencies)) + 1
        self._signs = np.where(hashes & 1, 1.0, -1.0)
        self._rarity_unknown = math.log(1 + len(texts)) + 1

    def row(self, text: str) -> Row:
        """Return the WIDTH numbers of *text*, of length 1 or, by as much as is not known, less."""
        known: dict[int, int] = {}
        unknown = 0.0
        for feature, count in Counter(self._split(text)).items():
            number = self._numbers.get(feature)
            if number is None:
                unknown += self._rarity_unknown**2
            else:
                known[number] = count
        if not known:
            return np.zeros(WIDTH, dtype=np.float32)
        places = np.fromiter(known, np.int64, len(known))
        counts = np.fromiter(known.values(), np.float64, len(known))
        weights = (1 + np.log(counts)) * self._rarity[places]
        length = math.sqrt(float(weights @ weights) + unknown)
        signed = weights * self._signs[places] / length
        return np.bincount(self._slots[places], weights=signed, minlength=WIDTH).astype(np.float32)


def _unit(vector: Row) -> Row:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), dtype=np.float32)
