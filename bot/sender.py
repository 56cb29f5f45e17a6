"""Carries the ledger to the channels: pace, mark, call, settle. The one place from which anything leaves."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial

import structlog

from bot import ledger
from bot.channel import Channel
from bot.clock import Clock, Stopwatch
from bot.database import Store
from bot.deliveries import Due
from bot.leases import Leases, Sole
from bot.line import Line, Pending
from bot.messages import Address
from bot.pace import Pace
from bot.tenure import Tenure

log = structlog.get_logger()


class Sender:
    """
    Sends what is due, on each channel of which this process holds the lease, until cancelled.

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
        leases: Leases | None = None,
        watch: Stopwatch | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._user = user
        self._leases = leases or Sole()
        self._watch = watch or Stopwatch()
        self._channels = {channel.name: channel for channel in channels}
        self._paces = {name: (paces or {}).get(name, Pace()) for name in self._channels}
        self._ready = {name: asyncio.Event() for name in self._channels}
        self._lines: dict[str, Line] = {}
        self._pending = Pending()
        self._returning: set[asyncio.Task[None]] = set()

    def offer(self, due: Iterable[Due]) -> None:
        """Line up what was just committed; a channel that is not on, or not ours, keeps it in the ledger."""
        for delivery in due:
            channel = delivery.outbound.address.channel
            holder = self.holder(channel)
            if holder is not None and delivery.holder in (None, holder):
                if self._user in (None, delivery.outbound.address.user):
                    self._lines[channel].add(delivery)
            elif delivery.holder is not None:
                self._give_back(delivery, delivery.holder)

    def holder(self, channel: str) -> str | None:
        """Return the name under which this sender takes what is written for *channel*; None when it does not."""
        line = self._lines.get(channel)
        return line.holder if line is not None else None

    def wake(self, channel: str) -> None:
        """Look now for what another process queued for *channel*."""
        if channel in self._lines:
            self._lines[channel].look_soon()

    async def run(self) -> None:
        """Send until cancelled; then let what is in flight settle."""
        async with asyncio.TaskGroup() as group:
            for name in self._channels:
                group.create_task(self._leases.hold(f"sender:{name}", partial(self._send_on, name)))

    async def settled(self, address: Address) -> None:
        """Return once this process sends on the channel and nothing is waiting or in flight for *address*."""
        if address.channel in self._ready:
            await self._ready[address.channel].wait()
        await self._pending.none(address)

    async def _send_on(self, name: str) -> None:
        """Send on the channel *name* until cancelled."""
        tenure = Tenure(self._store, self._clock, name, self._user)
        line = Line(self._channels[name], tenure, self._paces[name], self._pending, self._watch)
        # What is committed from now on is offered to this line, and it is about to read what was before.
        self._lines[name] = line
        try:
            await line.run(self._ready[name])
        finally:
            self._ready[name].clear()
            del self._lines[name]

    def _give_back(self, due: Due, holder: str) -> None:
        """Queue again what a turn marked for this process, which has lost the channel in the meantime."""
        row = due.outbound.delivery

        async def give_back() -> None:
            try:
                await asyncio.wrap_future(
                    self._store.write(lambda session: ledger.release(session, [row], holder))
                )
            except Exception as exc:
                # Whoever sends on the channel finds it within seconds.
                log.warning("not_given_back", delivery=row, error=type(exc).__name__)

        task = asyncio.create_task(give_back())
        self._returning.add(task)
        task.add_done_callback(self._returning.discard)
