"""What is asked of joint projects, and what comes back; see `bot.commands`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.commands import Command, Statement

Meeting = Literal["forum", "after"]
"""When a first meeting is wished for: at the forum, or after it."""


@dataclass(frozen=True, slots=True)
class JointNeed:
    """
    What several countries need: under *number* their *needs*, the *countries* (ISO3) and the *themes* that all share.

    *askable* are the countries of which somebody can be asked; *project* is the number of the project made of it.
    """

    number: str
    needs: tuple[Statement, ...]
    countries: tuple[str, ...]
    themes: tuple[str, ...]
    askable: tuple[str, ...]
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a country wants of a joint project: a *text* for all its members to have it, for the secretariat to read."""

    country: str
    text: str


@dataclass(frozen=True, slots=True)
class ProjectState:
    """
    A joint project as the secretariat sees it: the countries that were *asked*, *joined*, said no, or left.

    It *goes* on until it is over; *told* is whether those who joined know of one another.
    """

    number: str
    texts: Mapping[str, str]
    asked: tuple[str, ...]
    joined: tuple[str, ...]
    declined: tuple[str, ...]
    left: tuple[str, ...]
    answers_until: datetime
    told: bool
    going: bool
    lead: str | None = None
    wishes: tuple[Wish, ...] = ()
    meetings: Mapping[str, str] | None = None


Answer = Literal["asked", "joined", "declined", "left"]
"""How a country stands to a joint project."""


@dataclass(frozen=True, slots=True)
class Project:
    """
    A joint project as a country that is asked sees it: nothing of who said no, or not yet.

    *need* is its own, None where it is gone; *count* countries were asked, *answered* of them have. Of the *members* it
    sees nothing before it joined, and nobody before all are told; *lead* is one of them. *lead_asked* tells whether the
    secretariat was asked who leads.
    """

    number: str
    texts: Mapping[str, str]
    country: str
    need: Statement | None
    count: int
    answered: int
    answers_until: datetime
    answer: Answer
    going: bool
    told: bool
    wish: str | None = None
    members: tuple[str, ...] = ()
    lead: str | None = None
    lead_asked: bool = False
    meeting: Meeting | None = None


@dataclass(frozen=True, slots=True)
class FindJointNeeds(Command):
    """Read what enough countries need. Gives a tuple of JointNeed, that of the most countries first."""

    action = "run_projects"


@dataclass(frozen=True, slots=True)
class BeginProject(Command):
    """
    Ask the countries of a joint need, with a draft in the languages that there are. Gives the ProjectState.

    Raises Refused where there is none with that number, fewer countries than a project takes can be asked, or it was
    begun already.
    """

    action = "run_projects"
    number: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RefuseJointNeed(Command):
    """Show a joint need no more: it makes no project. Gives whether there was one."""

    action = "run_projects"
    number: str


@dataclass(frozen=True, slots=True)
class ReadProjects(Command):
    """Read how all joint projects stand. Gives a tuple of ProjectState, the newest first."""

    action = "run_projects"


@dataclass(frozen=True, slots=True)
class MyProjects(Command):
    """Read the joint projects for which the actor speaks for a country. Gives a tuple of Project, the newest first."""

    action = "join_project"


@dataclass(frozen=True, slots=True)
class AnswerProject(Command):
    """
    Join a joint project for one's country, or do not; or leave it. Gives the Project, or None where one is not asked.

    Whoever answers after it is over changes nothing.
    """

    action = "join_project"
    number: str
    joins: bool


@dataclass(frozen=True, slots=True)
class WishOfProject(Command):
    """Keep what one's country wants changed in the draft, for the secretariat. Gives the Project, or None."""

    action = "join_project"
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class LeadProject(Command):
    """
    Offer that one's country takes the lead, or have the secretariat ask who does. Gives the Project, or None.

    Who offers first leads.
    """

    action = "join_project"
    number: str
    offers: bool


@dataclass(frozen=True, slots=True)
class WishMeeting(Command):
    """Tell the secretariat when the first meeting of a joint project suits. Gives the Project, or None."""

    action = "join_project"
    number: str
    when: Meeting
