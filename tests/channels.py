"""Somebody on each channel, who says, taps and reads; what they are told can be compared line by line."""

import asyncio
import html
import itertools
import json
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import httpx

from adapters.slack.render import BOUNDARY, LOOKALIKES, SOFT_HYPHEN
from bot.maps import on_map
from knowledge.forum import Coordinates
from tests import PATIENCE
from tests.loopback.slack import Loopback
from tests.loopback.slack_events import direct, message, press
from tests.loopback.telegram import BotApi, Call, plain, venue_of
from tests.loopback.telegram_updates import said, tapped

NUMBERED = re.compile(r"^ {1,2}\d{1,2}  (.+)\n?", re.MULTILINE)
"""A choice at the terminal."""


@dataclass(frozen=True)
class Told:
    """One message to a person: as the channel carried it, and the words and choices that the person reads."""

    raw: str
    words: str
    choices: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """Return what is read, line by line, the choices in brackets at the end."""
        written = [line.strip() for line in self.words.splitlines() if line.strip()]
        return [*written, *(f"[{label}]" for label in self.choices)]


def from_telegram(call: Call) -> Told:
    if call.method == "sendVenue":
        return from_venue(call)
    markup = call.values.get("text") or call.values.get("caption") or call.values["media"]["caption"]
    keyboard = call.values.get("reply_markup", {}).get("inline_keyboard", [])
    rows = [" ".join(f"[{button['text']}]" for button in row) for row in keyboard]
    labels = tuple(button["text"] for row in keyboard for button in row)
    return Told("\n".join([f"({call.method})", markup, *rows]), plain(markup), labels)


def from_venue(call: Call) -> Told:
    """Return what is read of a venue: name, address, and where the map leads that Telegram shows."""
    venue = venue_of(call.values)
    shown = on_map(Coordinates(**venue["location"]))
    words = f"{venue['title']}\n{venue['address']}\nMap: {shown}"
    return Told(f"({call.method})\n{words}", words)


def from_slack(args: Mapping[str, Any]) -> Told:
    raw: list[str] = []
    words: list[str] = []
    notes: list[str] = []
    labels: list[str] = []
    for block in args["blocks"]:
        match block:
            case {"type": "actions", "elements": buttons}:
                texts = [f"[{button['text']['text']}]" for button in buttons]
                labels += [button["text"]["text"] for button in buttons]
            case {"type": "context", "elements": elements}:
                texts = [element["text"] for element in elements]
                notes += map(without_marks, texts)
            case {"type": "section", "fields": facts}:
                texts = [fact["text"] for fact in facts]
                words += [without_marks(text.replace("\n", ": ", 1)) for text in texts]
            case {"type": "header", "text": heading}:
                texts = [heading["text"]]
                words += texts
            case _:
                texts = [block["text"]["text"]]
                words += map(without_marks, texts)
        raw.append("\n".join([f"({block['type']})", *texts]))
    return Told("\n".join(raw), "\n".join(words + notes), tuple(labels))


def from_page(markup: str) -> Told:
    """Return what is read of a line of the browser chat."""
    page = Page(markup)
    return Told("", page.words, tuple(page.buttons.values()))


def from_terminal(printed: str) -> Told:
    """Return what is read of a message at the terminal."""
    return Told(printed.rstrip("\n"), NUMBERED.sub("", printed), tuple(NUMBERED.findall(printed)))


def without_marks(mrkdwn: str) -> str:
    """Return what Slack shows of *mrkdwn*."""
    text = re.sub(r"(?<![A-Za-z0-9])[*_]|[*_](?![A-Za-z0-9])", "", mrkdwn)
    text = text.replace(BOUNDARY, "").replace(SOFT_HYPHEN, "")
    for mark, lookalike in LOOKALIKES.items():
        text = text.replace(lookalike, mark)
    return html.unescape(text)


class Page(HTMLParser):
    """Reads a line of the browser chat: the words of a card, and the value and label of each button."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.words = ""
        self.buttons: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in ("br", "img"):
            self._open.append("heard" if ("class", "heard") in attrs else tag)
        if tag == "img":
            self.words += f"\n{dict(attrs)['alt']}\n"
        if tag in ("h2", "p", "dt", "dd", "br"):
            self.words += ": " if tag == "dd" else "\n"
        if tag == "button":
            self.buttons[dict(attrs)["value"]] = ""

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if "button" in self._open:
            self.buttons[list(self.buttons)[-1]] += data
        elif {"h2", "p", "dt", "dd"} & set(self._open) and "heard" not in self._open:
            self.words += data


class Person(ABC):
    """Somebody on one channel, and all that they said and were told."""

    channel = ""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.story: list[str] = []

    async def opens(self) -> None:
        """Begin the conversation."""
        await self.says("/start")

    async def says(self, text: str) -> None:
        """Write *text*."""
        self.story.append(f"> {text}")
        await self._say(text)

    async def taps(self, label: str) -> None:
        """Choose *label* on the newest message that offers it."""
        self.story.append(f"> [{label}]")
        await self._tap(label)

    async def gets(self, line: str) -> None:
        """Take what comes until a message has *line* in it."""
        came = len(self.told)
        try:
            async with asyncio.timeout(PATIENCE):
                while not any(line in read for told in self.told[came:] for read in told.lines):
                    self.told.append(await self._next())
                    self.story.append(self.told[-1].raw)
        except TimeoutError:
            raise AssertionError(f"{self.channel}: {line!r} did not come: {self.told[came:]}") from None

    @abstractmethod
    async def _say(self, text: str) -> None: ...

    @abstractmethod
    async def _tap(self, label: str) -> None: ...

    @abstractmethod
    async def _next(self) -> Told: ...


class OnTelegram(Person):
    channel = "telegram"

    def __init__(self, api: BotApi) -> None:
        super().__init__()
        self._api = api
        self._account = {"id": 7_000_000_001, "is_bot": False, "first_name": "Mele", "language_code": "en"}
        self._chat = str(self._account["id"])
        self._numbers = itertools.count(900_001)

    async def _say(self, text: str) -> None:
        await self._api.feed(said(text, self._account, number=next(self._numbers)))

    async def _tap(self, label: str) -> None:
        number, button = next(
            (number, button)
            for (chat, number), words in reversed(self._api.messages.items())
            if chat == self._chat
            for row in words.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
            if button["text"] == label
        )
        tap = tapped(button["callback_data"], self._account)
        tap["callback_query"]["message"]["message_id"] = number
        await self._api.feed(tap)

    async def _next(self) -> Told:
        known = len(self.told)
        calls = await self._api.wait_until(self._messages, lambda calls: len(calls) > known)
        return from_telegram(calls[known])

    def _messages(self) -> list[Call]:
        return [
            call
            for call in self._api.calls
            if call.method.startswith(("send", "edit")) and str(call.values.get("chat_id")) == self._chat
        ]


class OnSlack(Person):
    channel = "slack"

    def __init__(self, slack: Loopback) -> None:
        super().__init__()
        self._slack = slack
        self._user = "U0MELE"
        self._direct = direct(self._user)

    async def _say(self, text: str) -> None:
        await self._slack.ack("events_api", message(text, user=self._user, ts=self._slack.timestamp()))

    async def _tap(self, label: str) -> None:
        ts, button = next(
            (ts, button)
            for (channel, ts), shown in reversed(self._slack.messages.items())
            if channel == self._direct
            for block in shown["blocks"]
            if block["type"] == "actions"
            for button in block["elements"]
            if button["text"]["text"] == label
        )
        pressed = press(
            button["action_id"],
            user=self._user,
            ts=ts,
            value=button["value"],
            action_ts=self._slack.timestamp(),
        )
        await self._slack.ack("interactive", pressed)

    async def _next(self) -> Told:
        known = len(self.told)
        calls = await self._slack.wait_until(self._messages, lambda calls: len(calls) > known)
        return from_slack(calls[known])

    def _messages(self) -> list[Mapping[str, Any]]:
        return [
            call.args
            for call in self._slack.calls
            if call.method in ("chat.postMessage", "chat.update")
            and direct(call.args["channel"]) == self._direct
        ]


class InBrowser(Person):
    """The page's script in short: it posts, and reads the one stream that stays open."""

    channel = "web"

    def __init__(self, client: httpx.AsyncClient, stream: AsyncIterator[str]) -> None:
        super().__init__()
        self._client = client
        self._stream = stream
        self._buttons: dict[str, str] = {}

    async def opens(self) -> None:
        """Do nothing: who opens the page has begun."""
        self.story.append("> (opens the page)")

    async def _say(self, text: str) -> None:
        await self._post(text=text)

    async def _tap(self, label: str) -> None:
        value = next(value for value, offered in reversed(self._buttons.items()) if offered == label)
        ref, _, number = value.rpartition(":")
        await self._post(ref=ref, number=int(number))

    async def _post(self, **message: Any) -> None:
        answer = await self._client.post("/chat/messages", json={"key": uuid4().hex, **message})
        assert answer.status_code == 204

    async def _next(self) -> Told:
        kind = ""
        async for line in self._stream:
            name, _, value = line.partition(": ")
            kind = value if name == "event" else kind
            if (name, kind) != ("data", "line"):
                continue
            page = Page(json.loads(value)["html"])
            if page.words.strip() or page.buttons:
                self._buttons |= page.buttons
                told = Told("", page.words, tuple(page.buttons.values()))
                return replace(told, raw="\n".join(told.lines))
        raise AssertionError("the stream ended")


class AtTerminal(Person):
    channel = "terminal"

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        super().__init__()
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin, self._stdout = process.stdin, process.stdout

    async def _say(self, text: str) -> None:
        self._stdin.write(f"{text}\n".encode())
        await self._stdin.drain()

    async def _tap(self, label: str) -> None:
        newest = next(told.choices for told in reversed(self.told) if label in told.choices)
        await self._say(str(newest.index(label) + 1))

    async def _next(self) -> Told:
        """Return what is printed up to the next empty line: a message, or a paragraph of it."""
        printed = ""
        while (line := (await self._stdout.readline()).decode()) != "\n":
            assert line, f"it ended: {printed}"
            printed += line
        return from_terminal(printed)
