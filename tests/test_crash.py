"""`kill -9` at any moment: no announcement twice, no reply lost, and every row final or visibly unknown."""

import asyncio
import contextlib
import random
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.database import Store
from bot.line import RESERVED, SLOTS
from tests.bot.ledgers import a_store, broadcast, over, people, queue, rows
from tests.loopback.telegram import BotApi

RECIPIENTS, REPLIES, KILLS = 2000, 60, 4
CRASHED = -9


@contextlib.asynccontextmanager
async def program(what: str, store: Store, api_url: str) -> AsyncIterator[Process]:
    """Give a program at work; it is killed at the end, if not before."""
    command = [sys.executable, "-m", "tests.crash.program", what, str(store.url.database), api_url]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


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


@pytest.mark.parametrize("seed", [20220912, 20220913])
async def test_a_sender_that_is_killed_again_and_again_sends_no_announcement_twice(
    tmp_path: Path, seed: int
) -> None:
    store = a_store(tmp_path)
    writers = users(REPLIES, 9_000_000)
    people(store, *writers)
    for number, writer in enumerate(writers):
        queue(store, writer, f"r{number}.0", f"r{number}.1")
    people(store, *users(RECIPIENTS - REPLIES, 1_000_000))
    broadcast(store)
    messages = RECIPIENTS + 2 * REPLIES
    chance = random.Random(seed)
    async with BotApi() as api:
        for kill in range(KILLS):
            first = max(1, kill * messages // (KILLS + 1))
            moment = chance.randint(first, first + messages // (KILLS + 2))
            async with program("send", store, api.url) as sender:
                await reached(api, moment)
                sender.kill()
                assert await sender.wait() == CRASHED
        async with program("send", store, api.url) as sender:
            async with asyncio.timeout(120):
                assert await sender.wait() == 0
    found, counted = rows(store), arrived(api)
    store.close()

    assert over(found)
    announced = [row for row in found if row.kind == "announcement"]
    states = Counter(row.state for row in announced)
    assert states["sent"] + states["unknown"] == len(announced) == RECIPIENTS
    assert states["unknown"] <= KILLS * (SLOTS + RESERVED)
    for row in announced:
        times = counted[f"{row.chat} en: Lunch is served."]
        assert times == 1 if row.state == "sent" else times <= 1

    replies = [row for row in found if row.kind == "reply"]
    assert [row.state for row in replies] == ["sent"] * 2 * REPLIES
    times = [counted[f"{row.chat} {row.ref}"] for row in replies]
    assert min(times) == 1
    assert sum(times) - len(times) <= KILLS * (SLOTS + RESERVED)
    assert sum(counted.values()) == len(api.calls)


async def test_an_announcement_that_is_killed_while_it_is_queued_leaves_nothing(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    people(store, *users(10, 1_000_000))
    async with program("announce", store, "") as announcing:
        assert announcing.stdout is not None
        async with asyncio.timeout(60):
            assert await announcing.stdout.readline() == b"queued, not committed\n"
        announcing.kill()
        assert await announcing.wait() == CRASHED
    assert rows(store) == []
    announced = broadcast(store)
    assert (announced.recipients, announced.fresh, len(rows(store))) == (10, True, 10)
    store.close()
