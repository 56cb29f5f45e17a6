"""What the secretariat asks to be done with announcements, and what comes back; see `bot.commands`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from bot.broadcasts import Announcement, Audience, Change, Quiet, State
from bot.commands import Command
from bot.compositions import Words
from bot.messages import Card


@dataclass(frozen=True, slots=True)
class FindReach(Command):
    """Find out who an audience is. Gives the Reach."""

    action = "broadcast"
    audience: Audience


@dataclass(frozen=True, slots=True)
class FindConflict(Command):
    """Find out what is against reminding an audience at a moment (the forum's time). Gives the Conflict."""

    action = "broadcast"
    audience: Audience
    at: datetime


@dataclass(frozen=True, slots=True)
class Conflict:
    """
    What is against a reminder at a moment.

    *quiet* are the hours that it lies in, None when it lies in none, and *ends* is when they are over. *silent* counts
    those whom it reaches without a sound, because they follow one of the *sessions* (ids) that are on. *free* is the
    nearest round moment with nothing against it, None when there is none that day.
    """

    quiet: Quiet | None
    ends: datetime
    sessions: tuple[str, ...] = ()
    silent: int = 0
    free: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preview(Command):
    """Write an announcement out as it would be read, sending nothing. Gives Samples, the largest group first."""

    action = "broadcast"
    announcement: Announcement


@dataclass(frozen=True, slots=True)
class Sample:
    """What a real recipient of one channel and language would see; *count* people are written to there."""

    channel: str
    lang: str
    count: int
    card: Card


@dataclass(frozen=True, slots=True)
class TestSend(Command):
    """Send an announcement to the actor alone, once in each language of its audience. Gives how many messages."""

    action = "broadcast"
    __test__: ClassVar[bool] = False  # its name makes pytest look into it
    announcement: Announcement


@dataclass(frozen=True, slots=True)
class Announce(Command):
    """
    Keep an announcement, to leave at its time; the same one a second time sends nothing.

    Gives the Announced. Raises Refused with all that is wrong, BeingChanged while another officer changes the same
    session.
    """

    action = "broadcast"
    announcement: Announcement


@dataclass(frozen=True, slots=True)
class Announced:
    """
    An announcement that was kept; *fresh* is false when it had been before.

    *state* is one of `bot.broadcasts.State`; *starts_at* is when it leaves, later than asked for in quiet hours.
    """

    number: str
    recipients: int
    fresh: bool
    state: State
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class ReadAnnouncement(Command):
    """Read an announcement again as it was asked for, to change it. Gives the Announcement, or None without one."""

    action = "broadcast"
    number: str


@dataclass(frozen=True, slots=True)
class Approve(Command):
    """Let an announcement to many go, as a second officer. Gives the Announced; refused for its creator."""

    action = "broadcast"
    number: str


@dataclass(frozen=True, slots=True)
class Undo(Command):
    """Take an announcement back that has not left. Gives True, or False when it has."""

    action = "broadcast"
    number: str


@dataclass(frozen=True, slots=True)
class FindLatest(Command):
    """
    Find the actor's newest announcement that was made, leaves or left within half a minute of now. Gives its Progress.

    Without one it is the actor's announcement *shown*, if it waits or runs; else None.
    """

    action = "broadcast"
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class SendNow(Command):
    """Let an announcement that is held leave at once. Gives True, or False when it has left or been undone."""

    action = "broadcast"
    number: str


@dataclass(frozen=True, slots=True)
class Pause(Command):
    """Let nothing more of an announcement leave for now. Gives the Progress; what is in flight still arrives."""

    action = "broadcast"
    number: str


@dataclass(frozen=True, slots=True)
class Resume(Command):
    """Let a paused announcement go on. Gives the Progress."""

    action = "broadcast"
    number: str


@dataclass(frozen=True, slots=True)
class Cancel(Command):
    """Let nothing more of an announcement leave, for good. Gives the Progress; what is in flight still arrives."""

    action = "broadcast"
    number: str


@dataclass(frozen=True, slots=True)
class Correct(Command):
    """
    Give an announcement other words: in place for who has it, anew where that would not be seen. Gives the Corrected.

    *change* is what becomes of the session instead; None leaves the change as it was announced.
    """

    action = "broadcast"
    number: str
    words: Words
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Retract(Command):
    """Take an announcement back from everyone who has it, and its change with it. Gives the Corrected."""

    action = "broadcast"
    number: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """
    What a correction or a withdrawal led to.

    *edits* messages are changed where they are, *anew* are sent beside them, *queued* had not left.
    """

    edits: int = 0
    anew: int = 0
    queued: int = 0


@dataclass(frozen=True, slots=True)
class ResendUnknown(Command):
    """Send again what may not have arrived. Gives how many."""

    action = "broadcast"
    number: str


@dataclass(frozen=True, slots=True)
class RetryFailed(Command):
    """Try again what failed, but not to those who unsubscribed. Gives how many."""

    action = "broadcast"
    number: str


@dataclass(frozen=True, slots=True)
class ConfirmRead(Command):
    """Note that the actor has read an announcement. Gives True, or False when it never went to them."""

    action = "confirm_read"
    number: str


@dataclass(frozen=True, slots=True)
class Unconfirmed(Command):
    """Find who got an announcement and has not confirmed it. Gives Contacts by country and name."""

    action = "broadcast"
    number: str


@dataclass(frozen=True, slots=True)
class Nudge(Command):
    """Ask those once more who have not confirmed an announcement. Gives the Announced, not fresh the second time."""

    action = "broadcast"
    number: str


@dataclass(frozen=True, slots=True)
class ToTelephone(Command):
    """Find whom an announcement did not reach, or perhaps not. Gives Missing ones by country and name."""

    action = "broadcast"
    number: str


@dataclass(frozen=True, slots=True)
class Missing:
    """
    Somebody whom an announcement did not reach for certain, and how that came.

    *channel* is None for who cannot be written to at all; *state* is failed, unknown or unreachable.
    """

    name: str | None
    country: str | None
    email: str | None
    channel: str | None
    state: str
    cause: str | None


@dataclass(frozen=True, slots=True)
class ReadProgress(Command):
    """Read how announcements stand, newest first; the newest ones, or the one with *number*. Gives Progress rows."""

    action = "broadcast"
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """
    How an announcement stands; every recipient counts once.

    *states* maps the states of deliveries to their numbers, *causes* those of failures; *places* maps (channel,
    language) to the states there. *rate* is what arrived each second of the last minute, and *left* how long the rest
    takes at that rate, None while nothing arrives. *changes* counts corrections and withdrawals of single messages
    that have not arrived yet. *own* is true for whoever made it.
    """

    number: str
    text: str
    recipients: int
    states: Mapping[str, int]
    causes: Mapping[str, int]
    kind: str = "announcement"
    state: State = "running"
    starts_at: datetime | None = None
    places: Mapping[tuple[str, str], Mapping[str, int]] = field(default_factory=dict)
    rate: float = 0.0
    left: timedelta | None = None
    changes: int = 0
    confirmed: int = 0
    created_by: str = ""
    own: bool = False

    @property
    def waiting(self) -> int:
        """Return how many deliveries have not ended."""
        return self.states.get("queued", 0) + self.states.get("sending", 0)

    @property
    def over(self) -> bool:
        """Tell whether it has begun and every delivery has ended."""
        return self.state not in ("awaiting", "held") and not self.waiting and not self.changes

    @property
    def stage(self) -> State | Literal["finished", "withdrawing"]:
        """Return its state; finished when all of it has left, withdrawing while it is being taken back."""
        if self.state == "running" and self.over:
            return "finished"
        return "withdrawing" if self.state == "withdrawn" and self.changes else self.state
