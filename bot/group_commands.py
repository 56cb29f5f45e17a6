"""What is asked of working groups, and what comes back; see `bot.commands`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.commands import Command

Capacity = Literal["member", "observer"]
"""As what one is in a working group: for one's country, or to listen."""
Standing = Literal["none", "follows", "asked", "in"]
"""How one stands to a working group: not at all, reading along, waiting for the focal point, or confirmed."""


@dataclass(frozen=True, slots=True)
class Place:
    """How somebody stands to the working group *group*; *capacity* is what they asked for, or are."""

    group: str
    standing: Standing = "none"
    capacity: Capacity | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """What the secretariat wrote to a working group: *texts* by language; *public* where its members are not alone."""

    texts: Mapping[str, str]
    public: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class GroupShown:
    """A working group as somebody may see it; *news* are the newest words, the latest first."""

    place: Place
    news: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class MyGroups(Command):
    """Read how one stands to the working groups. Gives a tuple of Place, those that one has something to do with."""

    action = "follow_group"


@dataclass(frozen=True, slots=True)
class ReadGroup(Command):
    """Read a working group as far as one may. Gives the GroupShown, or None when there is none."""

    action = "follow_group"
    group: str


@dataclass(frozen=True, slots=True)
class FollowGroup(Command):
    """Hear of a working group's public part and of changes to its meeting. Gives the Place, or None."""

    action = "follow_group"
    group: str


@dataclass(frozen=True, slots=True)
class UnfollowGroup(Command):
    """Hear no more of a working group and leave it. Gives the Place, or None."""

    action = "follow_group"
    group: str


Asked = Literal["in", "focal_point", "secretariat"]
"""What became of asking to join: done at once, or who is asked to confirm it."""


@dataclass(frozen=True, slots=True)
class JoinGroup(Command):
    """Ask to be in a working group for one's country. Gives the Asked, or None when there is no such group."""

    action = "join_group"
    group: str
    capacity: Capacity


@dataclass(frozen=True, slots=True)
class CancelJoin(Command):
    """Take the wish to be in a working group back and follow it on. Gives the Place, or None."""

    action = "join_group"
    group: str


Confirmed = Literal["confirmed", "declined", "before", "gone"]
"""What became of an answer: done, given before by somebody else, or there is nothing to answer."""


@dataclass(frozen=True, slots=True)
class AnswerJoin(Command):
    """Confirm that somebody of one's country is in a working group, or do not. Gives the Confirmed."""

    action = "confirm_member"
    group: str
    person: int
    confirms: bool


@dataclass(frozen=True, slots=True)
class Count:
    """
    How many follow a working group, wait to be confirmed, and are in it.

    *members* maps each country to how many of its people are.
    """

    group: str
    followers: int = 0
    asked: int = 0
    observers: int = 0
    members: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CountGroups(Command):
    """Count who is in the working groups. Gives a tuple of Count, in the order of the groups."""

    action = "run_groups"


@dataclass(frozen=True, slots=True)
class TellGroup(Command):
    """
    Write to the followers of a working group, or only to who is in it: they read it in the day's digest.

    Gives the moment of that digest, or None when there is no such group.
    """

    action = "run_groups"
    group: str
    texts: Mapping[str, str]
    public: bool
