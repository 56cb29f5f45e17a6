"""The ledger of deliveries in the database: what waits, what is out, how it ended."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlmodel import Session

from bot.deliveries import PRIORITY, Due, Kind, Outcome
from bot.messages import Address, Card, Outbound
from bot.store import Delivery, KnownAddress

ROWS: Any = Delivery.__table__  # type: ignore[attr-defined]
ADDRESSES: Any = KnownAddress.__table__  # type: ignore[attr-defined]

QUEUE = insert(ROWS).returning(ROWS.c.id)


def enqueue(
    session: Session, kind: Kind, outbounds: Sequence[Outbound], participant: int, now: datetime
) -> list[Due]:
    """Write a row for each of *outbounds* and return them as they wait to leave."""
    due = []
    for outbound in outbounds:
        row = {
            "ref": outbound.card.ref,
            "kind": kind,
            "priority": PRIORITY[kind],
            "participant_id": participant,
            "channel": outbound.address.channel,
            "user": outbound.address.user,
            "chat": outbound.chat,
            "thread": outbound.thread,
            "about": outbound.about,
            "replaces": outbound.replaces,
            "card": outbound.card.to_json(),
            "state": "queued",
            "attempts": 0,
            "created_at": now,
        }
        row_id = session.execute(QUEUE, row).scalar_one()
        due.append(Due(replace(outbound, delivery=row_id), kind, PRIORITY[kind]))
    return due


def waiting(session: Session, channels: Collection[str], limit: int) -> list[tuple[Due, datetime | None]]:
    """Return what is queued for *channels*, best first, each with the time before which it must not leave."""
    query = (
        select(ROWS)
        .where(ROWS.c.state == "queued", ROWS.c.channel.in_(channels))
        .order_by(ROWS.c.priority, ROWS.c.id)
        .limit(limit)
    )
    return [(_due(row), row.not_before) for row in session.execute(query)]


def mark(session: Session, rows: Sequence[int], owner: str) -> set[int]:
    """Mark *rows* as sending for *owner* and return those that were still queued: only these may leave."""
    marked = (
        update(ROWS)
        .where(ROWS.c.id.in_(rows), ROWS.c.state == "queued")
        .values(state="sending", owner=owner, attempts=ROWS.c.attempts + 1, not_before=None)
        .returning(ROWS.c.id)
    )
    return set(session.execute(marked).scalars())


SETTLE = (
    update(ROWS)
    .where(ROWS.c.id == bindparam("row"), ROWS.c.owner == bindparam("holder"))
    .values(
        state=bindparam("state"),
        message=func.coalesce(bindparam("message"), ROWS.c.message),
        cause=bindparam("cause"),
        not_before=bindparam("not_before"),
        settled_at=bindparam("settled_at"),
    )
)


def settle(session: Session, outcomes: Sequence[tuple[Due, Outcome]], owner: str, now: datetime) -> None:
    """Write how each delivery of *owner* ended; a row that another sender has taken over stays as it is."""
    session.execute(
        SETTLE,
        [
            {
                "row": due.outbound.delivery,
                "holder": owner,
                "state": outcome.state,
                "message": outcome.message,
                "cause": outcome.cause,
                "not_before": now + outcome.wait if outcome.wait is not None else None,
                "settled_at": None if outcome.state == "queued" else now,
            }
            for due, outcome in outcomes
        ],
    )
    for due, outcome in outcomes:
        if outcome.unsubscribes:
            unsubscribe(session, due.outbound.address, now)


def unsubscribe(session: Session, address: Address, now: datetime) -> None:
    """Send nothing to *address* until its participant writes again."""
    gone = update(ADDRESSES).where(ADDRESSES.c.channel == address.channel, ADDRESSES.c.user == address.user)
    session.execute(gone.values(unsubscribed_at=now))


def recover(session: Session, owner: str, now: datetime) -> tuple[int, int]:
    """
    Take over what a dead sender had marked: its messages may or may not have arrived.

    Replies and notices are queued again (at least once), announcements end as unknown (at most once). Returns how
    many of each.
    """
    lost = (ROWS.c.state == "sending") & (ROWS.c.owner != owner)
    announced = lost & (ROWS.c.kind == "announcement")
    unknown = session.execute(
        update(ROWS).where(announced).values(state="unknown", cause="ambiguous", settled_at=now)
    )
    again = session.execute(update(ROWS).where(lost).values(state="queued", cause="ambiguous"))
    return _count(again), _count(unknown)


def _count(result: Any) -> int:
    return int(result.rowcount)


def _due(row: Any) -> Due:
    outbound = Outbound(
        delivery=row.id,
        address=Address(row.channel, row.user),
        chat=row.chat,
        card=Card.from_json({**row.card, "ref": row.ref}),
        thread=row.thread,
        replaces=row.replaces,
        about=row.about,
    )
    return Due(outbound, row.kind, row.priority, row.attempts)
