"""
A whole durable turn: what somebody writes comes in, the answer arrives at the platform, everything is kept.

Beside it a bare echo bot of the platform's own library, as its users write one, which keeps nothing. Both are
processes of their own, and so are the loopback servers that play the platform, send the messages and take the
replies. The bots take turns, so that a busy machine is as busy for both; nobody is paced, since everyone writes once
a round.
"""

import json
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.processes import LOG, Running, fsyncs_a_second, own_process, running, serving
from tests.loopback.telegram import TOKEN

ROUNDS, PEOPLE = 5, 300
TEXTS = {
    "/now": "/now",
    "where is the venue": "where is the venue",
    "the same in words of one's own": "where is the venue ({})",
}
SLOTS = 10
UNPACED = "1000000"


@dataclass(frozen=True)
class Spent:
    """What a message cost a bot: how many a second, and milliseconds of the bot's CPU for each."""

    rate: float
    cpu_ms: float


@dataclass(frozen=True)
class Bot:
    """A bot at work; *push* lets everyone write it a text, and returns when all have their answers."""

    process: Running
    push: Callable[[str], None]

    def round(self, text: str) -> Spent:
        wall, cpu = time.perf_counter(), self.process.cpu
        self.push(text)
        wall, cpu = time.perf_counter() - wall, self.process.cpu - cpu
        return Spent(PEOPLE / wall, 1000 * cpu / PEOPLE)


def telegram() -> None:
    """Print the turns over Telegram, webhook in and reply out, beside python-telegram-bot."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        theirs, ours = (stack.enter_context(own_process("tests.loopback.telegram")) for _ in range(2))
        echo = stack.enter_context(running("tests.benchmarks.telegram_echo", "--serve", "--api", theirs))
        settings = {
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_API_URL": ours,
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_RATE": UNPACED,
        }
        saphan = stack.enter_context(serving(folder, settings))

        def pushing(api: str) -> Callable[[str], None]:
            order = {"count": PEOPLE, "people": PEOPLE, "slots": SLOTS}
            return lambda text: post(f"{api}/loopback/push", {**order, "text": text})

        compare("Telegram webhook", "python-telegram-bot", Bot(echo, pushing(theirs)), Bot(saphan, pushing(ours)),
                folder)  # fmt: skip


def slack() -> None:
    """Print the turns over Slack's Socket Mode beside Bolt."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        theirs, ours = (stack.enter_context(own_process("tests.loopback.slack")) for _ in range(2))
        echo = stack.enter_context(running("tests.benchmarks.slack_echo", "--serve", "--root", theirs))
        settings = {
            "SLACK_BOT_TOKEN": "xoxb-benchmark",
            "SLACK_APP_TOKEN": "xapp-benchmark",
            "SLACK_API_URL": f"{ours}/api/",
            "SLACK_RATE": UNPACED,
        }
        saphan = stack.enter_context(serving(folder, settings))

        def delivering(root: str) -> Callable[[str], None]:
            order = {"messages": PEOPLE, "users": PEOPLE, "window": SLOTS}
            return lambda text: post(f"{root}/control/echo", {**order, "text": text})

        compare(
            "Slack Socket Mode", "bolt", Bot(echo, delivering(theirs)), Bot(saphan, delivering(ours)), folder
        )


def compare(way: str, library: str, echo: Bot, saphan: Bot, folder: Path) -> None:
    """Print what a message costs both bots; the ratios are medians over the rounds."""
    for bot in (echo, saphan):
        meet(bot)
    disk = fsyncs_a_second(folder)
    print(
        f"{way}: SQLite file, synchronous=FULL, {disk:.0f} fsync/s; {PEOPLE} people, {SLOTS} messages at a time"
    )
    rounds = [(echo.round("/now"), [saphan.round(text) for text in TEXTS.values()]) for _ in range(ROUNDS)]
    if "turn_failed" in (folder / LOG).read_text():
        raise RuntimeError(f"turns failed:\n{(folder / LOG).read_text()}")
    line = "  {:36}{:8.0f}/s {:7.2f} ms CPU".format
    print(line(f"bare {library} echo bot", *medians([spent for spent, _ in rounds])))
    for place, text in enumerate(TEXTS):
        rate = statistics.median(turns[place].rate / spent.rate for spent, turns in rounds)
        cpu = statistics.median(turns[place].cpu_ms / spent.cpu_ms for spent, turns in rounds)
        whole = medians([turns[place] for _, turns in rounds])
        print(f"{line(text, *whole)}   {rate:.2f} x its rate, {cpu:.2f} x its CPU", flush=True)


def medians(rounds: list[Spent]) -> tuple[float, float]:
    """Return the median rate and the median CPU of *rounds*."""
    return statistics.median(spent.rate for spent in rounds), statistics.median(
        spent.cpu_ms for spent in rounds
    )


def meet(bot: Bot) -> None:
    """Let everyone write to *bot* for the first time, as soon as it listens; newcomers are not what is measured."""
    for _ in range(100):
        try:
            return bot.push("/now")
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("a bot does not listen to the platform")


def post(url: str, order: dict[str, Any]) -> None:
    body = json.dumps(order).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - ours
    with urllib.request.urlopen(request, timeout=120):  # noqa: S310
        pass
