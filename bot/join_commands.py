"""What a partner offers to a pair that lacks something, and how the pair answers; see `bot.commands`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.commands import Command
from bot.errors import Refused
from bot.gap_commands import Lack, Shows
from bot.meeting_commands import Slot

Part = Literal["partner", "receives", "provides"]
"""What one of three is in it."""
JoinState = Literal["waiting", "joined", "over"]
"""Where an offer to join stands: the pair is asked, all three agreed, it ended."""


class OfferWaits(Refused):
    """One's own offer to the same pair goes on already, or has ended."""


@dataclass(frozen=True, slots=True)
class Third:
    """
    An offer to join as one of the three sees it; *number* is such as `J-0003`, *gap* the one that partners know.

    *agreed* is the reader's own answer, None before it; *others* maps the parts of the two others to what they let the
    reader see by now. *introduction* is the pair's, and empty for the partner. *slots* are when all three could meet.
    """

    number: str
    gap: str
    part: Part
    state: JoinState
    expires_at: datetime
    gives: str = ""
    conditions: str = ""
    call: bool = False
    agreed: bool | None = None
    introduction: str = ""
    others: Mapping[Part, Mapping[str, str]] = field(default_factory=dict)
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferToJoin(Command):
    """
    Offer a pair what it lacks: *gives* and *conditions* in the partner's words, with a *call* first or without.

    Contacts in them are hidden. Gives the Third. Raises OfferWaits, and Refused where the gap is not open, or takes no
    more offers.
    """

    action = "offer_to_join"
    gap: str
    gives: str
    conditions: str = ""
    call: bool = False


@dataclass(frozen=True, slots=True)
class WithdrawToJoin(Command):
    """Take one's own offer to a pair back. Gives the Third; raises Refused where none goes on."""

    action = "offer_to_join"
    gap: str


@dataclass(frozen=True, slots=True)
class ReplyToPair(Command):
    """Pass an answer on to one of a pair, *to* "receives" or "provides", without contacts. Gives the text as passed."""

    action = "offer_to_join"
    gap: str
    to: Part
    text: str


@dataclass(frozen=True, slots=True)
class AnswerThird(Command):
    """Meet a partner with the other side, or not now. Gives the Third; raises Refused where it is not the actor's."""

    action = "answer_third"
    number: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class AskThird(Command):
    """Pass a question on to the partner, without contacts. Gives the text as passed; raises Refused as AnswerThird."""

    action = "answer_third"
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Triangle:
    """
    A pair that lacks something, as the secretariat counts it: *shown* is how far partners see it.

    *themes* and *lacks* are empty unless partners see them. *offers* have been made, *waiting* of them wait, *joined*
    were agreed to by all three.
    """

    number: str
    shown: Shows
    themes: tuple[str, ...] = ()
    lacks: tuple[Lack, ...] = ()
    offers: int = 0
    waiting: int = 0
    joined: int = 0


@dataclass(frozen=True, slots=True)
class CountTriangles(Command):
    """Count what pairs lack and what partners offered, without anybody's name. Gives a tuple of Triangle."""

    action = "read_triangles"


@dataclass(frozen=True, slots=True)
class MyThirds(Command):
    """Read the offers to join that the actor has to do with. Gives a tuple of Third, the oldest first."""

    action = "read_own"
