"""One time for all who work on a database: whoever serves it keeps what its clock shows, and the others follow."""

import asyncio
from datetime import timedelta

import structlog
from sqlmodel import Session

from bot.clock import Clock
from bot.database import Store, lock
from bot.store import ClockReading

log = structlog.get_logger()

BEAT = 10.0
"""Seconds between two readings that are kept."""
OVER = timedelta(minutes=1)
"""How old the last reading is when nobody serves the database any more."""


def followed(session: Session, clock: Clock) -> Clock:
    """Return the clock of whoever serves the database, or *clock* where nobody does."""
    last = session.get(ClockReading, 1)
    if last is None or abs(clock.machine() - last.read_at) >= OVER:
        return clock
    return Clock(last.shown - last.read_at, clock.source, last.start)


def joined(session: Session, clock: Clock) -> Clock:
    """
    Return the clock of those who serve the database already, and keep what it shows.

    *clock* itself where there are none, or where they were asked to start on another moment: then that is over.
    """
    lock(session, "clock")
    theirs = followed(session, clock)
    joined = theirs if theirs.start == clock.start else clock
    keep(session, joined)
    return joined


def keep(session: Session, clock: Clock) -> None:
    """Keep what *clock* shows, for others to follow."""
    now = clock.machine()
    session.merge(ClockReading(id=1, read_at=now, shown=now + clock.offset, start=clock.start))


async def keep_going(store: Store, clock: Clock) -> None:
    """Keep what *clock* shows, again and again until cancelled, as long as this process serves."""
    while True:
        await asyncio.sleep(BEAT)
        try:
            await asyncio.wrap_future(store.write(lambda session: keep(session, clock)))
        except Exception as exc:
            log.warning("clock_not_kept", error=type(exc).__name__)
