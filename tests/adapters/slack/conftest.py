"""A loopback Slack, a core that records, and the adapter between them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from adapters.server import bound
from adapters.slack import Slack
from bot.messages import (
    Address,
    Attachment,
    Card,
    Choice,
    Field,
    Form,
    FormField,
    Immediate,
    Inbound,
    Outbound,
)
from tests.loopback.slack import Loopback

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
CARD = Card("r1", "en", heading="Room B", body="First floor.", choices=((Choice("plan", "Floor plan"),),))
PLAN = Attachment(
    "room-b.png", "image/png", b"\x89PNG...", "Floor plan: Room B is the second door on the left."
)
NEED = Form(
    name="need",
    lang="en",
    title="Register a need",
    submit="Send",
    close="Cancel",
    fields=(
        FormField("text", "The need, in your own words", multiline=True, required=True),
        FormField(
            "theme", "Theme", options=(Choice("health", "Public health"), Choice("green", "Green economy"))
        ),
    ),
)


class Recording:
    """Stands for the core where the core is not the point: writes down what it was told."""

    def __init__(self) -> None:
        self.heard: list[Inbound] = []
        self.says: deque[Immediate | Exception | None] = deque()
        self.free = asyncio.Event()
        self.free.set()
        self.published = 0
        self._more = asyncio.Condition()

    async def receive(self, inbound: Inbound) -> Immediate | None:
        async with self._more:
            self.heard.append(inbound)
            self._more.notify_all()
        await self.free.wait()
        said = self.says.popleft() if self.says else None
        if isinstance(said, Exception):
            raise said
        return said

    async def form(self, name: str, address: Address, locale: str | None = None, text: str = "") -> Form:
        words, *others = NEED.fields
        title = NEED.title if name == "need" else "Register an offer"
        return replace(NEED, name=name, title=title, fields=(replace(words, value=text), *others))

    async def home(self, address: Address, locale: str | None = None) -> tuple[Card, ...]:
        self.published += 1
        choices = ((Choice("/need", "Register a need"), Choice("/where", "Where")), (Choice("yes", "Yes"),))
        return (
            Card("next", "en", heading="Next for you", body=f"Room B, view {self.published}"),
            Card("menu", "en", fields=(Field("Language", "English"),), choices=choices),
        )

    async def hears(self, count: int = 1) -> list[Inbound]:
        """Return what was heard once it is *count* messages."""
        async with self._more:
            await asyncio.wait_for(self._more.wait_for(lambda: len(self.heard) >= count), 10)
        return self.heard


def outbound(card: Card, chat: str = "U0ANA", **more: Any) -> Outbound:
    return Outbound(delivery=1, address=Address("slack", "U0ANA"), chat=chat, card=card, **more)


@asynccontextmanager
async def running(adapter: Slack) -> AsyncIterator[Slack]:
    task = asyncio.create_task(adapter.run())
    try:
        yield adapter
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def slack() -> AsyncIterator[Loopback]:
    async with Loopback() as loopback:
        yield loopback


@pytest.fixture
async def core() -> Recording:
    return Recording()


@pytest.fixture
def adapter(slack: Loopback, core: Recording) -> Slack:
    """The adapter in Socket Mode, not running yet."""
    return Slack(core, bot_token="xoxb-1", app_token="xapp-1", api_url=slack.url, backoff=(0.01,))


@pytest.fixture
async def on(adapter: Slack, slack: Loopback) -> AsyncIterator[Slack]:
    """The adapter in Socket Mode, connected."""
    async with running(adapter):
        await slack.connected()
        yield adapter


@pytest.fixture
async def speaking(adapter: Slack) -> AsyncIterator[Slack]:
    """The adapter as the sender uses it, without listening."""
    yield adapter
    await adapter.close()


@pytest.fixture
async def served(slack: Loopback, core: Recording) -> AsyncIterator[str]:
    """The address at which the adapter listens in HTTP mode, behind a real server."""
    adapter = Slack(core, bot_token="xoxb-1", signing_secret=SECRET, api_url=slack.url, backoff=(0.01,))
    config = uvicorn.Config(
        Starlette(routes=list(adapter.routes)), log_config=None, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    with bound("127.0.0.1", 0) as listening:
        async with running(adapter):
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events"
            server.should_exit = True
            await serving
