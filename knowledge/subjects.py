"""What a text is about: its themes, goals and forms of cooperation, by words first and by meaning."""

import csv
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any, TypeVar

from knowledge.phrases import UNSPACED, Found, Phrases
from knowledge.vocabulary import Vocabulary
from matching.encoder import Encoder
from matching.subjects import Example, Subjects

K = TypeVar("K", str, int)

MOST_THEMES, MOST_REQUESTED, MOST_SDGS, MOST_MODALITIES = 3, 3, 5, 3
# What reaches less than this share of the best form of cooperation is not meant.
MODALITY_SHARE = 0.5
# The score that a form has to reach, and what the words of the lists add by their share of the best.
LEAST_FORM, FORM_OF_BEST = 0.3, 0.3
# What the words of the lists add to what was learnt: by their weight, and by their share of the best.
WEIGHT, SHARE = 0.1, 0.2
LEAST_BEST = 0.5
# From which score on a text is about a theme or a goal, and from which share of the best: a short
# request is about something, what is long or no request has to say so clearly. Measured on needs and
# on reports.
REQUEST_THEME, REQUEST_SDG, REQUEST_SHARE = 0.25, 0.2, 0.25
CLEAR, CLEAR_SHARE = 0.3, 0.3
THEME_SHARE = 0.5
LONGEST_REQUEST = 300
# What counts for a theme but names a form of cooperation as well ("обучение").
FORM_SHARE = 0.3
# How much more a longer phrase says: two words weigh 2 ** LONGER.
LONGER = 0.4
NOTHING = "-"
# The goal that a theme stands for first, and its others; themes below a share of the best do not count.
THEME_TO_SDG, STANDING_THEME = (0.6, 0.25), 0.45
# What is said last counts by this much less than what is said first.
LATE = 0.25
SDG_NUMBERS = re.compile(
    r"(?:\b(?:sdgs?|goals?|targets?|odds?|objectifs?|cibles?|цур|целей|цели|цель|задач[аи]?)|可持续发展目标|目标)"
    r"\s*(?:n[o°º]?\s*)?(\d{1,2}(?!\d)(?:\s*(?:,|、|&|and|et|и|和)\s*\d{1,2}(?![\d.]))*)",
    re.IGNORECASE,
)
UNSPACED_PHRASE = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True, slots=True)
class About:
    """What a text is about, best first."""

    themes: tuple[str, ...]
    sdgs: tuple[int, ...]


class Topics:
    """
    Finds themes, goals and forms of cooperation by the words of the lists and by learnt examples.

    With an *encoder* the meaning of a text counts beside its words, so that also what nobody listed is
    understood, in any language that the encoder knows.
    """

    def __init__(
        self, vocabulary: Vocabulary, lexicon: Mapping[str, Any], encoder: Encoder | None = None
    ) -> None:
        themes, forms, sdgs = vocabulary.themes, vocabulary.modalities, vocabulary.sdgs
        self._theme_sdgs = {theme.id: theme.sdgs for theme in themes.values()}
        self._sdgs = tuple(sdgs)
        self._form_ids = tuple(forms)
        self._themes = _phrases(
            lexicon, "themes", {t.id: _words(t.name, t.synonyms) for t in themes.values()}
        )
        self._forms = _phrases(
            lexicon, "modalities", {f.id: _words(f.name, f.synonyms) for f in forms.values()}
        )
        self._goals = _phrases(
            lexicon, "sdgs", {str(s.number): _words(s.name, s.keywords) for s in sdgs.values()}
        )
        self._learnt = Subjects(_examples(), encoder)

    def about(self, text: str, *, is_request: bool) -> About:
        """Return the themes and goals of *text*, for one that is no request only those that are clear."""
        learnt, spoken = self._learnt.scores(text), self._spoken_themes(text)
        is_short = is_request and len(text) <= LONGEST_REQUEST
        by_theme = _blended({theme: learnt.get(theme, 0.0) for theme in self._theme_sdgs}, spoken)
        themes = _above(by_theme, REQUEST_THEME if is_short else CLEAR, THEME_SHARE)[:MOST_THEMES]
        by_goal = _blended(
            {sdg: learnt.get(str(sdg), 0.0) for sdg in self._sdgs}, self._spoken_goals(text, spoken)
        )
        # Where no theme is clear, goals are not to be guessed either.
        if is_short and themes:
            goals = _above(by_goal, REQUEST_SDG, REQUEST_SHARE)[:MOST_REQUESTED]
        else:
            goals = _above(by_goal, CLEAR, CLEAR_SHARE)[:MOST_SDGS]
        named = self._named_goals(text)
        return About(
            themes, tuple(dict.fromkeys([*named, *goals]))[: max(MOST_REQUESTED, len(named), len(goals))]
        )

    def modalities(self, text: str, learnt: Mapping[str, float]) -> tuple[str, ...]:
        """Return the forms of cooperation that *text* names, or was *learnt* to mean, best first."""
        spoken = _weighed(self._forms.find(text))
        forms = _blended({form: learnt.get(form, 0.0) for form in self._form_ids}, spoken, FORM_OF_BEST)
        return _above(forms, LEAST_FORM, MODALITY_SHARE)[:MOST_MODALITIES]

    def _named_goals(self, text: str) -> list[int]:
        """Return the goals that *text* names by their numbers: "SDGs 3, 4 and 5", "target 5.6"."""
        numbers = (int(number) for found in SDG_NUMBERS.findall(text) for number in re.findall(r"\d+", found))
        return [number for number in numbers if number in self._sdgs]

    def _spoken_themes(self, text: str) -> dict[str, float]:
        """Map each theme that the words of *text* name to its weight."""
        forms = {(hit.start, hit.end) for hit in self._forms.find(text)}
        return _weighed(self._themes.find(text), FORM_SHARE, forms)

    def _spoken_goals(self, text: str, themes: Mapping[str, float]) -> dict[int, float]:
        """Map each goal that the words of *text* name, or its *themes* stand for, to its weight."""
        weights = defaultdict[int, float](float)
        for key, weight in _weighed(self._goals.find(text)).items():
            weights[int(key)] += weight
        for theme in _above(themes, 0.0, STANDING_THEME)[:MOST_THEMES]:
            for place, number in enumerate(self._theme_sdgs[theme]):
                weights[number] += themes[theme] * THEME_TO_SDG[min(place, 1)]
        return weights


@cache
def _examples() -> tuple[Example, ...]:
    """Return the sentences of subjects.csv with the themes and goals that they are about."""
    text = resources.files("knowledge").joinpath("subjects.csv").read_text(encoding="utf-8")
    return tuple(
        Example(row["text"], frozenset([*filter(None, [row["theme"]]), *row["goals"].split()]))
        for row in csv.DictReader(text.splitlines())
    )


def _phrases(lexicon: Mapping[str, Any], kind: str, words: Mapping[str, Sequence[str]]) -> Phrases:
    """Return the *words* of the vocabulary together with those of the lexicon."""
    listed = {key: [*given, *lexicon[kind].get(key, ())] for key, given in words.items()}
    return Phrases(listed | {NOTHING: lexicon["nothing"]}, mends=True, unrelated=lexicon["unrelated"])


def _words(name: Mapping[str, str], synonyms: Mapping[str, Sequence[str]]) -> list[str]:
    return [*name.values(), *chain.from_iterable(synonyms.values())]


def _blended(learnt: Mapping[K, float], spoken: Mapping[K, float], share: float = SHARE) -> dict[K, float]:
    """Return what was learnt of each key, and more for those that the text speaks of."""
    best = max(spoken.values(), default=0.0)
    return {
        key: score
        + WEIGHT * math.log1p(spoken.get(key, 0.0))
        + share * spoken.get(key, 0.0) / max(best, LEAST_BEST)
        for key, score in learnt.items()
    }


def _above(scores: Mapping[K, float], floor: float, share: float) -> tuple[K, ...]:
    """Return the keys, best first, that reach the *floor* and that *share* of the best."""
    ranked = sorted(scores, key=lambda key: -scores[key])
    least = max(floor, share * max(scores.values(), default=0.0))
    return tuple(key for key in ranked if scores[key] >= least)


def _weighed(
    found: Sequence[Found],
    shared: float = 1.0,
    forms: Iterable[tuple[int, int]] = (),
) -> dict[str, float]:
    """
    Return how much each key is spoken of.

    Longer phrases weigh more, those that point to several keys less, later ones a little less;
    those at the places *forms* count by the share *shared*.
    """
    forms = set(forms)
    last = max((hit.end for hit in found), default=1)
    weights = defaultdict[str, float](float)
    seen: set[str] = set()
    for hit in found:
        repeated = 0.5 if hit.phrase in seen else 1.0
        seen.add(hit.phrase)
        late = 1 - LATE * hit.start / last
        form = shared if (hit.start, hit.end) in forms else 1.0
        for key in hit.keys if NOTHING not in hit.keys else ():
            weights[key] += repeated * late * form * _length(hit) / len(hit.keys) ** 0.5
    return weights


def _length(hit: Found) -> float:
    """Return what a phrase weighs by its words; two signs of a script without spaces are one."""
    words = max(1, hit.size / 2) if UNSPACED_PHRASE.match(hit.phrase) else hit.size
    return math.pow(words, LONGER)
