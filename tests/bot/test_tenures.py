"""One sender for a channel at a time: it takes over, stops when its lease is lost, and leaves nothing lying about."""

import asyncio
from functools import partial
from random import Random

import pytest

import bot.line
from bot import ledger
from bot.clock import Clock, Stopwatch
from bot.database import Store
from bot.deliveries import Due
from bot.leases import Work
from bot.messages import Address
from bot.pace import Pace
from bot.sender import Sender
from tests import PATIENCE
from tests.bot.ledgers import (
    NOW,
    Platform,
    an_outbound,
    broadcast,
    over,
    people,
    queue,
    rows,
    sending,
    settled,
    states,
)
from tests.bot.test_pace import fullest

THERE = Address("telegram", "1")


class Shared:
    """Leases that a test gives and takes away."""

    def __init__(self) -> None:
        self.given = asyncio.Event()
        self.ended = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    async def hold(self, name: str, work: Work) -> None:
        assert name == "sender:telegram"
        while True:
            await self.given.wait()
            self.ended.clear()
            self._work = asyncio.create_task(work())
            try:
                await asyncio.wait({self._work})
            finally:
                self._work.cancel()
                await asyncio.wait({self._work})
                self.ended.set()

    def take_away(self) -> None:
        self.given.clear()
        assert self._work is not None
        self._work.cancel()


def marked_by(store: Store, holder: str | None, ref: str) -> list[Due]:
    """Queue a reply in the name of the sender *holder*, as a turn does."""
    write = partial(
        ledger.enqueue,
        kind="reply",
        outbounds=[an_outbound("1", ref)],
        participant=1,
        now=NOW,
        holder=holder,
        marked_at=NOW,
    )
    return store.write(lambda session: write(session)).result()


async def test_a_sender_without_the_lease_leaves_everything_in_the_ledger(store: Store) -> None:
    people(store, "1")
    platform, leases = Platform(), Shared()
    async with sending(store, platform, leases=leases) as sender:
        assert sender.holder("telegram") is None
        sender.offer(queue(store, "1", "a"))
        sender.wake("telegram")
        assert platform.calls == []
        leases.given.set()
        await platform.wait_for("a")
        await sender.settled(THERE)
        assert sender.holder("telegram") is not None
        assert states(store) == {"a": "sent"}


async def test_a_sender_that_loses_the_lease_stops_at_once_and_hands_back(store: Store) -> None:
    people(store, "1")
    platform, leases, gate = Platform(), Shared(), asyncio.Event()
    leases.given.set()
    platform.answers["1"].append(gate.wait)
    async with sending(store, platform, leases=leases) as sender:
        await sender.settled(THERE)
        first = sender.holder("telegram")
        sender.offer(marked_by(store, first, "in flight"))
        await platform.wait_until(lambda: len(platform.calls) == 1)
        sender.offer(marked_by(store, first, "waits"))
        leases.take_away()
        async with asyncio.timeout(PATIENCE):
            while sender.holder("telegram") is not None:  # noqa: ASYNC110
                await asyncio.sleep(0)
        sender.offer(marked_by(store, first, "too late"))
        gate.set()
        await leases.ended.wait()
        await settled(store, lambda found: [row.state for row in found] == ["sent", "queued", "queued"])
        assert [row.attempts for row in rows(store)] == [1, 0, 0]
        leases.given.set()
        await platform.wait_for("waits", "too late")
        await sender.settled(THERE)
        assert sender.holder("telegram") not in (None, first)
    assert platform.refs() == ["in flight", "waits", "too late"]
    assert set(states(store).values()) == {"sent"}


async def test_what_nobody_is_left_to_send_is_found_while_the_sender_runs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.line, "POLL", 0.05)
    monkeypatch.setattr(bot.line, "SWEEP", 0.1)
    people(store, "1")
    platform = Platform()
    async with sending(store, platform) as sender:
        await sender.settled(THERE)
        marked_by(store, "a sender that has lost its lease", "stray")
        # The turn was broken off after its commit, before it could hand its reply over.
        marked_by(store, sender.holder("telegram"), "forgotten")
        await platform.wait_for("stray", "forgotten")
        await settled(store, over)
    assert sorted(platform.refs()) == ["forgotten", "stray"]


async def test_a_sender_that_is_woken_looks_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.line, "POLL", 3600)
    people(store, "1")
    platform = Platform()
    async with sending(store, platform) as sender:
        await sender.settled(THERE)
        queue(store, "1", "of another process")
        sender.wake("telegram")
        sender.wake("a channel that is off")
        await platform.wait_for("of another process")


async def test_each_channel_is_held_and_lost_by_itself(store: Store) -> None:
    people(store, "1")
    people(store, "U1", channel="slack")
    telegram, slack = Platform(), Platform("slack")
    leases = Shared()

    class OnlyTelegram:
        async def hold(self, name: str, work: Work) -> None:
            await (leases.hold(name, work) if name == "sender:telegram" else work())

    sender = Sender(store, [telegram, slack], Clock(), leases=OnlyTelegram())
    running = asyncio.create_task(sender.run())
    queue(store, "1", "t")
    queue(store, "U1", "s", channel="slack")
    await slack.wait_for("s")
    assert telegram.calls == []
    leases.given.set()
    await telegram.wait_for("t")
    running.cancel()
    await asyncio.wait({running})
    assert set(states(store).values()) == {"sent"}


class Virtual:
    """Seconds that pass only while somebody sleeps, and a little more each time."""

    def __init__(self, seed: int) -> None:
        self.seconds = 1000.0
        self._chance = Random(seed)

    async def sleep(self, seconds: float) -> None:
        until = self.seconds + seconds + self._chance.choice([0.0, 0.0, 0.001, 0.03, 0.2])
        self.seconds = max(self.seconds, until)
        await asyncio.sleep(0)

    def stopwatch(self) -> Stopwatch:
        return Stopwatch(lambda: self.seconds, self.sleep)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_no_second_holds_more_calls_than_the_rate_and_a_tenth(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(bot.line, "SWEEP", 1e9)
    users = [str(1000 + number) for number in range(300)]
    people(sqlite_store, *users)
    broadcast(sqlite_store)
    watch, platform, times = Virtual(seed), Platform(), list[float]()

    async def note() -> None:
        times.append(watch.seconds)

    for user in users:
        platform.answers[user].append(note)
    people(sqlite_store, "1")
    async with sending(sqlite_store, platform, pace=Pace(rate=30), watch=watch.stopwatch()) as sender:
        for number in range(10):
            await platform.wait_until(lambda: len(platform.sent) >= 25 * number)  # noqa: B023
            sender.offer(queue(sqlite_store, "1", f"r{number}"))
        await platform.wait_until(lambda: len(platform.sent) == 310)
    assert len(times) == 300
    assert fullest(times) <= 33
