"""How well labelled questions find their entries, and which entries that says something about."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matching.intents import Band
from matching.names import Hit
from matching.postings import Floats

COVERAGES = (0.8, 0.9)
"""Shares of the questions in scope at which the precision is told."""
WORST = 10
"""Confusions that are told."""
ENOUGH_PHRASINGS = 12
AMONG = 3
# An entry is often confused when at least so many of its questions, and such a share, go elsewhere.
_OFTEN, _OFTEN_SHARE = 2, 1 / 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """One labelled question and what it found."""

    text: str
    key: str | None
    """The entry that it asks for; None where it is out of scope."""
    band: Band
    hits: tuple[Hit, ...]
    """Best first; at least three where so many were found."""

    @property
    def got(self) -> str | None:
        """The entry that came first; None when nothing was found."""
        return self.hits[0].key if self.hits else None

    @property
    def score(self) -> float:
        """The score of the first, 0 to 100."""
        return self.hits[0].score if self.hits else 0.0

    @property
    def is_right(self) -> bool:
        """Whether the first entry is the one asked for."""
        return self.key is not None and self.got == self.key

    @property
    def is_among(self) -> bool:
        """Whether the entry asked for is among those that a menu would offer."""
        return self.key in {hit.key for hit in self.hits[:AMONG]}


@dataclass(frozen=True, slots=True)
class Bands:
    """Which shares of some questions are answered, offered a menu, or left to a person; 0 to 1."""

    answer: float
    choices: float
    unknown: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """Questions that ask for one entry and find another."""

    asked: str | None
    """None where the questions are out of scope and were answered all the same."""
    got: str | None
    """None where nothing was found."""
    count: int
    answered: int
    """How many of them were even answered by it."""
    example: str


@dataclass(frozen=True, slots=True)
class Gap:
    """An entry that lacks phrasings, and what shows it."""

    key: str
    phrasings: int
    languages: tuple[str, ...]
    """Those in which nobody wrote down how people ask for it."""
    confused: int
    """How many of its questions found something else, where that is often."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What labelled questions say of a knowledge base; a figure is None where nothing was asked for it."""

    in_scope: int
    out_of_scope: int
    first: float | None
    """Share of the questions in scope that find their entry first."""
    among_three: float | None
    bands: Bands | None
    """Of the questions in scope."""
    bands_out_of_scope: Bands | None
    """Its `answer` is the share that is answered as if known."""
    precision_answering: float | None
    """Share of the answers to questions in scope that are right."""
    menus_with_the_right_one: float | None
    precision_at: Mapping[float, float]
    """Maps a share of the questions in scope, those of the highest scores, to how many are right."""
    auroc: float | None
    """How often a question in scope scores higher than one out of scope; ties count half."""
    confusions: tuple[Confusion, ...]
    """The most frequent first, at most `WORST`."""


def evaluate(outcomes: Sequence[Outcome]) -> Evaluation:
    """Return what *outcomes* say; their order does not matter but for the example of a confusion."""
    known = [outcome for outcome in outcomes if outcome.key is not None]
    unrelated = [outcome for outcome in outcomes if outcome.key is None]
    answered = [outcome for outcome in known if outcome.band == "answer"]
    offered = [outcome for outcome in known if outcome.band == "choices"]
    return Evaluation(
        in_scope=len(known),
        out_of_scope=len(unrelated),
        first=_share([outcome.is_right for outcome in known]),
        among_three=_share([outcome.is_among for outcome in known]),
        bands=_bands(known),
        bands_out_of_scope=_bands(unrelated),
        precision_answering=_share([outcome.is_right for outcome in answered]),
        menus_with_the_right_one=_share([outcome.is_among for outcome in offered]),
        precision_at={coverage: _precision(known, coverage) for coverage in COVERAGES if known},
        auroc=_auroc(_scores(known), _scores(unrelated)),
        confusions=_confusions(outcomes),
    )


def gaps(
    phrasings: Mapping[str, Mapping[str, Sequence[str]]],
    languages: Sequence[str] = (),
    outcomes: Sequence[Outcome] = (),
) -> tuple[Gap, ...]:
    """
    Return the entries that lack phrasings, the one confused most often first, then the poorest.

    *phrasings* maps an entry's key to its phrasings by language. An entry lacks some when it has
    fewer than `ENOUGH_PHRASINGS`, none in one of *languages*, or when questions that ask for it
    often find another entry first.
    """
    asked = Counter(outcome.key for outcome in outcomes)
    missed = Counter(outcome.key for outcome in outcomes if not outcome.is_right)
    found = []
    for key, by_language in phrasings.items():
        count = sum(map(len, by_language.values()))
        missing = tuple(language for language in languages if not by_language.get(language))
        is_often = missed[key] >= max(_OFTEN, _OFTEN_SHARE * asked[key])
        if count < ENOUGH_PHRASINGS or missing or is_often:
            found.append(Gap(key, count, missing, missed[key] if is_often else 0))
    return tuple(sorted(found, key=lambda gap: (-gap.confused, gap.phrasings, gap.key)))


def _share(are: Sequence[bool]) -> float | None:
    return sum(are) / len(are) if are else None


def _bands(outcomes: Sequence[Outcome]) -> Bands | None:
    if not outcomes:
        return None
    count = Counter(outcome.band for outcome in outcomes)
    size = len(outcomes)
    return Bands(count["answer"] / size, count["choices"] / size, count["unknown"] / size)


def _scores(outcomes: Sequence[Outcome]) -> Floats:
    return np.array([outcome.score for outcome in outcomes], dtype=np.float64)


def _precision(outcomes: Sequence[Outcome], coverage: float) -> float:
    """Return the share that is right of so many with the highest scores; ties are all taken."""
    ordered = sorted((outcome.score for outcome in outcomes), reverse=True)
    least = ordered[max(round(coverage * len(ordered)), 1) - 1]
    taken = [outcome.is_right for outcome in outcomes if outcome.score >= least]
    return sum(taken) / len(taken)


def _auroc(higher: Floats, lower: Floats) -> float | None:
    if not len(higher) or not len(lower):
        return None
    ordered = np.sort(lower)
    below = np.searchsorted(ordered, higher, side="left")
    up_to = np.searchsorted(ordered, higher, side="right")
    return float((below + up_to).sum() / (2 * len(higher) * len(lower)))


def _confusions(outcomes: Sequence[Outcome]) -> tuple[Confusion, ...]:
    """Group what went wrong: in scope whatever is not right, out of scope what was answered."""
    pairs: defaultdict[tuple[str | None, str | None], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        is_wrong = outcome.band == "answer" if outcome.key is None else not outcome.is_right
        if is_wrong:
            pairs[outcome.key, outcome.got].append(outcome)
    found = [
        Confusion(asked, got, len(group), sum(o.band == "answer" for o in group), group[0].text)
        for (asked, got), group in pairs.items()
    ]
    found.sort(key=lambda c: (-c.count, -c.answered, c.asked or "", c.got or ""))
    return tuple(found[:WORST])
