"""The ledger of deliveries in the database: what is queued, what is out, how it ended."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, func, insert, or_, select, update
from sqlmodel import Session

from bot import edits
from bot.database import leave_no_trace
from bot.deliveries import (
    AMBIGUOUS_ATTEMPTS,
    AT_MOST_ONCE,
    PRIORITY,
    WHOLE_CONVERSATION,
    Due,
    Kind,
    Outcome,
)
from bot.fallbacks import fall_back
from bot.history import EVENTS, Happening, note, note_all
from bot.history import history as history
from bot.messages import Address, Outbound
from bot.prepared import Prepared
from bot.store import Broadcast, Delivery, KnownAddress, SharedCard
from bot.waiting import OPEN as OPEN
from bot.waiting import held as held
from bot.waiting import waiting as waiting

ROWS: Any = Delivery.__table__  # type: ignore[attr-defined]
ADDRESSES: Any = KnownAddress.__table__  # type: ignore[attr-defined]
BROADCASTS: Any = Broadcast.__table__  # type: ignore[attr-defined]
SHARED: Any = SharedCard.__table__  # type: ignore[attr-defined]
CARD = func.coalesce(ROWS.c.card, SHARED.c.card).label("card")
"""What a delivery says: its own card, or the one that it shares."""
WITH_CARDS = ROWS.outerjoin(SHARED, SHARED.c.id == ROWS.c.shared_card_id)
FAREWELL_READ, FAREWELL_LEFT = timedelta(minutes=1), timedelta(days=1)
"""How long a farewell stands on a page of ours, and how long one that cannot leave is tried."""
WAITING_STATES = frozenset({"awaiting", "held", "paused"})
"""States of an announcement in which what is queued for it stays so."""
STOPPED: Mapping[str, str] = {"withdrawn": "withdrawn", "late": "late"}
"""Maps the state of an announcement that is over to the cause with which the rest of it ends; else "cancelled"."""

QUEUE = Prepared(
    insert(ROWS).returning(ROWS.c.id),
    *("ref", "kind", "priority", "participant_id", "channel", "user", "chat", "thread", "about", "replaces"),
    *("deletes", "card", "state", "owner", "attempts", "created_at", "marked_at"),
)


def keep_heard(
    session: Session, ref: str, address: Address, chat: str, participant: int, words: str, now: datetime
) -> None:
    """Keep the *words* that *participant* said at *address*, for a page that shows the whole conversation."""
    values = {
        "ref": ref,
        "kind": "heard",
        "priority": 0,
        "participant_id": participant,
        "channel": address.channel,
        "user": address.user,
        "chat": chat,
        "card": {"heard": words},
        "state": "sent",
        "attempts": 0,
        "created_at": now,
        "settled_at": now,
    }
    session.execute(insert(ROWS).values(values))


def enqueue(
    session: Session,
    kind: Kind,
    outbounds: Sequence[Outbound],
    participant: int,
    now: datetime,
    holder: str | None = None,
    marked_at: datetime | None = None,
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
            "deletes": outbound.deletes,
            "card": outbound.card.to_json(),
            "state": "sending" if holder else "queued",
            "owner": holder,
            "attempts": 1 if holder else 0,
            "created_at": now,
            "marked_at": marked_at,
        }
        ((row_id,),) = QUEUE.rows(session, row)
        due.append(Due(replace(outbound, delivery=row_id), kind, PRIORITY[kind], holder=holder))
    return due


GONE = (ROWS.c.kind != "farewell") & (
    select(ADDRESSES.c.user)
    .where(ADDRESSES.c.channel == ROWS.c.channel, ADDRESSES.c.user == ROWS.c.user)
    .where(ADDRESSES.c.unsubscribed_at.is_not(None))
    .exists()
)
STEERED = ROWS.c.kind != "correction"
"""Rows that wait and stop with their announcement; what corrects one that arrived does neither."""
THEIRS = (
    select(BROADCASTS.c.id, BROADCASTS.c.state, BROADCASTS.c.use_by)
    .where(
        BROADCASTS.c.id.in_(
            select(ROWS.c.broadcast_id).where(ROWS.c.id.in_(bindparam("rows", expanding=True)), STEERED)
        )
    )
    # Whoever pauses or cancels it waits for this mark, or this mark for them: none leaves after their commit.
    .with_for_update(read=True)
)
MARK = (
    update(ROWS)
    .where(ROWS.c.id.in_(bindparam("rows", expanding=True)), ROWS.c.state == "queued")
    .where(ROWS.c.id.not_in(bindparam("nameless", expanding=True)))
    .where(
        or_(
            ROWS.c.broadcast_id.is_(None),
            ~STEERED,
            ROWS.c.broadcast_id.not_in(bindparam("waiting", expanding=True)),
        )
    )
    .values(
        state=case((GONE, "failed"), else_="sending"),
        cause=case((GONE, "unsubscribed"), else_=ROWS.c.cause),
        settled_at=case((GONE, bindparam("now", type_=ROWS.c.settled_at.type)), else_=None),
        owner=bindparam("holder"),
        attempts=ROWS.c.attempts + 1,
        marked_at=bindparam("now", type_=ROWS.c.settled_at.type),
        not_before=None,
    )
    .returning(
        ROWS.c.id,
        ROWS.c.state,
        ROWS.c.shared_card_id,
        # Only an announcement's words may have changed since they were read.
        case((or_(ROWS.c.broadcast_id.is_not(None), ~STEERED), ROWS.c.card)).label("card"),
        ROWS.c.replaces,
    )
)


@dataclass(frozen=True, slots=True)
class Marked:
    """
    What a row that may leave says by now, where it belongs to an announcement: a shared card, or JSON of its own.

    *replaces* is the message whose place it takes.
    """

    shared: int | None = None
    card: Mapping[str, Any] | None = None
    replaces: str | None = None


def mark(
    session: Session, rows: Sequence[int], owner: str, now: datetime, forum: datetime | None = None
) -> dict[int, Marked]:
    """
    Mark *rows* as sending for *owner* and return those that may leave.

    A row that is not queued any more stays as it is, and so does one whose announcement is paused. One whose
    recipient has unsubscribed since, or whose announcement was stopped or is past its use-by, ends as failed. *forum*
    is the forum's time where that is not *now*.
    """
    waiting = []
    for broadcast, state, use_by in session.execute(THEIRS, {"rows": list(rows)}).all():
        if state in WAITING_STATES:
            waiting.append(broadcast)
        elif state != "running":
            _end(session, rows, broadcast, STOPPED.get(state, "cancelled"), now)
        elif use_by is not None and use_by <= (forum or now):
            _end(session, rows, broadcast, "late", now)
    values = {
        "rows": list(rows),
        "waiting": waiting,
        "nameless": edits.name(session, rows, now),
        "holder": owner,
        "now": now,
    }
    marked = session.execute(MARK, values).all()
    if gone := [row.id for row in marked if row.state == "failed"]:
        fall_back(session, gone, owner, now)
    return {
        row.id: Marked(row.shared_card_id, row.card, row.replaces) for row in marked if row.state == "sending"
    }


def _end(session: Session, rows: Sequence[int], broadcast: int, cause: str, now: datetime) -> None:
    stopped = update(ROWS).where(
        ROWS.c.id.in_(rows), ROWS.c.state == "queued", ROWS.c.broadcast_id == broadcast, STEERED
    )
    session.execute(stopped.values(state="failed", cause=cause, settled_at=now))


def end_late(session: Session, now: datetime, forum: datetime, most: int) -> int:
    """End at *most* so many rows of running announcements that are past their use-by; return how many."""
    late = (
        select(ROWS.c.id)
        .join(BROADCASTS, BROADCASTS.c.id == ROWS.c.broadcast_id)
        .where(BROADCASTS.c.state == "running", BROADCASTS.c.use_by <= forum)
        .where(ROWS.c.state == "queued", STEERED)
        .limit(most)
    )
    ended = update(ROWS).where(ROWS.c.id.in_(late), ROWS.c.state == "queued")
    return _count(session.execute(ended.values(state="failed", cause="late", settled_at=now)))


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
    """
    Write how each delivery of *owner* ended; a row that another sender has taken over stays as it is.

    What failed for good goes to another address of its participant where it may.
    """
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
    faults = [(due, outcome) for due, outcome in outcomes if outcome.state != "sent"]
    if faults:
        _heed(session, _there(session, faults), owner, now)
    farewells = [due.outbound.delivery for due, _ in outcomes if due.kind == "farewell"]
    if farewells:
        _end_farewells(session, farewells)


def _there(session: Session, faults: Sequence[tuple[Due, Outcome]]) -> Sequence[tuple[Due, Outcome]]:
    """Return the *faults* of what was not deleted with its recipient while it was out."""
    rows = [due.outbound.delivery for due, _ in faults]
    left = set(session.execute(select(ROWS.c.id).where(ROWS.c.id.in_(rows))).scalars())
    return [(due, outcome) for due, outcome in faults if due.outbound.delivery in left]


def _end_farewells(session: Session, rows: Sequence[int]) -> None:
    """Delete those of *rows* that are over: nothing about their recipients is kept. What we show ourselves may wait."""
    over = ROWS.c.settled_at.is_not(None) & ROWS.c.channel.not_in(sorted(WHOLE_CONVERSATION))
    ended = session.execute(select(ROWS.c.id).where(ROWS.c.id.in_(rows), over)).scalars().all()
    _delete(session, ended)


IS_READ = case((ROWS.c.settled_at.is_not(None), 1), else_=0)
FAREWELLS = Prepared(
    select(IS_READ, func.min(ROWS.c.created_at)).where(ROWS.c.kind == "farewell").group_by(IS_READ)
)


def farewell_over(session: Session) -> datetime | None:
    """Return when the next farewell that is left is to be deleted, None when there is none."""
    times = [at + (FAREWELL_READ if over else FAREWELL_LEFT) for over, at in FAREWELLS.rows(session, {})]
    return min(times, default=None)


def end_farewells(session: Session, now: datetime) -> None:
    """Delete the farewells that were shown long enough, and those that could not leave for a day."""
    shown = ROWS.c.settled_at.is_not(None) & (ROWS.c.created_at <= now - FAREWELL_READ)
    over = or_(shown, ROWS.c.created_at <= now - FAREWELL_LEFT)
    query = select(ROWS.c.id).where(ROWS.c.kind == "farewell", over)
    _delete(session, session.execute(query).scalars().all())


def _delete(session: Session, rows: Sequence[int]) -> None:
    leave_no_trace(session)
    session.execute(delete(EVENTS).where(EVENTS.c.delivery_id.in_(rows)))
    session.execute(delete(ROWS).where(ROWS.c.id.in_(rows)))


def _heed(session: Session, faults: Sequence[tuple[Due, Outcome]], owner: str, now: datetime) -> None:
    """Write what follows from *faults*, for their rows' history and for the recipients."""
    for due, outcome in faults:
        event = "moved" if outcome.chat else "fault"
        attempts = due.attempts + outcome.counts
        note(session, [(due.outbound.delivery, Happening(now, event, outcome.cause, attempts))])
        if outcome.unsubscribes:
            unsubscribe(session, due.outbound.address, now)
        if outcome.chat:
            follow(session, due.outbound.address.channel, due.chat, outcome.chat)
    if failed := [due.outbound.delivery for due, outcome in faults if outcome.state == "failed"]:
        fall_back(session, failed, owner, now)


def follow(session: Session, channel: str, chat: str, to: str) -> None:
    """Let whatever is still to leave for *chat* go *to* the one that it has become, without the old messages' ids."""
    waiting = update(ROWS).where(OPEN, ROWS.c.channel == channel, ROWS.c.chat == chat)
    session.execute(waiting.values(chat=to, replaces=None, about=None, deletes=False))
    place = update(ADDRESSES).where(ADDRESSES.c.channel == channel, ADDRESSES.c.chat == chat)
    session.execute(place.values(chat=to))


def unsubscribe(session: Session, address: Address, now: datetime) -> None:
    """Send nothing to *address* until its participant writes again."""
    gone = update(ADDRESSES).where(ADDRESSES.c.channel == address.channel, ADDRESSES.c.user == address.user)
    session.execute(gone.values(unsubscribed_at=now))


def release(session: Session, rows: Collection[int], owner: str) -> int:
    """Queue those of *rows* again that *owner* has marked and surely never sent; return how many."""
    mine = update(ROWS).where(ROWS.c.id.in_(rows), ROWS.c.owner == owner, ROWS.c.state == "sending")
    again = mine.values(state="queued", owner=None, attempts=ROWS.c.attempts - 1, marked_at=None)
    return _count(session.execute(again))


def out(session: Session, channel: str, user: str | None = None) -> list[tuple[int, str]]:
    """Return the rows of *channel* that are marked, with the sender that has marked each; *user* as in `waiting`."""
    query = select(ROWS.c.id, ROWS.c.owner).where(OPEN, ROWS.c.state == "sending", ROWS.c.channel == channel)
    if user is not None:
        query = query.where(ROWS.c.user == user)
    return [(row, owner) for row, owner in session.execute(query)]


def recover(
    session: Session, owner: str, channels: Collection[str], now: datetime, user: str | None = None
) -> tuple[int, int]:
    """
    Take over what other senders of *channels* had marked, who are dead: it may or may not have arrived.

    What another sender does on other channels, or for others than *user* when one is given, as a terminal beside
    `saphan serve` and other terminals, is none of its business. What may arrive twice is queued again (at least
    once) unless that was tried often enough; announcements and reminders end as unknown (at most once). Returns how
    many of each.
    """
    mine = [OPEN, ROWS.c.state == "sending", ROWS.c.owner != owner, ROWS.c.channel.in_(channels)]
    if user is not None:
        mine.append(ROWS.c.user == user)
    lost = update(ROWS).where(and_(*mine)).returning(ROWS.c.id)
    over = ROWS.c.kind.in_(sorted(AT_MOST_ONCE)) | (ROWS.c.attempts >= AMBIGUOUS_ATTEMPTS)
    ended = lost.where(over).values(state="unknown", cause="ambiguous", owner=None, settled_at=now)
    unknown = session.execute(ended).scalars().all()
    again = session.execute(lost.values(state="queued", cause="ambiguous", owner=None)).scalars().all()
    note_all(session, [*unknown, *again], Happening(now, "taken over", "ambiguous"))
    return len(again), len(unknown)


def _count(result: Any) -> int:
    return int(result.rowcount)
