"""What happened to a delivery: the times in its row, and what was out of the ordinary."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session

from bot.store import Delivery, DeliveryEvent

ROWS: Any = Delivery.__table__  # type: ignore[attr-defined]
EVENTS: Any = DeliveryEvent.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Happening:
    """
    Something that happened to a delivery.

    *event* is created, marked, fault, moved, taken over, fallback, resent, or the state in which it ended. *at* is
    machine time, but of created, which is the forum's.
    """

    at: datetime
    event: str
    cause: str | None = None
    attempts: int = 0
    actor: int | None = None


def note(session: Session, happenings: Iterable[tuple[int, Happening]]) -> None:
    """Keep what happened to each of the deliveries."""
    rows = [
        {
            "delivery_id": row,
            "at": happening.at,
            "event": happening.event,
            "cause": happening.cause,
            "attempts": happening.attempts,
            "actor_id": happening.actor,
        }
        for row, happening in happenings
    ]
    if rows:
        session.execute(insert(EVENTS), rows)


def note_all(session: Session, rows: Collection[int], happening: Happening) -> None:
    """Keep that the same happened to all of *rows*."""
    note(session, [(row, happening) for row in rows])


def history(session: Session, delivery: int) -> tuple[Happening, ...]:
    """Return what happened to *delivery*, in its order; nothing for one that there is not."""
    row = session.execute(select(ROWS).where(ROWS.c.id == delivery)).first()
    if row is None:
        return ()
    events = select(EVENTS).where(EVENTS.c.delivery_id == delivery).order_by(EVENTS.c.id)
    between = [
        Happening(event.at, event.event, event.cause, event.attempts, event.actor_id)
        for event in session.execute(events)
    ]
    if row.marked_at is not None:
        between.append(Happening(row.marked_at, "marked", attempts=row.attempts))
        between.sort(key=lambda happening: happening.at)
    ended = [Happening(row.settled_at, row.state, row.cause, row.attempts)] if row.settled_at else []
    return (Happening(row.created_at, "created"), *between, *ended)
