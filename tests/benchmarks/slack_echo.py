"""
A bare Bolt echo bot over Socket Mode, the reference for a whole turn: event in, reply out, nothing kept.

Written as the library's own examples are: an `AsyncApp`, `say` in a listener, slack_sdk's aiohttp client. With
`--adapter` the same messages go through our adapter and a core that does nothing but answer, which shows what the
adapter itself costs. `python -m tests.benchmarks.slack_echo` prints one line of JSON.
"""

import argparse
import asyncio
import itertools
import json
import time
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Never, TypeVar

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp, AsyncSay
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import Slack
from bot.messages import Card, Inbound, Outbound, Text
from tests.benchmarks.processes import own_process

T = TypeVar("T")
WARM_UP = 100
WINDOW = 10


@dataclass(frozen=True)
class Spent:
    """What so many messages cost: seconds on the clock and of this process's CPU."""

    messages: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.messages / self.wall

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu / self.messages


async def delivered(root: str, messages: int, window: int, text: str = "hello") -> Spent:
    """Let the Slack at *root* deliver *messages*, *window* at a time; return what they cost until answered."""
    timeout = aiohttp.ClientTimeout(total=None)
    spent = Spent(0, 1.0, 0.0)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for count in (min(messages, WARM_UP), messages):
            wall, cpu = time.perf_counter(), time.process_time()
            order = {"messages": count, "window": window, "users": count, "text": text}
            async with session.post(f"{root}/control/echo", json=order) as response:
                response.raise_for_status()
            spent = Spent(count, time.perf_counter() - wall, time.process_time() - cpu)
    return spent


async def echo(root: str, use: Callable[[], Awaitable[T]]) -> T:
    """Return what *use* gives while the Bolt bot listens to the Slack at *root*."""
    app = AsyncApp(
        client=AsyncWebClient(token="xoxb-benchmark", base_url=f"{root}/api/"), signing_secret="unused"
    )

    @app.event("message")
    async def answer(event: dict[str, Any], say: AsyncSay) -> None:
        await say(event["text"])

    handler = AsyncSocketModeHandler(app, "xapp-benchmark")
    await handler.connect_async()
    try:
        return await use()
    finally:
        await handler.close_async()


async def for_ever() -> Never:
    """Say that the bot listens, and wait to be ended."""
    print("listening", flush=True)
    return await asyncio.get_running_loop().create_future()


class Echo:
    """A core that answers each message with one card."""

    def __init__(self) -> None:
        self.send: Callable[[Outbound], Awaitable[str]]
        self._sending: set[asyncio.Task[str]] = set()
        self._numbers = itertools.count()

    async def receive(self, inbound: Inbound) -> None:
        assert isinstance(inbound.heard, Text)
        number = next(self._numbers)
        card = Card(f"r{number}", "en", body=inbound.heard.text)
        task = asyncio.ensure_future(self.send(Outbound(number, inbound.address, inbound.chat, card)))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)


async def adapter_echo(root: str, use: Callable[[], Awaitable[T]]) -> T:
    """Return what *use* gives while our adapter listens, with a core that only answers."""
    core: Any = Echo()
    slack = Slack(core, bot_token="xoxb-benchmark", app_token="xapp-benchmark", api_url=f"{root}/api/")
    core.send = slack.send
    task = asyncio.create_task(slack.run())
    try:
        return await use()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="What an echo bot on Slack costs.")
    parser.add_argument("--root", default="", help="a loopback Slack; one of its own when left out")
    parser.add_argument("--serve", action="store_true", help="listen until ended, and measure nothing")
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--window", type=int, default=WINDOW, help="unanswered messages at a time")
    parser.add_argument("--adapter", action="store_true", help="our adapter instead of the bare bot")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")

    def run(root: str) -> None:
        bot = adapter_echo if asked.adapter else echo
        if asked.serve:
            asyncio.run(bot(root, for_ever))
        spent = asyncio.run(bot(root, partial(delivered, root, asked.messages, asked.window)))
        print(json.dumps(asdict(spent) | {"rate": round(spent.rate), "cpu_ms": round(spent.cpu_ms, 3)}))

    if asked.root:
        run(asked.root)
    else:
        with own_process("tests.loopback.slack") as root:
            run(root)


if __name__ == "__main__":
    main()
