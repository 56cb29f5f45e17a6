"""The App Home: published when it is opened, and again whenever whoever had opened it did or was told something."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.errors import Fault, Throttled

log = structlog.get_logger()

REMEMBERED = 10_000
"""People whose Home is kept fresh; who opened it longest ago is forgotten first."""


class Homes:
    """
    Publishes Homes, one at a time per person; what changes meanwhile is published once more at the end.

    Who opened theirs is known to this process only: after a start a Home is as it was until it is opened again.
    """

    def __init__(self, publish: Callable[[str], Awaitable[None]]) -> None:
        self._publish = publish
        self._opened: dict[str, None] = {}
        self._working: dict[str, asyncio.Task[None]] = {}
        self._stale: set[str] = set()

    def opened(self, user: str) -> None:
        """Publish the Home of *user*, who has it before them."""
        self._opened.pop(user, None)
        self._opened[user] = None
        if len(self._opened) > REMEMBERED:
            del self._opened[next(iter(self._opened))]
        self._refresh(user)

    def changed(self, user: str) -> None:
        """Publish the Home of *user* again if they ever opened it."""
        if user in self._opened:
            self._refresh(user)

    async def close(self) -> None:
        """Stop publishing."""
        working = list(self._working.values())
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)

    def _refresh(self, user: str) -> None:
        if user in self._working:
            self._stale.add(user)
            return
        task = asyncio.create_task(self._work(user))
        self._working[user] = task
        task.add_done_callback(lambda _: self._working.pop(user, None))

    async def _work(self, user: str) -> None:
        self._stale.add(user)
        while user in self._stale:
            self._stale.discard(user)
            try:
                await self._publish(user)
            except Throttled as fault:
                self._stale.add(user)
                await asyncio.sleep(fault.wait.total_seconds())
            except Fault as fault:
                log.warning("slack.home_not_published", user=user, cause=fault.cause)
            except Exception as error:
                log.error("slack.home_failed", user=user, error=type(error).__name__)
