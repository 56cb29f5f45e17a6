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
