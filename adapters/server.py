"""`saphan serve`: the web server, the channels that are turned on, and the sender, in one process."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import structlog
import uvicorn
from filelock import FileLock, Timeout
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.adapter import Adapter
from adapters.wiring import Parts
from bot.errors import Refused
from bot.sender import Sender

log = structlog.get_logger()

GRACE = 3
"""Seconds that open requests and streams get when the server stops."""
WATCHED = 0.2
"""Seconds between two looks at whether a task of the server has ended."""


async def serve(
    parts: Parts, adapters: Sequence[Adapter], host: str, port: int, started: Callable[[int], None]
) -> None:
    """
    Serve until SIGTERM or Ctrl-C, then let what is in flight settle; *started* is told the port.

    Raises Refused when the port is taken, or when another process sends for this database already.
    """
    with only_sender(parts):
        sender = parts.sender(list(adapters))
        server = _Server(_config(parts, adapters, host, port))
        with _stopped_by_signals(server):
            async with _running(parts, adapters, sender):
                await _listen(server, started)
        await parts.assistant.drain()


@contextlib.contextmanager
def only_sender(parts: Parts) -> Iterator[None]:
    """Hold the lock of the one sender; what leaves a database leaves from one place, or its pace is lost."""
    database = parts.store.url.database
    if not database or database == ":memory:":
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
async def _running(parts: Parts, adapters: Sequence[Adapter], sender: Sender) -> AsyncIterator[None]:
    """Run the sender, the channels and the look-out for new packs while the server runs."""
    late = await parts.assistant.recover()
    if late:
        log.info("messages_taken_up", count=late)
    works = [sender.run(), parts.snapshots.watch(), *(adapter.run() for adapter in adapters)]
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks[1:]:
            task.cancel()
        await asyncio.gather(*tasks[1:], return_exceptions=True)
        # The sender goes last: what the channels' last turns queued may still leave.
        tasks[0].cancel()
        await asyncio.gather(tasks[0], return_exceptions=True)


@contextlib.contextmanager
def _stopped_by_signals(server: uvicorn.Server) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    try:
        yield
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)
