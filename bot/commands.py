"""
What a conversation, a page or a command line asks the store to do, and what comes back.

A step decides and names a command; `bot.records` carries it out inside the turn's transaction, after the
rights of the actor were checked. Each says in its docstring what it gives back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from bot.broadcasts import Announcement, Audience, Change, State
from bot.broadcasts import Mute as MuteKind
from bot.compositions import Words
from bot.messages import Card

Kind = Literal["need", "offer"]
Readers = Literal["governments", "all", "secretariat"]


@dataclass(frozen=True, slots=True)
class Command:
    """Something to be done in the store by an actor with the right to *action*."""

    action: ClassVar[str]


@dataclass(frozen=True, slots=True)
class ChooseLanguage(Command):
    """Keep the language the participant chose. Gives None."""

    action = "choose_language"
    lang: str


@dataclass(frozen=True, slots=True)
class IntroduceOneself(Command):
    """Keep the country the participant says to come from, not confirmed. Gives None."""

    action = "introduce_oneself"
    country: str


@dataclass(frozen=True, slots=True)
class AskSecretariat(Command):
    """Queue a question that the assistant cannot answer. Gives its number, such as `Q-31`."""

    action = "ask_secretariat"
    text: str
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """
    What a country needs or offers, as its author sent it.

    *countries* are the members it is for: the beneficiaries of a need, the partners of an offer (empty: any);
    *model_countries* those whose experience it asks for.
    *message* is the platform's id of the message that held the words, None where it has none.
    """

    kind: Kind
    text: str
    country: str
    themes: tuple[str, ...] = ()
    sdgs: tuple[int, ...] = ()
    modalities: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    model_countries: tuple[str, ...] = ()
    urgency: str | None = None
    deadline: str | None = None
    people: int | None = None
    readers: Readers = "governments"
    message: str | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class StateNeed(Command):
    """Keep a need. Gives its number, such as `N-0012`."""

    action = "state_need"
    statement: Statement


@dataclass(frozen=True, slots=True)
class StateOffer(Command):
    """Keep an offer for the secretariat's check. Gives its number, such as `O-0007`."""

    action = "state_offer"
    statement: Statement


@dataclass(frozen=True, slots=True)
class LiveStatements(Command):
    """Read the open needs or offers that the actor may see. Gives a tuple of `bot.live.Live`."""

    action = "read_live"
    kind: Kind


@dataclass(frozen=True, slots=True)
class Withdraw(Command):
    """Take back one's own need or offer. Gives True, or False when there is none with that number or it is too late."""

    action = "withdraw_own"
    number: str
    within_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class FindSent(Command):
    """Find what the participant sent from a message. Gives its number, or None when nothing came of the message."""

    action = "read_own"
    message: str


@dataclass(frozen=True, slots=True)
class ReplaceText(Command):
    """Give one's own need or offer other words. Gives True, or False when there is none with that number any more."""

    action = "change_own"
    number: str
    text: str
    people: int | None = None
    deadline: str | None = None
    urgency: str | None = None


@dataclass(frozen=True, slots=True)
class OwnStatements(Command):
    """Read the needs and offers that the participant sent and did not withdraw. Gives Statements, newest first."""

    action = "read_own"
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class OpenQuestions(Command):
    """Read the questions that wait for an answer. Gives Questions, oldest first."""

    action = "read_questions"


@dataclass(frozen=True, slots=True)
class AnswerQuestion(Command):
    """Answer a queued question and tell its asker. Gives the Question, or None when it is not open."""

    action = "answer_question"
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question in the secretariat's queue; *topic* is the key of the entry that has no published answer."""

    number: str
    text: str
    lang: str
    asked: str
    topic: str | None = None
    answer: str | None = field(default=None)


@dataclass(frozen=True, slots=True)
class FindReach(Command):
    """Find out who an audience is. Gives the Reach."""

    action = "broadcast"
    audience: Audience


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
    takes at that rate, None while nothing arrives.
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
    confirmed: int = 0
    created_by: str = ""

    @property
    def waiting(self) -> int:
        """Return how many deliveries have not ended."""
        return self.states.get("queued", 0) + self.states.get("sending", 0)

    @property
    def over(self) -> bool:
        """Tell whether it has begun and every delivery has ended."""
        return self.state not in ("awaiting", "held") and not self.waiting


@dataclass(frozen=True, slots=True)
class Registered:
    """A row of the registration list."""

    name: str
    email: str
    country: str | None
    role: str
    language: str | None


@dataclass(frozen=True, slots=True)
class ImportPeople(Command):
    """Take the registration list in, people known by their e-mail addresses. Gives the Imported."""

    action = "import_people"
    people: tuple[Registered, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Followed:
    """
    A session that a participant follows, and how many *minutes* before it they are reminded; None: not at all.

    *due_at* is when the reminder comes, None when none will any more.
    """

    session: str
    minutes: int | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Follow(Command):
    """
    Hear of changes to a session, and be reminded *minutes* before it; None: no reminder.

    Gives the Followed, or None when the programme has no such session.
    """

    action = "follow"
    session: str
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Unfollow(Command):
    """Hear no more of a session. Gives True, or False when the actor did not follow it."""

    action = "follow"
    session: str


@dataclass(frozen=True, slots=True)
class MyFollowing(Command):
    """Read what the actor follows. Gives a tuple of Followed."""

    action = "follow"


@dataclass(frozen=True, slots=True)
class Mute(Command):
    """Keep announcements and reminders from the actor until *until*; the kind None ends that. Gives None."""

    action = "mute"
    kind: MuteKind | None
    until: datetime | None = None
