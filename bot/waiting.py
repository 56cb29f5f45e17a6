"""What waits in the ledger, as a sender reads it: what people wait for in full, what goes to many as far as it fits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select
from sqlmodel import Session

from bot.deliveries import BULK, Due, Kind
from bot.messages import Address, Card, Outbound
from bot.shared_cards import SharedCards
from bot.store import Broadcast, Delivery

ROWS: Any = Delivery.__table__  # type: ignore[attr-defined]
BROADCASTS: Any = Broadcast.__table__  # type: ignore[attr-defined]
OPEN = ROWS.c.settled_at.is_(None)
AT_ONCE = 500
"""Rows that one query names by their ids."""

QUEUED = (
    select(ROWS.c.id)
    .where(OPEN, ROWS.c.state == "queued", ROWS.c.channel == bindparam("channel"))
    .where(or_(bindparam("user", type_=ROWS.c.user.type).is_(None), ROWS.c.user == bindparam("user")))
)
PERSONAL = QUEUED.where(ROWS.c.kind.in_(["reply", "farewell", "notice"])).order_by(ROWS.c.priority, ROWS.c.id)
ROW = ROWS.alias("held")
HELD = (
    select(ROW.c.id)
    .where(ROW.c.channel == ROWS.c.channel, ROW.c.chat == ROWS.c.chat)
    .where(ROW.c.not_before > bindparam("now"), ROW.c.cause.is_not(None))
    .exists()
)
MANY = QUEUED.where(
    ROWS.c.kind == bindparam("kind"),
    or_(ROWS.c.not_before.is_(None), ROWS.c.not_before <= bindparam("now")),
    ~HELD,
).limit(bindparam("most"))
CORRECTIONS = MANY.order_by(ROWS.c.broadcast_id, ROWS.c.id)
UNSTEERED = MANY.where(ROWS.c.broadcast_id.is_(None)).order_by(ROWS.c.id)
OF_ONE = MANY.where(ROWS.c.broadcast_id == bindparam("broadcast")).order_by(ROWS.c.id)
FIRST_OF_ONE = (
    select(ROWS.c.id)
    .where(OPEN, ROWS.c.state == "queued", ROWS.c.channel == bindparam("channel"))
    .where(ROWS.c.kind == BROADCASTS.c.kind, ROWS.c.broadcast_id == BROADCASTS.c.id)
    .limit(1)
    .scalar_subquery()
)
"""PostgreSQL makes a join of an EXISTS and reads all that is queued; of this it reads one row."""
RUNNING = (
    select(BROADCASTS.c.id, BROADCASTS.c.kind, BROADCASTS.c.use_by)
    .where(BROADCASTS.c.state == "running", FIRST_OF_ONE.is_not(None))
    .order_by(BROADCASTS.c.id)
)
BY_ID = select(ROWS).where(ROWS.c.id.in_(bindparam("rows", expanding=True)))


@dataclass(frozen=True, slots=True)
class Look:
    """
    What a look into the ledger found: deliveries, best first, each with the time before which its chat must wait.

    *running* are the announcements with something queued that may leave; *late* tells whether there is one that has
    something queued and is past its use-by.
    """

    found: Sequence[tuple[Due, datetime | None]]
    running: frozenset[int]
    late: bool


def look(
    session: Session,
    channel: str,
    known: Collection[int],
    room: Mapping[Kind, int],
    now: datetime,
    forum: datetime,
    cards: SharedCards,
    user: str | None = None,
) -> Look:
    """
    Return what is queued for *channel* besides the rows *known*, best first.

    *user* is the only account of the channel that counts, None when all do. Replies and notices are all there, whether
    they must wait or not. Of the other kinds there are as many as there is *room* for, and none to a chat that the
    platform has put off (thousands of those would hide the rest) or of an announcement that does not run. *now* is
    the machine's time, *forum* the forum's.
    """
    values = {"channel": channel, "user": user, "now": now}
    announcements = session.execute(RUNNING, {"channel": channel}).all()
    running = [row for row in announcements if row.use_by is None or row.use_by > forum]
    wanted = [row for row in session.execute(PERSONAL, values).scalars() if row not in known]
    for kind in BULK:
        left = room.get(kind, 0)
        for query, which in _queries(kind, running):
            if left <= 0:
                break
            asked = {**values, **which, "kind": kind, "most": left + len(known)}
            free = [row for row in session.execute(query, asked).scalars() if row not in known][:left]
            wanted += free
            left -= len(free)
    return Look(
        found=_read(session, wanted, cards),
        running=frozenset(row.id for row in running),
        late=len(running) < len(announcements),
    )


def _queries(kind: Kind, running: Sequence[Any]) -> list[tuple[Select[Any], dict[str, int]]]:
    """Return the queries for what is queued of *kind*, one for each index range, with what each asks for."""
    if kind == "correction":
        return [(CORRECTIONS, {})]
    return [(UNSTEERED, {}), *((OF_ONE, {"broadcast": row.id}) for row in running if row.kind == kind)]


def waiting(
    session: Session, channel: str, known: Collection[int], room: int, now: datetime, user: str | None = None
) -> Sequence[tuple[Due, datetime | None]]:
    """Return what `look` finds with the same *room* for each kind."""
    return look(session, channel, known, dict.fromkeys(BULK, room), now, now, SharedCards(), user).found


def held(session: Session, now: datetime) -> list[tuple[str, str, datetime]]:
    """Return the channel and the chat of everything that a platform has put off, and until when."""
    put_off = (ROWS.c.not_before > now) & ROWS.c.cause.is_not(None)
    query = select(ROWS.c.channel, ROWS.c.chat, func.max(ROWS.c.not_before)).where(put_off)
    rows = session.execute(query.group_by(ROWS.c.channel, ROWS.c.chat))
    return [(channel, chat, until) for channel, chat, until in rows]


def _read(session: Session, wanted: Sequence[int], cards: SharedCards) -> list[tuple[Due, datetime | None]]:
    rows: dict[int, Any] = {}
    for start in range(0, len(wanted), AT_ONCE):
        named = {"rows": wanted[start : start + AT_ONCE]}
        rows |= {row.id: row for row in session.execute(BY_ID, named)}
    shared = cards.of(session, {row.shared_card_id for row in rows.values() if row.card is None})
    return [(_due(rows[row], shared), rows[row].not_before) for row in wanted if row in rows]


def _due(row: Any, shared: Mapping[int, Card]) -> Due:
    card = Card.from_json(row.card) if row.card is not None else shared[row.shared_card_id]
    outbound = Outbound(
        delivery=row.id,
        address=Address(row.channel, row.user),
        chat=row.chat,
        card=replace(card, ref=row.ref),
        thread=row.thread,
        replaces=row.replaces,
        about=row.about,
        deletes=row.deletes,
        silent=row.silent,
    )
    return Due(
        outbound,
        row.kind,
        row.priority,
        row.attempts,
        broadcast=row.broadcast_id,
        shared=row.shared_card_id,
    )
