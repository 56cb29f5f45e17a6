"""What the processes on one database tell each other at once. Hints only: whoever missed one looks again by and by."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Literal, Protocol

from sqlalchemy import func, select
from sqlmodel import Session

Topic = Literal["queued", "web", "pack"]
"""Deliveries were queued for channels; accounts of the browser chat have something new; another pack is active."""
Hearer = Callable[[str], None]

PREFIX = "saphan_"
"""What the names of our notifications begin with."""


class News(Protocol):
    """Hears from the other processes and tells them."""

    def on(self, topic: Topic, hear: Hearer) -> None:
        """Call *hear* with each word told on *topic*, and with an empty one when some may have been missed."""

    def tell(self, topic: Topic, words: Iterable[str] = ("",)) -> None:
        """Tell the other processes each of *words* once; what cannot be told now is not told."""

    async def run(self) -> None:
        """Listen and tell until cancelled."""


class NoNews:
    """Nobody else is there."""

    def on(self, topic: Topic, hear: Hearer) -> None:
        """Never call *hear*."""

    def tell(self, topic: Topic, words: Iterable[str] = ("",)) -> None:
        """Tell nobody."""

    async def run(self) -> None:
        """Wait until cancelled."""
        await asyncio.Event().wait()


NO_NEWS = NoNews()


def tell_with(session: Session, topic: Topic, word: str = "") -> None:
    """Tell the other processes *word* when *session*'s transaction is committed; for what happens now and then."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_notify(PREFIX + topic, word)))
