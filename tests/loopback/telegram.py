"""
A Bot API server on a free port of this machine: it records every call, and fails on request.

It checks what Telegram checks where that decides between the faults: the token, lengths, markup, button data, what
can be edited. `python -m tests.loopback.telegram --port 0` runs it in a process of its own and prints its address.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Self, TypeVar

from aiohttp import ClientSession, web

from tests import PATIENCE

T = TypeVar("T")
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
BOT = {"id": 110201543, "is_bot": True, "first_name": "Saphan", "username": "saphan_bot"}
TAGS = frozenset(("b", "strong", "i", "em", "u", "s", "del", "a", "code", "pre", "blockquote", "tg-time"))
MAX_TEXT, MAX_CAPTION, MAX_CALLBACK_BYTES = 4096, 1024, 64


@dataclass(frozen=True)
class Call:
    """One request: the method, its parameters with JSON read, and the files that came along."""

    method: str
    values: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)


class Failure(Exception):
    """A refusal in the Bot API's own form."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


@dataclass(frozen=True)
class Page:
    """An answer that does not come from the Bot API."""

    status: int
    body: str = "<html><body><h1>502 Bad Gateway</h1></body></html>"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hang:
    """No answer, while the connection stays open."""


@dataclass(frozen=True)
class Cut:
    """The connection is cut once the request has been read; *carried_out* tells whether Telegram acted on it."""

    carried_out: bool = True


@dataclass(frozen=True)
class Deal:
    """The usual answer: to let a later call fail."""


Answer = Failure | Page | Hang | Cut | Deal


class BotApi:
    """The server; `async with BotApi() as api` starts it on a free port."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.url = ""
        self.calls: list[Call] = []
        self.messages: dict[tuple[str, int], dict[str, Any]] = {}
        self.blocked_by: set[str] = set()
        self.moved: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        self.too_old: set[tuple[str, int]] = set()
        self.connections: set[Any] = set()
        self.confirmed = 0
        self.webhook = ("", "")
        self._updates: list[dict[str, Any]] = []
        self._answers: dict[str, deque[Answer]] = defaultdict(deque)
        self._ids = itertools.count(1)
        self._news = asyncio.Condition()
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=60 << 20)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_post("/loopback/push", self._push)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = site.name if port else f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self._stopping.set()
        async with self._news:
            self._news.notify_all()
        if self._runner is not None:
            await self._runner.cleanup()

    def will(self, method: str, *answers: Answer) -> None:
        """Give *answers* to the next calls of *method*, in this order."""
        self._answers[method].extend(answers)

    async def feed(self, *updates: dict[str, Any]) -> None:
        """Let the next poll find *updates*."""
        async with self._news:
            self._updates += updates
            self._news.notify_all()

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    async def wait_for(self, method: str, count: int = 1) -> list[Call]:
        """Return the calls of *method* once there are *count*."""
        return await self.wait_until(lambda: self.called(method), lambda calls: len(calls) >= count)

    async def wait_until(self, look: Callable[[], T], enough: Callable[[T], bool] = bool) -> T:
        """Return what *look* sees once it is *enough*; looks again after every call."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: enough(look()))
        return look()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            self.connections.add(request.transport.get_extra_info("peername"))
        call = await read(request)
        async with self._news:
            self.calls.append(call)
            self._news.notify_all()
        answers = self._answers[call.method]
        answer = answers.popleft() if answers else None
        try:
            if request.match_info["token"] != self.token:
                raise Failure(401, "Unauthorized")
            match answer:
                case Failure():
                    raise answer
                case Page():
                    return web.Response(status=answer.status, text=answer.body, headers=answer.headers)
                case Hang():
                    await self._stopping.wait()
                case Cut(carried_out=True):
                    self._result(call)
            if isinstance(answer, Hang | Cut):
                if request.transport is not None:
                    request.transport.abort()
                return web.Response()
            result = await self._poll(call) if call.method == "getUpdates" else self._result(call)
            return web.json_response({"ok": True, "result": result})
        except Failure as failure:
            return web.json_response(refused(failure), status=failure.code)

    async def _push(self, request: web.Request) -> web.Response:
        """
        Send `count` messages of `people` to the webhook, `slots` at a time; answer when as many replies have come.
        `{}` in the `text` is another number in each.

        For benchmarks: run in a process of its own, it is the whole of Telegram, and costs the bot nothing.
        """
        wanted = {"text": "hello", "count": 1, "people": 1, "slots": 10} | await request.json()
        if not self.webhook[0]:
            return web.json_response({"ok": False, "description": "no webhook is set"}, status=409)
        replies = len(self.called("sendMessage")) + wanted["count"]
        updates = iter([pushed(number, wanted) for number in range(wanted["count"])])
        url, secret = self.webhook
        async with ClientSession(headers={"X-Telegram-Bot-Api-Secret-Token": secret}) as session:

            async def post() -> None:
                for update in updates:
                    async with session.post(url, json=update) as response:
                        response.raise_for_status()

            await asyncio.gather(*(post() for _ in range(wanted["slots"])))
        await self.wait_for("sendMessage", replies)
        return web.json_response({"ok": True})

    async def _poll(self, call: Call) -> list[dict[str, Any]]:
        self.confirmed = max(self.confirmed, int(call.values.get("offset", 0)))
        self._updates = [update for update in self._updates if update["update_id"] >= self.confirmed]
        async with self._news:
            self._news.notify_all()
            await self._news.wait_for(lambda: self._updates or self._stopping.is_set())
        return self._updates[:100]

    def _result(self, call: Call) -> Any:
        if call.method == "getMe":
            return BOT
        if call.method == "setWebhook":
            self.webhook = (call.values["url"], call.values.get("secret_token", ""))
        chat = str(call.values.get("chat_id", ""))
        if chat in self.blocked_by:
            raise Failure(403, "Forbidden: bot was blocked by the user")
        if chat in self.moved:
            raise Failure(400, "Bad Request: group chat was upgraded to a supergroup chat",
                          migrate_to_chat_id=int(self.moved[chat]))  # fmt: skip
        if call.method == "sendVenue":
            return self._kept(chat, next(self._ids), {"venue": venue_of(call.values)}, {})
        words = checked(call.values)
        if call.method in ("sendMessage", "sendPhoto", "sendDocument"):
            return self._kept(chat, next(self._ids), words, self._file_of(call))
        if call.method.startswith("editMessage"):
            return self._edited(call, chat, int(call.values["message_id"]), words)
        if call.method == "deleteMessage":
            return self._deleted(chat, int(call.values["message_id"]))
        return True

    def _file_of(self, call: Call) -> dict[str, Any]:
        """Return the part of a message that holds the file of *call*, which came along or is here already."""
        kind, held = file_in(call.values, call.files)
        if held is None:
            return {}
        if isinstance(held, bytes):
            name = f"file-{len(self.files) + 1}"
            self.files[name] = held
        elif held in self.files:
            name = held
        else:
            raise Failure(400, "Bad Request: wrong file identifier/HTTP URL specified")
        if kind == "document":
            return {"document": {"file_id": name}}
        return {"photo": [{"file_id": f"{name}-small"}, {"file_id": name}]}

    def _kept(self, chat: str, number: int, words: dict[str, Any], file: dict[str, Any]) -> dict[str, Any]:
        kind = "group" if chat.startswith("-") else "private"
        self.messages[chat, number] = words
        return {
            "message_id": number,
            "from": BOT,
            "chat": {"id": int(chat), "type": kind},
            "date": int(time.time()),
            **words,
            **file,
        }

    def _edited(self, call: Call, chat: str, number: int, words: dict[str, Any]) -> dict[str, Any]:
        before = self.messages.get((chat, number))
        if before is None:
            raise Failure(400, "Bad Request: message to edit not found")
        if call.method == "editMessageText" and "text" not in before:
            raise Failure(400, "Bad Request: there is no text in the message to edit")
        if call.method == "editMessageCaption" and "caption" not in before:
            raise Failure(400, "Bad Request: there is no caption in the message to edit")
        file = self._file_of(call)
        if before == words and not call.files:
            raise Failure(400, "Bad Request: message is not modified: specified new message content and reply markup "
                          "are exactly the same")  # fmt: skip
        return self._kept(chat, number, words, file)

    def _deleted(self, chat: str, number: int) -> bool:
        if (chat, number) not in self.messages:
            raise Failure(400, "Bad Request: message to delete not found")
        if (chat, number) in self.too_old:
            raise Failure(400, "Bad Request: message can't be deleted for everyone")
        del self.messages[chat, number]
        return True


def file_in(values: Mapping[str, Any], files: Mapping[str, bytes]) -> tuple[str, bytes | str | None]:
    """Return the kind of the file that a call carries, and the file itself or the id of one; None without any."""
    media = values.get("media", {})
    for kind in ("photo", "document"):
        held = media["media"] if media.get("type") == kind else values.get(kind)
        if held is not None or kind in files:
            return kind, files.get(str(held).removeprefix("attach://"), files.get(kind, held))
    return "", None


def pushed(number: int, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the update number *number* of a push."""
    person = {
        "id": 6_000_000_000 + number % wanted["people"],
        "is_bot": False,
        "first_name": "Mele",
        "language_code": "en",
    }
    message = {
        "message_id": number + 1,
        "from": person,
        "chat": {"id": person["id"], "first_name": "Mele", "type": "private"},
        "date": int(time.time()),
        "text": wanted["text"].replace("{}", str(time.time_ns() // 1000)),
    }
    return {"update_id": time.time_ns() // 1000 + number, "message": message}


async def read(request: web.Request) -> Call:
    """Return the call in *request*, in any of the forms that the Bot API takes."""
    values: dict[str, Any] = dict(request.query)
    files: dict[str, bytes] = {}
    if request.content_type == "application/json":
        values |= await request.json()
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = value.file.read()
                value.file.close()
            else:
                values[name] = value
    loaded = {
        name: loads(value) if name not in ("text", "caption") else value for name, value in values.items()
    }
    return Call(request.match_info["method"], loaded, files)


def loads(value: Any) -> Any:
    """Return JSON objects, lists and truth values read; anything else as it came."""
    if isinstance(value, str) and re.match(r'[\[{]|"?(?:true|false)"?$', value):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in the message; raises as Telegram does."""
    words: dict[str, Any] = {}
    media = values.get("media", {})
    for name, limit, refusal in (("text", MAX_TEXT, "message"), ("caption", MAX_CAPTION, "message caption")):
        markup = values.get(name, media.get(name))
        if markup is None:
            continue
        words[name] = plain(markup) if values.get("parse_mode", media.get("parse_mode")) == "HTML" else markup
        if len(words[name]) > limit:
            raise Failure(400, f"Bad Request: {refusal} is too long")
        if not words[name].strip() and name == "text":
            raise Failure(400, "Bad Request: message text is empty")
    keyboard = values.get("reply_markup", {}).get("inline_keyboard", [])
    if any(
        len(button.get("callback_data", "x").encode()) > MAX_CALLBACK_BYTES
        for row in keyboard
        for button in row
    ):
        raise Failure(400, "Bad Request: BUTTON_DATA_INVALID")
    if keyboard:
        words["reply_markup"] = {"inline_keyboard": keyboard}
    return words


def venue_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the venue in a message; raises as Telegram does."""
    place = {name: float(values[name]) for name in ("latitude", "longitude")}
    if abs(place["latitude"]) > 90 or abs(place["longitude"]) > 180:
        raise Failure(400, "Bad Request: wrong venue location specified")
    words = {name: values[name] for name in ("title", "address")}
    if not all(words.values()):
        raise Failure(400, "Bad Request: a venue has a title and an address")
    return {"location": place, **words}


class _Words(HTMLParser):
    """Reads Telegram's HTML as strictly as Telegram does."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in TAGS:
            raise Failure(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            raise Failure(400, "Bad Request: can't parse entities: Unmatched end tag")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def close(self) -> None:
        super().close()
        if self._open:
            raise Failure(400, "Bad Request: can't parse entities: Can't find end tag")


def plain(markup: str) -> str:
    """Return the words of Telegram's HTML."""
    if re.search(r"<(?![a-z/])", markup):
        raise Failure(400, "Bad Request: can't parse entities: Unexpected character")
    reader = _Words()
    reader.feed(markup)
    reader.close()
    return "".join(reader.words)


def refused(failure: Failure) -> dict[str, Any]:
    answer: dict[str, Any] = {"ok": False, "error_code": failure.code, "description": failure.description}
    return answer | ({"parameters": failure.parameters} if failure.parameters else {})


async def serve(port: int) -> None:
    api = BotApi()
    await api.start(port)
    print(api.url, flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await api.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
