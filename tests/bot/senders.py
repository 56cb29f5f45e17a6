"""What tests of the sender share: people, a machine's time that stands still, and a gate."""

import asyncio
from datetime import timedelta

from bot.clock import Clock, system_time
from bot.database import Store
from tests import PATIENCE
from tests.bot.ledgers import (
    people,
)

SOON = timedelta(milliseconds=80)


class Watch:
    """A machine's time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = system_time()
        self.clock = Clock(source=lambda: self.now)


def user(number: int) -> str:
    return str(1_000_000 + number)


def crowd(store: Store, count: int) -> list[str]:
    """Register *count* people."""
    users = [user(number) for number in range(count)]
    people(store, *users)
    return users


class Gate:
    """Lets nothing through until it is opened."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self.waiting = 0

    async def __call__(self) -> None:
        self.waiting += 1
        async with asyncio.timeout(PATIENCE):
            await self._open.wait()

    def open(self) -> None:
        self._open.set()
