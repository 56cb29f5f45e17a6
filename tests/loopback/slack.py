"""
Slack as the adapter sees it, on this machine: the Web API, Socket Mode, and requests with a signature.

Every call is recorded and checked against the limits that Slack publishes for blocks and views. What comes next
from a method can be set: a pause, an error, a broken page, silence, a cut connection. An envelope that was not
acknowledged is delivered again over the next connection, as Slack does.

    python -m tests.loopback.slack --port 0

runs it in its own process, so that a benchmark does not count its work, and prints its address.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from aiohttp import WSMsgType, web

from tests import PATIENCE
from tests.loopback.slack_events import BOT, TEAM, Json, direct, message
from tests.loopback.slack_limits import problems, too_long

T = TypeVar("T")

READ_NO_JSON = {"users.info"}
"""Methods of the many that take their arguments as a form only."""


@dataclass(frozen=True, slots=True)
class Error:
    """`ok: false` with Slack's word for what is wrong."""

    code: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class RateLimited:
    """HTTP 429 with the pause that Slack asks for; `None` leaves the header out."""

    seconds: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """An answer that is not JSON, as a proxy or a broken front gives it."""

    status: int
    body: str = "<html><body>Something went wrong</body></html>"
    media_type: str = "text/html"


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer at all; *carried_out* tells whether Slack acted on the call."""

    carried_out: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is cut before the answer; *carried_out* tells whether Slack acted on the call."""

    carried_out: bool = True


Behaviour = Error | RateLimited | Page | Hang | Cut


@dataclass(frozen=True, slots=True)
class Call:
    """One request that arrived at a method of the Web API."""

    method: str
    args: Mapping[str, Any]
    token: str


@dataclass(eq=False)
class Envelope:
    """Something delivered over Socket Mode; `acked` resolves to the payload of the acknowledgement."""

    id: str
    kind: str
    payload: Json
    acked: "asyncio.Future[Json]"
    attempts: int = 0

    def to_json(self) -> Json:
        return {
            "envelope_id": self.id,
            "type": self.kind,
            "payload": self.payload,
            "accepts_response_payload": self.kind != "events_api",
            "retry_attempt": self.attempts - 1,
            "retry_reason": "timeout" if self.attempts > 1 else "",
        }


@dataclass
class Loopback:
    """A Slack workspace with one app, on a free port."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    messages: dict[tuple[str, str], Json] = field(default_factory=dict)
    homes: dict[str, Json] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    connections: set[Any] = field(default_factory=set)
    recording: bool = True
    emails: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._coming: defaultdict[str, deque[Behaviour]] = defaultdict(deque)
        self._clock = itertools.count(1_663_039_800_000_100, 100)
        self._tickets: set[str] = set()
        self._sockets: list[web.WebSocketResponse] = []
        self._waiting: dict[str, Envelope] = {}
        self._arrived = asyncio.Condition()
        self._echoes: asyncio.Semaphore | None = None
        self._done = 0

    # ------------------------------------------------------------------ serving

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=32 * 2**20)
        app.router.add_post("/api/{method}", self._call)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/link", self._link)
        app.router.add_post("/control/echo", self._echo)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drop()
        await self._runner.cleanup()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.root}/api/"

    # ------------------------------------------------------------------ what the tests do and see

    def next(self, method: str, *behaviours: Behaviour) -> None:
        """Let the next calls of *method* go wrong in these ways, one each."""
        self._coming[method].extend(behaviours)

    def called(self, method: str) -> list[Mapping[str, Any]]:
        """Return the arguments of every call of *method* so far."""
        return [call.args for call in self.calls if call.method == method]

    async def wait_for(self, method: str, count: int = 1) -> list[Mapping[str, Any]]:
        """Return the calls of *method* once there are *count* of them."""
        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(lambda: len(self.called(method)) >= count), 10)
        return self.called(method)

    async def wait_until(self, look: Callable[[], T], enough: Callable[[T], bool] = bool) -> T:
        """Return what *look* sees once it is *enough*; looks again after every call."""
        async with asyncio.timeout(PATIENCE), self._arrived:
            await self._arrived.wait_for(lambda: enough(look()))
        return look()

    async def connected(self, count: int = 1) -> None:
        """Return once *count* connections of Socket Mode are open."""
        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(lambda: len(self._sockets) >= count), 10)

    async def deliver(self, kind: str, payload: Json) -> Envelope:
        """Send an envelope over Socket Mode, at the latest when somebody connects."""
        envelope = Envelope(uuid.uuid4().hex, kind, payload, asyncio.get_running_loop().create_future())
        self._waiting[envelope.id] = envelope
        if self._sockets:
            await self._deliver_over(self._sockets[-1], envelope)
        return envelope

    async def ack(self, kind: str, payload: Json) -> Json:
        """Deliver over Socket Mode and return what the acknowledgement carried."""
        envelope = await self.deliver(kind, payload)
        return await asyncio.wait_for(envelope.acked, 10)

    async def redeliver(self, envelope: Envelope) -> Json:
        """Deliver an envelope once more, as Slack does when it missed the acknowledgement."""
        envelope.acked = asyncio.get_running_loop().create_future()
        self._waiting[envelope.id] = envelope
        await self._deliver_over(self._sockets[-1], envelope)
        return await asyncio.wait_for(envelope.acked, 10)

    async def drop(self) -> None:
        """Cut every connection of Socket Mode without a word."""
        sockets, self._sockets = self._sockets, []
        for socket in sockets:
            if transport := socket._req.transport if socket._req else None:
                transport.abort()

    async def refresh(self) -> None:
        """Ask the app to connect anew, as Slack does every few hours."""
        goodbye = {"type": "disconnect", "reason": "refresh_requested", "debug_info": {}}
        for socket in list(self._sockets):
            await socket.send_str(json.dumps(goodbye))

    # ------------------------------------------------------------------ Socket Mode

    async def _link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=408, text="the ticket was used or never given")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1, "debug_info": {}}))
        self._sockets.append(socket)
        for envelope in list(self._waiting.values()):
            await self._deliver_over(socket, envelope)
        await self._tell()
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                await self._acknowledged(json.loads(frame.data))
        if socket in self._sockets:
            self._sockets.remove(socket)
        await self._tell()
        return socket

    async def _deliver_over(self, socket: web.WebSocketResponse, envelope: Envelope) -> None:
        envelope.attempts += 1
        await socket.send_str(json.dumps(envelope.to_json()))

    async def _acknowledged(self, answer: Json) -> None:
        envelope = self._waiting.pop(answer.get("envelope_id", ""), None)
        if envelope and not envelope.acked.done():
            envelope.acked.set_result(answer.get("payload") or {})

    # ------------------------------------------------------------------ the Web API

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args = await arguments(request)
        if method in READ_NO_JSON and request.content_type == "application/json":
            args = {}
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if request.transport:
            self.connections.add(request.transport.get_extra_info("peername"))
        if self.recording:
            self.calls.append(Call(method, args, token))
        coming = self._coming[method].popleft() if self._coming[method] else None
        match coming:
            case RateLimited(seconds):
                headers = {} if seconds is None else {"Retry-After": str(seconds)}
                answer = web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
            case Error(code, status):
                answer = web.json_response({"ok": False, "error": code}, status=status)
            case Page(status, body, media_type):
                answer = web.Response(status=status, text=body, content_type=media_type)
            case Hang() | Cut():
                if coming.carried_out:
                    self._answer(method, args)
                answer = await self._silence(request, coming)
            case None:
                answer = web.json_response(self._answer(method, args))
        if method == "chat.postMessage" and self._echoes:
            self._done += 1
            self._echoes.release()
        if self.recording:
            await self._tell()
        return answer

    async def _silence(self, request: web.Request, kind: Hang | Cut) -> web.Response:
        """Leave the request open, or cut its connection; either way no answer arrives."""
        if isinstance(kind, Hang):
            await self._tell()
            await asyncio.Event().wait()
        if request.transport:
            request.transport.abort()
        return web.Response()

    def _answer(self, method: str, args: Mapping[str, Any]) -> Json:
        match method:
            case "auth.test":
                return {"ok": True, "user": "forum", "user_id": BOT, "bot_id": "B0BOT", "team": "Forum",
                        "team_id": TEAM, "url": self.root}  # fmt: skip
            case "apps.connections.open":
                ticket = uuid.uuid4().hex
                self._tickets.add(ticket)
                return {"ok": True, "url": f"ws://127.0.0.1:{self.port}/link?ticket={ticket}"}
            case "chat.postMessage":
                return self._post(args)
            case "chat.update":
                return self._update(args)
            case "views.open" | "views.publish":
                return self._view(method, args)
            case "conversations.open":
                return {"ok": True, "channel": {"id": direct(args["users"])}}
            case "chat.delete":
                return self._delete(args)
            case "files.getUploadURLExternal" | "files.completeUploadExternal" | "files.delete":
                return self._file(method, args)
            case "users.info":
                return self._user(args)
            case "chat.postEphemeral":
                return {"ok": True, "message_ts": self.timestamp()}
            case _:
                return {"ok": False, "error": "unknown_method"}

    def _user(self, args: Mapping[str, Any]) -> Json:
        user = args.get("user")
        if not user:
            return {"ok": False, "error": "user_not_found"}
        shown = {"email": self.emails[user]} if user in self.emails else {}
        return {"ok": True, "user": {"id": user, "name": "mele", "profile": {"real_name": "Mele", **shown}}}

    def timestamp(self) -> str:
        """Return a `ts` that nothing else has."""
        return f"{next(self._clock) / 1_000_000:.6f}"

    def _post(self, args: Mapping[str, Any]) -> Json:
        if wrong := list(problems(args.get("blocks") or [], most=50)):
            return {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": wrong}}
        if not args.get("text") and not args.get("blocks"):
            return {"ok": False, "error": "no_text"}
        channel, ts = direct(args["channel"]), self.timestamp()
        if self.recording:
            self.messages[channel, ts] = dict(args)
        return {"ok": True, "channel": channel, "ts": ts, "message": {"text": args.get("text", ""), "ts": ts}}

    def _update(self, args: Mapping[str, Any]) -> Json:
        if (args["channel"], args["ts"]) not in self.messages:
            return {"ok": False, "error": "message_not_found"}
        if wrong := list(problems(args.get("blocks") or [], most=50)):
            return {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": wrong}}
        self.messages[args["channel"], args["ts"]].update(args)
        return {"ok": True, "channel": args["channel"], "ts": args["ts"], "text": args.get("text", "")}

    def _delete(self, args: Mapping[str, Any]) -> Json:
        if self.messages.pop((args["channel"], args["ts"]), None) is None:
            return {"ok": False, "error": "message_not_found"}
        return {"ok": True, "channel": args["channel"], "ts": args["ts"]}

    def _file(self, method: str, args: Mapping[str, Any]) -> Json:
        if method == "files.getUploadURLExternal":
            name = f"F{next(self._clock)}"
            return {"ok": True, "upload_url": f"{self.root}/upload/{name}", "file_id": name}
        if method == "files.delete":
            gone = self.shared.pop(args["file"], None) is None
            return {"ok": False, "error": "file_not_found"} if gone else {"ok": True}
        if any(file["id"] not in self.uploads for file in args["files"]):
            return {"ok": False, "error": "file_not_found"}
        self.shared |= {file["id"]: args["channel_id"] for file in args["files"]}
        return {"ok": True, "files": args["files"]}

    def _view(self, method: str, args: Mapping[str, Any]) -> Json:
        view = args["view"]
        wrong = list(problems(view["blocks"], most=100))
        for part in {"title", "submit", "close"} & set(view):
            wrong += too_long(view[part], 24)
        if len(view.get("private_metadata", "")) > 3000:
            wrong.append("private_metadata is over 3000 characters")
        if wrong:
            return {"ok": False, "error": "invalid_arguments", "response_metadata": {"messages": wrong}}
        if method == "views.publish":
            self.homes[args["user_id"]] = view
        return {"ok": True, "view": {**view, "id": f"V{next(self._clock)}"}}

    async def _upload(self, request: web.Request) -> web.Response:
        self.uploads[request.match_info["file"]] = await request.read()
        return web.Response(text="OK - 1")

    async def _tell(self) -> None:
        async with self._arrived:
            self._arrived.notify_all()

    # ------------------------------------------------------------------ benchmarks

    async def _echo(self, request: web.Request) -> web.Response:
        """
        Deliver messages, at most *window* unanswered at a time, until each has been answered by a message.

        `{}` in the text is another number in each.
        """
        try:
            await self.connected()
        except TimeoutError:
            return web.Response(status=503, text="nobody is connected")
        wanted = await request.json()
        messages, window, users = wanted["messages"], wanted.get("window", 32), wanted.get("users", 50)
        self.recording, self._done = False, 0
        self._echoes = asyncio.Semaphore(window)
        start = time.perf_counter()
        for number in range(messages):
            await self._echoes.acquire()
            user, ts = f"U{number % users:05}", self.timestamp()
            text = wanted.get("text", "hello").replace("{}", ts.replace(".", ""))
            await self.deliver("events_api", message(text, user=user, ts=ts))
        while self._done < messages:
            await self._echoes.acquire()
        wall = time.perf_counter() - start
        self._echoes, self.recording = None, True
        return web.json_response({"wall": wall, "messages": messages})


async def arguments(request: web.Request) -> Json:
    """Return a call's arguments, in whichever of Slack's two formats they came."""
    if request.content_type == "application/json":
        values: Json = await request.json()
        return values
    form = {str(name): value for name, value in (await request.post()).items()} | dict(request.query)
    return {name: json.loads(str(value)) if str(value)[:1] in "[{" else value for name, value in form.items()}


async def serve(port: int) -> None:
    async with Loopback(port) as slack:
        print(slack.root, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="A Slack workspace on this machine.")
    parser.add_argument("--port", type=int, default=0)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
