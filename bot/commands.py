"""
What a conversation, a page or a command line asks the store to do, and what comes back.

A step decides and names a command; `bot.records` carries it out inside the turn's transaction, after the
rights of the actor were checked. Each says in its docstring what it gives back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from bot.broadcasts import Mute as MuteKind

Kind = Literal["need", "offer"]
Readers = Literal["governments", "all", "secretariat"]
Progress = Literal["open", "in_talks", "met"]
"""How far a need or an offer has come: somebody is sought for it, an introduction goes on, or nobody need be sought."""


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
    progress: Progress = "open"


WaitsFor = Literal["link", "role", "focal_point"]
"""What keeps a need or an offer from others: nobody knows whose it is, a role that states none, or the focal point."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a need or an offer that was sent: its number, and what it waits for before others see it."""

    number: str
    waits_for: WaitsFor | None = None


@dataclass(frozen=True, slots=True)
class StateNeed(Command):
    """Keep a need. Gives the Sent, with a number such as `N-0012`."""

    action = "state_need"
    statement: Statement


@dataclass(frozen=True, slots=True)
class StateOffer(Command):
    """Keep an offer for the secretariat's check. Gives the Sent, with a number such as `O-0007`."""

    action = "state_offer"
    statement: Statement


@dataclass(frozen=True, slots=True)
class LiveStatements(Command):
    """Read the open needs or offers that the actor may see. Gives a tuple of `bot.live.Live`."""

    action = "read_live"
    kind: Kind


@dataclass(frozen=True, slots=True)
class Withdraw(Command):
    """
    Take back one's own need or offer, or as a focal point one's delegation's.

    Gives True, or False when there is none with that number or it is too late.
    """

    action = "withdraw_own"
    number: str
    within_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class FindSent(Command):
    """Find what the participant sent from a message. Gives the Item, or None when nothing came of the message."""

    action = "read_own"
    message: str


@dataclass(frozen=True, slots=True)
class ReplaceText(Command):
    """
    Give a need or an offer of one's own, or of one's delegation, other words. Gives the Changed.

    *edition* is the one whose words were read before; when there is a newer one nothing is changed. Forms, countries
    and themes stay as they were where None are given.
    """

    action = "change_own"
    number: str
    text: str
    edition: int
    people: int | None = None
    deadline: str | None = None
    urgency: str | None = None
    modalities: tuple[str, ...] | None = None
    countries: tuple[str, ...] | None = None
    themes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class OwnStatements(Command):
    """Read the needs and offers that the participant sent and did not withdraw. Gives Statements, newest first."""

    action = "read_own"
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """A row of the registration list; *number* is the registration's own there."""

    name: str
    email: str
    country: str | None
    role: str
    language: str | None
    position: str | None = None
    organisation: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class CompareList(Command):
    """
    Find out what taking a registration list in would change, and change nothing. Gives the Imported.

    *listed_in* is the list's name where there are several, as one for delegates and one for the media.
    """

    action = "import_people"
    people: tuple[Registered, ...]
    listed_in: str = ""


@dataclass(frozen=True, slots=True)
class ImportPeople(Command):
    """
    Take a registration list in. Gives the Imported.

    With *end_missing* those who stand on the list *listed_in* no more are registered no longer.
    """

    action = "import_people"
    people: tuple[Registered, ...]
    listed_in: str = ""
    end_missing: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """
    A participant in a list for the secretariat; *channels* are those on which they are linked.

    *several* are those of them on which more than one account is, as of two browsers; known to the participant only.
    """

    id: int
    name: str | None
    email: str | None
    country: str | None
    role: str
    language: str | None = None
    position: str | None = None
    organisation: str | None = None
    channels: tuple[str, ...] = ()
    preferred_channel: str | None = None
    several: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What an import changes in a participant: each of *fields* is its name, what it was, and what it becomes."""

    person: Person
    fields: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """
    What an import changed, or would change.

    *missing* stood on the list before and do so no more; they stay as they are unless they were to be *ended*.
    *held_back* are the places on the list, from 0, of those who asked to be forgotten: they were left out.
    """

    added: tuple[Registered, ...] = ()
    changed: tuple[Change, ...] = ()
    unchanged: int = 0
    missing: tuple[Person, ...] = ()
    ended: bool = False
    held_back: tuple[int, ...] = ()


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
