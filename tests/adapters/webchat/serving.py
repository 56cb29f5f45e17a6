"""The browser chat behind a real server in a thread, with the stand-in or with the whole core."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from adapters import wiring
from adapters.settings import Settings
from adapters.webchat import WebChat
from bot.messages import Outbound
from tests.adapters.webchat.standin import StandIn

Opening = Callable[[], AbstractAsyncContextManager[WebChat]]


class Served:
    """A browser chat on a port of its own, which can be stopped and started again."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(up)))
        self._thread.start()
        assert up.wait(120), "the server did not start"

    def stop(self) -> None:
        if self._thread:
            self._loop.call_soon_threadsafe(self._leave)
            self._thread.join(30)
            assert not self._thread.is_alive(), "the server did not stop"
            self._thread = None

    async def _serve(self, up: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        async with self._opening() as self._chat:
            app = Starlette(routes=list(self._chat.routes))
            config = uvicorn.Config(
                app, host="127.0.0.1", port=self.port, log_level="critical", lifespan="off"
            )
            self._server = uvicorn.Server(config)
            running = asyncio.create_task(self._server.serve())
            while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
                await asyncio.sleep(0.01)
            up.set()
            await running

    def _leave(self) -> None:
        self._chat.close()
        self._server.should_exit = True


def with_stand_in(core: StandIn) -> Opening:
    """Return how the browser chat of *core* is opened: every card is sent as soon as it is written."""

    @asynccontextmanager
    async def opening() -> AsyncIterator[WebChat]:
        chat = WebChat(core)
        loop = asyncio.get_running_loop()

        def send(outbound: Outbound) -> None:
            asyncio.run_coroutine_threadsafe(chat.send(outbound), loop)

        core.wake = send
        yield chat

    return opening


def with_core(database: Path) -> Opening:
    """Return how the browser chat of a whole installation is opened: database, sample pack, sender."""

    @asynccontextmanager
    async def opening() -> AsyncIterator[WebChat]:
        settings = Settings(_env_file=None, database_url=f"sqlite:///{database}")
        with wiring.open_parts(settings) as parts:
            chat = WebChat(parts.assistant, now=parts.clock.now)
            sending = asyncio.create_task(parts.sender([chat]).run())
            try:
                yield chat
            finally:
                sending.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await sending

    return opening
