"""
One account that sends 2,000 different questions as fast as it can, while twenty people talk as people do.

Prints how long the twenty wait for their answers, with the flood and without it, from the webhook's call to the call
that sends the reply. The flood, the people and the platform are one process, `saphan serve` is another; whatever the
first costs is in both figures, and in the flood's more.
"""

import asyncio
import itertools
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from tests.benchmarks.processes import fsyncs_a_second, serving
from tests.loopback.telegram import TOKEN, BotApi
from tests.loopback.telegram_updates import said

PEOPLE, MESSAGES, PAUSE = 20, 15, 1.0
FLOOD, SLOTS = 2000, 10
UNPACED = "1000000"
ACCOUNTS = itertools.count(6_000_000_001)


class Platform(BotApi):
    """Telegram's server, with the time at which each chat got its newest message."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: dict[str, asyncio.Event] = {}

    def _kept(self, chat: str, number: int, words: dict[str, Any], file: dict[str, Any]) -> dict[str, Any]:
        if chat in self.arrived:
            self.arrived[chat].set()
        return super()._kept(chat, number, words, file)

    async def webhook_is_set(self) -> tuple[str, str]:
        return await self.wait_until(lambda: self.webhook, lambda hook: bool(hook[0]))


def account() -> dict[str, Any]:
    return {"id": next(ACCOUNTS), "is_bot": False, "first_name": "Mele", "language_code": "en"}


async def talk(platform: Platform, session: ClientSession, url: str) -> list[float]:
    """Write as somebody who reads each answer; return the seconds until each came."""
    person = account()
    waits = []
    for number in range(MESSAGES):
        news = platform.arrived[str(person["id"])] = asyncio.Event()
        begun = time.perf_counter()
        async with session.post(
            url, json=said("/now" if number % 2 else "where is the venue", person)
        ) as answer:
            answer.raise_for_status()
        await news.wait()
        waits.append(time.perf_counter() - begun)
        await asyncio.sleep(PAUSE)
    return waits


async def flood(session: ClientSession, url: str) -> tuple[int, float]:
    """Send the flood; return how many messages it took in how many seconds."""
    person = account()
    updates = iter([said(f"where is the venue ({number})", person) for number in range(FLOOD)])

    async def send() -> None:
        for update in updates:
            async with session.post(url, json=update) as answer:
                answer.raise_for_status()

    begun = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(SLOTS)))
    return FLOOD, time.perf_counter() - begun


async def measure(folder: Path) -> None:
    async with Platform() as platform:
        settings = {
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_API_URL": platform.url,
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_RATE": UNPACED,
        }
        with serving(folder, settings):
            url, secret = await platform.webhook_is_set()
            async with ClientSession(headers={"X-Telegram-Bot-Api-Secret-Token": secret}) as session:
                await crowd(platform, session, url)  # everything is loaded
                quiet = await crowd(platform, session, url)
                talking = asyncio.create_task(crowd(platform, session, url))
                await asyncio.sleep(PAUSE)
                count, seconds = await flood(session, url)
                flooded = await talking
    print(
        f"  SQLite file, synchronous=FULL, {fsyncs_a_second(folder):.0f} fsync/s; {PEOPLE} people, one flood"
    )
    print(f"  the flood: {count} messages in {seconds:.1f} s, {count / seconds:.0f} a second")
    for name, waits in (("without the flood", quiet), ("with the flood", flooded)):
        print(
            f"  {name:20} median {1000 * statistics.median(waits):6.1f} ms, p95 {1000 * p95(waits):6.1f} ms"
        )
    ratios = statistics.median(flooded) / statistics.median(quiet), p95(flooded) / p95(quiet)
    print(f"  ratio                median {ratios[0]:6.2f},    p95 {ratios[1]:6.2f}")


async def crowd(platform: Platform, session: ClientSession, url: str) -> list[float]:
    """Let all people talk; return all their waits."""
    waits = await asyncio.gather(*(talk(platform, session, url) for _ in range(PEOPLE)))
    return list(itertools.chain.from_iterable(waits))


def p95(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=20)[-1]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder)))


if __name__ == "__main__":
    main()
