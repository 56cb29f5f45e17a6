"""What is asked of circulars, and what comes back; see `bot.commands`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.commands import Command

Answer = Literal["seen", "no_objection", "objection", "comment", "choice"]
"""What somebody says to a circular; having seen it is no answer yet."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What one person said; *choice* is the number of theirs among the choices, from 0."""

    answer: Answer | None = None
    words: str | None = None
    choice: int | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Circular:
    """
    A note to the members of the working group *group*, or a question to all focal points where that is None.

    *texts* are by language, in English at least; with *choices* one of them is the answer. Where *silence_agrees*, who
    does not answer until *deadline* has no objection. *sent* is false while it waits for a second officer.
    """

    number: str
    texts: Mapping[str, str]
    choices: tuple[str, ...]
    deadline: datetime
    silence_agrees: bool
    group: str | None = None
    sent: bool = True


@dataclass(frozen=True, slots=True)
class Collected:
    """
    A circular with what came back from *people*: only what was said, in the order of the countries.

    *fresh* is false where the same was put before and nobody is asked anew.
    """

    circular: Circular
    people: int
    replies: tuple[Reply, ...]
    fresh: bool = True

    def count(self, answer: Answer, choice: int | None = None) -> int:
        """Return how many said that."""
        return sum((one.answer, one.choice) == (answer, choice) for one in self.replies)

    @property
    def silent(self) -> int:
        """How many have not answered; who has only seen it is among them."""
        return self.people - len(self.replies) + self.count("seen")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a circular would ask: how many read each language. For an *approval* it would wait for a second officer."""

    languages: Mapping[str, int]
    approval: bool

    @property
    def people(self) -> int:
        """How many they are."""
        return sum(self.languages.values())


@dataclass(frozen=True, slots=True)
class FindAsked(Command):
    """Count whom a circular to a working group, or to the focal points, would ask. Gives the Asked."""

    action = "circulate"
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Circulate(Command):
    """
    Ask the members of a working group, or all focal points. Gives the Collected.

    The very same a second time asks nobody anew, and gives the one before. Raises Refused where nobody would be asked,
    or the deadline is over.
    """

    action = "circulate"
    texts: Mapping[str, str]
    deadline: datetime
    group: str | None = None
    choices: tuple[str, ...] = ()
    silence_agrees: bool = False


@dataclass(frozen=True, slots=True)
class ApproveCircular(Command):
    """
    Let a circular to many go, as a second officer. Gives the Collected, or None where nothing waits for the actor.

    Whoever put it is not a second one; nor is the command line, where it was put there.
    """

    action = "circulate"
    number: str


@dataclass(frozen=True, slots=True)
class CollectCirculars(Command):
    """Read what came back. Gives a tuple of Collected, the newest first."""

    action = "circulate"


@dataclass(frozen=True, slots=True)
class MyCirculars(Command):
    """Read what one is asked, and what one said. Gives pairs of Circular and Reply, the newest first."""

    action = "reply_to_circular"


@dataclass(frozen=True, slots=True)
class ReplyToCircular(Command):
    """
    Answer a circular, or change one's answer.

    Gives the Circular and the Reply that stands now, which is an older one after the deadline; None where one is not
    asked.
    """

    action = "reply_to_circular"
    number: str
    answer: Answer
    words: str | None = None
    choice: int | None = None
