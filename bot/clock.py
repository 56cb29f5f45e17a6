"""The one source of time: the real moment, or a rehearsal that runs on from another one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def system_time() -> datetime:
    """Return the machine's time, aware and UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """
    Tells the forum's time; a rehearsal's is the machine's moved by *offset*.

    `now` is the forum's moment, which people read. `machine` is for what the world's own clock decides: when a
    platform takes the next message, how old a row is. *start* is the moment on which it was asked to start, if any.
    """

    offset: timedelta = timedelta()
    source: Callable[[], datetime] = system_time
    start: datetime | None = None

    @classmethod
    def starting_at(cls, moment: datetime, source: Callable[[], datetime] = system_time) -> "Clock":
        """Return a clock that shows *moment* now and runs on from there."""
        return cls(moment - source(), source, moment)

    @property
    def rehearsal(self) -> bool:
        """Tell whether every screen has to say "(rehearsal clock)"."""
        return self.offset != timedelta()

    def now(self) -> datetime:
        """Return the forum's moment, aware and UTC."""
        return self.source() + self.offset

    def machine(self) -> datetime:
        """Return the machine's moment, aware and UTC."""
        return self.source()


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Measures short times: *read* gives seconds that never go back, *sleep* returns after so many of them."""

    read: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
