"""What the secretariat asks the store about people's questions, and what a person asks about their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.commands import Command


@dataclass(frozen=True, slots=True)
class Question:
    """
    A question in the secretariat's queue; *topic* is the key of the entry that has no published answer.

    *answer* is the one it got; of a question that waits, one that did not answer it. *asked_too* is how else people
    asked who got the same answer.
    """

    number: str
    text: str
    lang: str
    asked_at: datetime
    topic: str | None = None
    answer: str | None = None
    asked_too: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenQuestions(Command):
    """Read the questions that wait for an answer. Gives Questions, oldest first."""

    action = "read_questions"


@dataclass(frozen=True, slots=True)
class AnswerQuestion(Command):
    """
    Answer a queued question, those *also* named, and all others in the very same words; tell their askers.

    Gives the Questions that were open and are answered now, the one with *number* first; none when it was not open.
    """

    action = "answer_question"
    number: str
    text: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReopenQuestion(Command):
    """
    Say that an answer did not answer one's question, and what is missing; the secretariat is asked again.

    Gives the Question, or None when it is not one's own or waits already.
    """

    action = "reopen_question"
    number: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class ReadOwnAnswer(Command):
    """Read a question of one's own that was answered. Gives the Question; None when it is not one's own, or waits."""

    action = "reopen_question"
    number: str


@dataclass(frozen=True, slots=True)
class ReadAnswered(Command):
    """Read one question that was answered, and how else it was asked. Gives the Question; None when there is none."""

    action = "read_questions"
    number: str


@dataclass(frozen=True, slots=True)
class FaqAnswer:
    """An answer of the secretariat's that everybody gets who asks; *texts* maps a language to it."""

    number: str
    title: str
    texts: Mapping[str, str]
    phrasings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PublishAnswer(Command):
    """
    Let everybody have the answer *text*, in the language *lang*, who asks like *title* or one of *phrasings*.

    *topic* is the entry of the pack that has no answer yet, where it is one. *phrasings* are pairs of a language and a
    question. Gives the FaqAnswer.
    """

    action = "publish_answer"
    title: str
    text: str
    lang: str
    phrasings: tuple[tuple[str, str], ...] = ()
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class PublishedAnswers(Command):
    """Read what the secretariat has published so. Gives FaqAnswers, newest first."""

    action = "read_questions"


@dataclass(frozen=True, slots=True)
class TranslateAnswer(Command):
    """Give a published answer its words in a language. Gives the FaqAnswer, None where there is none."""

    action = "publish_answer"
    number: str
    lang: str
    text: str


@dataclass(frozen=True, slots=True)
class WithdrawAnswer(Command):
    """Publish an answer no longer. Gives whether there was one."""

    action = "publish_answer"
    number: str
