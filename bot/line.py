"""One channel's deliveries on their way out: who is next, at which pace, and those in flight."""

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.channel import Channel
from bot.clock import Stopwatch
from bot.deliveries import BULK, Due, Kind, LineUp, Outcome, after, sent
from bot.errors import Fault, Rejected
from bot.messages import Address
from bot.pace import Pace
from bot.tenure import Tenure, pauses

log = structlog.get_logger()

SLOTS = 20
"""Messages of one channel in flight at a time: thirty a second at a platform that takes two thirds of one."""
RESERVED = 4
"""Slots above these that only what somebody waits for gets, so that slow announcements never hold it up."""
WINDOW = 500
"""Deliveries of each kind that goes to many that are kept in memory for a channel, besides those in held chats."""
POLL = 1.0
"""Seconds after which the ledger is looked at again for what another process queued."""
SWEEP = 5.0
"""Seconds after which the ledger is looked at again for what a sender that lost its place left marked."""
LONG = timedelta(minutes=1)
"""A pause that one of many spends in the ledger and not in memory."""


class Pending:
    """Counts what waits or is in flight for each address."""

    def __init__(self) -> None:
        self._counts: dict[Address, int] = {}
        self._news = asyncio.Condition()

    def add(self, address: Address) -> None:
        """Count a delivery that waits for *address*."""
        self._counts[address] = self._counts.get(address, 0) + 1

    async def left(self, *addresses: Address) -> None:
        """Count a delivery that is over for each of *addresses*."""
        async with self._news:
            for address in addresses:
                count = self._counts.pop(address, 1) - 1
                if count > 0:
                    self._counts[address] = count
            self._news.notify_all()

    async def none(self, address: Address) -> None:
        """Return once nothing waits for *address*."""
        async with self._news:
            await self._news.wait_for(lambda: not self._counts.get(address))


class Line:
    """Sends what is due on one channel, for as long as *tenure* lasts."""

    def __init__(
        self, channel: Channel, tenure: Tenure, pace: Pace, pending: Pending, watch: Stopwatch
    ) -> None:
        self._channel = channel
        self._tenure = tenure
        self._pace = pace
        self._pending = pending
        self._watch = watch
        self._line_up = LineUp()
        self._wake = asyncio.Event()
        self._hungry = asyncio.Event()
        self._full: frozenset[Kind] = frozenset()
        self._flying: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Lock()
        self._called = 0.0
        self._swept = 0.0

    @property
    def holder(self) -> str | None:
        """Return the name under which rows are marked for this line, None once it sends nothing more."""
        return None if self._tenure.over else self._tenure.owner

    def add(self, due: Due) -> None:
        """Line *due* up."""
        if self._line_up.add(due):
            self._pending.add(due.outbound.address)
            self._wake.set()

    def look_soon(self) -> None:
        """Look into the ledger now."""
        self._hungry.set()

    async def run(self, ready: asyncio.Event) -> None:
        """Take the channel over, set *ready*, and send until cancelled; then let what is in flight settle."""
        try:
            await self._take_over()
            ready.set()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._look_again_and_again())
                group.create_task(self._send())
        finally:
            self._tenure.over = True
            await asyncio.shield(self._end())

    async def _take_over(self) -> None:
        """Take the ledger over before anything leaves; one that cannot be read yet is tried again."""
        for pause in pauses():
            try:
                for chat, until in await self._tenure.take_over():
                    self._line_up.hold(chat, until)
                self._swept = self._watch.read()
                await self._look()
            except Exception:
                log.exception("ledger_unreadable", channel=self._channel.name)
                await asyncio.sleep(pause)
            else:
                return

    async def _end(self) -> None:
        """Let what is in flight settle, and hand back what was marked and never left."""
        if self._flying:
            await asyncio.wait(self._flying)
        dropped = self._line_up.drop(lambda _due: True)
        await self._pending.left(*(due.outbound.address for due in dropped))
        with contextlib.suppress(Exception):  # The next sender takes over what cannot be handed back.
            await self._tenure.release(
                due.outbound.delivery for due in dropped if due.holder == self._tenure.owner
            )
        await self._tenure.drain()

    async def _look_again_and_again(self) -> None:
        """Read what other processes queued, and what did not fit into memory before."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._hungry.wait()
            self._hungry.clear()
            try:
                if self._watch.read() - self._swept >= SWEEP:
                    self._swept = self._watch.read()
                    await self._tenure.sweep(self._line_up.known())
                await self._look()
            except Exception:
                log.exception("ledger_unreadable", channel=self._channel.name)

    async def _look(self) -> None:
        room = self._room()
        found = await self._tenure.look(self._line_up.known(), room)
        stopped = self._line_up.drop(lambda due: _is_stopped(due, found.running))
        await self._pending.left(*(due.outbound.address for due in stopped))
        for due, not_before in found.found:
            self._take(due, not_before)
        self._full = frozenset(kind for kind, free in self._room().items() if not free)

    def _room(self) -> dict[Kind, int]:
        """Return how many of each kind that goes to many there is room for; none until half of it is free."""
        waiting = self._line_up.free()
        room = {kind: WINDOW - waiting[kind] for kind in BULK}
        return {kind: free if free >= WINDOW // 2 else 0 for kind, free in room.items()}

    def _take(self, due: Due, not_before: datetime | None) -> None:
        """
        Line up *due* as the ledger has it; its chat waits for *not_before* when the platform asked for that.

        One of many to a chat that is held is left in the ledger, where an older one may be waiting as well.
        """
        if not due.bulk:
            if not_before is not None:
                self._line_up.hold(due.chat, not_before)
            self.add(due)
        elif not self._line_up.holds(due.chat):
            self.add(due)

    async def _send(self) -> None:
        """Start one delivery after the other at the channel's pace."""
        while True:
            due = await self._next()
            if any(self._line_up.waiting(kind) <= WINDOW // 2 for kind in self._full):
                self._full = frozenset()
                self._hungry.set()
            task = asyncio.create_task(self._deliver(due))
            self._flying.add(task)
            task.add_done_callback(self._landed)

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
            if delay := self._pace.delay(self._watch.read()):
                await self._watch.sleep(delay)
                continue
            due = self._line_up.pop(self._tenure.now(), only_urgent=len(self._flying) >= SLOTS)
            if due is None:
                await self._woken()
                continue
            pause = self._pace.chat_delay(due.chat, self._watch.read())
            if not pause:
                self._pace.take(due.chat, self._watch.read())
                return due
            self._line_up.hold(due.chat, self._tenure.now() + timedelta(seconds=pause))
            self._line_up.done(due)
            self._line_up.add(due)

    async def _woken(self) -> None:
        """Wait for something new, or until the first held chat is free again."""
        release = self._line_up.next_release()
        timeout = None if release is None else max(0.0, (release - self._tenure.now()).total_seconds())
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
            await self._pending.left(due.outbound.address)

    async def _try(self, due: Due) -> Due | None:
        """Return what is to be lined up again: *due*, when it did not arrive and has to wait in memory."""
        try:
            marked = due if due.holder == self._tenure.owner else await self._tenure.mark(due)
        except Exception as exc:
            log.warning("not_marked", delivery=due.outbound.delivery, error=type(exc).__name__)
            self._line_up.hold(due.chat, self._tenure.now() + timedelta(seconds=next(pauses())))
            return due
        if marked is None:
            return None
        await self._spaced()
        if self._tenure.over:
            await self._tenure.release([due.outbound.delivery])
            return None
        outcome = await self._call(marked)
        if outcome.chat is not None:
            self._line_up.move(due.chat, outcome.chat)
        elif outcome.wait is not None:
            # Counted from the platform's answer: writing it down takes time that the chat need not wait as well.
            self._line_up.hold(due.chat, self._tenure.now() + outcome.wait)
        await self._tenure.settle(marked, outcome)
        return self._again(marked, outcome)

    def _again(self, due: Due, outcome: Outcome) -> Due | None:
        """Return *due* as it is lined up after *outcome*; None when it is over, or waits in the ledger."""
        if outcome.wait is None:
            return None
        if outcome.wait > LONG and due.bulk and not self._line_up.waits(due.chat):
            return None
        due = replace(due, attempts=due.attempts + outcome.counts, holder=None)
        return due.moved(outcome.chat) if outcome.chat is not None else due

    async def _spaced(self) -> None:
        """Keep the calls apart whose marks were committed together: one after the other, by the time of the call."""
        if self._pace.rate == float("inf"):
            return
        async with self._gate:
            await self._watch.sleep(max(0.0, self._called + 1.0 / self._pace.rate - self._watch.read()))
            self._called = self._watch.read()

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


def _is_stopped(due: Due, running: Iterable[int]) -> bool:
    """Tell whether *due* belongs to an announcement that may not send at this moment."""
    return due.broadcast is not None and due.kind != "correction" and due.broadcast not in running
