"""`saphan serve`: the web server, the channels that are turned on, and the sender; and the two halves of it."""

import asyncio
import contextlib
import errno
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET
from socket import socket as Socket  # noqa: N812 - a class, in spite of its name
from typing import Any

import structlog
import uvicorn
from filelock import FileLock, Timeout
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from adapters import calendars
from adapters.adapter import Adapter
from adapters.defence import defended, hosts_of
from adapters.wiring import Parts
from bot import rehearsal
from bot.assistant import Assistant
from bot.database import Store
from bot.errors import Refused
from bot.leases import Work

log = structlog.get_logger()

GRACE = 3
"""Seconds that open requests and streams get when the server stops."""
SWEEP = 1.0
"""Seconds between two looks for messages whose process has died."""
LATE = timedelta(seconds=3)
"""How long a message may have waited for its turn before another process takes care of it."""


def run(serving: Coroutine[Any, Any, None]) -> None:
    """Run *serving* to its end, on the faster loop where there is one: Windows has none."""
    if sys.platform == "win32":
        asyncio.run(serving)
    else:
        import uvloop

        uvloop.run(serving)


@contextlib.contextmanager
def bound(host: str, port: int) -> Iterator[Socket]:
    """Give a socket at *port* of *host*, a free one where that is 0; raises Refused when the port cannot be had."""
    family = AF_INET6 if ":" in host else AF_INET
    # Named, or asyncio's own loop would not know it for TCP and let every answer wait for the next acknowledgement.
    with Socket(family, SOCK_STREAM, IPPROTO_TCP) as listener:
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as exc:
            raise Refused(_not_bound(host, port, exc)) from exc
        yield listener


def _not_bound(host: str, port: int, exc: OSError) -> str:
    if exc.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is taken; choose another: --port {port + 1}"
    return f"nobody can listen at port {port} of {host} ({exc.strerror}); choose others: --host 127.0.0.1 --port 8000"


async def serve(
    parts: Parts, adapters: Sequence[Adapter], listener: Socket, started: Callable[[int], None]
) -> None:
    """
    Hear and send until SIGTERM or Ctrl-C, then let what is in flight settle; *started* is told the port.

    Raises Refused when another process has the database's file.
    """
    with only_process(parts.store):
        async with _running(parts, _both(parts, adapters)) as running:
            await _serve_http(running, build_app(parts, adapters), listener, started)


async def serve_web(
    parts: Parts, adapters: Sequence[Adapter], listener: Socket, started: Callable[[int], None]
) -> None:
    """
    Hear what platforms and browsers send over HTTP, and send nothing; as many processes as wanted do so.

    Raises Refused when the database serves one process only.
    """
    _refuse_file(parts, "web")
    heard = [adapter for adapter in adapters if adapter.routes]
    async with _running(parts, _hearing(parts, heard)) as running:
        await _serve_http(running, build_app(parts, heard), listener, started)


async def work(
    parts: Parts, adapters: Sequence[Adapter], listener: Socket | None, started: Callable[[int], None]
) -> None:
    """
    Send what is due and do what has to happen by itself; listen where a platform is asked rather than asks.

    Of several processes one does each of these, and another takes over when it ends. Health is told at *listener*,
    unless that is None. Raises Refused as `serve_web` does.
    """
    _refuse_file(parts, "worker")
    async with _running(parts, _both(parts, adapters)) as running:
        if listener is not None:
            await _serve_http(running, build_app(parts, ()), listener, started)
        else:
            started(0)
            await running.stopped()


@contextlib.contextmanager
def only_process(store: Store) -> Iterator[None]:
    """Hold the lock of a database's file: what leaves it leaves from one place, or its pace is lost."""
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


def is_sending(store: Store) -> bool:
    """Tell whether a process sends what is queued in *store*."""
    if store.dialect == "postgresql":
        web = func.pg_try_advisory_xact_lock(func.hashtextextended("sender:web", 0))
        return not store.read(lambda session: session.execute(select(web)).scalar())
    try:
        with only_process(store):
            return False
    except Refused:
        return True


def _refuse_file(parts: Parts, command: str) -> None:
    """Raise Refused unless several processes may work on the database."""
    if not parts.together:
        raise Refused(
            f"`saphan {command}` is one of several processes, and a SQLite file serves one: run `saphan serve`, "
            "or name a PostgreSQL database: SAPHAN_DATABASE_URL=postgresql://user:password@host/saphan"
        )


def build_app(parts: Parts, adapters: Sequence[Adapter]) -> ASGIApp:
    """Return the web application: the channels' routes and the two health checks, behind its defence."""

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> Response:
        try:
            await asyncio.to_thread(parts.store.check)
        except Exception:
            return JSONResponse({"status": "no database"}, status_code=503)
        return JSONResponse({"status": "ready", "pack": parts.snapshots.current.version[:12]})

    routes = [route for adapter in adapters for route in adapter.routes]
    checks = [Route("/health/live", live), Route("/health/ready", ready)]
    app = Starlette(routes=[*checks, calendars.route(parts.assistant), *routes])
    settings = parts.settings
    hosts = hosts_of(settings.public_url, settings.allowed_hosts, settings.mode == "production")
    return defended(app, settings.public_url, hosts)


class _Server(uvicorn.Server):
    """A uvicorn server that leaves the signals to us, so that the channels stop in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )


@dataclass(slots=True)
class Tasks:
    """What runs in this process: what listens stops first, what sends stops last."""

    hearing: list[asyncio.Task[None]]
    sending: list[asyncio.Task[None]]
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def stop_hearing(self) -> None:
        """Cancel what listens."""
        self._over.set()
        for task in self.hearing:
            task.cancel()

    async def stopped(self) -> None:
        """Return when a signal asks for the end."""
        with _at_signals(self.stop_hearing):
            await self._over.wait()


Parcels = tuple[Sequence[Work], Sequence[Work]]
"""What listens, and what sends."""


def _hearing(parts: Parts, adapters: Sequence[Adapter]) -> Parcels:
    parts.news.on("pack", lambda _: parts.snapshots.look())
    time = partial(rehearsal.keep_going, parts.store, parts.clock)
    return [time, parts.snapshots.watch, parts.news.run, *(adapter.run for adapter in adapters)], ()


def _both(parts: Parts, adapters: Sequence[Adapter]) -> Parcels:
    """Return what a process does that sends."""
    sender = parts.sender(adapters)
    parts.news.on("queued", sender.wake)
    hearing, _ = _hearing(parts, adapters)
    sweep: Work = partial(parts.leases.hold, "inbox", partial(_sweep, parts.assistant))
    by_itself: list[Work] = [parts.jobs(), sweep]
    return [*hearing, *by_itself], [sender.run]


async def _sweep(assistant: Assistant) -> None:
    """Answer, until cancelled, what came too fast and what a process heard that has died since."""
    while True:
        try:
            if late := await assistant.recover(LATE):
                log.info("messages_taken_up", count=late)
        except Exception:
            log.exception("inbox_not_swept")
        await asyncio.sleep(SWEEP)


async def _serve_http(running: Tasks, app: ASGIApp, listener: Socket, started: Callable[[int], None]) -> None:
    """Serve *app* until a signal, after which what listens stops."""
    server = _Server(_config(app))

    def stop() -> None:
        # Open streams would hold the server for its whole grace: the channels let go of them first.
        running.stop_hearing()
        server.should_exit = True

    with _at_signals(stop):
        # Whoever reads the address may come at once.
        listener.listen(server.config.backlog)
        started(listener.getsockname()[1])
        await server.serve(sockets=[listener])


@contextlib.asynccontextmanager
async def _running(parts: Parts, parcels: Parcels) -> AsyncIterator[Tasks]:
    """
    Run what listens and what sends, and end both in order.

    The sender goes last: what the channels' last turns queued may still leave.
    """
    # Whoever is told that this process serves may go by its clock at once.
    await asyncio.wrap_future(parts.store.write(partial(rehearsal.keep, clock=parts.clock)))
    if not parts.together and (late := await parts.assistant.recover()):
        log.info("messages_taken_up", count=late)
    hearing, sending = ([asyncio.create_task(work()) for work in parcel] for parcel in parcels)
    tasks = Tasks(hearing, sending)
    for task in (*hearing, *sending):
        task.add_done_callback(_note_end)
    try:
        yield tasks
    finally:
        tasks.stop_hearing()
        await asyncio.gather(*hearing, return_exceptions=True)
        await parts.assistant.drain()
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)


def _note_end(task: asyncio.Task[None]) -> None:
    """Say so when a part ends by itself; the others go on."""
    if not task.cancelled() and (exc := task.exception()) is not None:
        log.error("part_ended", part=task.get_name(), exc_info=exc)


@contextlib.contextmanager
def _at_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call *stop* at SIGTERM and Ctrl-C."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    try:
        yield
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)
