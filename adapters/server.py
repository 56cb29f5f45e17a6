"""`saphan serve`: the web server, the channels that are turned on, and the sender, in one process."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from filelock import FileLock, Timeout
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.adapter import Adapter
from adapters.wiring import Parts
from bot.database import Store
from bot.errors import Refused
from bot.sender import Sender

log = structlog.get_logger()

GRACE = 3
"""Seconds that open requests and streams get when the server stops."""


def run(serving: Coroutine[Any, Any, None]) -> None:
    """Run *serving* to its end, on the faster loop where there is one: Windows has none."""
    if sys.platform == "win32":
        asyncio.run(serving)
    else:
        import uvloop

        uvloop.run(serving)


async def serve(
    parts: Parts, adapters: Sequence[Adapter], host: str, port: int, started: Callable[[int], None]
) -> None:
    """
    Serve until SIGTERM or Ctrl-C, then let what is in flight settle; *started* is told the port.

    Raises Refused when the port is taken, or when another process sends for this database already.
    """
    with only_sender(parts.store):
        sender = parts.sender(list(adapters))
        server = _Server(_config(parts, adapters, host, port))
        async with _running(parts, adapters, sender) as stop_listening:
            with _stopped_by_signals(server, stop_listening):
                await _listen(server, started)


@contextlib.contextmanager
def only_sender(store: Store) -> Iterator[None]:
    """Hold the lock of the one sender; what leaves a database leaves from one place, or its pace is lost."""
    database = store.url.database
    if store.dialect != "sqlite" or not database or database == ":memory:":
        yield
        return
    lock = FileLock(Path(f"{database}.sender"))
    try:
        with lock.acquire(timeout=0):
            yield
    except Timeout:
        raise Refused(
            f"another `saphan serve` already sends for {database}; stop it, or name another SAPHAN_DATABASE_URL"
        ) from None


def build_app(parts: Parts, adapters: Sequence[Adapter]) -> Starlette:
    """Return the web application: the channels' routes and the two health checks."""

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> Response:
        try:
            await asyncio.to_thread(parts.store.check)
        except Exception:
            return JSONResponse({"status": "no database"}, status_code=503)
        return JSONResponse({"status": "ready", "pack": parts.snapshots.current.version[:12]})

    routes = [route for adapter in adapters for route in adapter.routes]
    return Starlette(routes=[Route("/health/live", live), Route("/health/ready", ready), *routes])


class _Server(uvicorn.Server):
    """A uvicorn server that leaves the signals to us, so that the channels stop in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(parts: Parts, adapters: Sequence[Adapter], host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        build_app(parts, adapters),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )


async def _listen(server: uvicorn.Server, started: Callable[[int], None]) -> None:
    config = server.config
    try:
        socket = config.bind_socket()
    except SystemExit:
        raise Refused(
            f"port {config.port} of {config.host} is taken; choose another: saphan serve --port {config.port + 1}"
        ) from None
    started(socket.getsockname()[1])
    await server.serve(sockets=[socket])
    socket.close()


@contextlib.asynccontextmanager
async def _running(
    parts: Parts, adapters: Sequence[Adapter], sender: Sender
) -> AsyncIterator[Callable[[], None]]:
    """
    Run the sender, the channels, the jobs and the look-out for new packs; give what makes all but the sender stop.

    The sender goes last: what the channels' last turns queued may still leave.
    """
    late = await parts.assistant.recover()
    if late:
        log.info("messages_taken_up", count=late)
    sending = asyncio.create_task(sender.run())
    working = (parts.snapshots.watch(), parts.jobs().run(), *(adapter.run() for adapter in adapters))
    listening = [asyncio.create_task(work) for work in working]

    for task in (sending, *listening):
        task.add_done_callback(_note_end)

    def stop_listening() -> None:
        for task in listening:
            task.cancel()

    try:
        yield stop_listening
    finally:
        stop_listening()
        await asyncio.gather(*listening, return_exceptions=True)
        await parts.assistant.drain()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


def _note_end(task: asyncio.Task[None]) -> None:
    """Say so when a part ends by itself; the others go on."""
    if not task.cancelled() and (exc := task.exception()) is not None:
        log.error("part_ended", part=task.get_name(), exc_info=exc)


@contextlib.contextmanager
def _stopped_by_signals(server: uvicorn.Server, stop_listening: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        # Open streams would hold the server for its whole grace: the channels let go of them first.
        stop_listening()
        server.should_exit = True

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    try:
        yield
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)
