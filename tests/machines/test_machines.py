"""Two `saphan web` and two `saphan worker` on one PostgreSQL: what is asked of either is answered, whoever dies."""

import asyncio
import contextlib
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientError, ClientSession
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from bot import inbox, schema
from bot.database import Store
from bot.ledger import OPEN
from bot.ledger import ROWS as DELIVERIES
from bot.line import RESERVED, SLOTS
from tests import PATIENCE
from tests.bot.ledgers import broadcast, people, rows
from tests.databases import Server
from tests.knowledge.packs import with_text
from tests.loopback.telegram import BotApi, plain
from tests.loopback.telegram_updates import MELE, said
from tests.machines.topology import Installation, Machine, installation, post, written

pytestmark = pytest.mark.asyncio(loop_scope="module")

WIFI = "The network is Forum."
CRASHED = -9
RECIPIENTS = 400


@dataclass
class Forum:
    """The whole installation: what stands in front of it, what is in it, and the database behind it."""

    server: Server
    store: Store
    api: BotApi
    http: ClientSession
    installed: Installation
    webs: list[Machine]
    workers: list[Machine]

    async def say(self, update: dict[str, Any], *machines: Machine) -> None:
        """Hand *update* to each of *machines*, as a platform does that sends it again."""
        for machine in machines:
            assert await post(self.http, await machine.url(), update) == 200

    async def answers(self, chat: int, count: int) -> list[str]:
        """Return what was sent to *chat* once there are *count* messages."""

        def sent() -> list[str]:
            calls = self.api.called("sendMessage")
            return [plain(call.values["text"]) for call in calls if str(call.values["chat_id"]) == str(chat)]

        return await self.api.wait_until(sent, lambda texts: len(texts) >= count)

    async def over(self) -> None:
        """Return once every delivery has ended and every message has had its turn."""
        deliveries = select(func.count()).select_from(DELIVERIES).where(OPEN)
        messages = select(func.count()).select_from(inbox.ROWS).where(inbox.WAITING)
        await self.until(lambda: not self.count(deliveries) and not self.count(messages))

    def count(self, query: Any) -> int:
        """Return the number that *query* gives."""
        return int(self.store.read(lambda session: session.execute(query).scalar_one()))

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return once *holds*; a database that is away is asked again."""
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(DBAPIError):
                    if await asyncio.to_thread(holds):
                        return
                await asyncio.sleep(0.05)

    async def active(self) -> tuple[Machine, Machine]:
        """Return the worker that sends to Telegram and the one that stands by."""
        taken = ('"lease": "sender:telegram"', '"lease_taken"')

        def times(worker: Machine) -> int:
            return sum(all(words in line for words in taken) for line in worker.said)

        await self.until(lambda: any(times(worker) for worker in self.workers))
        at_work, by_standing = sorted(self.workers, key=times, reverse=True)
        return at_work, by_standing


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def forum(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Forum]:
    server = Server()
    store = Store(server.url(server.create()))
    schema.upgrade(store)
    try:
        async with (
            BotApi() as api,
            ClientSession() as http,
            installation(tmp_path_factory.mktemp("machines"), server.url("test_0"), api.url) as installed,
        ):
            webs = [await installed.start("web", "--port", "0") for _ in range(2)]
            workers = [await installed.start("worker") for _ in range(2)]
            for machine in (*webs, *workers):
                await machine.until("Ctrl-C stops.")
            yield Forum(server, store, api, http, installed, webs, workers)
    finally:
        store.close()
        server.remove()


def someone(number: int) -> dict[str, Any]:
    return {**MELE, "id": 6_000_000_000 + number}


async def test_a_question_is_answered_once_through_whichever_replica_it_came(forum: Forum) -> None:
    for number, machines in enumerate(([forum.webs[0]], [forum.webs[1]], forum.webs)):
        await forum.say(said("wifi password", someone(number)), *machines)
    await forum.over()
    for number in range(3):
        answers = await forum.answers(someone(number)["id"], 1)
        assert len(answers) == 1
        assert WIFI in answers[0]


async def test_one_persons_quick_messages_to_alternating_replicas_are_answered_in_order(forum: Forum) -> None:
    person, count = someone(10), 20
    heard = select(func.count()).select_from(inbox.ROWS).where(inbox.ROWS.c.user == str(person["id"]))
    updates = [said("wifi password" if number % 3 else "/privacy", person) for number in range(count)]
    hold = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
    posts = []
    # As if the first turn were slow: all that follow have arrived before it is done.
    with forum.store.connection() as connection, connection.begin():
        connection.execute(hold, {"name": f"turn:telegram:{person['id']}"})
        for number, update in enumerate(updates):
            posts.append(asyncio.create_task(forum.say(update, forum.webs[number % 2])))
            await forum.until(lambda number=number: forum.count(heard) > number)  # type: ignore[misc]
        await asyncio.gather(*posts)
    await forum.over()
    answers = await forum.answers(person["id"], count)
    assert [WIFI in answer for answer in answers] == [bool(number % 3) for number in range(count)]


async def test_a_pack_that_is_loaded_answers_on_every_replica(forum: Forum) -> None:
    changed = with_text("faq/wifi.md", WIFI, "The network is Bridge.")
    folder = written(forum.installed.folder / "changed", changed)
    await forum.installed.run("load", str(folder))
    for machine in (*forum.webs, *forum.workers):
        await machine.until('"pack_active"')
    for number, machine in enumerate(forum.webs):
        await forum.say(said("wifi password", someone(20 + number)), machine)
        assert "The network is Bridge." in (await forum.answers(someone(20 + number)["id"], 1))[0]


async def test_a_worker_that_is_killed_hands_over_and_announces_nothing_twice(forum: Forum) -> None:
    users = [str(7_000_000_000 + number) for number in range(RECIPIENTS)]
    people(forum.store, *users)
    before = len(forum.api.called("sendMessage"))
    active, standby = await forum.active()
    announced = broadcast(forum.store, people=set(), roles={"visitor"})
    await forum.api.wait_for("sendMessage", before + RECIPIENTS // 4)
    assert await active.end() == CRASHED
    # It stood by, and goes on alone.
    await standby.until('"lease": "sender:telegram"')
    await forum.over()
    found = [row for row in rows(forum.store) if row.broadcast_id is not None]
    assert len(found) == announced.recipients
    arrived = Counter(str(call.values["chat_id"]) for call in forum.api.called("sendMessage")[before:])
    states = Counter(row.state for row in found)
    assert states["sent"] + states["unknown"] == len(found)
    assert states["unknown"] <= SLOTS + RESERVED
    for row in found:
        assert arrived[row.chat] == 1 if row.state == "sent" else arrived[row.chat] <= 1
    forum.workers = [standby, await forum.installed.start("worker")]


async def test_a_web_replica_that_is_killed_loses_nothing(forum: Forum) -> None:
    dying, staying = forum.webs
    updates = [said("wifi password", someone(100 + number)) for number in range(40)]

    async def hand_over(number: int, update: dict[str, Any]) -> None:
        """Post *update* until somebody has it, as Telegram does."""
        url = await (dying if number % 2 else staying).url()
        with contextlib.suppress(ClientError):
            if await post(forum.http, url, update) == 200:
                return
        await forum.say(update, staying)

    posts = [asyncio.create_task(hand_over(*each)) for each in enumerate(updates)]
    await forum.answers(someone(100)["id"], 1)
    assert await dying.end() == CRASHED
    await asyncio.gather(*posts)
    for number in range(len(updates)):
        assert len(await forum.answers(someone(100 + number)["id"], 1)) == 1
    await forum.over()
    forum.webs = [staying]


async def test_a_database_that_goes_and_comes_back_loses_nothing(forum: Forum) -> None:
    before = select(func.count()).select_from(DELIVERIES).where(DELIVERIES.c.state == "sent")
    sent = forum.count(before)
    # A process starts only where there is a database.
    await forum.workers[1].until("Ctrl-C stops.")
    await forum.say(said("wifi password", someone(200)), forum.webs[0])
    await asyncio.to_thread(forum.server.stop, "INT")
    refused = await post(forum.http, await forum.webs[0].url(), (late := said("wifi password", someone(201))))
    assert refused == 500
    await asyncio.to_thread(forum.server.start)
    await forum.until(lambda: forum.count(before) >= sent)
    await until_taken(lambda: forum.say(late, forum.webs[0]))
    for number in (200, 201):
        assert len(await forum.answers(someone(number)["id"], 1)) == 1
    await forum.over()


async def test_a_signal_stops_both_halves_cleanly(forum: Forum) -> None:
    for machine in (*forum.webs, *forum.workers):
        assert await machine.end(signal.SIGTERM) == 0
        assert machine.said[-1] == "Stopped. Nothing was lost.\n"


async def until_taken(say: Callable[[], Awaitable[None]]) -> None:
    """Say it again until it is taken."""
    while True:
        with contextlib.suppress(AssertionError):
            return await say()
