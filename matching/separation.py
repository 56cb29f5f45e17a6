"""Learns what sets the classes of phrasings apart, from how like each other the phrasings are."""

import numpy as np
import numpy.typing as npt

from matching.postings import Floats

Kernel = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

# Measured on 64 to 150 classes of ten phrasings: sharper or looser costs a point or two.
_SHARPNESS = 10.0
_SHRINKAGE = 1e-3
_STEPS = 30
# The longest stride that is safe in theory, and what still converges, four times sooner, where
# many classes share the chances (measured on 64, 77 and 150).
_SAFE_STRIDE, _LONG_STRIDE = 2.0, 8.0
_MANY_CLASSES = 20
_POWER_STEPS = 12


class Separation:
    """
    A multinomial logistic regression over likeness.

    *kernel* says how like each other the texts are, *classes* which class each is of, by number
    from 0 to *count* - 1.
    """

    def __init__(self, kernel: Kernel, classes: Places, count: int) -> None:
        self.weights = _fitted(kernel, classes, count)

    @classmethod
    def of(cls, weights: Kernel) -> "Separation":
        """Return what has learnt *weights* before."""
        known = cls.__new__(cls)
        known.weights = weights
        return known

    def chances(self, like: Floats | Kernel) -> Floats:
        """Return the chance of each class, 0 to 1, for what is so *like* the texts; row by row."""
        chances = _softmax(_SHARPNESS * (like.astype(np.float32) @ self.weights))
        return chances.astype(np.float64)


def _fitted(kernel: Kernel, classes: Places, count: int) -> Kernel:
    """Descend by Nesterov's method, from no opinion; the kernel conditions each step."""
    size = len(classes)
    target = np.zeros((size, count), dtype=np.float32)
    target[np.arange(size), classes] = 1
    weights: Kernel = np.zeros((size, count), dtype=np.float32)
    before = weights
    shrinkage = _SHRINKAGE * size
    long = _LONG_STRIDE if count > _MANY_CLASSES else _SAFE_STRIDE
    stride = long / (_SHARPNESS**2 * _largest_eigenvalue(kernel) + 2 * shrinkage)
    for step in range(_STEPS if size else 0):
        ahead = weights + np.float32(step / (step + 3)) * (weights - before)
        slope = _softmax(_SHARPNESS * (kernel @ ahead)) - target
        moved = ahead - np.float32(stride) * (_SHARPNESS * slope + shrinkage * ahead)
        before, weights = weights, moved.astype(np.float32)
    return weights


def _softmax(values: Kernel) -> Kernel:
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def _largest_eigenvalue(kernel: Kernel) -> float:
    vector = np.ones(len(kernel), dtype=np.float32)
    for _ in range(_POWER_STEPS):
        moved = kernel @ vector
        vector = moved / max(float(np.linalg.norm(moved)), 1e-6)
    # A little more than what so few steps find: too long a stride would not converge.
    return 1.1 * float(vector @ (kernel @ vector)) + 1e-6
