"""The database: any number of readers, and one way to write to it."""

import json
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool, StaticPool
from sqlmodel import Session

T = TypeVar("T")
Work = Callable[[Session], T]

GROUP = 64
"""Pieces of work that share one commit, and so one fsync."""
BUSY_MS = 15_000
"""How long another process may hold the database before writing is given up."""


class Store:
    """
    A SQLite database in WAL mode: any number of readers, and one thread that writes.

    Pieces of work that wait together share one transaction, each in its own savepoint, so that one fsync serves
    them all and one failure undoes only itself. `synchronous` is FULL: what was committed survives a power cut.
    Nothing can be written once it is closed.
    """

    def __init__(self, url: str, *, synchronous: str = "FULL") -> None:
        self.url = make_url(url)
        self._writer = _sqlite(url, "BEGIN IMMEDIATE", synchronous, one_connection=True)
        self._reader = _sqlite(url, "BEGIN", synchronous, one_connection=False)
        self._jobs: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._starting = threading.Lock()

    def write(self, work: Work[T]) -> Future[T]:
        """Have *work* done in the writing thread; the future ends once it is committed, or failed and undone."""
        future: Future[T] = Future()
        with self._starting:
            if self._closed:
                raise RuntimeError(f"the store {self.url.database} is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_all, name="writer", daemon=True)
                self._thread.start()
            self._jobs.put((work, future))
        return future

    def read(self, work: Work[T]) -> T:
        """Return what *work* reads, in the caller's thread and on a connection of its own."""
        with Session(self._reader, expire_on_commit=False) as session:
            return work(session)

    def check(self) -> None:
        """Raise unless the database answers."""
        self.read(lambda session: session.connection().exec_driver_sql("SELECT 1"))

    def connection(self) -> Connection:
        """Return a writing connection for the schema's migrations."""
        return self._writer.connect()

    def close(self) -> None:
        """Finish what waits and let go of the file."""
        with self._starting:
            self._closed = True
            thread, self._thread = self._thread, None
            if thread is not None:
                self._jobs.put(None)
        if thread is not None:
            thread.join()
        self._writer.dispose()
        self._reader.dispose()

    def _write_all(self) -> None:
        while (first := self._jobs.get()) is not None:
            group = [first]
            last = False
            while len(group) < GROUP and not last:
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
                last = job is None
                if job is not None:
                    group.append(job)
            self._write_group(group)
            if last:
                return

    def _write_group(self, group: list[tuple[Work[Any], Future[Any]]]) -> None:
        # From here on nobody can cancel: a future that was cancelled could not be given its result.
        group = [job for job in group if job[1].set_running_or_notify_cancel()]
        if not group:
            return
        done: list[tuple[Future[Any], Any]] = []
        try:
            with self._writer.begin() as connection:
                for work, future in group:
                    try:
                        done.append((future, _saved(connection, work)))
                    except BaseException as exc:
                        _check_open(connection, exc)
                        future.set_exception(exc)
                    else:
                        _check_open(connection, None)
        except BaseException as exc:
            # Nothing of the group was kept: not even what had gone well.
            for _, future in group:
                if not future.done():
                    future.set_exception(exc)
            return
        for future, result in done:
            future.set_result(result)


def _saved(connection: Connection, work: Work[T]) -> T:
    """Return what *work* gives, kept inside *connection*'s transaction, or undone when it raises."""
    driver: Any = connection.connection.dbapi_connection
    driver.execute("SAVEPOINT work")
    try:
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            result = work(session)
            # Prepared statements alone need no transaction of the session's own, which would cost as much as they do.
            if session.in_transaction():
                session.commit()
    except BaseException:
        if driver.in_transaction:
            driver.execute("ROLLBACK TO work")
            driver.execute("RELEASE work")
        raise
    driver.execute("RELEASE work")
    return result


def _check_open(connection: Connection, cause: BaseException | None) -> None:
    """
    Raise unless *connection*'s transaction still goes on.

    SQLite ends one by itself when the disk is full or fails. What follows would then be committed piece by piece,
    and what came before would be gone, while the last COMMIT found nothing wrong.
    """
    driver: Any = connection.connection.dbapi_connection
    if not driver.in_transaction:
        raise RuntimeError("the database ended the transaction") from cause


def _sqlite(url: str, begin: str, synchronous: str, *, one_connection: bool) -> Engine:
    pool: dict[str, Any] = {"poolclass": StaticPool} if one_connection else {"poolclass": QueuePool}
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False},
        json_serializer=to_json,
        hide_parameters=True,  # they hold what people wrote, and errors are logged
        **pool,
    )

    _set_savepoints_directly(engine.dialect)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late (DEFERRED) and lose updates: ours are explicit.
        connection.isolation_level = None
        connection.executescript(
            f"PRAGMA busy_timeout={BUSY_MS}; PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous};"
            "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
        )

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _set_savepoints_directly(dialect: Any) -> None:
    """Let *dialect* hand savepoints to the driver: SQLAlchemy compiles all three statements anew for each."""

    def done_by_driver(statement: str) -> Callable[[Connection, str], None]:
        def do(connection: Connection, name: str) -> None:
            driver: Any = connection.connection.dbapi_connection
            driver.execute(f"{statement} {name}")

        return do

    dialect.do_savepoint = done_by_driver("SAVEPOINT")
    dialect.do_release_savepoint = done_by_driver("RELEASE")
    dialect.do_rollback_to_savepoint = done_by_driver("ROLLBACK TO")


def to_json(value: Any) -> str:
    """Return *value* as JSON in which Chinese and Russian take a third of the bytes that escapes would."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        written.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which a phone may cut off
        return json.dumps(value)
    return written
