"""Turns raw likeness into a confidence that means the same for every knowledge base."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from matching.postings import Floats

Matrix = npt.NDArray[np.float64]

# Where too few examples are known to fit anything: weights that suit ten phrasings an entry.
_USUAL = (-4.0, 6.0, 0.5, 0.5)
_ENOUGH = 20
_STEPS = 25
_SHRINKAGE = 0.05
_STEEPEST = 30.0
_SMALLEST_STEP = 1e-9
# All columns of a standing but the first, which is the same for all.
_EVIDENCE = np.array([False, True, True, True])
# A lead beyond this says no more.
_LONGEST_LEAD = 8.0


def standing(odds: Floats, nearest: Floats) -> Matrix:
    """
    Return how each entry stands, a row each, from the logarithms of its chance and its *nearest* text.

    Both are parallel, and the unrelated come last in them and have no row. Columns: 1, how near
    the nearest text is (0 to 1), the lead of the odds over the best other entry, and over the
    unrelated.
    """
    entries = odds[:-1]
    rows = np.ones((len(entries), 4))
    rows[:, 1] = nearest[:-1]
    rows[:, 2] = entries - _best_others(entries)
    rows[:, 3] = entries - odds[-1]
    rows[:, 2:] = np.clip(rows[:, 2:], -_LONGEST_LEAD, _LONGEST_LEAD)
    return rows


def _best_others(values: Floats) -> Floats:
    """Return for each value the largest of the others; where there is none, the same, which is no lead."""
    if len(values) < 2:
        return values.copy()
    second, first = np.partition(values, len(values) - 2)[-2:]
    others = np.full(len(values), first)
    others[int(np.argmax(values))] = second
    return others


class Calibration:
    """A logistic curve over standings, fitted to cases known to be right or wrong."""

    def __init__(self, cases: Matrix | None = None, are_right: Sequence[bool] = ()) -> None:
        self.weights = np.array(_USUAL)
        right = sum(are_right)
        if cases is not None and min(right, len(are_right) - right) >= _ENOUGH:
            self.weights = _fitted(cases, np.array(are_right, dtype=np.float64))

    @classmethod
    def of(cls, weights: Matrix) -> "Calibration":
        """Return the curve that was fitted before."""
        known = cls()
        known.weights = weights
        return known

    def confidence(self, rows: Matrix) -> Matrix:
        """Return 0 to 100 for each row: how often what stands so is right."""
        return 100 * _chance(rows, self.weights)


def _chance(rows: Matrix, weights: Matrix) -> Matrix:
    odds = np.clip(rows @ weights, -_STEEPEST, _STEEPEST)
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)


def _fitted(rows: Matrix, right: Matrix) -> Matrix:
    """Fit to the cases, drawn towards the usual weights; no evidence may count against itself."""
    free = np.ones(rows.shape[1], dtype=np.bool_)
    while True:
        weights = np.zeros(rows.shape[1])
        weights[free] = _minimum(rows[:, free], right, np.array(_USUAL)[free])
        negative = np.flatnonzero((weights < 0) & _EVIDENCE)
        if not len(negative):
            return weights
        free[negative[np.argmin(weights[negative])]] = False


def _minimum(rows: Matrix, right: Matrix, usual: Matrix) -> Matrix:
    """Return the weights of least loss, by Newton's method with ever smaller steps."""
    weights = usual
    loss = _loss(rows, right, weights, usual)
    for _ in range(_STEPS):
        step = _newton_step(rows, right, weights, usual)
        while (now := _loss(rows, right, weights - step, usual)) > loss:
            step = step / 2
            if np.abs(step).max() < _SMALLEST_STEP:
                return weights
        weights, loss = weights - step, now
    return weights


def _newton_step(rows: Matrix, right: Matrix, weights: Matrix, usual: Matrix) -> Matrix:
    chance = _chance(rows, weights)
    slope = rows.T @ (chance - right) + _SHRINKAGE * (weights - usual)
    bend = (rows.T * (chance * (1 - chance))) @ rows + _SHRINKAGE * np.eye(len(weights))
    return np.asarray(np.linalg.solve(bend, slope), dtype=np.float64)


def _loss(rows: Matrix, right: Matrix, weights: Matrix, usual: Matrix) -> float:
    odds = rows @ weights
    misfit = float(np.sum(np.logaddexp(0, odds) - right * odds))
    return misfit + _SHRINKAGE / 2 * float(np.sum((weights - usual) ** 2))
