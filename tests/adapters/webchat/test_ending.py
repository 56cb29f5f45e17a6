"""A browser whose person was forgotten: it forgets its cookie, and the page says that it is over."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests import PATIENCE
from tests.adapters.webchat.serving import Served

KEY = "0123456789abcdef"


@pytest.fixture
def browser(server: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
        client.get("/").raise_for_status()
        yield client


def test_it_forgets_its_cookie(browser: httpx.Client) -> None:
    answer = browser.post("/chat/messages", json={"key": KEY, "text": "DELETE"})
    assert answer.json() == {"ended": "This conversation has ended."}
    assert list(browser.cookies) == []
    assert browser.get("/chat/events").status_code == 401


def test_a_page_without_script_shows_the_last_message_and_forgets_it_too(browser: httpx.Client) -> None:
    proof = re.findall(r'name="proof" value="(\w+)"', browser.get("/").text)[0]
    answer = browser.post("/chat/messages", data={"key": KEY, "proof": proof, "text": "DELETE"})
    assert answer.status_code == 200
    assert "This is my last message." in answer.text
    assert "This conversation has ended." in answer.text
    assert list(browser.cookies) == []


@pytest.mark.browser
def test_the_page_takes_nothing_more(chromium: Browser, server: Served) -> None:
    with chromium.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.goto(server.url)
        page.locator("textarea").fill("DELETE")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("This is my last message.")).to_be_visible()
        expect(page.get_by_role("status")).to_have_text("This conversation has ended.")
        expect(page.locator("textarea")).to_be_disabled()
        assert context.cookies() == []
