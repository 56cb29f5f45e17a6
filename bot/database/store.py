"""The store as everybody uses it, whichever database is behind it."""

import queue
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, closing
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

from bot.database.sqlite import Sqlite
from bot.database.work import Database, Job, T, Work, Writer

WRITERS = 8
"""Threads that write to PostgreSQL, each with a connection of its own."""


class Store:
    """
    A database at *url*: any number of readers, and threads that write.

    On SQLite one thread writes, and pieces of work that wait together share one fsync. On PostgreSQL there are as
    many as *writers*, and each piece of work is a transaction of its own. What was committed survives a power cut,
    unless *synchronous*, SQLite's mode, says otherwise. Nothing can be written once the store is closed.
    """

    def __init__(self, url: str, *, synchronous: str = "FULL", writers: int = WRITERS) -> None:
        self.url = make_url(url)
        self._database = _database(self.url, synchronous, writers)
        self._jobs: queue.SimpleQueue[tuple[Job, str | None] | None] = queue.SimpleQueue()
        self._lines: dict[str, deque[Job]] = {}
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._starting = threading.Lock()

    @property
    def dialect(self) -> str:
        """Return `sqlite` or `postgresql`."""
        return self.url.get_backend_name()

    @property
    def place(self) -> str:
        """Return the database's name for people and logs: a path, or a URL without its password."""
        return self._database.place

    def write(self, work: Work[T], line: str | None = None) -> Future[T]:
        """
        Have *work* done in a writing thread; the future ends once it is committed, or failed and undone.

        What stands in the same *line* is done one after the other, in the order in which it is handed in here.

        On PostgreSQL *work* may be carried out several times, until one of them is kept: it changes nothing but the
        session. Raises CommitUncertain there, through the future, when nobody can say whether it was kept.
        """
        future: Future[T] = Future()
        with self._starting:
            if self._closed:
                raise RuntimeError(f"the store {self.place} is closed")
            if not self._threads:
                self._start()
            if line is not None and line in self._lines:
                self._lines[line].append((work, future))
            else:
                self._jobs.put(((work, future), line))
                if line is not None and self._database.threads > 1:
                    self._lines[line] = deque()
        return future

    def read(self, work: Work[T]) -> T:
        """
        Return what *work* reads, in the caller's thread and on a connection of its own.

        All that it reads is of one moment.
        """
        with Session(self._database.reader, expire_on_commit=False) as session:
            return work(session)

    def check(self) -> None:
        """Raise unless the database answers."""
        self.read(lambda session: session.connection().exec_driver_sql("SELECT 1"))

    def connection(self) -> Connection:
        """Return a writing connection, on PostgreSQL one of its own."""
        return self._database.connection()

    def tag(self, **options: Any) -> None:
        """Give every writing connection that is opened from now on *options*, which its sessions can read."""
        self._database.tag(**options)

    def migrating(self) -> AbstractContextManager[Connection]:
        """Give the one connection that may change the schema now, inside a transaction that ends with the block."""
        return self._database.migrating()

    def close(self) -> None:
        """Finish what waits and let go of the database."""
        with self._starting:
            self._closed = True
            threads, self._threads = self._threads, []
            for _ in threads:
                self._jobs.put(None)
        for thread in threads:
            thread.join()
        self._database.close()

    def _start(self) -> None:
        for number in range(self._database.threads):
            thread = threading.Thread(target=self._write_all, name=f"writer-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def _write_all(self) -> None:
        with closing(self._database.writer()) as writer:
            while (first := self._next(writer)) is not None:
                job, line = first
                group, last = self._more(job)
                _write(writer, group)
                while line is not None and (behind := self._behind(line)) is not None:
                    _write(writer, [behind])
                if last:
                    return

    def _next(self, writer: Writer) -> tuple[Job, str | None] | None:
        """Return what is next, None when nothing follows any more; meanwhile *writer* tidies up."""
        while True:
            try:
                return self._jobs.get(timeout=writer.tidy())
            except queue.Empty:
                continue

    def _behind(self, line: str) -> Job | None:
        """Return what is next in *line*; the line ends when there is nothing."""
        with self._starting:
            waiting = self._lines.get(line)
            if waiting:
                return waiting.popleft()
            self._lines.pop(line, None)
            return None

    def _more(self, first: Job) -> tuple[list[Job], bool]:
        """Return *first* with what waits behind it, as far as it is carried out together, and whether that is all."""
        group = [first]
        while len(group) < self._database.group:
            try:
                found = self._jobs.get_nowait()
            except queue.Empty:
                break
            if found is None:
                return group, True
            group.append(found[0])
        return group, False


def _write(writer: Writer, jobs: Sequence[Job]) -> None:
    # From here on nobody can cancel: a future that was cancelled could not be given its result.
    wanted = [job for job in jobs if job[1].set_running_or_notify_cancel()]
    if wanted:
        writer.write(wanted)


def _database(url: URL, synchronous: str, writers: int) -> Database:
    if url.get_backend_name() == "sqlite":
        return Sqlite(url, synchronous)
    # The driver takes a while to load, and most installations have one file.
    from bot.database.postgresql import Postgresql

    return Postgresql(url, writers)
