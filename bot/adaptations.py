"""Good practices that people want to adapt in their own countries: kept, asked about later, and counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast, get_args

from sqlalchemy import UniqueConstraint, func, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot.adaptation_commands import (
    Adaptation,
    BeginAdaptation,
    CountAdaptations,
    Counts,
    MyAdaptations,
    State,
    TellAdaptation,
)
from bot.commands import Command
from bot.desk import Press
from bot.dialogue import say
from bot.errors import Refused
from bot.notices import Notice, notify
from bot.numbers import named, numbered
from bot.prepared import Prepared
from bot.store import COUNTING
from knowledge.contacts import mask_contacts

if TYPE_CHECKING:
    from bot.records import Records

ASKED = (timedelta(days=30), timedelta(days=90), timedelta(days=180))
"""How long after the wish somebody is asked how far they are."""
OVER: frozenset[str] = frozenset({"adapted", "stopped"})
"""States after which nobody is asked any more."""
STATES: tuple[State, ...] = get_args(State)
AT_ONCE = 20
"""People who are asked in one transaction."""
LONGEST = 300
"""Characters of what somebody says about it."""


class PracticeAdaptation(SQLModel, table=True):
    """
    A participant wants to adapt a practice of the catalogue; *asked* counts how often they were asked since.

    They are asked at *due_at*, the forum's time, None where no more.
    """

    __tablename__ = "practice_adaptation"
    __table_args__ = (UniqueConstraint("participant_id", "practice"), COUNTING)
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id")
    practice: str
    state: str = "not_started"
    said: str = ""
    begun_at: datetime
    asked: int = 0
    due_at: datetime | None = Field(default=None, index=True)


ROWS: Any = PracticeAdaptation.__table__  # type: ignore[attr-defined]


def begin(records: Records, command: BeginAdaptation) -> Adaptation:
    """Keep the wish; the one that is there already where there is one."""
    if command.practice not in records.press.know.catalogue.practices:
        raise Refused(f"the catalogue has no practice {command.practice}")
    there = select_rows(PracticeAdaptation).where(
        col(PracticeAdaptation.participant_id) == records.actor_id,
        col(PracticeAdaptation.practice) == command.practice,
    )
    row = records.session.exec(there).first()
    if row is None:
        row = PracticeAdaptation(
            participant_id=records.actor_id,
            practice=command.practice,
            begun_at=records.now,
            due_at=records.now + ASKED[0],
        )
        records.session.add(row)
        records.session.flush()
    return to_adaptation(row)


def tell_how_far(records: Records, command: TellAdaptation) -> Adaptation | None:
    """Keep how far the actor is; who has done it, or stopped, is asked no more."""
    row_id = named("A", command.number)
    row = records.session.get(PracticeAdaptation, row_id) if row_id is not None else None
    if row is None or row.participant_id != records.actor_id or command.state not in STATES:
        return None
    row.state = command.state
    if command.text:
        row.said = mask_contacts(command.text[:LONGEST]).text
    row.due_at = None if row.state in OVER else _next(row)
    records.session.add(row)
    records.session.flush()
    return to_adaptation(row)


def mine(records: Records, _command: MyAdaptations) -> tuple[Adaptation, ...]:
    """Read the actor's."""
    theirs = select_rows(PracticeAdaptation).where(col(PracticeAdaptation.participant_id) == records.actor_id)
    rows = records.session.exec(theirs.order_by(col(PracticeAdaptation.id).desc()))
    return tuple(to_adaptation(row) for row in rows)


def count(records: Records, _command: CountAdaptations) -> Counts:
    """Count them by practice and state."""
    query = select(ROWS.c.practice, ROWS.c.state, func.count()).group_by(ROWS.c.practice, ROWS.c.state)
    counts: dict[str, dict[str, int]] = {}
    for practice, state, number in records.session.execute(query.order_by(ROWS.c.practice)):
        counts.setdefault(practice, dict.fromkeys(STATES, 0))[state] = number
    return counts


def to_adaptation(row: PracticeAdaptation) -> Adaptation:
    """Return what *row* keeps."""
    return Adaptation(
        numbered("A", row.id), row.practice, cast("State", row.state), row.said, row.begun_at, row.due_at
    )


def _next(row: PracticeAdaptation) -> datetime | None:
    """Return when whoever was asked so often is asked again, None where not any more."""
    return row.begun_at + ASKED[row.asked] if row.asked < len(ASKED) else None


# Asked later


FIRST_DUE = Prepared(select(func.min(ROWS.c.due_at)))


def next_due(session: Session, _now: datetime) -> datetime | None:
    """Return when the next one is asked how far they are."""
    found: datetime | None = FIRST_DUE.scalar(session)
    return found


def ask_how_far(session: Session, press: Press, now: datetime) -> None:
    """Ask those whose time has come; who does not answer is asked at the next time."""
    due = select_rows(PracticeAdaptation).where(col(PracticeAdaptation.due_at) <= now)
    rows = session.exec(
        due.order_by(col(PracticeAdaptation.due_at)).limit(AT_ONCE).with_for_update(skip_locked=True)
    ).all()
    notices = []
    for row in rows:
        # Of several times that have passed meanwhile only one is asked about.
        row.asked = sum(1 for after in ASKED if row.begun_at + after <= now)
        row.due_at = _next(row)
        session.add(row)
        notices.append(Notice(row.participant_id, say("adapt/how_far", adaptation=to_adaptation(row))))
    notify(session, press, notices, now)


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    BeginAdaptation: begin,
    TellAdaptation: tell_how_far,
    MyAdaptations: mine,
    CountAdaptations: count,
}
"""What carries each of these commands out."""
