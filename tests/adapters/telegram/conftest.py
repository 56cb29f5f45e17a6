import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import structlog
import uvicorn
from starlette.applications import Starlette

from adapters.server import bound
from adapters.telegram import Telegram
from adapters.telegram.health import Backoff
from adapters.telegram.request import Patience
from adapters.telegram.webhook import PATH, SECRET_HEADER
from bot.messages import Address, Attachment, Card, Immediate, Inbound, Outbound
from tests import PATIENCE
from tests.loopback.telegram import TOKEN, BotApi

SECRET = "Loopback-secret_1"
TAPPED_AT = datetime(2022, 9, 13, 5, 0, tzinfo=UTC)
PATIENT = Patience(farewell=timedelta(seconds=0.1))
QUICK = Patience(answer=timedelta(seconds=0.3), farewell=timedelta(seconds=0.1))
AT_ONCE = Backoff(timedelta(milliseconds=1), timedelta(milliseconds=1), timedelta(milliseconds=1))
GROUP = "-100200300"
PICTURE = Attachment("map.png", "image/png", b"\x89PNG map", "Map of level 3")


def card(body: str = "Room B2", **parts: Any) -> Card:
    return Card("c1", "en", body=body, **parts)


def outbound(body: str = "Room B2", *, chat: str = "5000000001", **parts: Any) -> Outbound:
    about = {
        name: parts.pop(name)
        for name in ("thread", "replaces", "about", "deletes", "delivery")
        if name in parts
    }
    about.setdefault("delivery", 1)
    return Outbound(address=Address("telegram", "5000000001"), chat=chat, card=card(body, **parts), **about)


def written(api: BotApi) -> list[dict[str, Any]]:
    return list(api.messages.values())


class Recorder:
    """Stands in for the core where only the adapter is the point: it keeps what it is given."""

    languages = ("en", "zh")

    def __init__(self) -> None:
        self.received: list[Inbound] = []
        self.failures = 0
        self.immediate: Immediate | None = None
        self.gate: Callable[[Inbound], Any] | None = None
        self.officers: set[str] = set()

    async def receive(self, inbound: Inbound) -> Immediate | None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        if self.gate is not None:
            await self.gate(inbound)
        self.received.append(inbound)
        return self.immediate

    async def turned_away(self, inviter: Address, locale: str | None = None) -> str:
        return "" if inviter.user in self.officers else "Goodbye"

    async def officers_on(self, channel: str) -> tuple[tuple[str, str], ...]:
        return (("77", "zh"), ("-100200300", "en"))

    def commands(self, lang: str, audience: str = "private") -> tuple[tuple[str, str], ...]:
        if audience == "group":
            return (("ask", f"Ask, {lang}"),)
        if audience == "secretariat":
            return (("announce", f"Announce, {lang}"),)
        return {"en": (("now", "What is on now"),), "zh": (("now", "现在"),)}[lang]


class Door:
    """The webhook as Telegram's servers see it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def post(self, update: dict[str, Any], secret: str = SECRET) -> int:
        answer = await self.client.post(PATH, json=update, headers={SECRET_HEADER: secret})
        return answer.status_code


@contextlib.asynccontextmanager
async def running(telegram: Telegram) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(telegram.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def served(telegram: Telegram) -> AsyncIterator[Door]:
    """Serve the adapter's routes over HTTP on a free port."""
    app = Starlette(routes=list(telegram.routes))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", log_config=None, access_log=False))
    with bound("127.0.0.1", 0) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client:
            yield Door(client)
        server.should_exit = True
        await task


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


@pytest.fixture
def core() -> Recorder:
    return Recorder()


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture
async def polling(api: BotApi, core: Recorder) -> AsyncIterator[Telegram]:
    telegram = Telegram(
        core, token=TOKEN, api_url=api.url, patience=PATIENT, backoff=AT_ONCE, now=lambda: TAPPED_AT
    )
    yield telegram
    await telegram.close()


@pytest.fixture
async def hooked(api: BotApi, core: Recorder) -> AsyncIterator[Telegram]:
    telegram = Telegram(
        core,
        token=TOKEN,
        api_url=api.url,
        mode="webhook",
        webhook_secret=SECRET,
        public_url="https://forum.example/",
        patience=PATIENT,
        backoff=AT_ONCE,
        now=lambda: TAPPED_AT,
    )
    yield telegram
    await telegram.close()
