"""The survey's answers: one response of each delegation, which colleagues fill in together, and the counts of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Column, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite's compiler takes its clauses too
from sqlmodel import Field, Session, SQLModel

from bot.commands import Command
from bot.errors import Refused
from bot.rights import may
from bot.survey_commands import (
    AnswerSurvey,
    Counted,
    MyResponse,
    Response,
    Results,
    SubmitSurvey,
    SurveyResults,
)
from knowledge.contacts import mask_contacts
from knowledge.survey import Answers, Question, Value, asked

if TYPE_CHECKING:
    from bot.records import Records

FEW = 3
"""Delegations below which a number would tell who they are."""
LONGEST = 1000
"""Characters of an answer in words; the rest is cut."""


class SurveyResponse(SQLModel, table=True):
    """The response of a country's delegation; it counts once *submitted_at* is set."""

    __tablename__ = "survey_response"
    country: str = Field(primary_key=True)
    begun_at: datetime
    submitted_at: datetime | None = None
    submitted_by: int | None = Field(default=None, foreign_key="participant.id")


class SurveyAnswer(SQLModel, table=True):
    """A delegation's answer to a question of the pack; the last one who answered it is *answered_by*."""

    __tablename__ = "survey_answer"
    country: str = Field(primary_key=True)
    question: str = Field(primary_key=True)
    value: Any = Field(sa_column=Column(JSON, nullable=False))
    answered_by: int | None = Field(default=None, foreign_key="participant.id")
    answered_at: datetime


RESPONSES: Any = SurveyResponse.__table__  # type: ignore[attr-defined]
ANSWERS: Any = SurveyAnswer.__table__  # type: ignore[attr-defined]


def mine(records: Records, _command: MyResponse) -> Response:
    """Read the response of the actor's delegation."""
    return _response(records, _country(records))


def answer(records: Records, command: AnswerSurvey) -> Response:
    """Keep the answer in the place of the one before, whoever gave it; several may answer at once."""
    country = _country(records)
    question = _question(records, command.question)
    _begin(records, country)
    if _response(records, country).submitted and not may(records.actor.role, "submit_survey"):
        raise Refused("the focal point has submitted the survey")
    given = command.value
    if isinstance(given, str) and question.kind == "text":
        given = mask_contacts(given[:LONGEST]).text
    if given is None:
        there = (ANSWERS.c.country == country) & (ANSWERS.c.question == question.id)
        records.session.execute(delete(ANSWERS).where(there))
    elif not question.takes(given):
        raise Refused(f"this is no answer to the question {question.id}")
    else:
        _write(records, country, question.id, given)
    return _response(records, country)


def _write(records: Records, country: str, question: str, value: Value) -> None:
    values = {"value": value, "answered_by": records.actor_id, "answered_at": records.now}
    row = upsert(ANSWERS).values(country=country, question=question, **values)
    records.session.execute(
        row.on_conflict_do_update(index_elements=[ANSWERS.c.country, ANSWERS.c.question], set_=values)
    )


def submit(records: Records, _command: SubmitSurvey) -> Response:
    """Let the answers count."""
    country = _country(records)
    if not _response(records, country).answers:
        raise Refused("there is nothing to submit yet")
    mine = RESPONSES.c.country == country
    values = {"submitted_at": records.now, "submitted_by": records.actor_id}
    records.session.execute(update(RESPONSES).where(mine).values(values))
    return _response(records, country)


def _country(records: Records) -> str:
    actor = records.actor
    if not actor.confirmed or actor.country is None:
        raise Refused("only the delegation of a country answers the survey")
    return actor.country


def _question(records: Records, id_: str) -> Question:
    found = next((one for one in records.press.know.survey if one.id == id_), None)
    if found is None:
        raise Refused(f"the survey has no question {id_}")
    return found


def _begin(records: Records, country: str) -> None:
    row = upsert(RESPONSES).values(country=country, begun_at=records.now)
    records.session.execute(row.on_conflict_do_nothing())


def _response(records: Records, country: str) -> Response:
    answers = _answers(records.session, country).get(country, {})
    at = select(RESPONSES.c.submitted_at).where(RESPONSES.c.country == country)
    submitted = records.session.execute(at).scalar() is not None
    return Response(country, answers, submitted, may(records.actor.role, "submit_survey"))


def _answers(session: Session, country: str | None = None) -> dict[str, dict[str, Value]]:
    """Return the answers of each country, or of one, by the question."""
    query = select(ANSWERS.c.country, ANSWERS.c.question, ANSWERS.c.value)
    if country is not None:
        query = query.where(ANSWERS.c.country == country)
    found: dict[str, dict[str, Value]] = {}
    for row in session.execute(query):
        found.setdefault(row.country, {})[row.question] = row.value
    return found


# Counts


def results(records: Records, _command: SurveyResults) -> Results:
    """Count what was submitted."""
    rows = records.session.execute(select(RESPONSES.c.country, RESPONSES.c.submitted_at)).all()
    submitted = {row.country for row in rows if row.submitted_at is not None}
    if len(submitted) < FEW:
        return Results(len(rows), len(submitted))
    questions = records.press.know.survey
    given = [answers for country, answers in _answers(records.session).items() if country in submitted]
    return Results(len(rows), len(submitted), tuple(count(questions, given)))


def count(questions: tuple[Question, ...], responses: Iterable[Answers]) -> list[Counted]:
    """Return how often each question was answered with what, as far as that tells of nobody."""
    answered: dict[str, list[Value]] = {question.id: [] for question in questions}
    for answers in responses:
        for question in asked(questions, answers):
            if question.id in answers and question.takes(answers[question.id]):
                answered[question.id].append(answers[question.id])
    return [_counted(question, answered[question.id]) for question in questions]


def _counted(question: Question, values: list[Value]) -> Counted:
    if 0 < len(values) < FEW:
        return Counted(question.id, None)
    counts = Counter(one for value in values for one in ([value] if isinstance(value, str) else value))
    shown = {value: counts[value] for value in question.values}
    return Counted(question.id, len(values), suppressed(shown) if len(values) else shown)


def suppressed(counts: Mapping[str, int]) -> dict[str, int | None]:
    """
    Return *counts* without those of fewer than three delegations.

    Where that is only one, the next smallest goes too: what is left of the sum would tell it.
    """
    few = {value for value, number in counts.items() if 0 < number < FEW}
    if len(few) == 1:
        others = [value for value, number in counts.items() if number >= FEW]
        few |= set(sorted(others, key=lambda value: counts[value])[:1])
    return {value: None if value in few else number for value, number in counts.items()}


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    MyResponse: mine,
    AnswerSurvey: answer,
    SubmitSurvey: submit,
    SurveyResults: results,
}
"""What carries each of these commands out."""
