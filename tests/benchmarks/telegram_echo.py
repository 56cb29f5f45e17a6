"""
A bare python-telegram-bot echo bot, the reference for a whole turn: webhook in, reply out, nothing kept.

Written as the library's own examples are: an `Application` without an updater, a Starlette route that puts updates
into its queue, httpx underneath. `python -m tests.benchmarks.telegram_echo` prints one line of JSON.
"""

import argparse
import asyncio
import json
import socket
import time
import warnings
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Never, TypeVar

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from tests.benchmarks.processes import own_process
from tests.loopback.telegram import TOKEN

T = TypeVar("T")
WARM_UP = 100


@dataclass(frozen=True)
class Spent:
    """What so many updates cost: seconds on the clock and of this process's CPU."""

    updates: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.updates / self.wall

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu / self.updates


async def pushed(api_url: str, updates: int, people: int = 50, text: str = "hello") -> Spent:
    """Let the Bot API at *api_url* push *updates* to the webhook set there; return what they cost until answered."""
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for count in (min(updates, WARM_UP), updates):
            wall, cpu = time.perf_counter(), time.process_time()
            order = {"count": count, "people": people, "text": text}
            async with session.post(f"{api_url}/loopback/push", json=order) as response:
                response.raise_for_status()
            spent = Spent(count, time.perf_counter() - wall, time.process_time() - cpu)
    return spent


async def echo(api_url: str, use: Callable[[], Coroutine[Any, Any, T]], *, concurrent: bool = False) -> T:
    """Return what *use* gives while the echo bot listens to the Bot API at *api_url*."""
    application = (
        Application.builder()
        .token(TOKEN)
        .base_url(f"{api_url}/bot")
        .updater(None)
        .concurrent_updates(concurrent)
        .build()
    )

    async def answer(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is not None and update.message.text is not None:
            await update.message.reply_text(update.message.text)

    async def webhook(request: Request) -> Response:
        await application.update_queue.put(Update.de_json(await request.json(), application.bot))
        return Response()

    application.add_handler(MessageHandler(filters.TEXT, answer))

    async def listening(public_url: str) -> T:
        async with application:
            await application.start()
            await application.bot.set_webhook(f"{public_url}/telegram/webhook")
            result = await use()
            await application.stop()
        return result

    return await served(Starlette(routes=[Route("/telegram/webhook", webhook, methods=["POST"])]), listening)


async def served(app: Any, use: Callable[[str], Coroutine[Any, Any, T]]) -> T:
    """Return what *use* gives for the address at which *app* is served."""
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", log_config=None, access_log=False))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            return await use(f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            await task


async def for_ever() -> Never:
    """Say that the bot listens, and wait to be ended."""
    print("listening", flush=True)
    return await asyncio.get_running_loop().create_future()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--api", default="", help="a loopback Bot API; one of its own when left out")
    parser.add_argument("--serve", action="store_true", help="listen until ended, and measure nothing")
    parser.add_argument("--updates", type=int, default=1000)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument(
        "--concurrent", action="store_true", help="updates side by side, not the library's default"
    )
    asked = parser.parse_args()
    warnings.simplefilter("ignore")

    def run(api_url: str) -> None:
        if asked.serve:
            asyncio.run(echo(api_url, for_ever, concurrent=asked.concurrent))
        push = partial(pushed, api_url, asked.updates, asked.people)
        spent = asyncio.run(echo(api_url, push, concurrent=asked.concurrent))
        print(json.dumps(asdict(spent) | {"rate": round(spent.rate), "cpu_ms": round(spent.cpu_ms, 3)}))

    if asked.api:
        run(asked.api)
    else:
        with own_process("tests.loopback.telegram") as api_url:
            run(api_url)


if __name__ == "__main__":
    main()
