"""The browser chat, served over HTTP."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import uvicorn
from sqlmodel import Session
from starlette.applications import Starlette

from adapters.server import bound
from adapters.webchat import WebChat
from adapters.webchat.visitor import Visitor
from bot.ledger import keep_heard
from bot.messages import (
    MAX_HEARD,
    Address,
    Inbound,
    Opened,
    Outbound,
    Tap,
    Text,
)
from tests import PATIENCE
from tests.channels import Told, from_page
from tests.platforms.platform import Platform


class ByWeb(Platform):
    """The browser chat, served over HTTP; each person has one page open."""

    channel = "web"

    def __init__(self) -> None:
        super().__init__()
        self._app = Starlette()
        self._chat: WebChat | None = None
        self._url = ""
        self._visitors: dict[str, Visitor] = {}
        self._pages = AsyncExitStack()
        self._open: dict[str, AsyncIterator[str]] = {}
        self._ended: set[str] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ByWeb"]:
        config = uvicorn.Config(self._app, lifespan="off", ws="none", log_config=None)
        server = uvicorn.Server(config)
        with bound("127.0.0.1", 0) as listener:
            self._url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with httpx.AsyncClient(base_url=self._url, timeout=PATIENCE) as self._client:
                serving = asyncio.create_task(server.serve(sockets=[listener]))
                yield self
                await self._pages.aclose()
                server.should_exit = True
                await serving

    def user(self, name: str) -> str:
        return self._visitor(name).address.user

    def _visitor(self, name: str) -> Visitor:
        return self._visitors.setdefault(name, Visitor(secrets.token_urlsafe(32)))

    def met(self, session: Session, user: str, participant: int, now: datetime) -> None:
        """Let them have written before: without a conversation the page begins one as a stranger's."""
        keep_heard(session, f"{participant}.met", Address("web", user), user, participant, "hello", now)

    async def clear(self) -> None:
        """Close the pages of the transcript before; the words around the conversation come from the assistant."""
        await self._pages.aclose()
        self._open.clear()
        if self._chat is None:
            self._chat = WebChat(self.relay)
            self._app.routes.extend(self._chat.routes)

    async def _open_page(self, name: str) -> None:
        answer = await self._client.get("/")
        self._client.cookies.clear()
        self._visitors[name] = Visitor(answer.cookies["saphan"])

    async def deliver(self, name: str, inbound: Inbound) -> bool:
        known = await self.relay.lines(self._visitor(name).address, limit=1)
        match inbound.heard:
            case Opened("") | Text("/start") if not known:
                await self._open_page(name)
                return True
            case Tap(ref, number) if known:
                posted: dict[str, Any] = {"ref": ref, "number": number}
            case Text(text, forwarded=False) if known and text.strip() and len(text) <= MAX_HEARD:
                if inbound.answers is not None:
                    return False
                posted = {"text": text}
            case _:
                return False
        headers = {"Cookie": f"saphan={self._visitor(name).token}"}
        key = {"key": uuid4().hex}
        answer = await self._client.post("/chat/messages", json={**key, **posted}, headers=headers)
        assert answer.status_code in (200, 204), answer.text
        if answer.status_code == 200 and "ended" in answer.json():
            self._ended.add(self.user(name))
        return True

    async def tell(self, outbound: Outbound) -> Told | None:
        assert self._chat is not None
        await self._chat.send(outbound)
        self.keep(f"m{outbound.delivery}", outbound.card.ref)
        if outbound.address.user in self._ended:
            return None  # the page has said so, and shows nothing more of theirs
        stream = await self._stream(outbound.address.user)
        number = 0
        async with asyncio.timeout(PATIENCE):
            async for line in stream:
                name, _, value = line.partition(": ")
                number = int(value) if name == "id" else number
                if name == "data" and number == outbound.delivery:
                    return from_page(json.loads(value)["html"])
        raise AssertionError("the stream ended")

    async def _stream(self, user: str) -> AsyncIterator[str]:
        """Return what the open page of *user* hears."""
        if user not in self._open:
            visitor = next(visitor for visitor in self._visitors.values() if visitor.address.user == user)
            headers = {"Cookie": f"saphan={visitor.token}"}
            opened = self._client.stream("GET", "/chat/events?lang=en", headers=headers)
            stream = await self._pages.enter_async_context(opened)
            self._open[user] = await self._pages.enter_async_context(aclosing(stream.aiter_lines()))
        return self._open[user]
