"""
Several machines as several processes on one PostgreSQL: `python -m tests.benchmarks.machines`.

Prints the turns a second with one, two and four `saphan web`, how long nothing leaves when the active worker is killed
during a broadcast, and what the ledger's operations cost as it grows.
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from sqlalchemy import func, select, text
from sqlmodel import Session

from bot import inbox, schema
from bot.database import Store
from bot.ledger import ROWS
from bot.shared_cards import SharedCards
from bot.waiting import look
from tests.bot.ledgers import broadcast, people
from tests.databases import Server
from tests.loopback.telegram import BotApi
from tests.loopback.telegram_updates import MELE, said
from tests.machines.topology import Installation, Machine, installation, post

TURNS, PEOPLE, SLOTS = 600, 60, 20
RECIPIENTS = 600
AT_ONCE = 100_000
SIZES = (1_000, 10_000, 100_000, 1_000_000)
NOW = datetime(2022, 9, 13, 3, 42, tzinfo=UTC)


def count(store: Store, query: Any) -> int:
    return int(store.read(lambda session: session.execute(query).scalar_one()))


async def turns(store: Store, http: ClientSession, webs: list[Machine], first: int) -> float:
    """Return the turns a second of *webs*, each of PEOPLE asking in turn."""
    urls = itertools.cycle([await web.url() for web in webs])
    updates = iter(
        [said("wifi password", {**MELE, "id": first + number % PEOPLE}) for number in range(TURNS)]
    )
    begun = time.perf_counter()

    async def ask() -> None:
        for update in updates:
            assert await post(http, next(urls), update) == 200

    await asyncio.gather(*(ask() for _ in range(SLOTS)))
    waiting = select(func.count()).select_from(inbox.ROWS).where(inbox.WAITING)
    while await asyncio.to_thread(count, store, waiting):  # noqa: ASYNC110 - the processes tell nobody
        await asyncio.sleep(0.01)
    return TURNS / (time.perf_counter() - begun)


async def takeover(store: Store, api: BotApi, workers: list[Machine]) -> float:
    """Return the seconds between the kill of the active worker and the next message of the other."""
    people(store, *(str(7_000_000_000 + number) for number in range(RECIPIENTS)))
    before = len(api.called("sendMessage"))
    broadcast(store)
    await api.wait_for("sendMessage", before + 50)
    active = next(worker for worker in workers if any('"sender:telegram"' in line for line in worker.said))
    await active.end()
    killed, so_far = time.perf_counter(), len(api.called("sendMessage"))
    await api.wait_for("sendMessage", so_far + 1)
    return time.perf_counter() - killed


async def processes(server: Server, folder: Path) -> None:
    name = server.create()
    store = Store(server.url(name))
    schema.upgrade(store)
    async with (
        BotApi() as api,
        ClientSession() as http,
        installation(folder, server.url(name), api.url) as installed,
    ):
        webs, workers = await started(installed)
        for machines in (webs[:1], webs[:2], webs):
            await turns(store, http, machines, 6_000_000_000)
            rates = [await turns(store, http, machines, 6_000_000_000) for _ in range(2)]
            print(f"  {len(machines)} web: {max(rates):.0f} turns a second")
        print(f"  takeover after kill -9: {await takeover(store, api, workers):.2f} s")
    store.close()


async def started(installed: Installation) -> tuple[list[Machine], list[Machine]]:
    webs = [await installed.start("web", "--port", "0") for _ in range(4)]
    workers = [await installed.start("worker") for _ in range(2)]
    for machine in (*webs, *workers):
        await machine.until("Ctrl-C stops.")
    return webs, workers


def growing(server: Server, most: int) -> None:
    """Print what the ledger costs with more and more rows."""
    name = server.create()
    store = Store(server.url(name))
    schema.upgrade(store)
    people(store, "1000001")
    broadcast(store)
    done = 0
    for size in (size for size in SIZES if size <= most):
        enqueue = spent(lambda first=done, last=size: grow(store, first, last))
        store.write(lambda s: s.execute(text("ANALYZE delivery"))).result()
        claim = spent(lambda: store.read(find_next))
        progress = spent(lambda: store.read(lambda s: s.execute(PROGRESS).all()))
        print(
            f"  {size:9,} rows: enqueue {(size - done) / enqueue:,.0f} a second, "
            f"next 500 {claim * 1e3:.1f} ms, progress {progress * 1e3:.1f} ms"
        )
        done = size
    store.close()


def grow(store: Store, first: int, last: int) -> None:
    """Queue the rows after *first* up to *last*, in pieces that stay under the time a statement may take."""
    for begin in range(first, last, AT_ONCE):
        values = {"first": begin + 1, "last": min(begin + AT_ONCE, last)}
        store.write(lambda session, values=values: session.execute(GROW, values)).result()


GROW = text("""
    INSERT INTO delivery
        (ref, kind, priority, participant_id, broadcast_id, shared_card_id, channel, "user", chat, deletes, state,
         attempts, created_at)
    SELECT 'g' || n, 'announcement', 5, 1, 1, 1, 'telegram', n, n, false, 'queued', 0, now()
    FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
""")
PROGRESS = (
    select(ROWS.c.channel, ROWS.c.state, func.count())
    .where(ROWS.c.broadcast_id == 1)
    .group_by(ROWS.c.channel, ROWS.c.state)
)


def find_next(session: Session) -> None:
    """Read what a sender would take next."""
    found = look(session, "telegram", (), {"announcement": 500}, NOW, NOW, SharedCards())
    assert len(found.found) == 500


def spent(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=SIZES[-1], help="the largest ledger")
    asked = parser.parse_args()
    server = Server(**dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "on"))
    print(
        f"  PostgreSQL with fsync; load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    )
    try:
        with contextlib.suppress(KeyboardInterrupt), tempfile.TemporaryDirectory() as folder:
            growing(server, asked.rows)
            asyncio.run(processes(server, Path(folder)))
    finally:
        server.remove()


if __name__ == "__main__":
    main()
