"""What participants do who tell of a good practice, and what the secretariat answers; see `bot.commands`."""

from dataclasses import dataclass
from typing import Literal

from bot.commands import Command
from knowledge.catalogue import Practice

PracticeState = Literal["waiting", "published", "refused"]


@dataclass(frozen=True, slots=True)
class Submitted:
    """
    A practice that somebody told of, as it stands in the catalogue once it is published; its id is such as `P-0003`.

    *refusal* is why the secretariat does not publish it, empty where it does or has not decided.
    """

    practice: Practice
    state: PracticeState
    refusal: str = ""

    @property
    def number(self) -> str:
        """Return the number that people see."""
        return self.practice.id


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of an answer: not *fresh* where it was given before; *submitted* is None where that is gone."""

    submitted: Submitted | None
    fresh: bool


@dataclass(frozen=True, slots=True)
class SubmitPractice(Command):
    """
    Tell of a good practice; others find it once the secretariat has published it. Gives the Submitted.

    *theme* and *form* are ids, *countries* the ISO3 of where it was done. The very same, sent once more, keeps its
    number.
    """

    action = "submit_practice"
    title: str
    text: str
    notes: str
    theme: str
    form: str
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WithdrawPractice(Command):
    """Take a practice of one's own back: nothing of it is kept. Gives whether there was one."""

    action = "withdraw_practice"
    number: str


@dataclass(frozen=True, slots=True)
class MyPractices(Command):
    """Read the practices one told of. Gives a tuple of Submitted, the newest first."""

    action = "read_own"


@dataclass(frozen=True, slots=True)
class WaitingPractices(Command):
    """Read the practices that wait for the secretariat. Gives a tuple of Submitted, the oldest first."""

    action = "check_practice"


@dataclass(frozen=True, slots=True)
class CheckPractice(Command):
    """Publish a practice that somebody told of; they are told. Gives the Decided."""

    action = "check_practice"
    number: str


@dataclass(frozen=True, slots=True)
class RefusePractice(Command):
    """Keep a practice from others, or take it out again, and tell who told of it why. Gives the Decided."""

    action = "check_practice"
    number: str
    reason: str
