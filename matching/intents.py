"""Tells which entry a question asks for, and how far to trust that."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal
from zlib import crc32

import numpy as np

from matching.calibration import Calibration, Matrix, standing
from matching.encoder import Encoder, Vectors
from matching.features import Features
from matching.names import ALMOST_CERTAIN, CERTAIN, Hit
from matching.neighbours import Neighbours
from matching.postings import Floats
from matching.repair import Repair
from matching.separation import Mask, Places, Separation
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
# And whatever they do, what is right seven times of ten when a phrasing was left out is said:
# questions are easier than left-out phrasings, and where an assistant knows everyday life there
# may be many among the unrelated that are related after all.
_HIGHEST_ANSWER = 70.0
_ENOUGH_UNRELATED = 40
# The unrelated weigh as much as so many entries at most: they are not what is asked for.
_ENTRIES_OF_UNRELATED = 10
# Beyond so many texts one tenth of them is left out once, not each third of them in turn.
_MANY = 5000
_FOLDS, _FOLDS_OF_MANY = 3, 10
_LONGEST_QUERY = 1000
# An entry stands against so many others, however few are asked for.
_COMPARED = 10


def background() -> tuple[str, ...]:
    """Return questions that have nothing to do with any forum, in six languages."""
    text = resources.files("matching").joinpath("background.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def fingerprint(
    examples: Mapping[str, Sequence[str]], background: Sequence[str] = (), encoder: Encoder | None = None
) -> str:
    """
    Return what tells whether something learnt still holds.

    It changes with the texts, the encoder and this package.
    """
    texts = json.dumps(
        [dict(examples), list(background), encoder and encoder.name], ensure_ascii=False, default=list
    )
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
    *learnt* is what `learnt` gave for the same examples, background and encoder: with it nothing
    is learnt again. Without an *encoder* letters and words decide alone.
    """

    answer_at: float
    choices_at: float

    def __init__(
        self,
        examples: Mapping[str, Sequence[str]],
        background: Sequence[str] = (),
        learnt: bytes | None = None,
        encoder: Encoder | None = None,
    ) -> None:
        self.keys = tuple(examples)
        self._encoder = encoder
        self._places = {key: place for place, key in enumerate(self.keys)}
        self._exact = _keys_by_phrasing(examples)
        self._repair = Repair(
            (text for texts in examples.values() for text in texts), encoder.words if encoder else {}
        )
        self._calibration = Calibration()
        self.answer_at, self.choices_at = _USUAL_ANSWER, _USUAL_CHOICES
        phrasings = [(text, place) for key, place in self._places.items() for text in examples[key]]
        self._learn(phrasings, background, learnt)

    def learnt(self) -> bytes:
        """Return what took time to learn, to be handed to the next `Intents` of the same texts."""
        kept = io.BytesIO()
        np.savez(
            kept,
            vetted=np.array(self._vetted, dtype=np.int64),
            separation=self._separation.weights,
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
        exact = [self._places[key] for key in self._exact.get(normalise(text), ())]
        row = self._row(text)
        if not self.keys or not normalise(text) or not (exact or row.any()):
            return []
        places, confidence = self._confidence(row, limit + len(exact))
        found = dict(zip(places, confidence.tolist(), strict=True)) | dict.fromkeys(exact, CERTAIN)
        ranked = sorted(found, key=lambda place: (-found[place], place))[:limit]
        return [Hit(self.keys[place], round(found[place], 2)) for place in ranked]

    def band(self, hits: Sequence[Hit]) -> Band:
        """Say what to do with *hits*: answer by the first, offer a choice, or ask a person."""
        if not hits or hits[0].score < self.choices_at:
            return "unknown"
        first = hits[0].score
        second = hits[1].score if len(hits) > 1 else 0.0
        is_alone = (first - second >= MARGIN and second < self.answer_at) or second < first == CERTAIN
        return "answer" if first >= self.answer_at and is_alone else "choices"

    def _row(self, text: str) -> Vectors:
        mended = self._repair.repaired(text)
        return self._features.row(mended, self._encoder.encode([mended])[0] if self._encoder else None)

    def _confidence(self, row: Vectors, limit: int) -> tuple[list[int], Floats]:
        """Return the entries of the best chances, *limit* or more, and 0 to 100 for each."""
        odds = self._separation.odds(row)
        unrelated = len(self.keys)
        known = self._neighbours.present[self._neighbours.present < unrelated]
        places = known[np.argsort(-odds[known], kind="stable")[: max(limit, _COMPARED)]].tolist()
        among = [*places, unrelated]
        rows = standing(odds[among], self._neighbours.nearest(self._features.compared(row), among))
        return places, np.minimum(self._calibration.confidence(rows), ALMOST_CERTAIN)

    def _learn(
        self, phrasings: Sequence[tuple[str, int]], background: Sequence[str], learnt: bytes | None
    ) -> None:
        """Take the texts in, and learn to tell the entries apart and what a score is worth, or recall it."""
        unrelated = len(self.keys)
        texts = [*(text for text, _ in phrasings), *background]
        classes = np.array([*(place for _, place in phrasings), *[unrelated] * len(background)], np.int64)
        vectors = self._encoder.kept(texts) if self._encoder else None
        self._features = Features(texts, vectors)
        if learnt is not None:
            self._recall(learnt, self._features.compared_of(texts, vectors), classes)
            return
        rows = self._features.rows(texts, vectors)
        known = Known(rows, self._features.compared(rows), classes, unrelated + 1, _order(texts))
        known, self._vetted = _vetted(known)
        self._separation = known.separation()
        self._calibrate(known)
        self._neighbours = Neighbours(known.compared.copy(), known.classes, unrelated + 1)

    def _recall(self, learnt: bytes, compared: Vectors, classes: Places) -> None:
        """Take over what was learnt from the same texts before."""
        with np.load(io.BytesIO(learnt), allow_pickle=False) as kept:
            self._vetted = kept["vetted"]
            self._separation = Separation.of(kept["separation"])
            self._calibration = Calibration.of(kept["calibration"])
            self.answer_at, self.choices_at = kept["thresholds"].tolist()
        self._neighbours = Neighbours(compared[self._vetted], classes[self._vetted], len(self.keys) + 1)

    def _calibrate(self, known: "Known") -> None:
        """Fit confidence and thresholds to what texts got when they were left out."""
        if not len(self.keys) or not len(known.rows):
            return
        tried, odds = known.odds_when_left_out()
        near = known.neighbours().nearest_of_others(tried)
        own, best = known.classes[tried], odds[:, :-1].argmax(axis=1)
        cases = np.array([standing(*one)[top] for *one, top in zip(odds, near, best, strict=True)])
        self._calibration = Calibration(cases, (own == best).tolist())
        unrelated = self._calibration.confidence(cases[own == len(self.keys)])
        self.answer_at, self.choices_at = _thresholds(unrelated)


@dataclass(frozen=True, slots=True)
class Known:
    """
    Texts whose class is known, in the order of their classes; the last class are the unrelated.

    `compared` is the part of the `rows` by which texts are near each other; `order` gives each its
    turn in learning, so that it does not matter in which order the entries came.
    """

    rows: Vectors
    compared: Vectors
    classes: Places
    count: int
    order: Places

    def only(self, places: Places) -> "Known":
        """Return those at *places*, without a copy when it is all of them."""
        if len(places) == len(self.rows):
            return self
        return Known(
            self.rows[places], self.compared[places], self.classes[places], self.count, self.order[places]
        )

    def neighbours(self) -> Neighbours:
        """Return what finds the nearest of them."""
        return Neighbours(self.compared, self.classes, self.count)

    def separation(self, left_out: Mask | None = None) -> Separation:
        """Return what tells their classes apart, learnt without those *left_out*."""
        sizes = np.bincount(self.classes, minlength=self.count)
        usual = sizes[:-1].sum() / max(np.count_nonzero(sizes[:-1]), 1)
        share = min(1.0, _ENTRIES_OF_UNRELATED * usual / max(int(sizes[-1]), 1))
        counts = np.where(self.classes == self.count - 1, share, 1.0)
        turns = np.argsort(self.order, kind="stable")
        if left_out is not None:
            turns = turns[~left_out[turns]]
        return Separation(self.rows, self.classes, self.count, counts, turns)

    def odds_when_left_out(self) -> tuple[Places, Floats]:
        """Return places of them, and the odds of each by what was learnt without it and others."""
        # By place within the class, so that the order of the classes does not matter.
        within = np.arange(len(self.classes)) - np.searchsorted(self.classes, self.classes)
        is_many = len(self.classes) > _MANY
        folds = [within % _FOLDS_OF_MANY == 0] if is_many else [within % _FOLDS == n for n in range(_FOLDS)]
        odds = [self.separation(fold).odds(self.rows[fold]) for fold in folds]
        return np.concatenate([np.flatnonzero(fold) for fold in folds]), np.concatenate(odds)


def _order(texts: Sequence[str]) -> Places:
    return np.array([crc32(text.encode("utf-8", "replace")) for text in texts], dtype=np.int64)


def _vetted(known: Known) -> tuple[Known, Places]:
    """
    Return *known* without those unrelated texts that are related after all, and the places kept.

    They are as near to an entry as its own texts usually are to each other.
    """
    places = np.arange(len(known.rows))
    near = known.neighbours().nearest_of_others(places)[:, :-1]
    unrelated = known.classes == known.count - 1
    is_right = ~unrelated & (near.argmax(axis=1) == known.classes) if near.size else ~unrelated
    if not is_right.any() or not near.size:
        return known, places
    usual = float(np.median(near[is_right].max(axis=1)))
    kept = places[~unrelated | (near.max(axis=1) < usual)]
    return known.only(kept), kept


def _thresholds(unrelated: Matrix) -> tuple[float, float]:
    """Return from which confidence on to answer and to offer a choice."""
    if len(unrelated) < _ENOUGH_UNRELATED:
        return _USUAL_ANSWER, _USUAL_CHOICES
    answer = float(np.clip(np.quantile(unrelated, ANSWER_QUANTILE), _LOWEST_ANSWER, _HIGHEST_ANSWER))
    choices = max(_LOWEST_CHOICES, float(np.quantile(unrelated, CHOICES_QUANTILE)))
    return round(answer, 2), round(min(choices, answer), 2)


def _keys_by_phrasing(examples: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for key, texts in examples.items():
        for text in filter(None, map(normalise, texts)):
            keys.setdefault(text, []).append(key)
    return keys
