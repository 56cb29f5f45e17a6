"""What two participants ask the store on their way to one another; see `bot.commands`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.commands import Command

Reveals = Literal["name", "position", "organisation", "country", "email", "channel"]
"""What somebody can let the other side of an introduction see of them."""
State = Literal["asked", "waiting", "declined", "introduced", "over"]
"""
Where an introduction stands for one of its sides.

They are asked; they agreed and wait, for an answer or for nothing; they themselves declined; both agreed; it is over,
because its time is or because one of two who had been introduced took that back.
"""


@dataclass(frozen=True, slots=True)
class Introduced:
    """
    An introduction as one of its sides may see it: nothing here tells a refusal from silence.

    *given* is what they let the other side see, *shown* maps what the other side lets them see to its value.
    """

    number: str
    about: str
    state: State
    expires_at: datetime
    given: tuple[str, ...] = ()
    shown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskIntroduction(Command):
    """
    Ask to be introduced to the author of the need or offer *about*, and let them see *fields* once both agree.

    Gives the Introduced; the one that is open already where there is one. Raises Refused where nobody can be asked.
    """

    action = "ask_introduction"
    about: str
    fields: tuple[Reveals, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferIntroduction(Command):
    """
    Ask two registered participants whether they want to be introduced about *about*, such as a catalogue's entry.

    Gives the number. Raises Refused where one of them is not registered.
    """

    action = "offer_introduction"
    about: str
    one: int
    other: int


@dataclass(frozen=True, slots=True)
class AgreeIntroduction(Command):
    """
    Agree to an introduction and let the other side see *fields*, and of those given before no others.

    Gives the Introduced. Raises Refused when it is not the actor's, or is over.
    """

    action = "answer_introduction"
    number: str
    fields: tuple[Reveals, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclineIntroduction(Command):
    """
    Refuse an introduction, or take back that one agreed: nothing of the actor is shown any more.

    Gives the Introduced. Raises Refused when it is not the actor's.
    """

    action = "answer_introduction"
    number: str


@dataclass(frozen=True, slots=True)
class MyIntroductions(Command):
    """Read the actor's introductions. Gives a tuple of Introduced, the oldest first."""

    action = "read_own"
