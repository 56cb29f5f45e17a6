"""
Circulars: a concept note to the members of a working group, a question to all focal points, and their answers.

Each of those asked has one answer, which they may change until the deadline; it is the secretariat's to read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import JSON, Column, func, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot.audiences import LANG
from bot.circular_commands import (
    ApproveCircular,
    Asked,
    Circular,
    Circulate,
    CollectCirculars,
    Collected,
    FindAsked,
    MyCirculars,
    Reply,
    ReplyToCircular,
)
from bot.commands import Command
from bot.database import lock
from bot.delegations import FOCAL_POINT
from bot.dialogue import Saying, say
from bot.errors import Refused
from bot.groups import PLACES
from bot.notices import Notice
from bot.numbers import named, numbered
from bot.participants import CAN_BE_WRITTEN_TO, IS_KNOWN, PEOPLE, keep_everybody
from bot.store import COUNTING

if TYPE_CHECKING:
    from bot.records import Records

LONGEST = 2000
"""Letters of an answer that are kept."""
REMINDED_AFTER = 3 / 4
"""The part of the time for answers after which those who gave none are reminded."""


class CircularRow(SQLModel, table=True):
    """
    A circular; *texts* and *choices* are JSON, see `bot.circular_commands.Circular`. Times are the forum's.

    *sent_at* is None while it waits for a second officer; *reported_at* is when the secretariat was told the result.
    """

    __tablename__ = "circular"
    __table_args__: ClassVar[Any] = COUNTING
    id: int | None = Field(default=None, primary_key=True)
    group: str | None = None
    texts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    choices: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    silence_agrees: bool
    created_by: int | None = Field(default=None, foreign_key="participant.id")
    approved_by: int | None = Field(default=None, foreign_key="participant.id")
    created_at: datetime
    deadline: datetime
    sent_at: datetime | None = None
    remind_at: datetime | None = None
    reminded_at: datetime | None = None
    reported_at: datetime | None = None


class CircularReply(SQLModel, table=True):
    """Somebody is asked, and what they said; *answer* is None until then."""

    __tablename__ = "circular_reply"
    circular_id: int = Field(primary_key=True, foreign_key="circular.id")
    participant_id: int = Field(primary_key=True, foreign_key="participant.id", index=True)
    asked_at: datetime
    answer: str | None = None
    words: str | None = None
    choice: int | None = None
    answered_at: datetime | None = None


CIRCULARS: Any = CircularRow.__table__  # type: ignore[attr-defined]
REPLIES: Any = CircularReply.__table__  # type: ignore[attr-defined]


def number_of(row: CircularRow) -> str:
    """Return the number people see: `C-0003`."""
    return numbered("C", row.id)


def asked(session: Session, group: str | None) -> list[int]:
    """Return who is asked: the confirmed members of *group*, or all focal points, as far as they can be written to."""
    query = select(PEOPLE.c.id).where(_is_asked(group)).order_by(PEOPLE.c.id)
    return list(session.execute(query).scalars())


def _is_asked(group: str | None) -> Any:
    if group is None:
        among = PEOPLE.c.role == FOCAL_POINT
    else:
        inside = (PLACES.c.group == group) & (PLACES.c.capacity == "member")
        members = select(PLACES.c.participant_id).where(inside, PLACES.c.confirmed_at.is_not(None))
        among = PEOPLE.c.id.in_(members)
    return IS_KNOWN & CAN_BE_WRITTEN_TO & among


def find_asked(records: Records, command: FindAsked) -> Asked:
    """Count them by language, the most first."""
    query = select(LANG, func.count()).where(_is_asked(command.group)).group_by(LANG)
    rows = records.session.execute(query.order_by(func.count().desc(), LANG))
    languages = {str(lang): int(count) for lang, count in rows}
    return Asked(languages, sum(languages.values()) > records.press.rules.approval_above)


def circulate(records: Records, command: Circulate) -> Collected:
    """Keep it and ask; one to many is shown to the other officers, one of whom has to agree."""
    keep_everybody(records.session)
    lock(records.session, "circulate")
    if (before := _same(records, command)) is not None:
        return replace(collected(records.session, before), fresh=False)
    people = asked(records.session, command.group)
    if not people or "en" not in command.texts:
        raise Refused("nobody would be asked" if not people else "the English text is missing")
    if command.deadline <= records.now:
        raise Refused("the deadline is over")
    row = CircularRow(
        group=command.group,
        texts=dict(command.texts),
        choices=list(command.choices),
        silence_agrees=command.silence_agrees,
        created_by=records.actor.id,
        created_at=records.now,
        deadline=command.deadline,
    )
    records.session.add(row)
    records.session.flush()
    if len(people) > records.press.rules.approval_above:
        records.tell_colleagues(say("circular/to_approve", circular=to_circular(row), people=len(people)))
        return Collected(to_circular(row), len(people), ())
    return _send(records, row, people)


def _same(records: Records, command: Circulate) -> CircularRow | None:
    """Return what was put before in the same words to the same people, and is not over."""
    rows = select_rows(CircularRow).where(
        col(CircularRow.deadline) == command.deadline, col(CircularRow.deadline) > records.now
    )
    told = (command.group, dict(command.texts), list(command.choices), command.silence_agrees)
    same = (
        row
        for row in records.session.exec(rows.order_by(col(CircularRow.id)))
        if (row.group, row.texts, row.choices, row.silence_agrees) == told
    )
    return next(same, None)


def approve(records: Records, command: ApproveCircular) -> Collected | None:
    """Send it, unless it went or the actor wrote it."""
    row = _row(records.session, command.number)
    if (
        row is None
        or row.created_by == records.actor.id
        or row.sent_at is not None
        or row.deadline <= records.now
    ):
        return None
    keep_everybody(records.session)
    row.approved_by = records.actor.id
    return _send(records, row, asked(records.session, row.group))


def _send(records: Records, row: CircularRow, people: list[int]) -> Collected:
    row.sent_at = records.now
    row.remind_at = records.now + (row.deadline - records.now) * REMINDED_AFTER
    records.session.add(row)
    for one in people:
        records.session.add(CircularReply(circular_id=row.id or 0, participant_id=one, asked_at=records.now))
        records.notices.append(Notice(one, question(to_circular(row))))
    records.session.flush()
    return collected(records.session, row)


def question(circular: Circular, reply: Reply | None = None, *, again: bool = False) -> Saying:
    """Return what somebody who is asked reads; *again* when they are reminded."""
    return say("circular/asked", circular=circular, reply=reply or Reply(), again=again)


def reply(records: Records, command: ReplyToCircular) -> tuple[Circular, Reply] | None:
    """Keep the answer over the one before, unless the deadline is over."""
    row = _row(records.session, command.number)
    key = (row.id if row else 0, records.actor_id)
    mine = records.session.get(CircularReply, key, with_for_update=True, populate_existing=True)
    if row is None or mine is None:
        return None
    fits = command.choice is None or 0 <= command.choice < len(row.choices)
    only_looks = command.answer == "seen" and mine.answer is not None
    if records.now < row.deadline and fits and not only_looks:
        mine.answer, mine.choice, mine.answered_at = command.answer, command.choice, records.now
        mine.words = command.words[:LONGEST] if command.words else None
        records.session.add(mine)
    return to_circular(row), to_reply(mine)


def my_circulars(records: Records, _command: MyCirculars) -> tuple[tuple[Circular, Reply], ...]:
    """Read them."""
    query = select_rows(CircularRow, CircularReply).where(
        col(CircularReply.circular_id) == col(CircularRow.id),
        col(CircularReply.participant_id) == records.actor_id,
    )
    rows = records.session.exec(query.order_by(col(CircularRow.id).desc()))
    return tuple((to_circular(row), to_reply(mine)) for row, mine in rows)


def collect(records: Records, _command: CollectCirculars) -> tuple[Collected, ...]:
    """Read what came back."""
    rows = records.session.exec(select_rows(CircularRow).order_by(col(CircularRow.id).desc())).all()
    return tuple(collected(records.session, row) for row in rows)


def collected(session: Session, row: CircularRow) -> Collected:
    """Return the circular with what came back."""
    theirs = REPLIES.c.circular_id == row.id
    people = session.execute(select(func.count()).select_from(REPLIES).where(theirs)).scalar_one()
    columns = (REPLIES.c.answer, REPLIES.c.words, REPLIES.c.choice, PEOPLE.c.country)
    query = select(*columns).join(PEOPLE, PEOPLE.c.id == REPLIES.c.participant_id)
    said = query.where(theirs, REPLIES.c.answer.is_not(None)).order_by(PEOPLE.c.country, PEOPLE.c.id)
    replies = tuple(Reply(*one) for one in session.execute(said))
    waiting = people or len(asked(session, row.group))
    return Collected(to_circular(row), waiting, replies)


def to_circular(row: CircularRow) -> Circular:
    """Return what *row* keeps."""
    return Circular(
        number_of(row),
        row.texts,
        tuple(row.choices),
        row.deadline,
        row.silence_agrees,
        row.group,
        row.sent_at is not None,
    )


def to_reply(row: CircularReply) -> Reply:
    """Return what somebody said."""
    answer: Any = row.answer
    return Reply(answer, row.words, row.choice)


def _row(session: Session, number: str) -> CircularRow | None:
    row_id = named("C", number)
    if row_id is None:
        return None
    return session.get(CircularRow, row_id, with_for_update=True, populate_existing=True)


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    FindAsked: find_asked,
    Circulate: circulate,
    ApproveCircular: approve,
    CollectCirculars: collect,
    MyCirculars: my_circulars,
    ReplyToCircular: reply,
}
"""What carries each command out."""
