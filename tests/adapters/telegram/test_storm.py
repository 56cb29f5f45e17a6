"""An announcement while Telegram throttles, fails, hangs and cuts: through the real adapter and sender."""

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

from adapters.telegram import Telegram
from adapters.telegram.request import Patience
from bot.clock import Clock
from tests.adapters.telegram.conftest import Recorder
from tests.bot.ledgers import a_store, broadcast, people, sending, settled
from tests.loopback.telegram import TOKEN, Answer, BotApi, Cut, Deal, Failure, Hang, Page

RECIPIENTS = 300
SEED = 20220918
LONG = 3600
TIMES_OUT = Patience(answer=timedelta(seconds=1), farewell=timedelta(seconds=0.1))
FAULTS: list[tuple[Answer, int]] = [
    (Failure(429, "Too Many Requests: retry after 1", retry_after=1), 60),
    (Failure(500, "Internal Server Error"), 30),
    (Page(502), 30),
    (Cut(carried_out=True), 15),
    (Cut(carried_out=False), 15),
    (Hang(), 10),
    (Deal(), 120),
]


def storm() -> list[Answer]:
    """Return the answers to the first calls, in an order of chance; the very first one waits for an hour."""
    answers = [answer for answer, count in FAULTS for _ in range(count)]
    random.Random(SEED).shuffle(answers)
    return [Failure(429, f"Too Many Requests: retry after {LONG}", retry_after=LONG), *answers]


async def test_a_storm_doubles_nothing_and_holds_up_only_whom_it_hits(
    tmp_path: Path, api: BotApi, core: Recorder
) -> None:
    store = a_store(tmp_path)
    people(store, *(str(1_000_000 + number) for number in range(RECIPIENTS)))
    broadcast(store)
    api.will("sendMessage", *storm())
    telegram = Telegram(core, token=TOKEN, api_url=api.url, patience=TIMES_OUT)
    async with sending(store, telegram, clock=Clock()):
        found = await settled(store, lambda rows: sum(row.settled_at is None for row in rows) == 1)
    await telegram.close()
    store.close()

    (waiting,) = [row for row in found if row.settled_at is None]
    assert (waiting.state, waiting.cause, waiting.attempts) == ("queued", "throttled", 0)
    states = Counter(row.state for row in found)
    assert states["sent"] + states["unknown"] == RECIPIENTS - 1
    assert states["sent"] >= RECIPIENTS // 2
    kept = Counter(chat for chat, _ in api.messages)
    assert {row.chat for row in found if row.state == "sent" and kept[row.chat] != 1} == set()
    assert {row.chat for row in found if row.state == "unknown" and kept[row.chat] > 1} == set()
    assert {row.cause for row in found if row.state == "unknown"} == {"ambiguous"}
