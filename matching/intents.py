"""Tells which entry a question asks for, and how far to trust that."""

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Literal

import numpy as np
import numpy.typing as npt

from matching.calibration import Calibration, Matrix, standing
from matching.likeness import Classes
from matching.names import ALMOST_CERTAIN, CERTAIN, Hit
from matching.postings import Floats
from matching.repair import Repair
from matching.text import normalise

Band = Literal["answer", "choices", "unknown"]

# Two entries nearer than this are asked about, whatever their scores.
MARGIN = 5.0
# What unrelated questions reach: 1 % of them may be answered, 20 % may get a menu.
ANSWER_QUANTILE = 0.99
CHOICES_QUANTILE = 0.80
# Where nothing is known of unrelated questions.
_USUAL_ANSWER, _USUAL_CHOICES = 65.0, 30.0
# Whatever unrelated questions do, nothing less likely than this is said or offered.
_LOWEST_ANSWER, _LOWEST_CHOICES = 50.0, 10.0
_ENOUGH_UNRELATED = 40
_MOST_TRIED = 800
_LONGEST_QUERY = 1000


def background() -> tuple[str, ...]:
    """Return questions that have nothing to do with any forum, in four languages."""
    text = resources.files("matching").joinpath("background.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


class Intents:
    """
    Entries to be found by a question.

    *examples* maps an entry's key to its phrasings, in all languages together. *background* are
    unrelated questions; they say which scores mean nothing. `answer_at` and `choices_at` are
    scores, 0 to 100: from the first on an answer is safe, from the second on a menu helps.
    """

    answer_at: float
    choices_at: float

    def __init__(self, examples: Mapping[str, Sequence[str]], background: Sequence[str] = ()) -> None:
        self.keys = tuple(examples)
        self._places = {key: place for place, key in enumerate(self.keys)}
        self._exact = _keys_by_phrasing(examples)
        self._repair = Repair(text for texts in examples.values() for text in texts)
        texts = [(text, place) for key, place in self._places.items() for text in examples[key]]
        # The unrelated questions are one more class, behind all others.
        texts += [(text, len(self.keys)) for text in background]
        self._classes = Classes([t for t, _ in texts], [p for _, p in texts], len(self.keys) + 1)
        self._calibration = Calibration()
        self._calibrate(texts)

    def rank(self, query: str, limit: int = 10) -> list[Hit]:
        """
        Return the entries that *query* may ask for, best first, with confidence 0 to 100.

        A query that is a phrasing of an entry scores 100 there. Equal scores keep the order of
        the entries. What is nothing like any entry gives an empty list.
        """
        text = query[:_LONGEST_QUERY]
        likeness = self._classes.likeness(self._repair.repaired(text))
        confidence = self._confidence(likeness)
        for key in self._exact.get(normalise(text), ()):
            confidence[self._places[key]] = CERTAIN
        found = np.flatnonzero(likeness[:-1] > 0)
        ranked = found[np.argsort(-confidence[found], kind="stable")][:limit]
        return [Hit(self.keys[place], round(float(confidence[place]), 2)) for place in ranked]

    def band(self, hits: Sequence[Hit]) -> Band:
        """Say what to do with *hits*: answer by the first, offer a choice, or ask a person."""
        if not hits or hits[0].score < self.choices_at:
            return "unknown"
        first = hits[0].score
        second = hits[1].score if len(hits) > 1 else 0.0
        is_alone = first - second >= MARGIN or second < first == CERTAIN
        return "answer" if first >= self.answer_at and is_alone else "choices"

    def _confidence(self, likeness: Floats) -> Matrix:
        """Return the confidence in each entry, never quite certain."""
        return np.minimum(self._calibration.confidence(standing(likeness)), ALMOST_CERTAIN)

    def _calibrate(self, texts: Sequence[tuple[str, int]]) -> None:
        """Fit confidence and thresholds to what each text gets when it is left out."""
        if not (texts and self.keys):
            self.answer_at, self.choices_at = _USUAL_ANSWER, _USUAL_CHOICES
            return
        tried = range(0, len(texts), 1 + len(texts) // _MOST_TRIED)
        likeness = [self._classes.likeness_without(place, texts[place][0]) for place in tried]
        best = np.array([int(np.argmax(row[:-1])) for row in likeness])
        cases = np.array([standing(row)[top] for row, top in zip(likeness, best, strict=True)])
        own = np.array([texts[place][1] for place in tried])
        is_right = (own == best) & (cases[:, 1] > 0)
        is_unrelated = _is_unrelated(cases[:, 1], is_right, own == len(self.keys))
        counted = is_unrelated | (own < len(self.keys))
        self._calibration = Calibration(cases[counted], is_right[counted].tolist())
        unrelated = self._calibration.confidence(cases[is_unrelated])
        self.answer_at, self.choices_at = _thresholds(unrelated)


def _is_unrelated(
    likeness: npt.NDArray[np.float64],
    is_right: npt.NDArray[np.bool_],
    is_background: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Return which cases are unrelated; what is as like as our own questions is one of them."""
    if not is_right.any():
        return is_background
    usual = float(np.median(likeness[is_right]))
    return np.asarray(is_background & (likeness < usual))


def _thresholds(unrelated: Matrix) -> tuple[float, float]:
    """Return from which confidence on to answer and to offer a choice."""
    if len(unrelated) < _ENOUGH_UNRELATED:
        return _USUAL_ANSWER, _USUAL_CHOICES
    answer = max(_LOWEST_ANSWER, float(np.quantile(unrelated, ANSWER_QUANTILE)))
    choices = max(_LOWEST_CHOICES, float(np.quantile(unrelated, CHOICES_QUANTILE)))
    return round(answer, 2), round(min(choices, answer), 2)


def _keys_by_phrasing(examples: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for key, texts in examples.items():
        for text in filter(None, map(normalise, texts)):
            keys.setdefault(text, []).append(key)
    return keys
