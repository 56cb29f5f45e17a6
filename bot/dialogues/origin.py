"""The question "From which country?", as the welcome, a need and an offer ask it."""

from dataclasses import dataclass
from typing import Any

from bot.dialogue import Saying, Turn, say
from bot.dialogues.countries import mentioned, named


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
    among = [iso3 for one in mentioned(turn.text, turn.know.vocabulary) for iso3 in one.members]
    return Open(maybe=tuple(dict.fromkeys(among))[:4]) if among else Open(unknown=turn.text[:80])
