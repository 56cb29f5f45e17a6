"""The second address: what fails for good where a participant is written to first goes to where they are as well."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, or_, select
from sqlmodel import Session

from bot.deliveries import FALLS_BACK
from bot.history import Happening, note
from bot.store import Broadcast, Delivery, Inbox, KnownAddress, Participant

ROWS: Any = Delivery.__table__  # type: ignore[attr-defined]
ADDRESSES: Any = KnownAddress.__table__  # type: ignore[attr-defined]
PEOPLE: Any = Participant.__table__  # type: ignore[attr-defined]
BROADCASTS: Any = Broadcast.__table__  # type: ignore[attr-defined]
INBOX: Any = Inbox.__table__  # type: ignore[attr-defined]

SAME = (
    *("kind", "priority", "participant_id", "broadcast_id", "corrects_id", "shared_card_id", "card"),
    *("silent", "created_at"),
)
"""Columns in which the second delivery is like the first."""


def fall_back(session: Session, rows: Collection[int], owner: str, now: datetime) -> int:
    """
    Queue those of *rows* that failed under the mark of *owner* for another address each; return how many.

    That is the open address of the participant that comes next and was not tried yet, on the announcement's own
    channels where it has some. The second delivery is named after the first: `b3.17`, then `b3.17.1`.
    """
    failed = select(ROWS).where(
        ROWS.c.id.in_(rows),
        ROWS.c.state == "failed",
        ROWS.c.owner == owner,
        ROWS.c.kind.in_(sorted(FALLS_BACK)),
    )
    return sum(_again(session, row, now) for row in session.execute(failed).all())


def _again(session: Session, row: Any, now: datetime) -> bool:
    root, family = _family(session, row)
    if max(its.id for its in family) > row.id:
        return False  # it went on from here already
    place = _next(session, row, {(its.channel, its.user) for its in family})
    if place is None:
        return False
    taken = {its.ref for its in family}
    number = next(n for n in range(1, len(family) + 2) if f"{root}.{n}" not in taken)
    values = {
        **{name: getattr(row, name) for name in SAME},
        "ref": f"{root}.{number}",
        "channel": place.channel,
        "user": place.user,
        "chat": place.chat,
        "deletes": False,
        "state": "queued",
        "attempts": 0,
    }
    new = session.execute(insert(ROWS).values(values).returning(ROWS.c.id)).scalar_one()
    note(session, [(new, Happening(now, "fallback", row.cause))])
    return True


def _family(session: Session, row: Any) -> tuple[str, list[Any]]:
    """Return the name of the participant's first delivery of this kind, and all that are named after it."""
    parent = row.ref.rpartition(".")[0]
    theirs = and_(ROWS.c.participant_id == row.participant_id, ROWS.c.kind == row.kind)
    columns = select(ROWS.c.id, ROWS.c.ref, ROWS.c.channel, ROWS.c.user)
    is_root = session.execute(columns.where(theirs, ROWS.c.ref == parent)).first() is None
    root = row.ref if is_root else parent
    named = or_(ROWS.c.ref == root, ROWS.c.ref.startswith(f"{root}.", autoescape=True))
    return root, list(session.execute(columns.where(theirs, named)))


def _next(session: Session, row: Any, tried: Collection[tuple[str, str]]) -> Any:
    """Return the open address that comes first: the preferred channel's, else the one last heard from."""
    heard = select(func.max(INBOX.c.id)).where(
        INBOX.c.channel == ADDRESSES.c.channel, INBOX.c.user == ADDRESSES.c.user
    )
    query = (
        select(ADDRESSES)
        .join(PEOPLE, PEOPLE.c.id == ADDRESSES.c.participant_id)
        .where(PEOPLE.c.id == row.participant_id, ADDRESSES.c.unsubscribed_at.is_(None))
        .where(~ADDRESSES.c.only_looked)
        .order_by(
            func.coalesce(ADDRESSES.c.channel == PEOPLE.c.preferred_channel, False).desc(),
            func.coalesce(heard.scalar_subquery(), 0).desc(),
            ADDRESSES.c.channel,
            ADDRESSES.c.user,
        )
    )
    audience = select(BROADCASTS.c.audience).where(BROADCASTS.c.id == row.broadcast_id)
    wanted = (session.execute(audience).scalar() or {}).get("channels")
    return next(
        (
            place
            for place in session.execute(query)
            if (place.channel, place.user) not in tried and (not wanted or place.channel in wanted)
        ),
        None,
    )
