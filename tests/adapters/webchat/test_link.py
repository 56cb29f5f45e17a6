"""The page of a link over HTTP: mail from a real server, browsers with and without the cookie that asked, scanners."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from adapters.server import build_app
from adapters.settings import Settings
from adapters.webchat.chat import guarded
from adapters.wiring import Parts, open_adapters, open_parts
from bot import links
from bot.links import REQUESTS
from bot.messages import Address
from bot.sender import Sender
from bot.store import KnownAddress, Participant
from tests.adapters.mail.post import Box, mail_server
from tests.adapters.webchat.serving import Served, with_core
from tests.loopback.telegram import TOKEN, BotApi

EMAIL = "desk@ministry.example"
SITE = "https://forum.example"
LETTER = "letter" + "t" * 37
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@dataclass
class Forum:
    """A running installation: its web application, its mail, and what it kept."""

    parts: Parts
    app: Any
    sender: Sender
    box: Box
    mele: int

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """Return a browser that was never here before."""
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url=SITE, headers=headers)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[httpx.AsyncClient]:
        """Give a browser with a conversation of its own."""
        async with self.browser() as browser:
            (await browser.get("/")).raise_for_status()
            yield browser

    async def link(self, browser: httpx.AsyncClient) -> str:
        """Ask in *browser* and return the path of the link that the mail holds."""
        for text in ("/link", EMAIL):
            await say(browser, text)
        await self.sender.settled(Address("mail", EMAIL))
        text = self.box.taken[-1][1].get_body(("plain",))
        assert text is not None
        found = re.search(rf"{SITE}(/link/\S+)", text.get_content())
        assert found is not None
        return found[1]

    def rows(self) -> list[Any]:
        """Return every request and who is who: what a link can change."""

        def read(session: Session) -> list[Any]:
            places = select(KnownAddress.channel, KnownAddress.user, KnownAddress.participant_id)  # type: ignore[call-overload]
            return [*session.execute(select(REQUESTS)), *session.execute(places)]

        return self.parts.store.read(read)


async def say(browser: httpx.AsyncClient, text: str) -> None:
    number = browser.headers["x-count"] = str(int(browser.headers.get("x-count", "0")) + 1)
    answer = await browser.post("/chat/messages", json={"key": f"message-{number}", "text": text})
    assert answer.status_code == 204


async def send(browser: httpx.AsyncClient, path: str, page: str, **more: Any) -> httpx.Response:
    """Send the form that stands on *page*."""
    fields = dict(re.findall(r'name="(key|proof)" value="(\w+)"', page))
    return await browser.post(path, data={**fields, **more}, headers={"sec-fetch-site": "same-origin"})


def register(parts: Parts) -> int:
    """Put a delegate on the registration list and return their number."""

    def keep(session: Session) -> int:
        now = parts.clock.machine()
        row = Participant(
            name="Mele Tupou", email=EMAIL, country="TON", role="delegate", confirmed=True, created_at=now
        )
        session.add(row)
        session.flush()
        return row.id or 0

    return parts.store.write(keep).result()


def give_letter(parts: Parts, whose: int) -> None:
    """Give LETTER out."""
    now = parts.clock.machine()
    until = now + timedelta(days=60)
    parts.store.write(
        lambda session: links.give_out(session, parts.keys, "letter", whose, LETTER, now, until)
    ).result()


@asynccontextmanager
async def running(database: Path, **settings: Any) -> AsyncIterator[Forum]:
    box = Box()
    async with mail_server(box) as port:
        chosen = Settings(
            _env_file=None,
            database_url=f"sqlite:///{database}",
            smtp_url=SecretStr(f"smtp://localhost:{port}"),
            mail_from="Forum <forum@host.example>",
            public_url=SITE,
            **settings,
        )
        with open_parts(chosen) as parts:
            adapters = open_adapters(parts)
            mele = register(parts)
            sender = parts.sender(adapters)
            sending = asyncio.create_task(sender.run())
            yield Forum(parts, build_app(parts, adapters), sender, box, mele)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


@pytest.fixture
async def forum(database: Path) -> AsyncIterator[Forum]:
    async with running(database) as forum:
        yield forum


async def test_the_browser_that_asked_goes_on_by_one_tap(forum: Forum) -> None:
    async with forum.opened() as browser:
        path = await forum.link(browser)
        page = (await browser.get(path)).text
        assert "For: Mele Tupou." in page
        answer = await send(browser, path, page)
        assert (answer.status_code, answer.headers["location"]) == (303, "/#newest")
        chat = (await browser.get("/")).text
        assert "Is this you?" in chat
        assert path.removeprefix("/link/") not in chat
        again = await browser.get(path)
        assert "This link was used already." in again.text


async def test_every_answer_keeps_the_link_to_itself(forum: Forum) -> None:
    async with forum.opened() as browser:
        path = await forum.link(browser)
        for answer in (
            await browser.get(path),
            await browser.head(path),
            await browser.post(path),
            await browser.get("/link/x"),
        ):
            assert answer.status_code == 200
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-robots-tag"] == "noindex"
            assert answer.headers["content-security-policy"] == POLICY


async def test_what_a_scanner_sends_a_thousand_times_changes_nothing(forum: Forum) -> None:
    async with forum.opened() as asking, forum.browser() as scanner:
        path = await forum.link(asking)
        before = forum.rows()
        page = (await asking.get(path)).text
        forms = dict(re.findall(r'name="(key|proof)" value="(\w+)"', page))
        for number in range(250):
            await scanner.get(path)
            await scanner.head(path)
            await scanner.post(path, data={"key": f"{number:08}"})
            await scanner.post(path, json={"key": f"{number:08}", "text": "yes"})
        for body in (b"", b"\xff" * 1000, b"[" * 10_000, b"key=" + b"x" * 100_000):
            for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain", ""):
                await scanner.post(path, content=body, headers={"content-type": kind})
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            assert (await scanner.request(method, path)).status_code == 405
        # Even with the form of the page, which a proxy between may have seen, it has not the cookie.
        await scanner.post(path, data=forms)
        assert forum.rows() == before
        assert "Is this you?" not in (await asking.get("/")).text
        assert (await send(asking, path, page)).status_code == 303


async def test_a_browser_with_a_conversation_of_its_own_gains_nothing_by_it(forum: Forum) -> None:
    async with forum.opened() as asking, forum.opened() as other:
        path = await forum.link(asking)
        page = (await other.get(path)).text
        assert "<form" not in page
        assert "Type the 6 digits" in page
        before = forum.rows()
        proof = (await other.get("/")).text
        assert (await send(other, path, proof)).status_code == 200
        assert forum.rows() == before


async def test_a_page_of_strangers_cannot_send_the_form(forum: Forum) -> None:
    async with forum.opened() as browser:
        path = await forum.link(browser)
        page = (await browser.get(path)).text
        fields = dict(re.findall(r'name="(key|proof)" value="(\w+)"', page))
        before = forum.rows()
        for data, headers in (
            (fields, {"sec-fetch-site": "cross-site"}),
            (fields, {"origin": "https://evil.example"}),
            ({**fields, "proof": "0" * 32}, {"origin": SITE}),
            ({"key": fields["key"]}, {}),
        ):
            assert (await browser.post(path, data=data, headers=headers)).status_code == 200
        assert forum.rows() == before
        answer = await browser.post(path, data=fields, headers={"origin": "null"})
        assert answer.status_code == 303


async def test_of_two_windows_that_send_it_at_once_one_uses_it(forum: Forum) -> None:
    async with forum.opened() as browser:
        path = await forum.link(browser)
        pages = [(await browser.get(path)).text for _ in range(2)]
        await asyncio.gather(*(send(browser, path, page) for page in pages))
        uses = [row.used_at is not None for row in forum.rows() if hasattr(row, "used_at")]
        assert uses == [True]
        assert "Is this you?" in (await browser.get("/")).text


async def test_a_letter_is_put_into_the_box_and_counts_when_its_person_sends_it(forum: Forum) -> None:
    give_letter(forum.parts, forum.mele)
    async with forum.browser() as browser:
        page = (await browser.get(f"/link/{LETTER}")).text
        assert "For: Mele Tupou." in page
        before = [row.used_at for row in forum.rows() if hasattr(row, "used_at")]
        chat = await send(browser, f"/link/{LETTER}", page)
        assert chat.status_code == 200
        assert f">\n{LETTER}</textarea>" in chat.text
        assert [row.used_at for row in forum.rows() if hasattr(row, "used_at")] == before == [None]
        await say(browser, LETTER)
        said = (await browser.get("/")).text
        assert "Is this you?" in said
        assert LETTER not in said


async def test_the_address_of_a_letter_can_be_pasted(forum: Forum) -> None:
    give_letter(forum.parts, forum.mele)
    async with forum.opened() as browser:
        await say(browser, f"{SITE}/link/{LETTER}")
        said = (await browser.get("/")).text
        assert "Is this you?" in said
        assert LETTER not in said


async def test_the_page_opens_telegram_by_the_name_that_telegram_tells(
    database: Path, bot_api: BotApi
) -> None:
    async with (
        running(database, telegram_token=SecretStr(TOKEN), telegram_api_url=bot_api.url) as forum,
        forum.browser() as browser,
    ):
        page = (await browser.get(f"/link/{'x' * 43}")).text
        assert 'href="https://t.me/saphan_bot"' in page


@pytest.fixture
async def bot_api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


async def test_a_link_stands_in_no_log_when_a_page_fails() -> None:
    async def fail(_request: Request) -> Response:
        raise RuntimeError("the database is away")

    app = Starlette(routes=[Route("/link/{token}", guarded(fail))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as browser:
        with capture_logs() as logs:
            assert (await browser.get(f"/link/{LETTER}")).status_code == 500
    assert [line["path"] for line in logs] == ["/link/•••"]


@pytest.fixture
def served(database: Path) -> Iterator[Served]:
    """Serve an installation that has given a letter out."""
    with open_parts(Settings(_env_file=None, database_url=f"sqlite:///{database}")) as parts:
        give_letter(parts, register(parts))
    server = Served(with_core(database))
    server.start()
    yield server
    server.stop()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("lang", "scheme", "token"),
    [("en", "light", LETTER), ("fr", "dark", LETTER), ("ru", "light", LETTER), ("zh", "dark", "x" * 43)],
)
def test_axe_finds_no_barrier(
    chromium: Browser, served: Served, lang: str, scheme: Any, token: str, tmp_path: Path
) -> None:
    phone = {"width": 390, "height": 844}
    with chromium.new_context(locale=lang, viewport=phone, color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(f"{served.url}/link/{token}")
        expect(page.locator("html")).to_have_attribute("lang", lang)
        page.screenshot(path=tmp_path / "link.png")
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        sizes = page.locator("button, a.button").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map(({width, height}) => [width, height])"
        )
        assert min(min(size) for size in sizes) >= 44


@pytest.mark.browser
def test_a_letter_is_opened_on_a_telephone_and_sent(chromium: Browser, served: Served) -> None:
    with chromium.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"{served.url}/link/{LETTER}")
        page.get_by_role("button", name="Go on in this browser").click()
        expect(page.get_by_role("status")).to_have_text(
            "Press “Send”: then you are asked whether this is you."
        )
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("heading", name="Is this you?")).to_be_visible()
        page.get_by_role("button", name="Yes, that is me").click()
        expect(page.get_by_text("You are linked: Mele Tupou.")).to_be_visible()
