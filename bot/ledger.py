"""The ledger of deliveries in the database: what waits, what is out, how it ended."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, func, insert, or_, select, update
from sqlmodel import Session

from bot.deliveries import AMBIGUOUS_ATTEMPTS, PRIORITY, Due, Kind, Outcome
from bot.messages import Address, Card, Outbound
from bot.prepared import Prepared
from bot.store import Delivery, KnownAddress, SharedCard

ROWS: Any = Delivery.__table__  # type: ignore[attr-defined]
ADDRESSES: Any = KnownAddress.__table__  # type: ignore[attr-defined]
SHARED: Any = SharedCard.__table__  # type: ignore[attr-defined]
CARD = func.coalesce(ROWS.c.card, SHARED.c.card).label("card")
"""What a delivery says: its own card, or the one that it shares."""
WITH_CARDS = ROWS.outerjoin(SHARED, SHARED.c.id == ROWS.c.shared_card_id)
AT_ONCE = 500
"""Rows that one query names by their ids."""

QUEUE = Prepared(
    insert(ROWS).returning(ROWS.c.id),
    *("ref", "kind", "priority", "participant_id", "channel", "user", "chat", "thread", "about", "replaces"),
    *("deletes", "card", "state", "owner", "attempts", "created_at"),
)


def enqueue(
    session: Session,
    kind: Kind,
    outbounds: Sequence[Outbound],
    participant: int,
    now: datetime,
    holder: str | None = None,
) -> list[Due]:
    """
    Write a row for each of *outbounds* and return them as they wait to leave.

    A *holder* is the sender that gets them as soon as they are committed: their rows carry its mark from the start,
    which spares a second transaction. Only for what may arrive twice after a crash, as replies may.
    """
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
            "deletes": False,
            "card": outbound.card.to_json(),
            "state": "sending" if holder else "queued",
            "owner": holder,
            "attempts": 1 if holder else 0,
            "created_at": now,
        }
        ((row_id,),) = QUEUE.rows(session, row)
        due.append(Due(replace(outbound, delivery=row_id), kind, PRIORITY[kind], marked=bool(holder)))
    return due


def waiting(
    session: Session,
    channel: str,
    known: Collection[int],
    room: int,
    now: datetime,
    user: str | None = None,
) -> list[tuple[Due, datetime | None]]:
    """
    Return what is queued for *channel* besides the rows *known*, best first, with the time before which it must wait.

    *user* is the only account of the channel that counts, None when all do. Replies and notices are all there, whether
    they must wait or not. Announcements are as many as there is *room* for, and none of them to a chat that the
    platform has put off: thousands of those would hide the rest.
    """
    wanted = [
        row
        for row in session.execute(URGENT, {"channel": channel, "user": user}).scalars()
        if row not in known
    ]
    if room > 0:
        values = {"channel": channel, "user": user, "now": now, "most": room + len(known)}
        free = [row for row in session.execute(ANNOUNCED, values).scalars() if row not in known]
        wanted += free[:room]
    found = {}
    for start in range(0, len(wanted), AT_ONCE):
        for row in session.execute(BY_ID, {"rows": wanted[start : start + AT_ONCE]}):
            found[row.id] = (_due(row), row.not_before)
    return [found[row] for row in wanted if row in found]


OPEN = ROWS.c.settled_at.is_(None)
QUEUED = (
    select(ROWS.c.id)
    .where(OPEN, ROWS.c.state == "queued", ROWS.c.channel == bindparam("channel"))
    .where(or_(bindparam("user", type_=ROWS.c.user.type).is_(None), ROWS.c.user == bindparam("user")))
    .order_by(ROWS.c.priority, ROWS.c.id)
)
URGENT = QUEUED.where(ROWS.c.priority < PRIORITY["announcement"])
HELD = ROWS.alias("held")
ANNOUNCED = QUEUED.where(
    ROWS.c.priority >= PRIORITY["announcement"],
    ~select(HELD.c.id)
    .where(HELD.c.channel == ROWS.c.channel, HELD.c.chat == ROWS.c.chat, HELD.c.not_before > bindparam("now"))
    .exists(),
).limit(bindparam("most"))
BY_ID = (
    select(*(column for column in ROWS.c if column.name != "card"), CARD)
    .select_from(WITH_CARDS)
    .where(ROWS.c.id.in_(bindparam("rows", expanding=True)))
)


def held(session: Session, now: datetime) -> list[tuple[str, str, datetime]]:
    """Return the channel and the chat of everything that must wait, and until when."""
    query = select(ROWS.c.channel, ROWS.c.chat, func.max(ROWS.c.not_before)).where(ROWS.c.not_before > now)
    rows = session.execute(query.group_by(ROWS.c.channel, ROWS.c.chat))
    return [(channel, chat, until) for channel, chat, until in rows]


GONE = (
    select(ADDRESSES.c.user)
    .where(ADDRESSES.c.channel == ROWS.c.channel, ADDRESSES.c.user == ROWS.c.user)
    .where(ADDRESSES.c.unsubscribed_at.is_not(None))
    .exists()
)
MARK = (
    update(ROWS)
    .where(ROWS.c.id.in_(bindparam("rows", expanding=True)), ROWS.c.state == "queued")
    .values(
        state=case((GONE, "failed"), else_="sending"),
        cause=case((GONE, "unsubscribed"), else_=ROWS.c.cause),
        settled_at=case((GONE, bindparam("now", type_=ROWS.c.settled_at.type)), else_=None),
        owner=bindparam("holder"),
        attempts=ROWS.c.attempts + 1,
        not_before=None,
    )
    .returning(ROWS.c.id, ROWS.c.state)
)


def mark(session: Session, rows: Sequence[int], owner: str, now: datetime) -> set[int]:
    """
    Mark *rows* as sending for *owner* and return those that may leave.

    A row that is not queued any more stays as it is; one whose recipient has unsubscribed since ends as failed.
    """
    marked = session.execute(MARK, {"rows": list(rows), "holder": owner, "now": now})
    return {row for row, state in marked if state == "sending"}


SETTLE = Prepared(
    update(ROWS)
    .where(ROWS.c.id == bindparam("row"), ROWS.c.owner == bindparam("holder"))
    .where(ROWS.c.state == "sending")
    .values(
        state=bindparam("to"),
        attempts=bindparam("tries"),
        message=func.coalesce(bindparam("message"), ROWS.c.message),
        cause=bindparam("cause"),
        not_before=bindparam("not_before"),
        settled_at=bindparam("settled_at"),
    )
)


def settle(session: Session, outcomes: Sequence[tuple[Due, Outcome]], owner: str, now: datetime) -> None:
    """Write how each delivery of *owner* ended; a row that another sender has taken over stays as it is."""
    SETTLE.each(
        session,
        [
            {
                "row": due.outbound.delivery,
                "holder": owner,
                "to": outcome.state,
                "tries": due.attempts + outcome.counts,
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


def recover(
    session: Session, owner: str, channels: Collection[str], now: datetime, user: str | None = None
) -> tuple[int, int]:
    """
    Take over what a dead sender of *channels* had marked: its messages may or may not have arrived.

    What another sender does on other channels, or for others than *user* when one is given, as a terminal beside
    `saphan serve` and other terminals, is none of its business. Replies
    and notices are queued again (at least once) unless that was tried often enough, announcements end as unknown (at
    most once). Returns how many of each.
    """
    lost = update(ROWS).where(
        OPEN, ROWS.c.state == "sending", ROWS.c.owner != owner, ROWS.c.channel.in_(channels)
    )
    if user is not None:
        lost = lost.where(ROWS.c.user == user)
    over = (ROWS.c.kind == "announcement") | (ROWS.c.attempts >= AMBIGUOUS_ATTEMPTS)
    ended = lost.where(over).values(state="unknown", cause="ambiguous", owner=None, settled_at=now)
    unknown = session.execute(ended)
    again = session.execute(lost.values(state="queued", cause="ambiguous", owner=None))
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
