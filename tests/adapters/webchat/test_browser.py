"""The browser chat in a real Chromium: what a person sees, hears and types."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from bot.messages import Card
from tests.adapters.webchat.serving import Served
from tests.adapters.webchat.standin import WORDS, StandIn

pytestmark = pytest.mark.browser

PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 568}, "is_mobile": True, "has_touch": True}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context(locale="en-GB") as context:
        yield context


@pytest.fixture
def page(context: BrowserContext, server: Served) -> Page:
    return opened(context, server)


def opened(context: BrowserContext, server: Served) -> Page:
    page = context.new_page()
    page.goto(server.url)
    return page


def box(page: Page) -> Locator:
    return page.get_by_label("Your message").and_(page.locator("textarea"))


def say(page: Page, text: str) -> None:
    box(page).fill(text)
    page.get_by_role("button", name="Send").click()


def said(page: Page) -> list[str]:
    """Return what stands on the page, in order: words of the person, headings or bodies of the cards."""
    texts: list[str] = page.locator("#lines > li, #waiting > li").evaluate_all(
        "items => items.map(item => item.querySelector('h2, p').textContent)"
    )
    return texts


def test_a_question_is_answered_once_in_the_log(page: Page) -> None:
    say(page, "where is room b")
    log = page.get_by_role("log", name="Conversation")
    expect(log.get_by_role("heading", name="Room B, first floor.")).to_have_count(1)
    expect(log.get_by_text("where is room b")).to_have_count(1)
    expect(page.locator("#waiting > li")).to_have_count(0)
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("")


def test_a_choice_is_taken_and_its_card_changes_in_place(page: Page, core: StandIn) -> None:
    say(page, "where is room b")
    page.get_by_role("button", name="I am somewhere else").click()
    expect(page.get_by_text("You chose: I am somewhere else")).to_have_count(1)
    expect(page.get_by_role("button", name="I am somewhere else")).to_have_count(0)
    expect(page.locator("#waiting > li")).to_have_count(0)
    assert said(page)[1:] == [
        "where is room b",
        "Room B, first floor.",
        "I am somewhere else",
        "You chose: I am somewhere else",
    ]


def test_everything_works_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Your message")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(box(page)).to_be_focused()
    page.keyboard.type("where is")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("room b")
    expect(box(page)).to_have_value("where is\nroom b")
    page.keyboard.press("Control+A")
    page.keyboard.type("where is room b")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Room B, first floor.")).to_be_visible()
    expect(box(page)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Call the desk")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You chose: I am somewhere else")).to_be_visible()
    expect(box(page)).to_be_focused()


def test_what_has_the_focus_is_never_under_the_text_box(chromium: Browser, server: Served) -> None:
    with chromium.new_context(**PHONE) as context:
        page = opened(context, server)
        say(page, "fill")
        expect(page.get_by_role("heading", name="Room 11")).to_be_visible()
        buttons = page.locator(".row button")
        for place in range(buttons.count()):
            buttons.nth(place).focus()
            covered = buttons.nth(place).evaluate(
                "button => button.getBoundingClientRect().bottom"
                " > document.getElementById('composer').getBoundingClientRect().top"
            )
            assert covered is False


def test_a_message_said_while_offline_arrives_once(
    page: Page, context: BrowserContext, core: StandIn
) -> None:
    context.set_offline(True)
    expect(page.get_by_role("status")).to_have_text(WORDS["en"]["reconnecting"])
    say(page, "first")
    say(page, "second")
    assert said(page)[1:] == ["first", "second"]
    context.set_offline(False)
    expect(page.get_by_text("You said: second")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text(WORDS["en"]["connected"])
    expect(page.locator("#waiting > li")).to_have_count(0)
    assert said(page)[1:] == ["first", "You said: first", "second", "You said: second"]
    assert len(core.received) == 3


def test_a_lost_acknowledgement_does_not_double_the_message(page: Page, core: StandIn) -> None:
    lost = []

    def lose_the_answer(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort()

    page.route("**/chat/messages", lose_the_answer)
    say(page, "hello")
    expect(page.get_by_text("You said: hello")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text(WORDS["en"]["reconnecting"])
    expect(page.get_by_role("status")).to_have_text(WORDS["en"]["connected"])
    expect(page.locator("#waiting > li")).to_have_count(0)
    assert said(page)[1:] == ["hello", "You said: hello"]
    keys = [inbound.key for inbound in core.received[1:]]
    assert (len(keys), len(set(keys))) == (2, 1)


def test_a_server_that_restarts_loses_and_doubles_nothing(page: Page, server: Served, core: StandIn) -> None:
    say(page, "before")
    expect(page.get_by_text("You said: before")).to_be_visible()
    user = core.received[0].address.user
    server.stop()
    core.wake = lambda outbound: None
    core.say(user, Card("", "en", "The room has changed."))
    say(page, "while it was away")
    expect(page.get_by_role("status")).to_have_text(WORDS["en"]["reconnecting"])
    server.start()
    expect(page.get_by_text("You said: while it was away")).to_be_visible()
    expect(page.locator("#waiting > li")).to_have_count(0)
    assert said(page)[1:] == [
        "before",
        "You said: before",
        "The room has changed.",
        "while it was away",
        "You said: while it was away",
    ]


def test_an_unsent_message_outlives_a_reload(page: Page, context: BrowserContext, server: Served) -> None:
    server.stop()
    say(page, "do not lose me")
    expect(page.get_by_role("status")).to_have_text(WORDS["en"]["reconnecting"])
    server.start()
    page.reload()
    expect(page.get_by_text("You said: do not lose me")).to_be_visible()
    expect(page.locator("#waiting > li")).to_have_count(0)
    assert said(page)[1:] == ["do not lose me", "You said: do not lose me"]


def test_a_lost_cookie_brings_a_new_conversation_and_keeps_the_message(
    page: Page, context: BrowserContext
) -> None:
    context.clear_cookies()
    say(page, "hello")
    expect(page.get_by_text("You said: hello")).to_be_visible()
    assert said(page)[1:] == ["hello", "You said: hello"]


def test_two_pages_of_one_browser_show_one_conversation(
    page: Page, context: BrowserContext, server: Served
) -> None:
    other = opened(context, server)
    say(page, "from the first")
    expect(other.get_by_text("You said: from the first")).to_be_visible()
    other.reload()
    assert said(other) == said(page)


def test_a_text_that_is_too_long_stays_in_the_box(page: Page, core: StandIn) -> None:
    text = "\N{SLIGHTLY SMILING FACE}" * 4097
    say(page, text)
    expect(page.get_by_role("status")).to_have_text(WORDS["en"]["too_long"])
    expect(box(page)).to_have_value(text)
    say(page, text[1:])
    expect(page.get_by_role("status")).to_have_text("")
    expect(page.locator("#lines > li.heard")).to_have_count(1)


def test_a_short_word_of_the_bot_stands_over_the_text_box(page: Page) -> None:
    page.locator(".row button").first.evaluate("button => { button.value = 'old:0'; button.click(); }")
    expect(page.get_by_role("status")).to_have_text("This button is from an earlier step.")


def test_the_page_follows_the_language_of_the_conversation(page: Page) -> None:
    say(page, "/lang fr")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page).to_have_title(WORDS["fr"]["title"])
    expect(page.get_by_role("button", name="Envoyer")).to_be_visible()
    expect(page.get_by_label("Votre message").and_(page.locator("textarea"))).to_be_focused()
    expect(page.locator("#lines > li.card").last).to_have_attribute("lang", "fr")


def test_a_picture_says_in_words_what_it_shows(page: Page) -> None:
    say(page, "floor plan")
    picture = page.get_by_role("img", name="Room B is above the registration desk.")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [{}, PHONE], ids=["desktop", "phone"])
def test_axe_finds_no_barrier(chromium: Browser, server: Served, scheme: Any, device: dict[str, Any]) -> None:
    with chromium.new_context(**device, color_scheme=scheme, reduced_motion="reduce") as context:
        page = opened(context, server)
        say(page, "where is room b")
        expect(page.get_by_role("heading", name="Room B, first floor.")).to_be_visible()
        say(page, "floor plan")
        expect(page.get_by_role("img")).to_be_visible()
        expect(page.locator("#waiting > li")).to_have_count(0)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        assert len(found.response["passes"]) > 30


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier_while_the_connection_is_lost(
    chromium: Browser, server: Served, scheme: Any
) -> None:
    with chromium.new_context(color_scheme=scheme, reduced_motion="reduce") as context:
        page = opened(context, server)
        context.set_offline(True)
        say(page, "hello")
        expect(page.get_by_role("status")).to_have_text(WORDS["en"]["reconnecting"])
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()


def test_320_pixels_are_wide_enough_and_targets_large_enough(chromium: Browser, server: Served) -> None:
    with chromium.new_context(**PHONE) as context:
        page = opened(context, server)
        say(page, "https://example.org/" + "a-very-long-address" * 12)
        say(page, "where is room b")
        expect(page.get_by_role("heading", name="Room B, first floor.")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        sizes = page.locator("button, textarea").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map(({width, height}) => [width, height])"
        )
        assert min(min(size) for size in sizes) >= 44


def test_the_newest_card_is_in_sight(chromium: Browser, server: Served) -> None:
    with chromium.new_context(**PHONE) as context:
        page = opened(context, server)
        for number in range(5):
            say(page, f"message {number}")
            expect(page.get_by_text(f"You said: message {number}")).to_be_in_viewport()
        lower, upper = page.evaluate(
            "[document.querySelector('#lines > li:last-child').getBoundingClientRect().bottom,"
            " document.getElementById('composer').getBoundingClientRect().top]"
        )
        assert lower <= upper


def test_whoever_reads_further_up_is_left_there(chromium: Browser, server: Served, core: StandIn) -> None:
    with chromium.new_context(viewport={"width": 400, "height": 500}) as context:
        page = opened(context, server)
        say(page, "fill")
        expect(page.get_by_role("heading", name="Room 11")).to_be_visible()
        page.mouse.wheel(0, -20_000)
        expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
        user = core.received[0].address.user
        core.say(user, Card("", "en", "A new card"))
        expect(page.get_by_role("heading", name="A new card")).to_be_attached()
        expect(page.get_by_role("heading", level=1)).to_be_in_viewport()


def test_everything_works_without_javascript(chromium: Browser, server: Served) -> None:
    with chromium.new_context(java_script_enabled=False) as context:
        page = opened(context, server)
        expect(page.get_by_role("heading", name="Welcome to the assistant")).to_be_visible()
        say(page, "where is room b")
        expect(page.get_by_role("heading", name="Room B, first floor.")).to_be_visible()
        expect(page.get_by_text("where is room b")).to_have_count(1)
        page.get_by_role("button", name="I am somewhere else").click()
        expect(page.get_by_text("You chose: I am somewhere else")).to_be_visible()
        page.reload()
        expect(page.get_by_text("You chose: I am somewhere else")).to_have_count(1)
        assert page.url == f"{server.url}/#newest"


def test_the_page_asks_nobody_else_for_anything_and_breaks_no_policy(
    context: BrowserContext, server: Served
) -> None:
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(server.url)
    say(page, "floor plan")
    expect(page.get_by_role("img")).to_be_visible()
    assert [url for url in asked if not url.startswith(server.url)] == []
    assert complaints == []
