"""Leases and news among processes; here each process is a task with connections of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from bot.database import Store
from bot.leases import Sole
from bot.news import NO_NEWS, tell_with
from bot.postgresql import PostgresqlNews, SharedLeases
from tests import PATIENCE


class Worker:
    """A process that wants a lease; `at_work` while it has it."""

    def __init__(self, store: Store) -> None:
        self.leases = SharedLeases(store.url)
        self.at_work = asyncio.Event()
        self.times = 0

    async def work(self) -> None:
        self.times += 1
        self.at_work.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.at_work.clear()


@contextlib.asynccontextmanager
async def running(*coroutines: Any) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        async with asyncio.timeout(PATIENCE):
            yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def cut_off(store: Store) -> None:
    """End, as an operator or a broken network does, what the database calls our wires."""
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'saphan-wire'"
    store.write(lambda session: session.execute(text(end)).all()).result()


async def test_one_works_and_the_other_takes_over_when_it_ends(postgresql_store: Store) -> None:
    first, second = Worker(postgresql_store), Worker(postgresql_store)
    async with running(first.leases.hold("a", first.work)) as (one,):
        await first.at_work.wait()
        async with running(second.leases.hold("a", second.work)):
            other = Worker(postgresql_store)
            async with running(other.leases.hold("b", other.work)):
                await other.at_work.wait()
            assert not second.at_work.is_set()
            one.cancel()
            await second.at_work.wait()
            assert not first.at_work.is_set()


async def test_who_is_cut_off_stops_at_once_and_comes_back(postgresql_store: Store) -> None:
    worker = Worker(postgresql_store)
    async with running(worker.leases.hold("a", worker.work)):
        await worker.at_work.wait()
        cut_off(postgresql_store)
        while worker.times < 2:
            await worker.at_work.wait()
            await asyncio.sleep(0)
        assert worker.times == 2


async def test_the_lease_ends_with_the_work_and_its_error_comes_out(postgresql_store: Store) -> None:
    leases = SharedLeases(postgresql_store.url)

    async def fail() -> None:
        raise ValueError("no")

    async with asyncio.timeout(PATIENCE):
        for _ in range(2):
            with pytest.raises(ValueError, match="no"):
                await leases.hold("a", fail)


async def test_alone_everything_is_done_at_once() -> None:
    done: list[str] = []

    async def work() -> None:
        done.append("it")

    await Sole().hold("a", work)
    NO_NEWS.on("pack", done.append)
    NO_NEWS.tell("pack")
    assert done == ["it"]


class Ear:
    """Hears a topic, and waits for words."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[str] = asyncio.Queue()

    async def until(self, *wanted: str) -> None:
        """Return when the next words have been *wanted*, in this order."""
        for word in wanted:
            assert await self.heard.get() == word


async def test_what_one_tells_all_hear_and_first_of_all_that_they_may_have_missed_something(
    postgresql_store: Store,
) -> None:
    news = [PostgresqlNews(postgresql_store.url) for _ in range(2)]
    ears = [Ear(), Ear()]
    for one, ear in zip(news, ears, strict=True):
        one.on("queued", ear.heard.put_nowait)
    async with running(*(one.run() for one in news)):
        for ear in ears:
            await ear.until("")
        news[0].tell("queued", ["telegram", "web", "telegram"])
        for ear in ears:
            await ear.until("telegram", "web")
        postgresql_store.write(lambda session: tell_with(session, "queued", "slack")).result()
        await ears[1].until("slack")
        cut_off(postgresql_store)
        await ears[1].until("")


async def test_many_words_are_told_in_several_notifications(postgresql_store: Store) -> None:
    news, ear = PostgresqlNews(postgresql_store.url), Ear()
    news.on("web", ear.heard.put_nowait)
    users = [f"{number:032x}" for number in range(1000)]
    async with running(news.run()):
        await ear.until("")
        news.tell("web", users)
        await ear.until(*users)
