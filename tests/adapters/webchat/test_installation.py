"""The browser chat with the whole assistant behind it: database, sample pack, sender."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import PATIENCE
from tests.adapters.webchat.serving import Served

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context(locale="en-GB") as context:
        yield context


@pytest.fixture
def page(context: BrowserContext, installation: Served) -> Page:
    page = context.new_page()
    page.goto(installation.url)
    return page


def say(page: Page, text: str) -> None:
    page.locator("textarea").fill(text)
    page.keyboard.press("Enter")


def said(page: Page) -> list[str]:
    """Return what the person said as the page shows it, sent or not."""
    texts: list[str] = page.locator("li.heard").all_text_contents()
    return [text.strip() for text in texts]


def ids(client: httpx.Client, after: int) -> list[int]:
    """Return the ids of the lines that a stream tells before its first sign of life."""
    found = []
    with client.stream("GET", "/chat/events", headers={"last-event-id": str(after)}) as response:
        for line in response.iter_lines():
            if line.startswith("id: "):
                found.append(int(line[4:]))
            if line == "event: beat":
                break
    return found


def test_a_stream_goes_on_exactly_where_it_was(installation: Served) -> None:
    with httpx.Client(base_url=installation.url, timeout=PATIENCE) as client:
        client.get("/")
        for number, text in enumerate(("where is room b", "menu", "menu")):
            message = {"key": f"0123456789-{min(number, 1)}", "text": text}
            assert client.post("/chat/messages", json=message).status_code == 204
        every = ids(client, 0)
        assert [ids(client, after) for after in (0, *every)] == [
            every[number:] for number in range(len(every) + 1)
        ]
        page = client.get("/").text
        assert re.findall(r'<li class="heard"><p dir="auto">(.*?)</p>', page) == ["where is room b", "menu"]


@pytest.mark.browser
def test_a_lost_delegate_is_answered_once(page: Page) -> None:
    expect(page.get_by_text("Welcome to the assistant")).to_be_visible()
    say(page, "where is room b")
    expect(page.get_by_text("Room B, first floor.")).to_have_count(1)
    page.get_by_role("button", name="I am somewhere else").last.click()
    expect(page.get_by_text("Where are you?")).to_have_count(1)
    expect(page.locator("#waiting > li")).to_have_count(0)
    assert said(page) == ["where is room b", "I am somewhere else"]


@pytest.mark.browser
def test_nothing_is_lost_or_doubled_over_a_restart(page: Page, installation: Served) -> None:
    say(page, "where is room b")
    expect(page.get_by_text("Room B, first floor.")).to_have_count(1)
    installation.stop()
    say(page, "where is room d")
    expect(page.get_by_role("status")).not_to_have_text("")
    installation.start()
    expect(page.get_by_text("Room D, second floor.")).to_have_count(1)
    expect(page.locator("#waiting > li")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Room B, first floor.")).to_have_count(1)
    expect(page.get_by_text("Room D, second floor.")).to_have_count(1)
    assert said(page) == ["where is room b", "where is room d"]


@pytest.mark.browser
def test_nothing_is_lost_or_doubled_when_the_browser_was_offline(page: Page, context: BrowserContext) -> None:
    context.set_offline(True)
    say(page, "where is room b")
    say(page, "where is room d")
    assert said(page) == ["where is room b", "where is room d"]
    context.set_offline(False)
    expect(page.get_by_text("Room D, second floor.")).to_have_count(1)
    expect(page.get_by_text("Room B, first floor.")).to_have_count(1)
    expect(page.locator("#waiting > li")).to_have_count(0)
    assert said(page) == ["where is room b", "where is room d"]


@pytest.mark.browser
def test_a_delegate_without_javascript_is_answered(chromium: Browser, installation: Served) -> None:
    with chromium.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = context.new_page()
        page.goto(installation.url)
        expect(page.get_by_text("Welcome to the assistant")).to_be_visible()
        page.locator("textarea").fill("where is room b")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("Room B, first floor.")).to_have_count(1)
        page.get_by_role("button", name="I am somewhere else").last.click()
        expect(page.get_by_text("Where are you?")).to_have_count(1)
        assert said(page) == ["where is room b", "I am somewhere else"]


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "fr", "ru", "zh"])
def test_axe_finds_no_barrier_in_any_language(chromium: Browser, installation: Served, lang: Any) -> None:
    width = {"width": 320, "height": 568}
    with chromium.new_context(locale=lang, viewport=width, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(installation.url)
        say(page, "/menu")
        expect(page.locator("li.card").nth(1)).to_be_visible()
        expect(page.locator("#waiting > li")).to_have_count(0)
        expect(page.locator("html")).to_have_attribute("lang", lang)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") == 320
