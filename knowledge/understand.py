"""
Free text and what it says: need or offer, of what, for whom, in which form, by when.

It goes by words only: those of the pack's vocabulary, of lexicon.yaml and of cues.yaml. Nothing is
guessed from likeness, so whatever is understood can be shown to the person as "you wrote".
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, Literal, TypeVar

from knowledge.contacts import Masked, mask_contacts
from knowledge.dates import Dates
from knowledge.headcount import Headcount
from knowledge.packaged import packaged
from knowledge.phrases import UNSPACED, Found, Phrases
from knowledge.places import Places
from knowledge.vocabulary import LANGUAGES, Vocabulary

__all__ = ["Masked", "Understander", "Understanding", "mask_contacts"]

Kind = Literal["need", "offer", "question", "other"]
Urgency = Literal["low", "normal", "urgent"]
K = TypeVar("K", str, int)

LONGEST_TEXT = 4096
MOST_THEMES = 3
MOST_SDGS = 4
MOST_MODALITIES = 3
# What reaches less than this share of the best is not meant.
THEME_SHARE, SDG_SHARE, MODALITY_SHARE = 0.45, 0.4, 0.3
# What counts for a theme but names a form of cooperation as well ("обучение").
FORM_SHARE = 0.3
# How much more a longer phrase says: two words weigh 2 ** LONGER.
LONGER = 0.4
NOTHING = "-"
# The goal that a theme stands for first, and its others.
THEME_TO_SDG = (0.6, 0.25)
# What is said last counts by this much less than what is said first.
LATE = 0.25
SDG_NUMBER = re.compile(
    r"(?:\b(?:sdgs?|goals?|odds?|objectifs?|цур|целей|цели|цель)|可持续发展目标|目标)\s*(?:n[o°º]?\s*)?(\d{1,2})(?!\d)",
    re.IGNORECASE,
)
UNSPACED_PHRASE = re.compile(f"[{UNSPACED}]")
ASKS = re.compile(r"[?？؟]\s*$")


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a text says; lists best first, empty or None for what it does not say."""

    kind: Kind = "other"
    themes: tuple[str, ...] = ()
    sdgs: tuple[int, ...] = ()
    countries: tuple[str, ...] = ()
    """ISO3 of those who are to benefit."""
    model_countries: tuple[str, ...] = ()
    """ISO3 of those whose experience or help is wanted."""
    modalities: tuple[str, ...] = ()
    urgency: Urgency | None = None
    deadline: str | None = None
    """Year and month, "2027-03"."""
    people: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it, lists for tuples."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }


class Understander:
    """Reads free text by the words of a vocabulary; call it with a text."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        cues, lexicon = packaged("knowledge", "cues.yaml"), packaged("knowledge", "lexicon.yaml")
        kinds = ("need", "offer", "question", "weak_need")
        self._kinds = Phrases({kind: _all(cues[kind]) for kind in kinds})
        self._polite = frozenset(_all(cues["within_question"]))
        self._urgency = Phrases({word: _all(by) for word, by in cues["urgency"].items()})
        self._themes = _Topics(vocabulary, lexicon)
        self._places = Places(vocabulary, cues)
        self._headcount = Headcount(cues)
        self._dates = Dates(cues)

    def __call__(self, text: str, lang: str | None = None) -> Understanding:
        """Return what *text* says; *lang* is a hint only, all languages are read together."""
        text = text[:LONGEST_TEXT]
        kind = self._kind(text)
        themes = self._themes.themes(text)
        countries, models = self._places.read(text, offers=kind == "offer")
        return Understanding(
            kind=kind,
            themes=_best(themes, THEME_SHARE, MOST_THEMES),
            sdgs=self._themes.sdgs(text, themes),
            countries=countries,
            model_countries=models,
            modalities=_best(self._themes.modalities(text), MODALITY_SHARE, MOST_MODALITIES),
            urgency=self._how_urgent(text),
            deadline=self._dates.deadline(text),
            people=self._headcount.people(text),
        )

    def _kind(self, text: str) -> Kind:
        """
        Return the kind that the first cue speaks of.

        A text that begins or ends as a question is one, unless it says what its sender needs.
        """
        found = self._kinds.find(text)
        firsts: dict[str, int] = {}
        for cue in found:
            for key in cue.keys:
                firsts.setdefault(key, cue.start)
        asks_first = firsts.get("question") == 0 or ASKS.search(text) is not None
        wants = [kind for kind in ("need", "offer") if kind in firsts]
        if asks_first and not self._asks_for_itself(found):
            return "question"
        if wants:
            return "need" if min(wants, key=firsts.__getitem__) == "need" else "offer"
        if "question" in firsts:
            return "question"
        return "need" if "weak_need" in firsts else "other"

    def _asks_for_itself(self, found: Sequence[Found]) -> bool:
        """Say whether a question is a need or an offer in the polite form ("can you help us?")."""
        return any({"need", "offer"} & set(cue.keys) and cue.phrase in self._polite for cue in found)

    def _how_urgent(self, text: str) -> Urgency | None:
        found = self._urgency.find(text)
        if not found:
            return None
        # "Not urgent" is longer than "urgent".
        word = max(found, key=lambda hit: hit.size).keys[0]
        return "low" if word == "low" else "urgent" if word == "urgent" else "normal"


class _Topics:
    """Finds themes, goals and forms of cooperation."""

    def __init__(self, vocabulary: Vocabulary, lexicon: Mapping[str, Any]) -> None:
        themes, forms = vocabulary.themes, vocabulary.modalities
        self._order = {theme: number for number, theme in enumerate(themes)}
        self._theme_sdgs = {theme.id: theme.sdgs for theme in themes.values()}
        self._known_sdgs = frozenset(vocabulary.sdgs)
        nothing = {NOTHING: lexicon["nothing"]}
        self._themes = Phrases(
            nothing
            | {
                theme.id: [*_words(theme.name, theme.synonyms), *lexicon["themes"].get(theme.id, ())]
                for theme in themes.values()
            },
            mends=True,
        )
        self._forms = Phrases(
            nothing
            | {
                form.id: [*_words(form.name, form.synonyms), *lexicon["modalities"].get(form.id, ())]
                for form in forms.values()
            },
            mends=True,
        )
        self._goals = Phrases(
            nothing
            | {
                str(sdg.number): [
                    *_words(sdg.name, sdg.keywords),
                    *lexicon["sdgs"].get(str(sdg.number), ()),
                ]
                for sdg in vocabulary.sdgs.values()
            },
            mends=True,
        )

    def themes(self, text: str) -> dict[str, float]:
        """Map each theme spoken of to its weight."""
        forms = {(hit.start, hit.end) for hit in self._forms.find(text)}
        return _weighed(self._themes.find(text), FORM_SHARE, forms)

    def modalities(self, text: str) -> dict[str, float]:
        """Map each form of cooperation spoken of to its weight."""
        return _weighed(self._forms.find(text))

    def sdgs(self, text: str, themes: Mapping[str, float]) -> tuple[int, ...]:
        """Return the goals: those named by number, then those spoken of, by word or by theme."""
        named = [int(number) for number in SDG_NUMBER.findall(text)]
        weights = defaultdict[int, float](float)
        for key, weight in _weighed(self._goals.find(text)).items():
            weights[int(key)] += weight
        for theme in _best(themes, THEME_SHARE, MOST_THEMES):
            for place, number in enumerate(self._theme_sdgs[theme]):
                weights[number] += themes[theme] * THEME_TO_SDG[min(place, 1)]
        spoken = _best(weights, SDG_SHARE, MOST_SDGS)
        found = dict.fromkeys(chain((n for n in named if n in self._known_sdgs), spoken))
        return tuple(found)[: max(MOST_SDGS, len(named))]


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


def _best(weights: Mapping[K, float], share: float, most: int) -> tuple[K, ...]:
    ranked = sorted(weights, key=lambda key: -weights[key])
    return tuple(key for key in ranked if weights[key] >= share * weights[ranked[0]])[:most]


def _words(name: Mapping[str, str], synonyms: Mapping[str, Sequence[str]]) -> list[str]:
    return [*name.values(), *chain.from_iterable(synonyms.values())]


def _all(by_language: Mapping[str, Sequence[str]]) -> list[str]:
    return [str(phrase) for lang in LANGUAGES for phrase in by_language[lang]]
