"""The open pages of every conversation, and server-sent events as they go over the wire."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

OPEN_AT_ONCE = 8
"""Pages that one conversation may have open; a ninth is asked to wait."""


class Listeners:
    """Wakes the open pages of a conversation when there is something new on it."""

    def __init__(self) -> None:
        self._open: dict[str, set[asyncio.Event]] = {}
        self.closed = False

    def full(self, user: str) -> bool:
        """Tell whether *user* has as many pages open as one may."""
        return len(self._open.get(user, ())) >= OPEN_AT_ONCE

    @contextmanager
    def listening(self, user: str) -> Iterator[asyncio.Event]:
        """Yield the event that is set whenever there is something new for *user*."""
        wake = asyncio.Event()
        self._open.setdefault(user, set()).add(wake)
        try:
            yield wake
        finally:
            self._open[user].discard(wake)
            if not self._open[user]:
                del self._open[user]

    def wake(self, user: str) -> None:
        """Let the open pages of *user* look for something new, all pages when it is empty."""
        users = [user] if user else list(self._open)
        for event in [event for name in users for event in self._open.get(name, ())]:
            event.set()

    def close(self) -> None:
        """End all streams: a server that stops waits for them."""
        self.closed = True
        self.wake("")


async def woken(event: asyncio.Event, at_the_latest: timedelta) -> None:
    """Return when *event* is set, or after a while."""
    try:
        async with asyncio.timeout(at_the_latest.total_seconds()):
            await event.wait()
    except TimeoutError:
        pass
    event.clear()


def sent_event(name: str, values: Any, number: int | None = None) -> str:
    """Return a server-sent event; a browser that lost its line asks for what comes after *number*."""
    number_line = "" if number is None else f"id: {number}\n"
    return f"{number_line}event: {name}\ndata: {json.dumps(values, ensure_ascii=False)}\n\n"
