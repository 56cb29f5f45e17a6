"""What two participants ask the store on their way to one another; see `bot.commands`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.commands import Command, Statement
from bot.errors import Refused
from matching.partners import Reason

Reveals = Literal["name", "position", "organisation", "country", "email", "channel"]
"""What somebody can let the other side of an introduction see of them."""
State = Literal["asked", "waiting", "declined", "introduced", "over"]
"""
Where an introduction stands for one of its sides.

They are asked; they agreed and wait, for an answer or for nothing; they themselves declined; both agreed; it is over,
because its time is or because one of two who had been introduced took that back.
"""


Standing = Literal["waits", "asked", "introduced", "over"]
"""How far an introduction came, for the secretariat."""


class NotPublished(Refused):
    """Nobody is asked about what others cannot see yet."""


class OwnEntry(Refused):
    """Nobody is introduced to themselves."""


@dataclass(frozen=True, slots=True)
class Introduced:
    """
    An introduction as one of its sides may see it: nothing here tells a refusal from silence.

    *own* and *theirs* are what each side brings: the number of a need or an offer, the id of an entry of the
    catalogue, empty where it is nothing of theirs. *asks* tells whether the reader asked for it, *proposed* that
    the secretariat asks both. *given* is what they let the other side see, *shown* maps what the other side lets them
    see to its value.
    """

    number: str
    state: State
    expires_at: datetime
    own: str = ""
    theirs: str = ""
    asks: bool = False
    proposed: bool = False
    given: tuple[str, ...] = ()
    shown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Invitation:
    """
    An introduction with what there is to decide on.

    *mine* and *theirs* are what both bring, None where it is no need or offer; of *theirs* the words may be read only
    where it is *quoted*, and it is None where the reader may not see it at all. *role* and *region*, the id of a region
    or empty, are all that is said of the other side before both agree. *themes*, by their ids, are those of what it is
    about: the first of them can be muted. *would_show* maps what the reader could let them see to its value.
    """

    introduced: Introduced
    mine: Statement | None = None
    theirs: Statement | None = None
    quoted: bool = False
    reasons: tuple[Reason, ...] = ()
    role: str = ""
    region: str = ""
    themes: tuple[str, ...] = ()
    would_show: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskIntroduction(Command):
    """
    Ask to be introduced to the author of the need or offer *about*, and let them see *fields* once both agree.

    *about* may be the profile of somebody who listed themselves (D-0001) or a practice that a participant told of
    (P-0001), and a provider or a practice of the catalogue: then somebody of that body, or of those that the practice
    names, is asked. *fits* is the need or the offer of one's own, or of one's delegation, that it fits. Gives the
    Introduced; the one that is open already where there is one. Raises OwnEntry where it is the actor's, Refused where
    nobody can be asked.
    """

    action = "ask_introduction"
    about: str
    fields: tuple[Reveals, ...] = ()
    fits: str = ""


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
class OfferPair(Command):
    """
    Ask the authors of a need and an offer whether they want to be introduced. Gives the number.

    Raises Refused where one of them cannot be asked, or both are the same.
    """

    action = "offer_introduction"
    need: str
    offer: str


@dataclass(frozen=True, slots=True)
class Pair:
    """
    An introduction as the secretariat sees it: between what, and how far it came; a refusal looks like silence.

    It waits until there is a place for it, is asked, both are introduced, or it is over. *proposed* tells that the
    secretariat asks.
    """

    number: str
    about: str
    fits: str
    proposed: bool
    standing: Standing


@dataclass(frozen=True, slots=True)
class AllIntroductions(Command):
    """Read every introduction, the newest first. Gives a tuple of Pair."""

    action = "offer_introduction"


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


@dataclass(frozen=True, slots=True)
class ReadIntroduction(Command):
    """Read one introduction of the actor's. Gives the Invitation. Raises Refused when there is none."""

    action = "read_own"
    number: str


@dataclass(frozen=True, slots=True)
class MuteTheme(Command):
    """Be asked about *theme* no more, or again where it is not *muted*. Gives the muted themes, by their ids."""

    action = "mute"
    theme: str
    muted: bool = True


@dataclass(frozen=True, slots=True)
class MutedThemes(Command):
    """Read the themes that the actor is not asked about. Gives their ids, in their order."""

    action = "mute"
