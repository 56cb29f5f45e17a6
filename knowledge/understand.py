"""
Free text and what it says: need or offer, of what, for whom, in which form, by when.

For whom and by when goes by words only: those of the pack's vocabulary, of
lexicon.yaml and of cues.yaml. Likeness to examples helps to tell what is wanted and in which form.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import chain
from typing import Any, Literal

from knowledge.contacts import Masked, mask_contacts
from knowledge.dates import Dates
from knowledge.headcount import Headcount
from knowledge.lacking import Taken, taken
from knowledge.packaged import packaged
from knowledge.phrases import Phrases
from knowledge.places import Places
from knowledge.requests import Kind, Requests
from knowledge.subjects import Topics
from knowledge.vocabulary import Vocabulary
from matching.encoder import Encoder

__all__ = ["Masked", "Understander", "Understanding", "mask_contacts"]

Urgency = Literal["low", "normal", "urgent"]
URGENCIES: Mapping[str, Urgency] = {"low": "low", "normal": "normal", "urgent": "urgent"}

LONGEST_TEXT = 4096


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
        self._urgency = Phrases({word: chain(*by.values()) for word, by in cues["urgency"].items()})
        self._requests = Requests(cues, encoder)
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
        learnt = self._requests.scores(text)
        kind = self._requests.kind(text, learnt)
        about = self._topics.about(text, is_request=kind in ("need", "offer"))
        asks = kind == "question"
        countries, models = ((), ()) if asks else self._places.read(text, offers=kind == "offer")
        return Understanding(
            kind=kind,
            themes=about.themes,
            sdgs=about.sdgs,
            countries=countries,
            model_countries=models,
            modalities=() if asks else self._topics.modalities(text, learnt),
            urgency=self._how_urgent(text),
            deadline=self._dates.deadline(text, today) if not asks else None,
            people=self._headcount.people(text),
        )

    def without_countries(self, text: str, countries: Collection[str]) -> str:
        """Return *text* without the names of *countries*, given as ISO3."""
        return self._places.without(text[:LONGEST_TEXT], countries)

    def taken(self, text: str) -> Taken:
        """Return what *text* says that it takes besides its forms: travel, and things by their number."""
        found = taken(text[:LONGEST_TEXT])
        things = (thing for thing in found.things if self._headcount.people(thing) is None)
        return replace(found, things=tuple(things))

    def _how_urgent(self, text: str) -> Urgency | None:
        found = self._urgency.find(text)
        if not found:
            return None
        # "Not urgent" is longer than "urgent".
        word = max(found, key=lambda hit: hit.size).keys[0]
        return URGENCIES.get(word)
