"""What participants ask the store on the way to a meeting, and about it afterwards; see `bot.commands`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from bot.commands import Command

State = Literal["proposed", "lapsed", "booked", "cancelled"]
"""
Where a meeting stands.

A time is proposed and held; nobody answered in time, and it is held no more; all agreed; it does not take place.
"""
Result = Literal["held", "waiting", "booked", "table_taken", "busy", "no_slot", "changed", "over"]
"""
What came of proposing or accepting a time.

It is held and the others are asked; others have to agree still; all agreed. The table was taken a moment ago; one of
them has another meeting then; nothing can be had at that time; another time was proposed meanwhile; it is over.
"""
Standing = Literal["waiting", "booked", "over", "cancelled"]
"""How a meeting stands at a moment: not agreed yet, to come, over, or it does not take place."""
Outcome = Literal["next_steps", "no_follow_up", "they_did_not_come", "we_did_not_go"]
OUTCOMES: frozenset[str] = frozenset(get_args(Outcome))


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at a place; *place* is the id of a meeting place."""

    place: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Party:
    """The participant *person* in a meeting, with what the reader may see: nothing, where they showed nothing."""

    person: int
    country: str | None = None
    name: str | None = None
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Meeting:
    """
    A meeting as one of its sides may see it, or the secretariat.

    *slot* is what is booked, *proposal* what is proposed and held until *held_until*, by *proposed_by*: None where
    that is the reader, or who arranged it. *interpreter* is the number of the question to the secretariat; *outcome*
    and *next_steps* are what the reader said of it. *revision* rises with each change of its time and place.
    """

    number: str
    about: str | None
    state: State
    others: tuple[Party, ...]
    slot: Slot | None = None
    proposal: Slot | None = None
    proposed_by: Party | None = None
    own_proposal: bool = False
    agreed: bool = False
    held_until: datetime | None = None
    interpreter: str | None = None
    outcome: Outcome | None = None
    next_steps: str = ""
    revision: int = 0
    changed_at: datetime | None = None

    @property
    def at(self) -> datetime | None:
        """When it begins as it is booked, or else proposed; None where no time is."""
        slot = self.slot if self.state in ("booked", "cancelled") else self.proposal
        return slot.starts if slot is not None else None

    @property
    def again(self) -> str:
        """The number under which its sides propose another time once it is cancelled."""
        # A joint project's first meeting is the secretariat's to arrange.
        return self.number if self.about is None or self.about.startswith("JP-") else self.about

    def stands(self, now: datetime) -> Standing:
        """Tell how it stands at *now*."""
        if self.state == "cancelled":
            return "cancelled"
        if self.state != "booked":
            return "waiting"
        return "booked" if self.is_ahead(now) else "over"

    def is_ahead(self, now: datetime) -> bool:
        """Tell whether it is booked and not over at *now*."""
        return self.state == "booked" and self.slot is not None and self.slot.ends > now

    def is_open(self, now: datetime) -> bool:
        """Tell whether it takes place, or may still come about."""
        return self.is_ahead(now) or self.state in ("proposed", "lapsed")


@dataclass(frozen=True, slots=True)
class Free:
    """Who is to meet, and when they all could; *meeting* is the one that they have already, None before the first."""

    others: tuple[Party, ...]
    slots: tuple[Slot, ...]
    meeting: Meeting | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """What came of proposing or accepting a time; *nearest* are others, where that one could not be had."""

    result: Result
    meeting: Meeting | None = None
    nearest: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class FindSlots(Command):
    """
    Find when all sides of an introduction, or of a meeting, are free and a place is, the nearest to *near* first.

    Gives the Free. Raises Refused where *about* is not the actor's, or they are not introduced.
    """

    action = "meet"
    about: str
    near: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProposeMeeting(Command):
    """
    Propose a time at a place to all other sides of an introduction, or of a meeting; it is held for ten minutes.

    A meeting that is booked stays so until the others agree to the other time. Gives the Proposed.
    """

    action = "meet"
    about: str
    place: str
    starts: datetime


@dataclass(frozen=True, slots=True)
class AcceptMeeting(Command):
    """
    Agree to the time that was proposed: *place* and *starts* are those that the actor was shown. Gives the Proposed.

    What is held no more is held again, and whoever proposed it is asked.
    """

    action = "meet"
    number: str
    place: str
    starts: datetime


@dataclass(frozen=True, slots=True)
class DeclineMeeting(Command):
    """Agree to no time: what was proposed is held no more, what is booked stays. Gives the Meeting."""

    action = "meet"
    number: str


@dataclass(frozen=True, slots=True)
class CancelMeeting(Command):
    """Let a meeting not take place, or let go what one proposed. Gives the Meeting."""

    action = "meet"
    number: str


@dataclass(frozen=True, slots=True)
class AskInterpreter(Command):
    """Ask the secretariat for an interpreter. Gives the Meeting."""

    action = "meet"
    number: str


@dataclass(frozen=True, slots=True)
class TellOutcome(Command):
    """Keep whether they met, and what comes next; contacts in *next_steps* are hidden. Gives the Meeting."""

    action = "meet"
    number: str
    outcome: Outcome
    next_steps: str = ""


@dataclass(frozen=True, slots=True)
class MyMeetings(Command):
    """Read the actor's meetings. Gives a tuple of Meeting, in the order in which they were begun."""

    action = "read_own"


@dataclass(frozen=True, slots=True)
class ReadMeetings(Command):
    """
    Read the meetings of all that take place, or may. Gives a tuple of Meeting, the earliest first.

    Of one with that *number* it gives no other, and that one also where it was cancelled.
    """

    action = "arrange_meeting"
    number: str | None = None


@dataclass(frozen=True, slots=True)
class MeetingCounts:
    """How many meetings there are of each Standing, and how many answers of each Outcome."""

    standings: Mapping[str, int]
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CountMeetings(Command):
    """Count the meetings of all, and what came of them. Gives the MeetingCounts."""

    action = "arrange_meeting"


@dataclass(frozen=True, slots=True)
class FindTogether(Command):
    """
    Find when all whom the secretariat brings together are free and a place is, the nearest to *near* first.

    *whom* is the number of a joint project, an introduction, an offer to join or a meeting, or of two or more people.
    Gives the Free. Raises Refused where it names nobody, or not everybody can be asked.
    """

    action = "arrange_meeting"
    whom: tuple[str, ...]
    near: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArrangeMeeting(Command):
    """
    Propose a time at a place to all whom the secretariat brings together. Gives the Proposed.

    *whom* is as FindTogether takes it. Raises Refused where it names nobody, or not everybody can be asked.
    """

    action = "arrange_meeting"
    whom: tuple[str, ...]
    place: str
    starts: datetime
