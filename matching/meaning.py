"""What documents mean, for searches that their words do not answer: other languages, other words."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from matching.encoder import Encode, Encoder, Vectors
from matching.postings import Weights
from matching.search import Query

Vector = npt.NDArray[np.float32]

# Up to so many rows all are compared in full; beyond, those whose signs are nearest.
_COMPARED_IN_FULL = 4_000
# Of the true ten nearest, 500 rows chosen by their signs keep 99 of 100.
_CANDIDATES = 500
_BITS = 64
_AT_ONCE = 32
# Unrelated texts have a cosine of about .2, a text and its translation of .7 and more.
_UNRELATED, _THE_SAME = 0.2, 0.7
# How much meaning counts where the words of a text are not the documents' own. Where they are it
# moved nDCG by less than .003 either way (Cranfield, South-South, own needs), so it is left out.
_SHARE = 0.7
_KNOWN_SHARE = 0.5


class Meaning:
    """
    One vector for each of *size* rows, that comes when it comes: a row without one is like nothing.

    Another thread may add vectors meanwhile. Half floats and their signs take 1,088 bytes a row.
    """

    def __init__(self, encoder: Encoder, size: int) -> None:
        self.encoder = encoder
        self._vectors = np.zeros((size, encoder.size), dtype=np.float16)
        self._signs = np.zeros((size, -(-encoder.size // _BITS)), dtype=np.uint64)
        self._is_there = np.zeros(size, dtype=np.bool_)

    def add(self, rows: Sequence[int], vectors: Vectors) -> None:
        """Take the *vectors* of *rows* in."""
        places = np.asarray(rows, dtype=np.int64)
        self._vectors[places] = vectors
        self._signs[places] = _signs(vectors, self._signs.shape[1])
        # Last, so that a search in another thread sees whole rows only.
        self._is_there[places] = np.any(vectors, axis=1)

    def alike(self, text: str) -> Weights:
        """Return how much each row means the same as *text*, 0 to 1; beyond 4,000 rows for the 500 nearest only."""
        result = np.zeros(len(self._vectors), dtype=np.float32)
        vector = self.encoder.encode([text])[0]
        if not vector.any():
            return result
        rows = np.flatnonzero(self._is_there)
        if len(rows) > _COMPARED_IN_FULL:
            rows = rows[self._nearest(vector, rows)]
        cosines = self._vectors[rows].astype(np.float32) @ vector
        result[rows] = np.clip((cosines - _UNRELATED) / (_THE_SAME - _UNRELATED), 0, 1)
        return result

    def _nearest(self, vector: Vector, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        signs = _signs(vector[None, :], self._signs.shape[1])
        differing = np.bitwise_count(self._signs[rows] ^ signs).sum(axis=1, dtype=np.int64)
        # Equals by their row, so that one query always gives one list.
        return np.asarray(
            np.argpartition(differing * len(rows) + np.arange(len(rows)), _CANDIDATES)[:_CANDIDATES]
        )


def learn(
    meaning: Meaning, texts: Sequence[str], encode: Encode, advance: Callable[[int], None] | None = None
) -> None:
    """
    Give *meaning* the vectors of *texts*, one a row, made by *encode*.

    A few at a time: where *encode* keeps what it made, whoever is interrupted goes on from there.
    *advance* is told how many more are done.
    """
    for start in range(0, len(texts), _AT_ONCE):
        chunk = texts[start : start + _AT_ONCE]
        meaning.add(range(start, start + len(chunk)), encode(chunk))
        if advance:
            advance(len(chunk))


def document(fields: Iterable[str]) -> str:
    """Return the fields of one document as the text that is encoded."""
    return ". ".join(field for field in fields if field)


def needs_meaning(query: Query) -> bool:
    """Return whether the words of *query* are too little to find by."""
    return query.is_foreign or query.known < _KNOWN_SHARE


def blended(by_text: Weights, query: Query, text: str, meaning: Meaning | None) -> Weights:
    """Return scores, 0 to 100, of *by_text* and of what *text* means; *query* is how it was read."""
    if meaning is None or not needs_meaning(query):
        return by_text
    return (1 - _SHARE) * by_text + 100 * _SHARE * meaning.alike(text)


def _signs(vectors: Vectors, words: int) -> npt.NDArray[np.uint64]:
    """Return the signs of *vectors* as bits, 64 to a word."""
    bits = np.packbits(vectors > 0, axis=1)
    padded = np.zeros((len(vectors), words * _BITS // 8), dtype=np.uint8)
    padded[:, : bits.shape[1]] = bits
    return padded.view(np.uint64)
