"""`kill -9` at any moment: no announcement twice, no reply lost, and every row final or visibly unknown."""

import asyncio
import contextlib
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.announcement_commands import Correct, Pause, Resume, Retract
from bot.compositions import Words
from bot.database import Store
from bot.line import RESERVED, SLOTS
from bot.store import Delivery
from tests import PATIENCE, forks
from tests.bot.ledgers import a_store, broadcast, over, people, perform, queue, rows
from tests.databases import store_on
from tests.forks import Process
from tests.loopback.telegram import BotApi

RECIPIENTS, REPLIES, KILLS = 2000, 60, 4
FEWER = 400
"""Recipients where there is more to do for each."""
LUNCH = "en: Lunch is served."
CRASHED = -9
PROGRAM = ("tests.crash.program",)


@contextlib.asynccontextmanager
async def program(what: str, store: Store, api_url: str) -> AsyncIterator[Process]:
    """Give a program at work; it is killed at the end, if not before."""
    words = (what, store.url.render_as_string(hide_password=False), api_url)
    with await asyncio.to_thread(forks.start, words, forks.ROOT, os.environ, PROGRAM) as process:
        yield process


def users(count: int, start: int) -> list[str]:
    return [str(start + number) for number in range(count)]


def arrived(api: BotApi) -> Counter[str]:
    """Return how often each text's last line has arrived in each chat; the text of a reply is its ref."""
    calls = api.called("sendMessage")
    return Counter(f"{call.values['chat_id']} {call.values['text'].splitlines()[-1]}" for call in calls)


async def reached(api: BotApi, count: int) -> None:
    """Return once *count* calls have come, however slow the machine is, as long as they go on coming."""
    while (calls := len(api.calls)) < count:
        await api.wait_until(lambda: len(api.calls), lambda now: now >= min(count, calls + 50))


def an_announcement_and_replies(store: Store, recipients: int, replies: int) -> None:
    """Queue an announcement to so many *recipients*, of whom the first few get so many *replies* twice."""
    writers = users(replies, 9_000_000)
    people(store, *writers)
    for number, writer in enumerate(writers):
        queue(store, writer, f"r{number}.0", f"r{number}.1")
    people(store, *users(recipients - replies, 1_000_000))
    broadcast(store)


async def carried_out(store: Store, api: BotApi) -> None:
    """Let a last sender end what is left."""
    async with program("send", store, api.url) as sender:
        assert await asyncio.to_thread(sender.wait) == 0


async def kill(*senders: Process) -> None:
    for sender in senders:
        sender.kill()
    for sender in senders:
        assert await asyncio.to_thread(sender.wait) == CRASHED


def check_replies(found: Sequence[Delivery], counted: Counter[str], replies: int, kills: int) -> None:
    """Every reply has arrived, and no more of them twice than were in flight."""
    mine = [row for row in found if row.kind == "reply"]
    assert [row.state for row in mine] == ["sent"] * replies
    times = [counted[f"{row.chat} {row.ref}"] for row in mine]
    assert min(times) == 1
    assert sum(times) - len(times) <= kills * (SLOTS + RESERVED)


def check_announced(found: Sequence[Delivery], counted: Counter[str], recipients: int, kills: int) -> None:
    """Nobody got the announcement twice; who may not have got it at all is marked."""
    announced = [row for row in found if row.kind == "announcement"]
    states = Counter(row.state for row in announced)
    assert states["sent"] + states["unknown"] == len(announced) == recipients
    assert states["unknown"] <= kills * (SLOTS + RESERVED)
    for row in announced:
        times = counted[f"{row.chat} {LUNCH}"]
        assert times == 1 if row.state == "sent" else times <= 1


@pytest.mark.parametrize("seed", [20220912])
async def test_a_sender_that_is_killed_again_and_again_sends_no_announcement_twice(
    tmp_path: Path, seed: int
) -> None:
    store = a_store(tmp_path)
    an_announcement_and_replies(store, RECIPIENTS, REPLIES)
    messages = RECIPIENTS + 2 * REPLIES
    chance = random.Random(seed)
    async with BotApi() as api:
        for number in range(KILLS):
            first = max(1, number * messages // (KILLS + 1))
            moment = chance.randint(first, first + messages // (KILLS + 2))
            async with program("send", store, api.url) as sender:
                await reached(api, moment)
                await kill(sender)
        await carried_out(store, api)
    found, counted = rows(store), arrived(api)
    store.close()

    assert over(found)
    check_announced(found, counted, RECIPIENTS, KILLS)
    check_replies(found, counted, 2 * REPLIES, KILLS)
    assert sum(counted.values()) == len(api.calls)


@pytest.mark.parametrize("seed", [20220914])
async def test_of_two_senders_on_postgresql_each_and_all_may_be_killed(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with store_on("postgresql", tmp_path) as store:
        an_announcement_and_replies(store, FEWER, REPLIES)
        part = (FEWER + 2 * REPLIES) // 5
        async with BotApi() as api:

            async def moment(number: int) -> None:
                await reached(api, number * part + chance.randint(1, part))

            async with program("send", store, api.url) as one, program("send", store, api.url) as other:
                await moment(0)
                await kill(one)
                async with program("send", store, api.url) as third:
                    await moment(1)
                    await kill(other)
                    await moment(2)
                    await kill(third)
            async with program("send", store, api.url) as one, program("send", store, api.url) as other:
                await moment(3)
                await kill(one, other)
            await carried_out(store, api)
        found, counted = rows(store), arrived(api)

    assert over(found)
    check_announced(found, counted, FEWER, 4)
    check_replies(found, counted, 2 * REPLIES, 4)
    assert sum(counted.values()) == len(api.calls)


@pytest.mark.parametrize("seed", [20220916])
async def test_an_announcement_is_paused_corrected_and_withdrawn_between_crashes(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    store = a_store(tmp_path)
    people(store, *users(FEWER, 1_000_000))
    number = broadcast(store).number
    async with BotApi() as api:
        part = FEWER // 4

        async with program("send", store, api.url) as sender:
            await reached(api, chance.randint(1, part))
            perform(store, Pause(number))
            await kill(sender)
        told = len(api.calls)
        queue(store, "1000000", "r0")
        async with program("send", store, api.url) as sender:
            await reached(api, told + 1)
            assert api.calls[-1].values["text"] == "r0"
            assert "sending" not in {row.state for row in rows(store) if row.kind == "announcement"}
            perform(store, Resume(number))
            await reached(api, told + chance.randint(part, 2 * part))
            perform(store, Correct(number, Words(texts={"en": "Lunch is at noon."})))
            await kill(sender)
        told = len(api.calls)
        async with program("send", store, api.url) as sender:
            await reached(api, told + chance.randint(1, part))
            perform(store, Retract(number))
            await kill(sender)
        await carried_out(store, api)
    found = rows(store)
    posts = Counter(str(call.values["chat_id"]) for call in api.called("sendMessage"))
    store.close()

    assert over(found)
    assert {row.state for row in found if row.kind == "correction"} <= {"sent", "failed", "unknown"}
    unsure = {row.chat for row in found if row.state == "unknown"}
    assert len(unsure) <= 3 * (SLOTS + RESERVED)
    for chat in users(FEWER, 1_000_000):
        mine = [row.state for row in found if row.chat == chat and row.kind != "correction"]
        assert posts[chat] <= mine.count("sent") + mine.count("unknown"), chat
    left = {chat for chat, _ in api.messages} - {"1000000"}
    assert left <= unsure


async def test_an_announcement_that_is_killed_while_it_is_queued_leaves_nothing(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    people(store, *users(10, 1_000_000))
    async with program("announce", store, "") as announcing:
        async with asyncio.timeout(PATIENCE):
            assert await (await forks.lines(announcing)).readline() == b"queued, not committed\n"
        await kill(announcing)
    assert rows(store) == []
    announced = broadcast(store)
    assert (announced.recipients, announced.fresh, len(rows(store))) == (10, True, 10)
    store.close()
