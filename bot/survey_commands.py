"""What a delegation does with the survey, and the secretariat with its results; see `bot.commands`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.commands import Command
from knowledge.survey import Answers, Value


@dataclass(frozen=True, slots=True)
class Response:
    """
    What a delegation has answered so far.

    Once *submitted* it counts, and only who *may_submit* it changes its answers.
    """

    country: str
    answers: Answers
    submitted: bool
    may_submit: bool


@dataclass(frozen=True, slots=True)
class MyResponse(Command):
    """Read what one's delegation has answered. Gives the Response; raises Refused for who is of none."""

    action = "answer_survey"


@dataclass(frozen=True, slots=True)
class AnswerSurvey(Command):
    """
    Keep the answer of one's delegation to a question, None for none. Gives the Response.

    Raises Refused where it is none of the question's answers, or the survey was submitted by somebody else's right.
    """

    action = "answer_survey"
    question: str
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class SubmitSurvey(Command):
    """Let one's delegation's answers count. Gives the Response; raises Refused where nothing is answered."""

    action = "submit_survey"


@dataclass(frozen=True, slots=True)
class Counted:
    """How often a question was *answered*, and each of its values; None where so few would tell who said so."""

    question: str
    answered: int | None
    counts: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Results:
    """How many delegations have *begun* and *submitted*; what is counted is of the latter."""

    begun: int
    submitted: int
    questions: tuple[Counted, ...] = ()


@dataclass(frozen=True, slots=True)
class SurveyResults(Command):
    """Count what delegations have submitted; small numbers are left out. Gives the Results."""

    action = "read_survey"
