"""Carries the ledger to the channels: pace, mark, call, settle. The one place from which anything leaves."""

import asyncio
import contextlib
import itertools
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from bot import ledger
from bot.channel import Channel
from bot.clock import Clock
from bot.database import Store
from bot.deliveries import Due, LineUp, Outcome, after, sent
from bot.errors import Fault, Rejected
from bot.messages import Address
from bot.pace import Pace

log = structlog.get_logger()
T = TypeVar("T")

SLOTS = 20
"""Messages of one channel in flight at a time: thirty a second at a platform that takes two thirds of one."""
RESERVED = 4
"""Slots above these that only replies and notices get, so that slow announcements never hold them up."""
WINDOW = 500
"""Announcements that are kept in memory for a channel, besides those in chats that are held."""
POLL = 1.0
"""Seconds after which the ledger is looked at again for what another process queued."""
LONG = timedelta(minutes=1)
"""A pause that an announcement spends in the ledger and not in memory."""
AGAIN = (0.5, 2.0, 8.0)
"""Seconds to wait before each new try of writing to the ledger."""


class Sender:
    """
    Sends what is due on every channel until cancelled.

    Replies come straight from the turn that wrote them (`offer`), everything else is read from the ledger. *user* is
    the one account that it sends to, as a terminal does; None when it sends to all.
    """

    def __init__(
        self,
        store: Store,
        channels: Iterable[Channel],
        clock: Clock,
        paces: Mapping[str, Pace] | None = None,
        user: str | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._user = user
        self._owner = secrets.token_hex(8)
        paces = paces or {}
        self._lines = {
            channel.name: Line(self, channel, paces.get(channel.name, Pace())) for channel in channels
        }
        self._marks = Batch(self._mark)
        self._settlements = Batch(self._settle)
        self._pending: dict[Address, int] = {}
        self._quiet = asyncio.Condition()

    def offer(self, due: Iterable[Due]) -> None:
        """Line up what was just committed; a channel that is not on keeps it in the ledger."""
        for delivery in due:
            address = delivery.outbound.address
            line = self._lines.get(address.channel)
            if line is not None and self._user in (None, address.user):
                line.add(delivery)

    def holder(self, channel: str) -> str | None:
        """Return the name under which this sender takes what is written for *channel*; None when it is not on."""
        return self._owner if channel in self._lines else None

    async def run(self) -> None:
        """Send until cancelled; then let what is in flight settle."""
        await self._take_over()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch())
                for line in self._lines.values():
                    group.create_task(line.run())
        finally:
            await asyncio.shield(self._drain())

    async def settled(self, address: Address) -> None:
        """Return once nothing that was offered for *address* is waiting or in flight."""
        async with self._quiet:
            await self._quiet.wait_for(lambda: not self._pending.get(address))

    async def mark(self, due: Due) -> bool:
        """Commit that *due* is about to leave; False when it may not any more."""
        return bool(await self._marks.add(due))

    async def settle(self, due: Due, outcome: Outcome) -> None:
        """Commit how *due* ended; a database that is busy or full is tried again, for the world has seen the call."""
        for pause in AGAIN:
            try:
                await self._settlements.add((due, outcome))
            except Exception as exc:
                log.warning("not_settled_yet", delivery=due.outbound.delivery, error=type(exc).__name__)
                await asyncio.sleep(pause)
            else:
                return
        await self._settlements.add((due, outcome))

    def now(self) -> datetime:
        """Return the machine's time, which the platforms' pauses are measured in."""
        return self._clock.machine()

    def lined_up(self, address: Address) -> None:
        """Count a delivery that waits for *address*."""
        self._pending[address] = self._pending.get(address, 0) + 1

    async def left(self, address: Address) -> None:
        """Count a delivery for *address* that is over."""
        async with self._quiet:
            count = self._pending.pop(address, 1) - 1
            if count > 0:
                self._pending[address] = count
            self._quiet.notify_all()

    async def _take_over(self) -> None:
        """Take the ledger over before anything leaves; one that cannot be read yet is tried again."""
        for pause in itertools.chain(AGAIN, itertools.repeat(AGAIN[-1])):
            try:
                await self._recover()
                await self._look()
            except Exception:
                log.exception("ledger_unreadable")
                await asyncio.sleep(pause)
            else:
                return

    async def _recover(self) -> None:
        """Settle what a sender before us left open, and heed the pauses that it was asked for."""
        now = self._clock.machine()
        again, unknown = await self._write(
            lambda session: ledger.recover(session, self._owner, list(self._lines), now, self._user)
        )
        if again or unknown:
            log.warning("recovered", queued_again=again, unknown=unknown)
        for channel, chat, until in await self._read(lambda session: ledger.held(session, now)):
            if channel in self._lines:
                self._lines[channel].hold(chat, until)

    async def _watch(self) -> None:
        """Read what other processes queued, and what did not fit into memory before."""
        while True:
            try:
                await self._look()
            except Exception:
                log.exception("ledger_unreadable")
            full = any(line.room < WINDOW for line in self._lines.values())
            await asyncio.sleep(POLL / 10 if full else POLL)

    async def _look(self) -> None:
        now = self._clock.machine()
        wanted = [
            (name, line.known(), line.room if line.room >= WINDOW // 2 else 0)
            for name, line in self._lines.items()
        ]
        rows = await self._read(
            lambda session: [
                found for want in wanted for found in ledger.waiting(session, *want, now, self._user)
            ]
        )
        for due, not_before in rows:
            self._lines[due.outbound.address.channel].take(due, not_before)

    async def _mark(self, items: list[Due]) -> list[bool]:
        rows = [due.outbound.delivery for due in items]
        now = self._clock.machine()
        marked = await self._write(lambda session: ledger.mark(session, rows, self._owner, now))
        return [row in marked for row in rows]

    async def _settle(self, items: list[tuple[Due, Outcome]]) -> list[None]:
        now = self._clock.machine()
        await self._write(lambda session: ledger.settle(session, items, self._owner, now))
        return [None] * len(items)

    async def _write(self, work: Callable[[Session], T]) -> T:
        return await asyncio.wrap_future(self._store.write(work))

    async def _read(self, work: Callable[[Session], T]) -> T:
        return await asyncio.to_thread(self._store.read, work)

    async def _drain(self) -> None:
        await asyncio.gather(*(line.drain() for line in self._lines.values()))
        await self._marks.drain()
        await self._settlements.drain()


class Line:
    """One channel's deliveries: who is next, and those in flight."""

    def __init__(self, sender: Sender, channel: Channel, pace: Pace) -> None:
        self._sender = sender
        self._channel = channel
        self._pace = pace
        self._line_up = LineUp()
        self._wake = asyncio.Event()
        self._flying: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Lock()
        self._called = 0.0

    @property
    def room(self) -> int:
        """Return how many announcements there is room for."""
        return WINDOW - len(self._line_up) + self._line_up.stuck()

    def known(self) -> frozenset[int]:
        """Return the rows that are lined up or in flight."""
        return self._line_up.known()

    def hold(self, chat: str, until: datetime) -> None:
        """Let nothing of *chat* leave before *until*."""
        self._line_up.hold(chat, until)

    def add(self, due: Due) -> None:
        """Line *due* up."""
        if self._line_up.add(due):
            self._sender.lined_up(due.outbound.address)
            self._wake.set()

    def take(self, due: Due, not_before: datetime | None) -> None:
        """
        Line up *due* as the ledger has it; its chat waits for *not_before* when the platform asked for that.

        An announcement to a chat that is held is left in the ledger, where an older one may be waiting as well.
        """
        if due.urgent:
            if not_before is not None:
                self._line_up.hold(due.chat, not_before)
            self.add(due)
        elif not self._line_up.holds(due.chat):
            self.add(due)

    async def run(self) -> None:
        """Start one delivery after the other at the channel's pace."""
        while True:
            due = await self._next()
            task = asyncio.create_task(self._deliver(due))
            self._flying.add(task)
            task.add_done_callback(self._landed)

    async def drain(self) -> None:
        """Wait for what is in flight."""
        if self._flying:
            await asyncio.wait(self._flying)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._wake.set()

    async def _next(self) -> Due:
        """Return the best delivery once a slot, the channel's pace and its chat's pace all allow it."""
        while True:
            self._wake.clear()
            if len(self._flying) >= SLOTS + RESERVED:
                await self._wake.wait()
                continue
            if delay := self._pace.delay(time.monotonic()):
                await asyncio.sleep(delay)
                continue
            due = self._line_up.pop(self._sender.now(), only_urgent=len(self._flying) >= SLOTS)
            if due is None:
                await self._woken()
                continue
            pause = self._pace.chat_delay(due.chat, time.monotonic())
            if not pause:
                self._pace.take(due.chat, time.monotonic())
                return due
            self._line_up.hold(due.chat, self._sender.now() + timedelta(seconds=pause))
            self._line_up.done(due)
            self._line_up.add(due)

    async def _woken(self) -> None:
        """Wait for something new, or until the first held chat is free again."""
        release = self._line_up.next_release()
        timeout = None if release is None else max(0.0, (release - self._sender.now()).total_seconds())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._wake.wait()

    async def _deliver(self, due: Due) -> None:
        """Mark, call and settle; whatever happens, the chat's next message can go."""
        again: Due | None = None
        try:
            again = await self._try(due)
        except Exception:
            log.exception("delivery_left_open", delivery=due.outbound.delivery)
        finally:
            self._line_up.done(due)
            if again is not None:
                self.add(again)
            await self._sender.left(due.outbound.address)

    async def _try(self, due: Due) -> Due | None:
        """Return what is to be lined up again: *due*, when it did not arrive and has to wait in memory."""
        try:
            marked = due.marked or await self._sender.mark(due)
        except Exception as exc:
            log.warning("not_marked", delivery=due.outbound.delivery, error=type(exc).__name__)
            self._line_up.hold(due.chat, self._sender.now() + timedelta(seconds=AGAIN[0]))
            return due
        if not marked:
            return None
        await self._spaced()
        outcome = await self._call(due)
        if outcome.wait is not None:
            # Counted from the platform's answer: writing it down takes time that the chat need not wait as well.
            self._line_up.hold(due.chat, self._sender.now() + outcome.wait)
        await self._sender.settle(due, outcome)
        if outcome.wait is None:
            return None
        if outcome.wait > LONG and not due.urgent and not self._line_up.waits(due.chat):
            return None
        return replace(due, attempts=due.attempts + outcome.counts, marked=False)

    async def _spaced(self) -> None:
        """Keep the calls apart whose marks were committed together: one after the other, by the time of the call."""
        if self._pace.rate == float("inf"):
            return
        async with self._gate:
            await asyncio.sleep(max(0.0, self._called + 1.0 / self._pace.rate - time.monotonic()))
            self._called = time.monotonic()

    async def _call(self, due: Due) -> Outcome:
        attempts = due.attempts + 1
        try:
            return sent(await self._channel.send(due.outbound))
        except Fault as fault:
            log.info("fault", delivery=due.outbound.delivery, cause=fault.cause, attempts=attempts)
            return after(fault, due.kind, attempts)
        except Exception:
            log.exception("channel_failed", delivery=due.outbound.delivery, channel=self._channel.name)
            return after(Rejected("the channel's adapter failed"), due.kind, attempts)


class Batch:
    """Gathers what comes in while a write is under way, and writes it together with the next."""

    def __init__(self, write: Any) -> None:
        self._write = write
        self._waiting: list[tuple[Any, asyncio.Future[Any]]] = []
        self._task: asyncio.Task[None] | None = None

    async def add(self, item: Any) -> Any:
        """Return what the write gives for *item*."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None:
            self._task = asyncio.create_task(self._write_all())
        return await future

    async def drain(self) -> None:
        """Wait until all is written."""
        if self._task is not None:
            await self._task

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            await self._write_group(group)
        self._task = None

    async def _write_group(self, group: list[tuple[Any, asyncio.Future[Any]]]) -> None:
        """Write *group* together; where one of it is refused, each by itself, so that the others are not held up."""
        try:
            results = await self._write([item for item, _ in group])
        except Exception as exc:
            if len(group) > 1 and not isinstance(exc, OperationalError):
                for one in group:
                    await self._write_group([one])
                return
            for _, future in group:
                if not future.done():
                    future.set_exception(exc)
        else:
            for (_, future), result in zip(group, results, strict=True):
                if not future.done():
                    future.set_result(result)
