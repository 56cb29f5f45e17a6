"""What the secretariat asks the store about participants, and changes in them; see `bot.commands`."""

from dataclasses import dataclass

from bot.commands import Command
from bot.rights import Role


@dataclass(frozen=True, slots=True)
class FindPeople(Command):
    """
    Read who is registered. Gives a tuple of Person, by country and name.

    *text* is a participant's number, an e-mail address or a name; with a number whoever it is, registered or not.
    """

    action = "read_people"
    text: str = ""


@dataclass(frozen=True, slots=True)
class SetRole(Command):
    """
    Give a participant a role, which no list changes any more; None lets the next list say it again.

    Gives the Person as they are now. Raises Refused when there is no such participant.
    """

    action = "change_role"
    person: int
    role: Role | None


@dataclass(frozen=True, slots=True)
class SetPreferredChannel(Command):
    """
    Write to a participant on *channel* from now on; None: where they wrote last.

    Gives the Person as they are now. Raises Refused when they are not linked there.
    """

    action = "change_person"
    person: int
    channel: str | None


@dataclass(frozen=True, slots=True)
class GiveLetters(Command):
    """
    Make personal links for letters, to the registered *people*, or to all who have not linked a chat.

    Gives Papers, by country and name. A letter that still works comes again as it is; *renew* makes it void.
    """

    action = "give_papers"
    people: tuple[int, ...] | None = None
    days: int = 60
    renew: bool = False


@dataclass(frozen=True, slots=True)
class GiveCodes(Command):
    """Make codes to be printed, likewise; those that were made before are void. Gives Papers."""

    action = "give_papers"
    people: tuple[int, ...] | None = None
    days: int = 3


@dataclass(frozen=True, slots=True)
class Readmit(Command):
    """
    Let lists bring back who had asked to be forgotten: whoever had the address *email*, or only who had *name* too.

    Gives the number of people. Raises Refused when that is nobody.
    """

    action = "readmit"
    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class UnlinkPerson(Command):
    """
    Take the accounts on *channel* from a participant, as when a telephone is lost; they become a visitor's.

    Gives the Person as they are now. Raises Refused when they are not linked there.
    """

    action = "change_person"
    person: int
    channel: str


@dataclass(frozen=True, slots=True)
class LinkPerson(Command):
    """
    Make the account *user* on *channel*, which has written before, the participant's. Gives the Person as they are.

    Raises Refused when nobody is known there, or somebody else who is registered.
    """

    action = "change_role"
    person: int
    channel: str
    user: str


@dataclass(frozen=True, slots=True)
class MyChannels(Command):
    """Read where the actor is linked, and where they are written to first. Gives the Person."""

    action = "read_own"


@dataclass(frozen=True, slots=True)
class PreferChannel(Command):
    """Be written to on *channel* first; None: where one wrote last. Gives the Person as they are now."""

    action = "choose_channel"
    channel: str | None


@dataclass(frozen=True, slots=True)
class UnlinkChannel(Command):
    """
    Take one's own accounts on *channel* from oneself, as after a loss. Gives the Person as they are now.

    The account that one writes from stays.
    """

    action = "choose_channel"
    channel: str
