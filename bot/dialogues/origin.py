"""The question "From which country?", as the welcome, a need and an offer ask it."""

from dataclasses import dataclass
from typing import Any

from bot.dialogue import Saying, Turn, say
from bot.dialogues.countries import named
from knowledge.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Settled:
    """The country that was named."""

    iso3: str


@dataclass(frozen=True, slots=True)
class Open:
    """What the next asking has to take up: countries that may be meant, or one that is not a member."""

    maybe: tuple[str, ...] = ()
    outside: str | None = None
    unknown: str | None = None

    def slots(self) -> dict[str, Any]:
        """Return this as slots."""
        return {"asked": True, "maybe": list(self.maybe), "outside": self.outside, "unknown": self.unknown}


def ask_origin(turn: Turn, *, skip: bool = False) -> Saying:
    """Return the question for the country, or the one that settles what was heard; *skip* lets it stay open."""
    slots = turn.slots
    maybe = slots.get("maybe") or []
    if maybe:
        return say("country/which", edit=True, maybe=maybe)
    return say(
        "country/ask", edit=True, outside=slots.get("outside"), unknown=slots.get("unknown"), skip=skip
    )


def hear_origin(turn: Turn) -> Settled | Open:
    """Return the country that *turn* settles, or what is still open."""
    if turn.choice is not None:
        return Settled(turn.choice) if turn.know.vocabulary.is_member(turn.choice) else Open()
    found = named(turn.text, turn.know.vocabulary)
    if found.sure:
        return Settled(found.members[0])
    if found.members:
        return Open(maybe=found.members)
    if found.outside is not None:
        return Open(outside=found.outside)
    mentioned = tuple(_mentioned(turn.text, turn.know.vocabulary))
    return Open(maybe=mentioned) if mentioned else Open(unknown=turn.text[:80])


def _mentioned(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the members whose names stand among other words, as in "I come from Fiji"."""
    words = text.split()
    spans = (words[start : start + size] for size in (3, 2, 1) for start in range(len(words) - size + 1))
    found = (vocabulary.country_names.exact(" ".join(span)) for span in spans if len("".join(span)) > 3)
    members = [iso3 for keys in found for iso3 in keys if vocabulary.is_member(iso3)]
    return list(dict.fromkeys(members))[:4]
