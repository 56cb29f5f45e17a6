"""What is asked of the needs and offers of a delegation, and what comes back; see `bot.commands`."""

from dataclasses import dataclass
from typing import Literal

from bot.commands import Command, Kind, Readers, Statement

State = Literal["published", "at_check", "refused", "waiting", "declined", "kept"]
"""
How a need or an offer stands: out; out without its words, until the secretariat has checked them; refused at that
check; waiting for the focal point; not published by the focal point, a draft of its author's; or with its author, whom
nobody knows.
"""


@dataclass(frozen=True, slots=True)
class Item:
    """
    A need or an offer as those see it whose it is; *role* is the one in which it was sent.

    *edition* counts its changes, from 1; *by_another* tells whether somebody else than its author made the last one.
    *confirmable*, *checkable* and *withdrawable* tell whether the reader may publish it, check it, and take it back.
    *refusal* is why the secretariat refused it. *author* is the name of whoever sent it, where the reader may see it.
    """

    statement: Statement
    state: State
    role: str
    own: bool
    edition: int = 1
    by_another: bool = False
    confirmable: bool = False
    checkable: bool = False
    withdrawable: bool = False
    refusal: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class OurStatements(Command):
    """Read one's own open needs and offers, and those of one's delegation. Gives Items, newest first."""

    action = "read_own"
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class WaitingStatements(Command):
    """Read the needs and offers that others do not see yet, or not their words. Gives Items, oldest first."""

    action = "review_statements"


Outcome = Literal["published", "declined", "published_before", "declined_before", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Answered:
    """
    What came of an answer to what waits; *item* is how it stands, None where it is gone.

    Somebody may have answered *before*, or its words have been *changed* since they were shown.
    """

    outcome: Outcome
    item: Item | None = None


@dataclass(frozen=True, slots=True)
class Publish(Command):
    """Let a need or an offer of a delegation out, as it was shown in its *edition*. Gives the Answered."""

    action = "publish"
    number: str
    edition: int


@dataclass(frozen=True, slots=True)
class Decline(Command):
    """Leave a need or an offer of a delegation with its author. Gives the Answered."""

    action = "publish"
    number: str
    edition: int


@dataclass(frozen=True, slots=True)
class CheckOffer(Command):
    """Let others read an offer, as it was shown in its *edition*. Gives the Answered."""

    action = "check_offer"
    number: str
    edition: int


@dataclass(frozen=True, slots=True)
class RefuseOffer(Command):
    """Keep an offer from others and tell its author why in one sentence. Gives the Answered."""

    action = "check_offer"
    number: str
    edition: int
    reason: str


@dataclass(frozen=True, slots=True)
class Changed:
    """
    What came of a change: *done*, or *conflict* where somebody else was first; *item* is how it stands then.

    *item* is None where it is gone.
    """

    done: bool
    item: Item | None = None


@dataclass(frozen=True, slots=True)
class SetMet(Command):
    """
    Say that a need is met, or an offer taken up, or with *met* false that it is open.

    Gives the Changed; it is done where it was otherwise before. As with taking it back, this is for its author and the
    focal points.
    """

    action = "change_own"
    number: str
    met: bool


@dataclass(frozen=True, slots=True)
class CountStatements(Command):
    """
    Count the needs and offers that are published, and those that were taken back.

    Gives a mapping of need and offer to one of open, in_talks, met and withdrawn to how many.
    """

    action = "review_statements"


@dataclass(frozen=True, slots=True)
class ChangeFacets(Command):
    """Give a need or an offer of one's own, or of one's delegation, other themes or readers. Gives the Changed."""

    action = "change_own"
    number: str
    themes: tuple[str, ...] | None = None
    readers: Readers | None = None


@dataclass(frozen=True, slots=True)
class AddWords(Command):
    """
    Write more words under those of a need or an offer of one's own or of one's delegation. Gives the Changed.

    Of what they say, the number of people, the date and the urgency go over those of before, None over nothing; forms,
    countries and themes come in addition.
    """

    action = "change_own"
    number: str
    text: str
    people: int | None = None
    deadline: str | None = None
    urgency: str | None = None
    modalities: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
