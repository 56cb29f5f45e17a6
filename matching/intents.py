"""Tells which entry a question asks for, and how far to trust that."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np

from matching.calibration import Calibration, Matrix, standing
from matching.likeness import Classes
from matching.names import ALMOST_CERTAIN, CERTAIN, Hit
from matching.postings import Floats
from matching.repair import Repair
from matching.separation import Kernel, Places, Separation
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
# Beyond so many phrasings telling them apart would take minutes to learn.
_MOST_SEPARATED = 2500
_FOLDS = 3
_LONGEST_QUERY = 1000


def background() -> tuple[str, ...]:
    """Return questions that have nothing to do with any forum, in four languages."""
    text = resources.files("matching").joinpath("background.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def fingerprint(examples: Mapping[str, Sequence[str]], background: Sequence[str] = ()) -> str:
    """Return what tells whether something learnt still holds: it changes with the texts and with this package."""
    texts = json.dumps([dict(examples), list(background)], ensure_ascii=False, default=list)
    return hashlib.sha256(_of_the_code() + texts.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _of_the_code() -> bytes:
    modules = sorted(
        (file for file in resources.files("matching").iterdir() if file.name.endswith(".py")),
        key=lambda file: file.name,
    )
    return hashlib.sha256(b"".join(file.read_bytes() for file in modules)).digest()


class Intents:
    """
    Entries to be found by a question.

    *examples* maps an entry's key to its phrasings, in all languages together. *background* are
    unrelated questions; they say which scores mean nothing. `answer_at` and `choices_at` are
    scores, 0 to 100: from the first on an answer is safe, from the second on a menu helps.
    *learnt* is what `learnt` gave for the same examples and background: with it nothing is
    learnt again.
    """

    answer_at: float
    choices_at: float

    def __init__(
        self,
        examples: Mapping[str, Sequence[str]],
        background: Sequence[str] = (),
        learnt: bytes | None = None,
    ) -> None:
        self.keys = tuple(examples)
        self._places = {key: place for place, key in enumerate(self.keys)}
        self._exact = _keys_by_phrasing(examples)
        self._repair = Repair(text for texts in examples.values() for text in texts)
        self._separation: Separation | None = None
        self._calibration = Calibration()
        self.answer_at, self.choices_at = _USUAL_ANSWER, _USUAL_CHOICES
        self._vetted = list(range(len(background)))
        phrasings = [(text, place) for key, place in self._places.items() for text in examples[key]]
        if learnt is None:
            self._learn(phrasings, background)
        else:
            self._recall(phrasings, background, learnt)

    def learnt(self) -> bytes:
        """Return what took time to learn, to be handed to the next `Intents` of the same texts."""
        weights = self._separation.weights if self._separation is not None else np.zeros((0, 0), np.float32)
        kept = io.BytesIO()
        np.savez(
            kept,
            vetted=np.array(self._vetted, dtype=np.int64),
            separation=weights,
            calibration=self._calibration.weights,
            thresholds=np.array([self.answer_at, self.choices_at]),
        )
        return kept.getvalue()

    def rank(self, query: str, limit: int = 10) -> list[Hit]:
        """
        Return the entries that *query* may ask for, best first, with confidence 0 to 100.

        A query that is a phrasing of an entry scores 100 there. Equal scores keep the order of
        the entries. What is nothing like any entry gives an empty list.
        """
        text = query[:_LONGEST_QUERY]
        likeness = self._likeness(self._repair.repaired(text))
        confidence = np.minimum(self._calibration.confidence(standing(likeness)), ALMOST_CERTAIN)
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

    def _likeness(self, text: str) -> Floats:
        """Return how like each entry and, last, the unrelated *text* is, 0 to 1."""
        like = self._classes.of_texts(text)
        likeness = self._classes.of_classes(like)
        if self._separation is None or not likeness.any():
            return likeness
        return _blended(likeness, self._separation.chances(like))

    def _learn(
        self,
        phrasings: Sequence[tuple[str, int]],
        background: Sequence[str],
        *,
        is_vetted: bool = False,
    ) -> None:
        """Learn to tell the entries apart and what a score is worth, by cross-validation."""
        # The unrelated questions are one more class, behind all others.
        unrelated = len(self.keys)
        texts = [*phrasings, *((text, unrelated) for text in background)]
        self._classes = Classes([t for t, _ in texts], [p for _, p in texts], unrelated + 1)
        if not phrasings:
            return
        if len(texts) > _MOST_SEPARATED:
            self._calibrate(*_left_out_of_many(self._classes, [text for text, _ in texts]))
            return
        kernel = self._classes.kernel()
        likeness = _left_out_likeness(self._classes, kernel)
        related = _related(likeness, self._classes.of_text)
        if related and not is_vetted:
            self._vetted = [place for place in range(len(background)) if place not in related]
            self._learn(phrasings, [background[place] for place in self._vetted], is_vetted=True)
            return
        self._separate(kernel, likeness)

    def _recall(self, phrasings: Sequence[tuple[str, int]], background: Sequence[str], learnt: bytes) -> None:
        """Take over what was learnt from the same texts before."""
        unrelated = len(self.keys)
        with np.load(io.BytesIO(learnt), allow_pickle=False) as kept:
            self._vetted = kept["vetted"].tolist()
            texts = [*phrasings, *((background[place], unrelated) for place in self._vetted)]
            self._classes = Classes([t for t, _ in texts], [p for _, p in texts], unrelated + 1)
            if kept["separation"].size:
                self._separation = Separation.of(kept["separation"])
            self._calibration = Calibration.of(kept["calibration"])
            self.answer_at, self.choices_at = kept["thresholds"].tolist()

    def _separate(self, kernel: Kernel, likeness: Matrix) -> None:
        own, count = self._classes.of_text, len(self.keys) + 1
        chances = _left_out_chances(kernel, own, count)
        self._separation = Separation(kernel, own, count)
        self._calibrate(_blended(likeness, chances), own)

    def _calibrate(self, likeness: Matrix, own: Places) -> None:
        """Fit confidence and thresholds to what texts of the classes *own* got when left out."""
        best = likeness[:, :-1].argmax(axis=1)
        cases = np.array([standing(row)[top] for row, top in zip(likeness, best, strict=True)])
        is_right = (own == best) & (cases[:, 1] > 0)
        self._calibration = Calibration(cases, is_right.tolist())
        unrelated = self._calibration.confidence(cases[own == len(self.keys)])
        self.answer_at, self.choices_at = _thresholds(unrelated)


def _left_out_of_many(classes: Classes, texts: Sequence[str]) -> tuple[Matrix, Places]:
    """Return the likeness of some of *texts*, each without itself, and their classes."""
    unrelated = classes.count - 1
    entries = int(np.count_nonzero(classes.of_text < unrelated))
    tried = [*range(0, entries, 1 + entries // _MOST_TRIED), *range(entries, len(texts))]
    rows = (classes.of_classes_without(place, classes.of_texts(texts[place])) for place in tried)
    likeness, own = np.array([*rows]), classes.of_text[tried]
    entries_tried = int(np.count_nonzero(own < unrelated))
    related = [entries_tried + place for place in sorted(_related(likeness, own))]
    return np.delete(likeness, related, axis=0), np.delete(own, related)


def _left_out_likeness(classes: Classes, kernel: Kernel) -> Matrix:
    rows = enumerate(kernel.astype(np.float64))
    return np.array([classes.of_classes_without(place, row) for place, row in rows])


def _related(likeness: Matrix, own: Places) -> frozenset[int]:
    """Return which of the unrelated are as like an entry as its own phrasings usually are."""
    unrelated = likeness.shape[1] - 1
    entries = likeness[:, :-1]
    is_right = (entries.argmax(axis=1) == own) & (entries.max(axis=1) > 0)
    if not is_right.any():
        return frozenset()
    usual = float(np.median(entries[is_right].max(axis=1)))
    reached = entries[own == unrelated].max(axis=1)
    return frozenset(np.flatnonzero(reached >= usual).tolist())


def _blended(likeness: Matrix, chances: Matrix) -> Matrix:
    """Return the mean of *likeness* and *chances*; an entry that is like in nothing gets 0."""
    return np.where(likeness > 0, (likeness + chances) / 2, 0.0)


def _left_out_chances(kernel: Kernel, classes: Places, count: int) -> Floats:
    """Return for each text the chances of the classes, learnt without its third of the texts."""
    chances = np.zeros((len(classes), count))
    # By place within the class, so that the order of the entries does not matter.
    folds = (np.arange(len(classes)) - np.searchsorted(classes, classes)) % _FOLDS
    for fold in range(_FOLDS):
        out, known = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        learnt = Separation(kernel[np.ix_(known, known)], classes[known], count)
        chances[out] = learnt.chances(kernel[np.ix_(out, known)])
    return chances


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
