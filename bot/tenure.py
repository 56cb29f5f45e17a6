"""One process's time as the sender of a channel: the name under which it marks rows, and what it writes under it."""

import asyncio
import itertools
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import structlog
from sqlmodel import Session

from bot import ledger
from bot.batch import Batch
from bot.clock import Clock
from bot.database import Store
from bot.deliveries import Due, Kind, Outcome
from bot.messages import Card
from bot.shared_cards import SharedCards
from bot.waiting import Look, look

log = structlog.get_logger()
T = TypeVar("T")

AGAIN = (0.5, 2.0, 8.0)
"""Seconds to wait before each new try of writing to the ledger."""
LATE = 1000
"""Rows that end as late at a time, so that replies need not wait for many."""


class Tenure:
    """
    What the sender of *channel* reads and writes while it is the only one.

    Once it is over nothing is marked any more, and what was marked before can still be settled: unless another sender
    has taken the row over, which the *owner* of the row tells.
    """

    def __init__(self, store: Store, clock: Clock, channel: str, user: str | None) -> None:
        self.owner = secrets.token_hex(8)
        self.over = False
        self._store = store
        self._clock = clock
        self._channel = channel
        self._user = user
        self._cards = SharedCards()
        self._marks = Batch(self._mark)
        self._settlements = Batch(self._settle)
        self._unknown: frozenset[int] = frozenset()

    def now(self) -> datetime:
        """Return the machine's time, which the platforms' pauses are measured in."""
        return self._clock.machine()

    async def take_over(self) -> list[tuple[str, datetime]]:
        """Settle what a sender before us left open; return the chats that platforms have put off, and until when."""
        now = self.now()
        channels = [self._channel]
        again, unknown = await self._write(
            lambda session: ledger.recover(session, self.owner, channels, now, self._user)
        )
        if again or unknown:
            log.warning("recovered", channel=self._channel, queued_again=again, unknown=unknown)
        held = await self._read(lambda session: ledger.held(session, now))
        return [(chat, until) for channel, chat, until in held if channel == self._channel]

    async def sweep(self, known: Collection[int]) -> None:
        """
        Take over what stands marked without anybody to send it, *known* being what is in memory.

        A turn may commit its replies in the name of a sender that has just lost its place; and a mark whose commit
        went unanswered, or a turn that was broken off, leaves a row in our own name that never left.
        """
        out = await self._read(lambda session: ledger.out(session, self._channel, self._user))
        if any(owner != self.owner for _, owner in out):
            await self.take_over()
        mine = {row for row, owner in out if owner == self.owner} - set(known)
        if lost := mine & self._unknown:
            # Seen twice, so it is none that a turn has committed and not handed over yet.
            await self.release(lost)
        self._unknown = frozenset(mine - lost)

    async def look(self, known: frozenset[int], room: Mapping[Kind, int]) -> Look:
        """Return what waits in the ledger besides *known*, as far as there is *room*; end what is past its use-by."""
        now, forum = self.now(), self._clock.now()
        found = await self._read(
            lambda session: look(session, self._channel, known, room, now, forum, self._cards, self._user)
        )
        if found.late:
            while await self._write(lambda session: ledger.end_late(session, now, forum, LATE)):
                pass
        return found

    async def mark(self, due: Due) -> Due | None:
        """Commit that *due* is about to leave and return it in its latest words; None when it may not any more."""
        marked: Due | None = await self._marks.add(due)
        return marked

    async def settle(self, due: Due, outcome: Outcome) -> None:
        """
        Commit how *due* ended, for the world has seen the call.

        A database that is busy or full is tried again for as long as the tenure lasts, and then a few times more.
        """
        left = len(AGAIN)
        for pause in pauses():
            try:
                await self._settlements.add((due, outcome))
            except Exception as exc:
                log.warning("not_settled_yet", delivery=due.outbound.delivery, error=type(exc).__name__)
                left -= self.over
                if left < 0:
                    raise
                await asyncio.sleep(pause)
            else:
                return

    async def release(self, rows: Iterable[int]) -> None:
        """Queue *rows* again, which are marked as ours and were never sent."""
        ids = sorted(rows)
        if ids:
            await self._write(lambda session: ledger.release(session, ids, self.owner))

    async def drain(self) -> None:
        """Wait until all is written."""
        await self._marks.drain()
        await self._settlements.drain()

    async def _mark(self, items: list[Due]) -> list[Due | None]:
        rows = [due.outbound.delivery for due in items]
        now, forum = self.now(), self._clock.now()

        def write(session: Session) -> dict[int, Due]:
            if self.over:
                return {}
            marked = ledger.mark(session, rows, self.owner, now, forum)
            changed = {
                marked[due.outbound.delivery].shared
                for due in items
                if due.outbound.delivery in marked and due.shared != marked[due.outbound.delivery].shared
            }
            cards = self._cards.of(session, {id_ for id_ in changed if id_ is not None})
            return {
                row: _in_latest_words(due, marked[row], cards)
                for due in items
                if (row := due.outbound.delivery) in marked
            }

        found = await self._write(write)
        return [found.get(row) for row in rows]

    async def _settle(self, items: list[tuple[Due, Outcome]]) -> list[None]:
        now = self.now()
        await self._write(lambda session: ledger.settle(session, items, self.owner, now))
        return [None] * len(items)

    async def _write(self, work: Callable[[Session], T]) -> T:
        return await asyncio.wrap_future(self._store.write(work))

    async def _read(self, work: Callable[[Session], T]) -> T:
        return await asyncio.to_thread(self._store.read, work)


def pauses() -> Iterator[float]:
    """Return the seconds to wait before each new try, without end."""
    return itertools.chain(AGAIN, itertools.repeat(AGAIN[-1]))


def _in_latest_words(due: Due, marked: ledger.Marked, shared: Mapping[int, Card]) -> Due:
    """Return *due* as its row says it by now: a correction may have come since it was read."""
    if marked.card is not None:
        card = Card.from_json(marked.card)
    elif marked.shared is not None and marked.shared != due.shared:
        card = shared[marked.shared]
    elif marked.replaces != due.outbound.replaces:
        card = due.outbound.card
    else:
        return due
    outbound = replace(due.outbound, card=replace(card, ref=due.outbound.card.ref), replaces=marked.replaces)
    return replace(due, outbound=outbound, shared=marked.shared)
