"""What people do who adapt a good practice in their own country, and what is asked of them; see `bot.commands`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.commands import Command

State = Literal["not_started", "started", "adapted", "stopped"]


@dataclass(frozen=True, slots=True)
class Adaptation:
    """
    Somebody's wish to adapt a *practice* of the catalogue, and how far they are; *number* is such as `A-0001`.

    *said* is what they wrote about it last. At *due_at* they are asked again, None where they are asked no more.
    """

    number: str
    practice: str
    state: State
    said: str
    begun_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class BeginAdaptation(Command):
    """Keep that one wants to adapt a practice. Gives the Adaptation. Raises Refused where there is no such practice."""

    action = "keep_adaptation"
    practice: str


@dataclass(frozen=True, slots=True)
class TellAdaptation(Command):
    """Say how far one is, with a line of text or without. Gives the Adaptation, None where it is not the actor's."""

    action = "keep_adaptation"
    number: str
    state: State
    text: str = ""


@dataclass(frozen=True, slots=True)
class MyAdaptations(Command):
    """Read what the actor wants to adapt. Gives a tuple of Adaptation, the newest first."""

    action = "read_own"


@dataclass(frozen=True, slots=True)
class CountAdaptations(Command):
    """Count the adaptations. Gives a mapping of each practice to the number in each State."""

    action = "read_adaptations"


Counts = Mapping[str, Mapping[str, int]]
