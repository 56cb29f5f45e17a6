"""Sessions that participants follow, and when they are to be reminded of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session as Database
from sqlmodel import col
from sqlmodel import select as select_rows

from bot.commands import Followed
from bot.store import Following
from knowledge.forum import Session
from knowledge.snapshot import Snapshot

USE_BY = timedelta(minutes=15)
"""How long after its time a reminder is still of use; never past the end of the session."""

FOLLOWING: Any = Following.__table__  # type: ignore[attr-defined]


def times(session: Session, minutes: int) -> tuple[datetime, datetime]:
    """Return when a reminder *minutes* before *session* is due, and until when it is of use."""
    due_at = session.starts - timedelta(minutes=minutes)
    return due_at, min(due_at + USE_BY, session.ends)


def follow(
    database: Database, participant: int, session: Session, minutes: int | None, now: datetime
) -> Followed:
    """
    Let *participant* follow *session* and be reminded *minutes* before it, never where that is None.

    A time that has passed already stays without a reminder; the answer has no `due_at` then.
    """
    row = database.get(Following, (participant, session.id))
    row = row or Following(participant_id=participant, session=session.id)
    row.minutes = minutes
    row.due_at, row.use_by = times(session, minutes) if minutes is not None else (None, None)
    row.reminded_at = now if row.due_at is not None and row.due_at <= now else None
    database.add(row)
    return _to_followed(row)


def unfollow(database: Database, participant: int, session: str) -> bool:
    """Let *participant* follow *session* no longer; tell whether they did."""
    own = delete(FOLLOWING).where(FOLLOWING.c.participant_id == participant, FOLLOWING.c.session == session)
    gone: Any = database.execute(own)
    return bool(gone.rowcount)


def followed(database: Database, participant: int) -> tuple[Followed, ...]:
    """Return what *participant* follows, in the order of the sessions' ids."""
    own = select_rows(Following).where(col(Following.participant_id) == participant)
    return tuple(_to_followed(row) for row in database.exec(own.order_by(col(Following.session))))


def _to_followed(row: Following) -> Followed:
    return Followed(row.session, row.minutes, row.due_at if row.reminded_at is None else None)


def recompute(database: Database, know: Snapshot, now: datetime) -> int:
    """
    Bring the due times in line with *know*'s programme and return how many sessions have moved.

    Who was reminded of the old time is reminded of the new one too, while that is of use. Of a session that is
    cancelled, or in the programme no more, nobody is reminded; they follow it on, for it may come back.
    """
    old = FOLLOWING.c.session, FOLLOWING.c.minutes, FOLLOWING.c.due_at, FOLLOWING.c.use_by
    moved = set()
    for row in database.execute(select(*old).where(FOLLOWING.c.minutes.is_not(None)).distinct()).all():
        session = know.programme.get(row.session)
        there = session is not None and not session.cancelled
        due_at, use_by = times(session, row.minutes) if session is not None and there else (None, None)
        if (row.due_at, row.use_by) != (due_at, use_by):
            moved.add(row.session)
            values: dict[str, Any] = {"due_at": due_at, "use_by": use_by}
            if use_by is not None and due_at != row.due_at and now < use_by:
                values["reminded_at"] = None
            same = (column.is_not_distinct_from(value) for column, value in zip(old, row, strict=True))
            database.execute(update(FOLLOWING).where(*same).values(values))
    return len(moved)


def followers(database: Database, session: str) -> Sequence[int]:
    """Return the participants who follow *session*."""
    query = select(FOLLOWING.c.participant_id).where(FOLLOWING.c.session == session)
    return database.execute(query.order_by(FOLLOWING.c.participant_id)).scalars().all()
