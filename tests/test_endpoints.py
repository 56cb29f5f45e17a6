"""Every address of a whole installation under malformed requests: a clean answer, and it goes on serving."""

import asyncio
import contextlib
import json
import logging
import random
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from adapters.server import bound, build_app
from adapters.settings import Settings
from adapters.wiring import open_adapters, open_parts
from tests import PATIENCE
from tests.loopback import slack_events as slack
from tests.loopback import telegram_updates as telegram
from tests.loopback.slack import Loopback
from tests.loopback.telegram import TOKEN, BotApi
from tests.malformed import many, spoilt_bytes, spoilt_json, spoilt_text
from tests.test_fuzz import UPDATES

SEED = 20221123
SECRET, SIGNING = "w" * 32, "s" * 32
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO")
MEDIA_TYPES = (
    "",
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "multipart/form-data",
)
STREAM = "/chat/events"


class Installation:
    """A server with every channel on: its *routes*, and a client beside it."""

    def __init__(self, url: str, routes: Sequence[Route]) -> None:
        self.routes = routes
        self.client = httpx.AsyncClient(base_url=url, timeout=PATIENCE)
        self.answers: list[int] = []

    async def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request and note its answer; a stream is left as soon as it has begun."""
        async with self.client.stream(method, path, **request) as answer:
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                answer._content = b""
            else:
                await answer.aread()
        self.answers.append(answer.status_code)
        assert answer.status_code < 500, (method, path, request, answer.text)
        assert "Traceback" not in answer.text
        return answer


@pytest.fixture
async def installation(
    started_before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Installation]:
    database = tmp_path / "saphan.db"
    shutil.copy(started_before, database)
    monkeypatch.chdir(tmp_path)
    async with contextlib.AsyncExitStack() as stack:
        bot_api = await stack.enter_async_context(BotApi())
        web_api = await stack.enter_async_context(Loopback())
        listening = stack.enter_context(bound("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = Settings(
            _env_file=None,
            database_url=f"sqlite:///{database}",
            public_url=url,
            secret_key="k" * 40,
            telegram_token=TOKEN,
            telegram_api_url=bot_api.url,
            telegram_mode="webhook",
            telegram_webhook_secret=SECRET,
            slack_bot_token="xoxb-1",
            slack_signing_secret=SIGNING,
            slack_api_url=web_api.url,
        )
        parts = stack.enter_context(open_parts(settings))
        adapters = open_adapters(parts)
        app = build_app(parts, adapters)
        sender = parts.sender(adapters)
        works = [asyncio.create_task(work()) for work in (sender.run, *(one.run for one in adapters))]
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        )
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        found = Installation(url, list(routes_of(app)))
        try:
            yield found
        finally:
            await found.client.aclose()
            server.should_exit = True
            for work in works[1:]:
                work.cancel()
            await asyncio.gather(*works[1:], return_exceptions=True)
            await serving
            await parts.assistant.drain()
            works[0].cancel()
            await asyncio.gather(works[0], return_exceptions=True)


def routes_of(app: Any) -> Iterator[Route]:
    """Yield the routes below whatever stands around them."""
    while not isinstance(app, Starlette):
        app = getattr(app, "app", None) or app._app
    for route in app.routes:
        assert isinstance(route, Route)
        yield route


async def test_every_address_under_any_method_and_body(installation: Installation) -> None:
    assert {"/", STREAM, "/telegram/webhook", "/slack/events", "/health/ready"} <= {
        route.path for route in installation.routes
    }
    chance = random.Random(SEED)
    names = list(many(SEED, 60, spoilt_text, ("abc", "x" * 43, "12", "chat.css")))
    for route in installation.routes:
        for number in range(60):
            path = re.sub(r"\{.*?\}", lambda _: segment(chance.choice(names)), route.path)
            headers = {
                "Content-Type": chance.choice(MEDIA_TYPES),
                "Accept-Language": "x" * chance.choice((1, 500)),
            }
            if chance.random() < 0.3:
                headers["Cookie"] = "saphan=" + segment(chance.choice(names))[:200]
            body = spoilt_bytes(chance, b'{"key": "12345678", "text": "hello"}') if number % 3 else b""
            query = {"after": segment(chance.choice(names))[:300]} if number % 4 == 0 else None
            await installation.send(
                METHODS[number % len(METHODS)], path, content=body, headers=headers, params=query
            )
    assert len(set(installation.answers)) > 4
    await still_serves(installation)


def segment(text: str) -> str:
    """Return *text* as one part of a path, whatever it holds."""
    return "".join(
        f"%{byte:02x}" if byte > 127 or not chr(byte).isalnum() else chr(byte)
        for byte in text.encode("utf-8", "surrogatepass")
    )[:2000]


async def opened(installation: Installation) -> str:
    """Open the browser chat as a page does and return the proof of its form."""
    page = await installation.send("GET", "/", follow_redirects=True)
    found = re.search(r'name="proof" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


async def test_messages_of_a_browser(installation: Installation) -> None:
    proof = await opened(installation)
    goods = (
        {"key": "12345678", "text": "hello"},
        {"key": "12345679", "ref": "t1.1", "number": 1},
        {"key": "1234567a", "text": "hello", "proof": proof},
    )
    for number, broken in enumerate(many(SEED, 150, spoilt_json, goods)):
        with contextlib.suppress(ValueError):
            body = json.dumps(broken).encode()
            headers = {
                "Content-Type": "application/json",
                "Origin": str(installation.client.base_url).rstrip("/"),
            }
            if number % 5 == 0:
                body = spoilt_bytes(random.Random(number), body)
            await installation.send("POST", "/chat/messages", content=body, headers=headers)
    assert {400, 204} & set(installation.answers)
    await still_serves(installation)


async def test_updates_with_the_right_secret(installation: Installation) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
    for number, broken in enumerate(many(SEED, 300, spoilt_json, UPDATES)):
        body = json.dumps(broken).encode()
        if number % 6 == 0:
            body = spoilt_bytes(random.Random(number), body)
        await installation.send("POST", "/telegram/webhook", content=body, headers=headers)
    right = json.dumps(telegram.said("where is room B")).encode()
    assert (
        await installation.send("POST", "/telegram/webhook", content=right, headers=headers)
    ).status_code == 200
    await still_serves(installation)


async def test_events_with_the_right_signature(installation: Installation) -> None:
    modal: dict[str, Any] = {
        "type": "modal",
        "callback_id": "form:need",
        "blocks": [{"block_id": "text", "element": {"type": "plain_text_input", "action_id": "text"}}],
    }
    goods: Sequence[tuple[str, Any]] = (
        ("events_api", slack.message("where is room B")),
        ("events_api", slack.mention("<@U0BOT> where is room B")),
        ("events_api", slack.home_opened()),
        ("slash_commands", slack.command("now")),
        ("interactive", slack.press("r1:2")),
        ("interactive", slack.shortcut("need")),
        ("interactive", slack.submitted(modal, {"text": "cold rooms"})),
        ("interactive", slack.closed(modal, {"text": "cold rooms"})),
    )
    for number, (kind, good) in enumerate(goods):
        for turn, broken in enumerate(many(SEED + number, 25, spoilt_json, [good])):
            if kind == "slash_commands" and not isinstance(broken, dict):
                continue
            body, media_type = slack.as_body(kind, broken)
            if turn % 6 == 0:
                body = spoilt_bytes(random.Random(turn), body)
            headers = {"Content-Type": media_type, **slack.signed(body, SIGNING)}
            await installation.send("POST", "/slack/events", content=body, headers=headers)
    await still_serves(installation)


async def still_serves(installation: Installation) -> None:
    """See that the database answers, and that the next person is welcomed."""
    assert (await installation.send("GET", "/health/ready")).status_code == 200
    async with httpx.AsyncClient(base_url=installation.client.base_url) as other:
        assert (await other.get("/", follow_redirects=True)).status_code == 200


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the libraries' own lines about what they cannot read out of the way."""
    caplog.set_level(logging.CRITICAL)
