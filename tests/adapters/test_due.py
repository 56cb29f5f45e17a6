"""What happens by itself on PostgreSQL, through the real Procrastinate."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from adapters import due
from bot.alarms import OPTION
from bot.announcement_commands import Announce, Announced
from bot.broadcasts import Announcement, Audience
from bot.clock import Clock
from bot.compositions import Words
from bot.database import Store
from bot.jobs import Jobs
from bot.postgresql import conninfo
from bot.snapshots import Snapshots
from knowledge.loaders.pack import Pack
from knowledge.snapshot import Snapshot
from tests import PATIENCE
from tests.bot.ledgers import NOW, people, perform, rows
from tests.databases import store_on
from tests.knowledge.packs import small_pack
from tests.samples import wording

CLOCK = Clock.starting_at(NOW)
"""By day, when announcements leave."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_on("postgresql", tmp_path) as kept:
        due.install(kept)
        kept.tag(**{OPTION: due.alarm()})
        yield kept


@contextlib.asynccontextmanager
async def at_work(store: Store) -> AsyncIterator[None]:
    """Give a database on which a worker does what is due."""
    know = Snapshot.of(Pack.from_files(small_pack()))
    jobs = Jobs(store, Snapshots(store, know), wording(), CLOCK)
    working = asyncio.create_task(due.Looks(store.url, jobs).run())
    try:
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


def announce(store: Store, after: timedelta) -> Announced:
    words = Words(texts={"en": "Lunch is served."})
    now = CLOCK.now()
    wanted = Announcement(words, Audience(), starts_at=now + after)
    announced: Announced = perform(store, Announce(wanted), now=now)
    return announced


def looks(store: Store, status: str = "todo") -> int:
    query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'look' AND status = :status"
    return int(store.read(lambda session: session.execute(text(query), {"status": status}).scalar_one()))


async def until_queued(store: Store, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(await asyncio.to_thread(rows, store)) < count:  # noqa: ASYNC110 - the worker tells nobody
            await asyncio.sleep(0.05)


def test_its_tables_are_added_once(store: Store) -> None:
    due.install(store)
    assert looks(store) == 0


def test_a_look_is_deferred_with_what_was_written_or_not_at_all(store: Store) -> None:
    announce(store, timedelta(hours=1))
    assert looks(store) == 1

    def fail(session) -> None:  # type: ignore[no-untyped-def]
        due.alarm()(session.connection().connection.dbapi_connection)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.write(fail).result()
    assert looks(store) == 1


async def test_an_announcement_begins_when_its_time_has_come(store: Store) -> None:
    people(store, "1000001", "1000002")
    async with at_work(store):
        announce(store, timedelta(seconds=1))
        await until_queued(store, 2)


async def test_what_became_due_while_nobody_worked_is_done_at_the_start(store: Store) -> None:
    people(store, "1000001")
    announce(store, timedelta())
    store.write(lambda session: session.execute(text("DELETE FROM procrastinate_jobs"))).result()
    async with at_work(store):
        await until_queued(store, 1)


async def test_what_a_dead_worker_had_begun_is_done_by_another(store: Store) -> None:
    people(store, "1000001")
    announce(store, timedelta())
    dead = """
        WITH worker AS (
            INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute') RETURNING id
        )
        UPDATE procrastinate_jobs SET status = 'doing', worker_id = worker.id FROM worker
    """
    store.write(lambda session: session.execute(text(dead))).result()
    know = Snapshot.of(Pack.from_files(small_pack()))
    app = due.Looks(store.url, Jobs(store, Snapshots(store, know), wording(), CLOCK)).app()
    async with app.open_async():
        await app.configure_task(due.SWEEP, queue=due.QUEUE).defer_async(timestamp=0)
        await app.run_worker_async(queues=[due.QUEUE], wait=False, install_signal_handlers=False)
    assert len(rows(store)) == 1
    with psycopg.connect(conninfo(store.url)) as raw:
        (left,) = raw.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
        ).fetchone() or (1,)
    assert left == 0
