"""
What a conversation, a page or a command line asks the store to do, and what comes back.

A step decides and names a command; `bot.records` carries it out inside the turn's transaction, after the
rights of the actor were checked. Each says in its docstring what it gives back.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

Kind = Literal["need", "offer"]
Audience = Literal["governments", "all", "secretariat"]


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

    *countries* are the members it is for: the beneficiaries of a need, the partners of an offer (empty: any).
    """

    kind: Kind
    text: str
    country: str
    themes: tuple[str, ...] = ()
    sdgs: tuple[int, ...] = ()
    modalities: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    urgency: str | None = None
    deadline: str | None = None
    people: int | None = None
    audience: Audience = "governments"
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
class Withdraw(Command):
    """Take back one's own need or offer. Gives True, or False when there is none with that number or it is too late."""

    action = "withdraw_own"
    number: str
    within_seconds: int | None = None


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
