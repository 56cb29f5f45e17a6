"""What two who are introduced have passed on to one another; see `bot.commands`."""

from dataclasses import dataclass

from bot.commands import Command
from bot.errors import Refused


class NoAnswerYet(Refused):
    """So much was written that the other side answers first."""


class WantsQuiet(Refused):
    """The other side is not written to while they want quiet."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """What was passed on: *left* is how much more may be before an answer, *masked* whether something was hidden."""

    number: str
    left: int
    masked: bool = False


@dataclass(frozen=True, slots=True)
class WriteIntroduced(Command):
    """
    Pass *text* on to the other side of an introduction. Gives the Relayed.

    Raises NoAnswerYet, WantsQuiet, and Refused where they are not introduced.
    """

    action = "write_introduced"
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportIntroduced(Command):
    """
    Tell the secretariat what is wrong with an introduction, with the names of both sides.

    Gives the number of the question. Raises Refused where it is not the actor's.
    """

    action = "ask_secretariat"
    number: str
    text: str
