"""The browser chat over HTTP: who hears what, what is refused, and how a stream goes on."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from bot.messages import Address, Attachment, Card, Choice, Opened, Tap, Text
from tests import PATIENCE
from tests.adapters.webchat.serving import Served
from tests.adapters.webchat.standin import PIXEL, WORDS, StandIn

KEY = "0123456789abcdef"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass
class Event:
    name: str
    id: int | None
    values: Any


@pytest.fixture
def browser(server: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
        client.get("/").raise_for_status()
        yield client


def user_of(core: StandIn) -> str:
    return core.received[0].address.user


def say(client: httpx.Client, text: str, key: str = KEY, **headers: str) -> httpx.Response:
    return client.post("/chat/messages", json={"key": key, "text": text}, headers=headers)


def events(client: httpx.Client, **how: Any) -> Iterator[Event]:
    with client.stream("GET", "/chat/events", **how) as response:
        assert response.status_code == 200
        found: dict[str, str] = {}
        for line in response.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                found[name] = value
            elif "event" in found:
                number = int(found["id"]) if "id" in found else None
                yield Event(found["event"], number, json.loads(found["data"]))
                found = {}


def lines_until_beat(client: httpx.Client, **how: Any) -> list[Event]:
    heard = []
    for event in events(client, **how):
        if event.name == "beat":
            return heard
        heard.append(event)
    return heard


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def test_a_first_visit_opens_the_conversation_and_shows_the_welcome(server: Served, core: StandIn) -> None:
    page = httpx.get(server.url, headers={"accept-language": "fr-CA, en;q=0.8"})
    assert [inbound.heard for inbound in core.received] == [Opened()]
    assert core.received[0].locale == "fr-CA"
    assert '<html lang="fr">' in page.text
    assert WORDS["fr"]["message_label"] in page.text
    assert "Welcome to the assistant" in page.text


def test_a_second_visit_opens_nothing(browser: httpx.Client, core: StandIn) -> None:
    browser.get("/")
    assert len(core.received) == 1


def test_a_look_at_the_headers_opens_nothing(server: Served, core: StandIn) -> None:
    answer = httpx.head(server.url)
    assert (answer.status_code, core.received, dict(answer.cookies)) == (200, [], {})


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(server: Served, core: StandIn) -> None:
    cookie = httpx.get(server.url).headers["set-cookie"]
    name, _, rest = cookie.partition("=")
    token, *attributes = rest.split("; ")
    assert (name, len(token)) == ("saphan", 43)
    assert sorted(attributes) == ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=lax"]
    assert token not in repr(core.received)


def test_a_cookie_whose_conversation_is_gone_is_replaced(browser: httpx.Client, core: StandIn) -> None:
    before = browser.cookies["saphan"]
    browser.get("/")
    assert browser.cookies["saphan"] == before
    core.written.clear()
    browser.get("/")
    assert browser.cookies["saphan"] != before
    assert [inbound.heard for inbound in core.received] == [Opened(), Opened()]
    assert core.received[0].address != core.received[1].address


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(server: Served) -> None:
    cookie = httpx.get(server.url, headers={"x-forwarded-proto": "https"}).headers["set-cookie"]
    assert cookie.startswith("__Host-saphan=")
    assert "Secure" in cookie.split("; ")


def test_every_answer_forbids_foreign_content_and_referrers(browser: httpx.Client) -> None:
    for path in ("/", "/chat/static/nothing.js", "/chat/files/1"):
        headers = browser.get(path).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_the_page_with_all_its_files_weighs_less_than_100_kilobytes(browser: httpx.Client) -> None:
    page = browser.get("/").text
    paths = re.findall(r'(?:href|src)="(/chat/static/[^"]+)"', page)
    files = [browser.get(path) for path in paths]
    assert sorted(path.rpartition(".")[2] for path in paths) == ["css", "js", "svg"]
    assert {file.headers["cache-control"] for file in files} == {"public, max-age=31536000, immutable"}
    assert len(page.encode()) + sum(len(file.content) for file in files) < 100_000


def test_what_is_typed_reaches_the_assistant_as_it_was_typed(browser: httpx.Client, core: StandIn) -> None:
    answer = say(browser, "where is\nroom b")
    inbound = core.received[-1]
    assert (answer.status_code, answer.content) == (204, b"")
    assert inbound.heard == Text("where is\nroom b")
    assert inbound.address == Address("web", inbound.chat)
    assert inbound.key.endswith(KEY)


def test_a_message_sent_again_keeps_its_key(browser: httpx.Client, core: StandIn) -> None:
    say(browser, "hello")
    say(browser, "hello")
    assert core.received[-1].key == core.received[-2].key
    assert [line.heard for line in core.written[user_of(core)] if line.heard] == ["hello"]


def test_nobody_can_use_up_the_key_of_another(browser: httpx.Client, server: Served, core: StandIn) -> None:
    with httpx.Client(base_url=server.url) as other:
        other.get("/")
        say(other, "hello")
    say(browser, "hello")
    assert core.received[-1].key != core.received[-2].key


def test_a_choice_reaches_the_assistant_with_its_card_and_number(
    browser: httpx.Client, core: StandIn
) -> None:
    ref = core.say(
        user_of(core), Card("", "en", "Which one?", choices=((Choice("a", "A"), Choice("b", "B")),))
    )
    answer = browser.post("/chat/messages", json={"key": KEY, "ref": ref, "number": 1})
    assert answer.status_code == 204
    assert core.received[-1].heard == Tap(ref, 1, message=ref)


def test_a_short_word_of_the_bot_comes_back_at_once(browser: httpx.Client) -> None:
    answer = browser.post("/chat/messages", json={"key": KEY, "ref": "old", "number": 0})
    assert (answer.status_code, answer.json()) == (200, {"toast": "This button is from an earlier step."})


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://example.org"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "origin": "null"},
    ],
)
def test_a_message_from_another_page_is_refused(
    browser: httpx.Client, core: StandIn, headers: dict[str, str]
) -> None:
    answer = say(browser, "hello", **headers)
    assert answer.status_code == 403
    assert answer.json() == {"error": "only the chat's own page may send messages"}
    assert len(core.received) == 1


@pytest.mark.parametrize("own", ["sec-fetch-site", "origin"])
def test_a_message_from_our_own_page_is_taken(browser: httpx.Client, server: Served, own: str) -> None:
    value = {"sec-fetch-site": "same-origin", "origin": server.url}[own]
    assert say(browser, "hello", **{own: value}).status_code == 204


def test_a_message_without_a_conversation_is_refused(server: Served) -> None:
    for cookie in ({}, {"saphan": "short"}, {"saphan": "å" * 43}):
        answer = httpx.post(
            f"{server.url}/chat/messages",
            json={"key": KEY, "text": "hello"},
            headers={"cookie": "; ".join(f"{name}={value}" for name, value in cookie.items()).encode()},
        )
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[" * 20_000, 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b'{"key": "0123456789"}', 400),
        (b'{"key": "0123456789", "text": 7}', 400),
        (b'{"key": "0123456789", "text": " "}', 400),
        (b'{"key": "0123456789", "text": "a", "ref": "b"}', 400),
        (b'{"key": "short", "text": "a"}', 400),
        (b'{"key": "with a space in it", "text": "a"}', 400),
        (b'{"key": "0123456789", "ref": "r1"}', 400),
        (b'{"key": "0123456789", "ref": "r1", "number": -1}', 400),
        (b'{"key": "0123456789", "ref": "r1", "number": true}', 400),
        (b'{"key": "0123456789", "ref": "r1", "number": 1e3}', 400),
        (b'{"key": "0123456789", "ref": "\\u0000", "number": 1}', 400),
        (b'{"key": "0123456789", "text": "' + b"a" * 4097 + b'"}', 422),
        (b'{"key": "0123456789", "text": "' + b"a" * 66_000 + b'"}', 413),
        (b"\xff\xfe\xfd", 400),
    ],
)
def test_bad_input_gets_a_clear_refusal(
    browser: httpx.Client, core: StandIn, body: bytes, status: int
) -> None:
    answer = browser.post("/chat/messages", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert len(core.received) == 1


def test_only_json_and_forms_are_read(browser: httpx.Client) -> None:
    answer = browser.post("/chat/messages", content=b"x", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


def test_half_characters_and_nul_do_not_reach_the_database(browser: httpx.Client, core: StandIn) -> None:
    body = b'{"key": "0123456789", "text": "a\\u0000b\\ud800c \\ud83d\\ude42"}'
    browser.post("/chat/messages", content=body, headers={"content-type": "application/json"})
    assert core.received[-1].heard == Text("ab\ufffdc \U0001f642")


def test_a_message_that_cannot_be_kept_is_not_acknowledged(browser: httpx.Client, core: StandIn) -> None:
    core.fails = 1
    assert say(browser, "hello").status_code == 500
    assert say(browser, "hello").status_code == 204
    assert [line.heard for line in core.written[user_of(core)] if line.heard] == ["hello"]


def test_a_page_without_script_posts_a_form_and_is_drawn_with_the_answer(
    browser: httpx.Client, core: StandIn
) -> None:
    page = browser.get("/").text
    form = {"key": field(page, "key"), "proof": field(page, "proof"), "text": "where is room b"}
    # What a browser sends over plain http for a page with `Referrer-Policy: no-referrer`.
    answer = browser.post("/chat/messages", data=form, headers={"origin": "null"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/#newest")
    assert "Room B, first floor." in browser.get("/").text
    assert core.received[-1].heard == Text("where is room b")


def test_a_form_sent_twice_keeps_its_key_and_another_text_gets_its_own(
    browser: httpx.Client, core: StandIn
) -> None:
    page = browser.get("/").text
    hidden = {"key": field(page, "key"), "proof": field(page, "proof")}
    for text in ("one", "one", "two"):
        browser.post("/chat/messages", data={**hidden, "text": text})
    first, second, third = (inbound.key for inbound in core.received[-3:])
    assert first == second
    assert third != first


def test_a_form_with_a_choice_is_a_tap(browser: httpx.Client, core: StandIn) -> None:
    page = browser.get("/").text
    hidden = {"key": field(page, "key"), "proof": field(page, "proof")}
    ref = core.written[user_of(core)][0].card
    assert ref
    browser.post("/chat/messages", data={**hidden, "choice": f"{ref.ref}:1"})
    assert core.received[-1].heard == Tap(ref.ref, 1, message=ref.ref)


def test_a_form_from_a_page_that_does_not_know_the_proof_is_refused(
    browser: httpx.Client, core: StandIn
) -> None:
    for proof in ("", "0" * 32, "é"):
        answer = browser.post("/chat/messages", data={"key": KEY, "proof": proof, "text": "hello"})
        assert answer.status_code == 403
    assert len(core.received) == 1


def test_a_form_that_says_too_much_comes_back_with_the_text(browser: httpx.Client, core: StandIn) -> None:
    page = browser.get("/").text
    text = "<b>é" * 1100
    form = {"key": field(page, "key"), "proof": field(page, "proof"), "text": text}
    answer = browser.post("/chat/messages", data=form)
    assert answer.status_code == 422
    assert f">{WORDS['en']['too_long']}</p>" in answer.text
    assert "&lt;b&gt;é" * 1100 + "</textarea>" in answer.text
    assert len(core.received) == 1


def test_an_empty_form_says_nothing(browser: httpx.Client, core: StandIn) -> None:
    page = browser.get("/").text
    form = {"key": field(page, "key"), "proof": field(page, "proof"), "text": "  "}
    assert browser.post("/chat/messages", data=form).status_code == 303
    assert len(core.received) == 1


def test_a_stream_tells_every_line_once_and_in_order(browser: httpx.Client, core: StandIn) -> None:
    say(browser, "where is room b")
    heard = [event for event in lines_until_beat(browser) if event.name == "line"]
    assert [event.id for event in heard] == [line.id for line in core.written[user_of(core)]]
    assert "where is room b" in heard[1].values["html"]
    assert "Room B, first floor." in heard[2].values["html"]


@pytest.mark.parametrize("known", [0, 1, 2, 3])
def test_a_stream_goes_on_exactly_after_the_last_line_that_came(
    browser: httpx.Client, core: StandIn, known: int
) -> None:
    say(browser, "where is room b")
    ids = [line.id for line in core.written[user_of(core)]]
    after = str(ids[known - 1] if known else 0)
    by_header = lines_until_beat(
        browser, headers={"last-event-id": after}, params={"after": "0", "lang": "en"}
    )
    by_address = lines_until_beat(browser, params={"after": after, "lang": "en"})
    assert [event.id for event in by_header] == ids[known:]
    assert by_address == by_header


def test_a_stream_hears_of_a_new_card_at_once(browser: httpx.Client, server: Served, core: StandIn) -> None:
    user = user_of(core)
    stream = events(browser, params={"lang": "en"})
    assert [next(stream).name, next(stream).name] == ["line", "beat"]
    core.say(user, Card("", "en", "Room D, second floor."))
    assert "Room D, second floor." in next(stream).values["html"]
    stream.close()


def test_a_stream_finds_what_another_process_sent(browser: httpx.Client, core: StandIn) -> None:
    user = user_of(core)
    stream = events(browser, params={"lang": "en"})
    assert [next(stream).name, next(stream).name] == ["line", "beat"]
    core.wake = lambda outbound: None
    core.say(user, Card("", "en", "Room D, second floor."))
    assert "Room D, second floor." in next(stream).values["html"]
    stream.close()


def test_a_card_that_takes_the_place_of_another_names_it(browser: httpx.Client, core: StandIn) -> None:
    user = user_of(core)
    first = core.say(user, Card("", "en", "Room B"))
    second = core.say(user, Card("", "en", "Room D"), replaces=first)
    core.say(user, Card("", "en", "Something else"))
    core.say(user, Card("", "en", "Room E"), replaces=second)
    heard = [event for event in lines_until_beat(browser) if event.name == "line"]
    assert [event.values["replaces"] for event in heard] == [None, None, first, None, second]
    headings = re.findall(r"<h2>(.*?)</h2>", browser.get("/").text)
    assert headings[1:] == ["Room E", "Something else"]


def test_another_cookie_hears_nothing_of_the_conversation(server: Served, core: StandIn) -> None:
    with httpx.Client(base_url=server.url) as one, httpx.Client(base_url=server.url) as other:
        one.get("/")
        say(one, "floor plan")
        other.get("/")
        file = core.written[user_of(core)][-1].id
        assert "floor plan" in one.get("/").text
        assert one.get(f"/chat/files/{file}").content == PIXEL
        assert "floor plan" not in other.get("/").text
        assert [event.name for event in lines_until_beat(other, params={"lang": "en"})] == ["line"]
        assert other.get(f"/chat/files/{file}").status_code == 404
        assert httpx.get(f"{server.url}/chat/files/{file}").status_code == 404


@pytest.mark.parametrize(
    ("name", "media_type", "shown"),
    [("plan.svg", "image/svg+xml", "inline"), ("ordre du jour.pdf", "application/pdf", "attachment"),
     ("page.html", "text/html; charset=utf-8", "attachment")],
)  # fmt: skip
def test_a_file_comes_as_what_it_is_and_can_do_nothing(
    browser: httpx.Client, core: StandIn, name: str, media_type: str, shown: str
) -> None:
    content = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    file = Attachment(name, media_type, content, "What is on it, in words")
    core.say(user_of(core), Card("", "en", "Room B", attachment=file))
    answer = browser.get(f"/chat/files/{core.number}")
    assert (answer.content, answer.headers["content-type"]) == (content, media_type)
    assert answer.headers["content-disposition"] == f"{shown}; filename*=UTF-8''{quote(name)}"
    assert answer.headers["content-security-policy"].endswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, max-age=86400"
    page = browser.get("/").text
    assert ('alt="What is on it, in words"' in page) == (shown == "inline")
    assert "What is on it, in words" in page


def test_a_stream_without_a_conversation_is_refused(server: Served) -> None:
    assert httpx.get(f"{server.url}/chat/events").status_code == 401


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 40])
def test_a_stream_after_nonsense_is_refused(browser: httpx.Client, after: str) -> None:
    assert browser.get("/chat/events", params={"after": after}).status_code == 400


def test_the_page_learns_of_another_language(browser: httpx.Client) -> None:
    say(browser, "/lang fr")
    words = [event for event in lines_until_beat(browser, params={"lang": "en"}) if event.name == "words"]
    assert [event.values for event in words] == [{"lang": "fr", **WORDS["fr"]}]


def test_a_long_conversation_comes_whole_over_the_stream(browser: httpx.Client, core: StandIn) -> None:
    user = user_of(core)
    for number in range(450):
        core.say(user, Card("", "en", f"Card {number}"))
    heard = [event.id for event in lines_until_beat(browser) if event.name == "line"]
    assert heard == [line.id for line in core.written[user]]


def test_words_of_participants_stay_words(browser: httpx.Client, core: StandIn) -> None:
    say(browser, "<script>alert(1)</script> & 'quoted'")
    page = browser.get("/").text
    assert "<script>alert" not in page
    assert "You said: &lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;quoted&#39;" in page


def test_a_stopping_server_lets_open_pages_go(browser: httpx.Client, server: Served) -> None:
    stream = events(browser, params={"lang": "en"})
    assert next(stream).name == "line"
    server.stop()
    assert [event.name for event in stream] == ["beat"]
