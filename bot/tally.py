"""Counts what is limited, for an account or a participant that only a keyed digest names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Any

from sqlalchemy import JSON, Column, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite's compiler takes its clauses too
from sqlmodel import Field, Session, SQLModel

from bot.errors import TooMuch
from bot.keys import Keys
from bot.limits import ACTIONS, FREE_CHANNELS, QUESTIONS, WRITING, Limit
from bot.messages import Address
from bot.participants import Actor
from bot.prepared import Prepared
from bot.rights import SECRETARIAT
from bot.store import Growing


class Tally(SQLModel, table=True):
    """
    When somebody did what is limited; *whose* is a keyed digest of what is counted and of who did it.

    So it can outlive who is forgotten, for a day at most: deleting oneself begins no new hour. *held* is the inbox
    row of the message that is answered when the limit allows it; *over_at* is when the limit was last passed.
    *times* are seconds since 1970, the oldest first; all of it is machine time.
    """

    __tablename__ = "tally"
    whose: str = Field(primary_key=True)
    times: list[float] = Field(sa_column=Column(JSON, nullable=False))
    held: int | None = Field(default=None, sa_column=Column(Growing))
    over_at: datetime | None = None
    at: datetime = Field(index=True)


ROWS: Any = Tally.__table__  # type: ignore[attr-defined]
COLUMNS = ("whose", "times", "held", "over_at", "at")
READ = Prepared(select(ROWS.c.times, ROWS.c.held, ROWS.c.over_at).where(ROWS.c.whose == bindparam("whose")))
WRITE = upsert(ROWS)
KEEP = Prepared(
    WRITE.on_conflict_do_update(
        index_elements=["whose"], set_={name: WRITE.excluded[name] for name in COLUMNS[1:]}
    ),
    *COLUMNS,
)


@dataclass(frozen=True, slots=True)
class Count:
    """What the tally *whose* says."""

    whose: str
    times: Sequence[float] = ()
    held: int | None = None
    over_at: datetime | None = None

    def with_one(self, limit: Limit, now: datetime) -> "Count":
        """Return it with one more at *now*, and without what does not count any more."""
        at = now.timestamp()
        return replace(self, times=(*limit.lately(self.times, at), at))


def account(actor: Actor, address: Address) -> str:
    """Return who is counted: a linked participant on all their channels together, anybody else by their address."""
    return f"participant {actor.id}" if actor.confirmed else str(address)


def is_free(actor: Actor, address: Address) -> bool:
    """Tell whether nothing is counted: of the secretariat, and of whoever has the machine itself."""
    return address.channel in FREE_CHANNELS or actor.role in SECRETARIAT


def read(session: Session, keys: Keys, limit: Limit, who: str) -> Count:
    """Return the count of *limit* for *who*, whom the caller holds."""
    current, *old = keys.digests(f"limit {limit.what}", who)
    for whose in (current, *old):
        for times, held, over_at in READ.rows(session, {"whose": whose}):
            return Count(current, times, held, over_at)
    return Count(current)


def keep(session: Session, count: Count, now: datetime) -> None:
    """Write *count* down."""
    values = {name: getattr(count, name) for name in ("whose", "held", "over_at")}
    KEEP.rows(session, {**values, "times": list(count.times), "at": now})


def minutes_left(session: Session, keys: Keys, limit: Limit, who: str, now: datetime) -> int:
    """Return after how many minutes there may be one more, 0 when at once."""
    return ceil(limit.wait(read(session, keys, limit, who).times, now.timestamp()) / 60)


def add(session: Session, keys: Keys, limit: Limit, who: str, now: datetime) -> bool:
    """Count one more; tell whether it is the one that reaches the limit, for the first time since it was below."""
    before = read(session, keys, limit, who)
    after = before.with_one(limit, now)
    reached = len(after.times) >= limit.most
    is_first = reached and (before.over_at is None or before.over_at <= now - limit.per)
    # Of a limit that nothing stops at, only the newest are kept.
    keep(
        session,
        replace(after, times=after.times[-limit.most :], over_at=now if reached else before.over_at),
        now,
    )
    return is_first


def spend(session: Session, keys: Keys, limit: Limit, who: str, now: datetime) -> None:
    """Count one more, or raise TooMuch and count nothing."""
    count = read(session, keys, limit, who)
    if wait := limit.wait(count.times, now.timestamp()):
        raise TooMuch(limit, ceil(wait / 60))
    keep(session, count.with_one(limit, now), now)


def expire(session: Session, before: datetime) -> None:
    """Delete what nothing was added to since *before*."""
    session.execute(delete(ROWS).where(ROWS.c.at < before))


def charge(
    session: Session, keys: Keys, actor: Actor, place: Address | None, action: str, now: datetime
) -> None:
    """Count *action* of *actor* at *place* where it writes something down; raise TooMuch where it is one too many."""
    if action not in WRITING or place is None or is_free(actor, place):
        return
    for limit in (QUESTIONS, ACTIONS) if action == "ask_secretariat" else (ACTIONS,):
        spend(session, keys, limit, account(actor, place), now)
