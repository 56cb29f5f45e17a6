"""Learns what sets the classes of texts apart, from the rows of their features."""

import numpy as np
import numpy.typing as npt

from matching.encoder import Vectors
from matching.postings import Floats

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Measured on 64 to 150 classes of ten texts, and of a hundred: half or twice of either costs
# less than half a point.
_SHARPNESS = 8.0
_SHRINKAGE = 3e-4
_STEPS = 500
_BATCH = 128
_STRIDE = 1.0
_MOMENTUM = 0.9
_SEED = 7
# So many batches see each text at least this often.
_LEAST_ROUNDS = 16


class Separation:
    """
    A multinomial logistic regression over rows of features.

    *rows* are the features of texts, *classes* which class each is of, by number from 0 to
    *count* - 1, and *counts* how much each text counts. Those at *places* are learnt from, which
    take turns in that order.
    """

    def __init__(self, rows: Vectors, classes: Places, count: int, counts: Floats, places: Places) -> None:
        self.weights = _fitted(rows, classes, count, counts, places)

    @classmethod
    def of(cls, weights: Vectors) -> "Separation":
        """Return what has learnt *weights* before."""
        known = cls.__new__(cls)
        known.weights = weights
        return known

    def odds(self, rows: Vectors) -> Floats:
        """Return the logarithms of the chances of each class, for one row or for several."""
        values: Floats = _SHARPNESS * (rows @ self.weights).astype(np.float64)
        values -= values.max(axis=-1, keepdims=True)
        return np.asarray(values - np.log(np.exp(values).sum(axis=-1, keepdims=True)))


def _fitted(rows: Vectors, classes: Places, count: int, counts: Floats, places: Places) -> Vectors:
    """Descend in batches, always in the same order, with ever smaller strides."""
    size = len(places)
    weights = np.zeros((rows.shape[1], count), dtype=np.float32)
    moved = np.zeros_like(weights)
    shuffle = np.random.default_rng(_SEED)
    order = places[shuffle.permutation(size)]
    steps = max(_STEPS, _LEAST_ROUNDS * size // _BATCH) if size else 0
    start = 0
    for step in range(steps):
        if start and start + _BATCH > size:
            order, start = places[shuffle.permutation(size)], 0
        batch = order[start : start + _BATCH]
        start += _BATCH
        part: Vectors = np.float32(_SHARPNESS) * rows[batch]
        slopes = _softmax(part @ weights)
        slopes[np.arange(len(batch)), classes[batch]] -= 1
        slopes *= (counts[batch] / len(batch)).astype(np.float32)[:, None]
        stride = np.float32(_STRIDE * (1 + np.cos(np.pi * step / steps)) / 2)
        moved *= np.float32(_MOMENTUM)
        moved += np.float32(1 - _MOMENTUM) * (part.T @ slopes + np.float32(_SHRINKAGE) * weights)
        weights -= stride * moved
    return weights


def _softmax(values: Vectors) -> Vectors:
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)
