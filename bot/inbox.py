"""What was heard: a message's key gives it one turn, and its row keeps it until that is done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite's compiler takes its clauses too
from sqlmodel import Session

from bot.messages import Address, Inbound
from bot.prepared import Prepared
from bot.store import Inbox

log = structlog.get_logger()

ROWS: Any = Inbox.__table__  # type: ignore[attr-defined]
SAID_AT = ("channel", "user", "key", "received_at")

CLAIM = Prepared(upsert(ROWS).on_conflict_do_nothing().returning(ROWS.c.id), *SAID_AT, "done_at")
KEEP = Prepared(upsert(ROWS).on_conflict_do_nothing().returning(ROWS.c.id), *SAID_AT, "payload")
KNOWN = Prepared(
    select(ROWS.c.id, ROWS.c.done_at).where(
        ROWS.c.channel == bindparam("channel"), ROWS.c.key == bindparam("key")
    )
)
WAITING = ROWS.c.done_at.is_(None)
DUE = or_(ROWS.c.not_before.is_(None), ROWS.c.not_before <= bindparam("now", type_=ROWS.c.not_before.type))
OLDEST = Prepared(
    select(ROWS.c.id, ROWS.c.payload)
    .where(WAITING, ROWS.c.channel == bindparam("channel"), ROWS.c.user == bindparam("user"))
    .where(ROWS.c.id <= bindparam("last"), DUE)
    .order_by(ROWS.c.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that was kept and has no turn yet."""

    row: int
    inbound: Inbound


def take_key(session: Session, inbound: Inbound, now: datetime) -> int | None:
    """
    Claim *inbound* for its one turn and return its row; None when it was answered before.

    A message that was kept raw, because its turn was late, is claimed by the turn that comes to it first.
    """
    for (row,) in CLAIM.rows(session, {**_said(inbound, now), "done_at": now}):
        return int(row)
    waiting = (
        update(ROWS)
        .where(ROWS.c.channel == inbound.address.channel, ROWS.c.key == inbound.key, WAITING, DUE)
        .values(done_at=now, payload=None)
        .returning(ROWS.c.id)
    )
    row = session.execute(waiting, {"now": now}).scalar()
    return None if row is None else int(row)


def keep_raw(session: Session, inbound: Inbound, now: datetime) -> int | None:
    """
    Keep *inbound* as it came, for a turn that follows, and return its row; None when it was answered before.

    One that is known already stays as it is.
    """
    for (row,) in KEEP.rows(session, {**_said(inbound, now), "payload": inbound.to_json()}):
        return int(row)
    for row, done_at in KNOWN.rows(session, {"channel": inbound.address.channel, "key": inbound.key}):
        return int(row) if done_at is None else None
    return None


def oldest(session: Session, address: Address, last: int, now: datetime) -> Kept | None:
    """Return what has waited longest at *address*, up to the row *last*; what cannot be read is noted as done."""
    values = {"channel": address.channel, "user": address.user, "last": last, "now": now}
    while found := OLDEST.rows(session, values):
        ((row, payload),) = found
        if (inbound := _readable(int(row), payload)) is not None:
            return Kept(int(row), inbound)
        end(session, int(row), now)
    return None


def end(session: Session, row: int, now: datetime) -> None:
    """Note that the message of *row* has had its turn."""
    session.execute(update(ROWS).where(ROWS.c.id == row).values(done_at=now, payload=None))


def hold(session: Session, row: int, inbound: Inbound, until: datetime) -> None:
    """Let *inbound*, the message of *row*, have its turn when the machine's time is *until*."""
    later = update(ROWS).where(ROWS.c.id == row)
    session.execute(later.values(done_at=None, not_before=until, payload=inbound.to_json()))


def drop(session: Session, row: int, now: datetime) -> None:
    """Let the message of *row*, which was held, have no turn; one that somebody takes just now has it."""
    held = select(ROWS.c.id).where(ROWS.c.id == row, WAITING).with_for_update(skip_locked=True)
    if session.execute(held).first() is not None:
        end(session, row, now)


def unfinished(session: Session, before: datetime, limit: int, now: datetime) -> tuple[Kept, ...]:
    """Return what arrived earlier than *before*, may have its turn *now* and has not had it, as it came in."""
    query = select(ROWS.c.id, ROWS.c.payload).where(WAITING, DUE, ROWS.c.received_at < before)
    found = session.execute(query.order_by(ROWS.c.id).limit(limit), {"now": now})
    read = ((row, _readable(row, payload)) for row, payload in found)
    return tuple(Kept(row, inbound) for row, inbound in read if inbound is not None)


def _said(inbound: Inbound, now: datetime) -> dict[str, Any]:
    address = inbound.address
    return {"channel": address.channel, "user": address.user, "key": inbound.key, "received_at": now}


def _readable(row: int, payload: Any) -> Inbound | None:
    """Return the message in *payload*, None and a log line where another version of the program wrote it."""
    try:
        return Inbound.from_json(payload)
    except (KeyError, TypeError, ValueError) as exc:
        log.error("inbox_unreadable", row=row, error=type(exc).__name__)
        return None
