"""What is asked of a working group's own places on the platforms, and what comes back; see `bot.commands`."""

from dataclasses import dataclass

from bot.commands import Command
from bot.messages import Spot


@dataclass(frozen=True, slots=True)
class GroupChat:
    """A chat, or a topic of one, in which questions are about the working group *group*."""

    group: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Tied:
    """A chat that was given to a working group; *before* is the id of the other one whose it was, None for none."""

    chat: GroupChat
    before: str | None = None


@dataclass(frozen=True, slots=True)
class TieGroup(Command):
    """
    Give a working group the chat, or the topic, in which the actor writes.

    Gives the Tied, or None when there is no such group. Refused in a private chat.
    """

    action = "run_groups"
    group: str


@dataclass(frozen=True, slots=True)
class UntieGroup(Command):
    """
    Take a chat, or a topic, from the working group whose it is.

    *spot* names it, None that in which the actor writes. Gives the GroupChat, or None where it was no group's.
    """

    action = "run_groups"
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class GroupHere(Command):
    """
    Read which working group's the chat is in which the actor writes.

    A topic's own goes before the whole chat's. Gives the GroupChat, or None in private and where it is nobody's.
    """

    action = "follow_group"


@dataclass(frozen=True, slots=True)
class GroupChats(Command):
    """Read which chats the working groups have. Gives a tuple of GroupChat, by group, channel and chat."""

    action = "run_groups"
