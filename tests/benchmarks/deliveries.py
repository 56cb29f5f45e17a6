"""
How fast the ledger is: `python -m tests.benchmarks.deliveries [--folder DIR]`, on the disk of DIR.

Prints what an announcement to many costs to enqueue; the messages a second that leave through the sender on a channel
that takes each at once and without pace, with `synchronous` FULL; how long replies wait while announcements go out at
thirty a second; and, beside them, the disk's own rate of fsync, which decides the rest. Then the same on PostgreSQL,
which does not wait for the disk here, with three bots' senders at once and what a sender holds in memory.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import func, select
from sqlmodel import insert

from bot import ledger, schema
from bot.clock import Clock
from bot.database import Store
from bot.ledger import ROWS
from bot.messages import Address, Card, Outbound
from bot.pace import Pace
from bot.sender import Sender
from bot.store import KnownAddress, Participant
from tests.benchmarks.processes import Running, running
from tests.bot.ledgers import a_press, broadcast
from tests.databases import Server

NOW = datetime(2022, 9, 13, 3, 42, tzinfo=UTC)
BOTS = ("telegram", "slack", "web")
TEXT = "The plenary on ocean finance starts twenty minutes later, in the Main Hall. " * 4


class Sink:
    """A channel that takes everything at once and counts it."""

    def __init__(self, wanted: int, name: str = "telegram") -> None:
        self.name = name
        self.wanted = wanted
        self.times: list[float] = []
        self.full = asyncio.Event()
        self.reply = asyncio.Event()

    async def send(self, outbound: Outbound) -> str:
        if outbound.chat == "reply":
            self.reply.set()
        self.times.append(time.perf_counter())
        if len(self.times) == self.wanted:
            self.full.set()
        return str(outbound.delivery)


def fill(store: Store, people: int, channels: Sequence[str] = ("telegram",)) -> None:
    """Register *people* participants with an address each, on one of *channels* after the other."""
    known = {"guessed_language": "en", "role": "delegate", "confirmed": False, "created_at": NOW}
    persons = [{"id": n, **known} for n in range(1, people + 1)]
    places = [
        {"channel": channels[n % len(channels)], "user": str(n), "participant_id": n, "chat": str(n)}
        for n in range(1, people + 1)
    ]
    store.write(lambda session: session.execute(insert(Participant), persons)).result()
    store.write(lambda session: session.execute(insert(KnownAddress), places)).result()


def enqueue(store: Store) -> float:
    """Return the seconds that one announcement to everyone takes."""
    a_press()  # the pack is read before
    begun = time.perf_counter()
    broadcast(store, TEXT)
    return time.perf_counter() - begun


async def send(store: Store, count: int) -> tuple[float, float]:
    """Return the messages a second, and the processor's seconds for a thousand of them."""
    sink = Sink(count)
    sender = Sender(store, [sink], Clock())
    processor = time.process_time()
    running = asyncio.create_task(sender.run())
    await sink.full.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    spent = time.process_time() - processor
    return (count - 1) / (sink.times[-1] - sink.times[0]), 1000 * spent / count


async def replies(store: Store, count: int, rate: float = 30.0) -> list[float]:
    """Return the seconds from the commit of each of *count* replies to its call, while announcements go out."""
    sink = Sink(-1)
    sender = Sender(store, [sink], Clock(), {"telegram": Pace(rate)})
    running = asyncio.create_task(sender.run())
    waits = []
    for number in range(count):
        await asyncio.sleep(0.2)
        outbound = Outbound(0, Address("telegram", "1"), "reply", Card(f"r{number}", "en", body="Here."))
        due = await asyncio.wrap_future(
            store.write(
                lambda session, outbound=outbound: ledger.enqueue(session, "reply", [outbound], 1, NOW)
            )
        )
        begun, sink.reply = time.perf_counter(), asyncio.Event()
        sender.offer(due)
        await sink.reply.wait()
        waits.append(time.perf_counter() - begun)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return waits


def fsyncs(folder: Path, seconds: float = 1.0) -> float:
    """Return how many appends a second the disk makes durable, one after the other."""
    path = folder / "fsync"
    count, begun = 0, time.perf_counter()
    with path.open("wb", buffering=0) as file:
        while time.perf_counter() - begun < seconds:
            file.write(bytes(4096))
            os.fsync(file.fileno())
            count += 1
    path.unlink()
    return count / (time.perf_counter() - begun)


def three_bots(store: Store, messages: int) -> float:
    """Return the messages a second that leave through the senders of three bots, each a process."""
    fill(store, messages, BOTS)
    with ExitStack() as senders:
        for channel in BOTS:
            senders.enter_context(one_sender(store, channel))
        broadcast(store, TEXT)
        wait_until_sent(store, messages)
    first, last = store.read(
        lambda s: s.execute(select(func.min(ROWS.c.marked_at), func.max(ROWS.c.settled_at))).one()
    )
    return messages / float((last - first).total_seconds())


def memory(store: Store, queued: int) -> float:
    """Return the most megabytes that a sender holds while it sends the first thousand of *queued* messages."""
    fill(store, queued)
    broadcast(store, TEXT)
    with one_sender(store, "telegram") as sender:
        wait_until_sent(store, 1000)
        return sender.memory_mb("VmHWM")


def one_sender(store: Store, channel: str) -> AbstractContextManager[Running]:
    url = store.url.render_as_string(hide_password=False)
    return running("tests.benchmarks.one_sender", url, channel)


def wait_until_sent(store: Store, messages: int) -> None:
    sent = select(func.count()).select_from(ROWS).where(ROWS.c.state == "sent")
    while store.read(lambda session: session.execute(sent).scalar_one()) < messages:
        time.sleep(0.05)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=5_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        print(f"fsync: {fsyncs(folder):.0f} a second")
        store = Store(f"sqlite:///{folder / 'bench.db'}")
        schema.upgrade(store)
        measure(store, args.people, args.messages)
    on_postgresql(args.people, args.messages)


def on_postgresql(people: int, messages: int) -> None:
    """Measure and print what there is to say of PostgreSQL, on new databases of one server."""
    server = Server(shared_buffers="128MB")  # as it is installed

    def new() -> Store:
        store = Store(server.url(server.create()))
        schema.upgrade(store)
        return store

    try:
        measure(new(), people, messages)
        with closing(new()) as store:
            print(f"  three bots' senders together: {three_bots(store, 3 * messages):.0f} a second")
        for queued in (1000, people):
            with closing(new()) as store:
                print(f"  a sender's memory with {queued} queued: {memory(store, queued):.0f} MB")
    finally:
        server.remove()


def measure(store: Store, people: int, messages: int) -> None:
    """Measure and print what there is to say of *store*, and close it."""
    print(store.dialect)
    fill(store, people)
    print(f"  enqueue {people} recipients: {enqueue(store):.2f} s")
    rate, spent = asyncio.run(send(store, messages))
    print(f"  send {messages} of them: {rate:.0f} a second, {spent:.2f} s of our CPU for a thousand")
    waits = asyncio.run(replies(store, 50))
    print(f"  a reply meanwhile, at 30 a second: median {median(waits):.3f} s, longest {max(waits):.3f} s")
    store.close()


if __name__ == "__main__":
    main()
