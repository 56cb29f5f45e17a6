"""
Free text and what it says: need or offer, of what, for whom, in which form, by when.

What is wanted, for whom and by when goes by words only: those of the pack's vocabulary, of
lexicon.yaml and of cues.yaml. Likeness to examples helps to tell what a text is about, no more.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from knowledge.contacts import Masked, mask_contacts
from knowledge.dates import Dates
from knowledge.headcount import Headcount
from knowledge.packaged import packaged
from knowledge.phrases import Found, Phrases
from knowledge.places import Places
from knowledge.subjects import Topics
from knowledge.vocabulary import Vocabulary
from matching.encoder import Encoder

__all__ = ["Masked", "Understander", "Understanding", "mask_contacts"]

Kind = Literal["need", "offer", "question", "other"]
Urgency = Literal["low", "normal", "urgent"]
URGENCIES: Mapping[str, Urgency] = {"low": "low", "normal": "normal", "urgent": "urgent"}

LONGEST_TEXT = 4096
NEVER = LONGEST_TEXT
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
    """
    Reads free text by the words of a vocabulary; call it with a text.

    The *encoder* tells what texts mean; without it words alone tell what a text is about.
    """

    def __init__(self, vocabulary: Vocabulary, encoder: Encoder | None = None) -> None:
        cues, lexicon = packaged("knowledge", "cues.yaml"), packaged("knowledge", "lexicon.yaml")
        kinds = ("need", "offer", "question", "weak_need")
        self._kinds = Phrases({kind: _all(cues[kind]) for kind in kinds})
        self._polite = frozenset(_all(cues["within_question"]))
        self._urgency = Phrases({word: _all(by) for word, by in cues["urgency"].items()})
        self._topics = Topics(vocabulary, lexicon, encoder)
        self._places = Places(vocabulary)
        self._headcount = Headcount(cues)
        self._dates = Dates(cues)

    def __call__(self, text: str, lang: str | None = None, today: date | None = None) -> Understanding:
        """
        Return what *text* says; *lang* is a hint only, all languages are read together.

        "By June" is the next June after *today*, the day at the forum's place; without it, a
        deadline that names no year is not told.
        """
        text = text[:LONGEST_TEXT]
        kind = self._kind(text)
        about = self._topics.about(text, is_request=kind in ("need", "offer"))
        countries, models = self._places.read(text, offers=kind == "offer")
        return Understanding(
            kind=kind,
            themes=about.themes,
            sdgs=about.sdgs,
            countries=countries,
            model_countries=models,
            modalities=self._topics.modalities(text),
            urgency=self._how_urgent(text),
            deadline=self._dates.deadline(text, today) if kind != "question" else None,
            people=self._headcount.people(text),
        )

    def without_countries(self, text: str, countries: Collection[str]) -> str:
        """Return *text* without the names of *countries*, given as ISO3."""
        return self._places.without(text[:LONGEST_TEXT], countries)

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
        # "We want to see how it works" is no question; "where can I get help" is one.
        weak, question = firsts.get("weak_need", NEVER), firsts.get("question", NEVER)
        if weak == question == NEVER:
            return "other"
        return "need" if weak < question else "question"

    def _asks_for_itself(self, found: Sequence[Found]) -> bool:
        """Say whether a question is a need or an offer in the polite form ("can you help us?")."""
        return any({"need", "offer"} & set(cue.keys) and cue.phrase in self._polite for cue in found)

    def _how_urgent(self, text: str) -> Urgency | None:
        found = self._urgency.find(text)
        if not found:
            return None
        # "Not urgent" is longer than "urgent".
        word = max(found, key=lambda hit: hit.size).keys[0]
        return URGENCIES.get(word)


def _all(by_language: Mapping[str, Sequence[str]]) -> list[str]:
    return [str(phrase) for phrases in by_language.values() for phrase in phrases]
