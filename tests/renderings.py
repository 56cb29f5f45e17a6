"""What it means, for each way in which a card leaves, that a value stays a value: the written form is read back."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any

from adapters.cli.table import FORMULA, to_csv
from adapters.mail.message import to_message as to_mail
from adapters.slack.render import Renderer
from adapters.telegram.render import to_html
from adapters.terminal import to_lines
from adapters.webchat.pages import Pages
from bot.assistant import Line
from bot.database.work import to_json
from bot.markup import TAG
from bot.messages import Card

NOW = datetime(2022, 9, 13, 3, 42, tzinfo=UTC)
BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt);)")
PAGES = Pages()
WORDS = {"choices_label": "Choices"}
WEB_TAGS = {"li", "h2", "p", "dl", "div", "dt", "dd", "button", "strong", "em", "a", "br"}
WEB_ATTRIBUTES = {
    *("class", "dir", "data-ref", "lang", "role", "aria-label", "form", "name", "value"),
    *("href", "rel", "target", "download"),
}
MAIL_HEADERS = {
    *("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("MIME-Version", "Content-Type", "Content-Language"),
}


class Tags(HTMLParser):
    """The tags and attributes that a browser would find, and the text between."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.found}


def markups(card: Card) -> Iterator[str]:
    """Yield the parts of *card* that are neutral markup."""
    yield from (card.heading, card.body, card.note)
    for part in card.fields:
        yield from (part.label, part.value)


def check(card: Card) -> None:
    """Write *card* in every way; raise AssertionError where a value has become more than a value."""
    for markup in markups(card):
        assert "<" not in TAG.sub("", markup), markup
        assert BARE_AMPERSAND.search(markup) is None, markup
    for one in (telegram, slack, web, terminal, mail, as_json):
        one(card)


def telegram(card: Card) -> None:
    tags = Tags(to_html(card))
    assert tags.names <= {"b", "i"}
    assert not any(attributes for _, attributes in tags.found)
    assert tags.open == []


def slack(card: Card) -> None:
    for text in _texts(Renderer().to_message(card)):
        if text["type"] == "mrkdwn":
            assert "<" not in text["text"]
            assert ">" not in text["text"]
            assert BARE_AMPERSAND.search(text["text"]) is None
            assert text.get("verbatim") is True
        else:
            assert text["type"] == "plain_text"
    assert "<" not in Renderer().to_message(card)["text"]


def _texts(value: Any) -> Iterator[dict[str, Any]]:
    """Yield Slack's text objects inside *value*."""
    if isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "plain_text"):
            yield value
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def web(card: Card) -> None:
    as_html(PAGES.line(Line(1, NOW, card=card), WORDS), WEB_TAGS, WEB_ATTRIBUTES)
    heard = Line(1, NOW, heard=f"{card.heading}{card.body}")
    as_html(PAGES.line(heard, WORDS), {"li", "p"}, {"class", "dir"})


def as_html(html: str, tags: set[str], attributes: set[str]) -> None:
    page = Tags(html)
    assert page.names <= tags, page.names - tags
    for _, given in page.found:
        assert set(given) <= attributes, set(given) - attributes
        assert "download" in given or re.match(r"https?://", given.get("href") or "http://")


def terminal(card: Card) -> None:
    shown = to_lines(card).plain
    assert not [char for char in shown if unicodedata.category(char) == "Cc" and char not in "\n\t"]
    assert not re.search("[\u202a\u202b\u202d\u202e\u2066-\u2068]", shown)


def mail(card: Card) -> None:
    written = to_mail(card, "Forum <forum@forum.example>", "mele@ministry.example", NOW).as_bytes()
    read = message_from_bytes(written, policy=policy.default)
    assert set(read.keys()) == MAIL_HEADERS
    assert len(read.get_all("To", [])) == 1
    assert "\n" not in str(read["Subject"])
    assert not read.defects
    parts = {part.get_content_type(): part for part in read.walk()}
    assert set(parts) == {"multipart/alternative", "text/plain", "text/html"}
    html = Tags(parts["text/html"].get_content())
    assert not html.names & {"script", "img", "textarea", "iframe"}
    assert not [name for _, given in html.found for name in given if name.startswith("on")]


def as_json(card: Card) -> None:
    written = to_json(card.to_json())
    assert "\n" not in written
    assert Card.from_json(json.loads(written)) == card


def as_csv(row: Mapping[str, str | None]) -> None:
    """Write *row* as a table and read it back: as many cells, and no formula."""
    written = to_csv(list(row), [list(row.values())])
    _, cells = csv.reader(io.StringIO(written, newline=""))
    assert len(cells) == len(row)
    for cell in cells:
        assert not cell.startswith(FORMULA)
        assert {cell, cell.removeprefix("'")} & {value or "" for value in row.values()}
