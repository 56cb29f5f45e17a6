"""A file of SQLite's in WAL mode: one connection writes, and one fsync serves all that waits."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool, StaticPool
from sqlmodel import Session

from bot.database.work import TRACES, Job, T, Work, to_json

log = structlog.get_logger()

GROUP = 64
"""Pieces of work that share one commit, and so one fsync."""
TIDY_MS, TIDY_AGAIN = 50, 1.0
"""How long readers are waited for before traces are done away with, in ms, and when it is tried again, in seconds."""
BUSY_MS = 15_000
"""How long another process may hold the database before writing is given up."""


class Sqlite:
    """
    A SQLite database.

    Pieces of work that wait together share one transaction, each in its own savepoint, so that one fsync serves
    them all and one failure undoes only itself. `synchronous` is FULL: what was committed survives a power cut.
    """

    threads = 1
    group = GROUP

    def __init__(self, url: URL, synchronous: str) -> None:
        self.place = url.database or ":memory:"
        self._writer = _engine(url, "BEGIN IMMEDIATE", synchronous, one_connection=True)
        self.reader = _engine(url, "BEGIN", synchronous, one_connection=False)

    def writer(self) -> "SqliteWriter":
        """Return the writer of the one thread that writes."""
        return SqliteWriter(self._writer)

    def connection(self) -> Connection:
        """Return the writing connection, which is the only one."""
        return self._writer.connect()

    def tag(self, **options: Any) -> None:
        """Give the writing connections *options*."""
        self._writer.update_execution_options(**options)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Give the writing connection; BEGIN IMMEDIATE keeps every other process out meanwhile."""
        with self._writer.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            # A table that is changed is written anew under its name; what points to it must not notice.
            driver.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
                    _check_references(connection)
            finally:
                driver.execute("PRAGMA foreign_keys=ON")

    def close(self) -> None:
        """Let go of the file."""
        self._writer.dispose()
        self.reader.dispose()


class SqliteWriter:
    """Writes group by group on the one connection that may."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._traces = False

    def write(self, jobs: Sequence[Job]) -> None:
        """Carry *jobs* out in one transaction; when that fails as a whole, nothing of them is kept."""
        done: list[tuple[Future[Any], Any]] = []
        try:
            with self._engine.begin() as connection:
                for work, future in jobs:
                    try:
                        done.append((future, _saved(connection, work)))
                    except BaseException as exc:
                        _check_open(connection, exc)
                        future.set_exception(exc)
                    else:
                        _check_open(connection, None)
                self._traces |= connection.info.pop(TRACES, False)
        except BaseException as exc:
            # Nothing of the group was kept: not even what had gone well.
            for _, future in jobs:
                if not future.done():
                    future.set_exception(exc)
            return
        # Whoever hears that they are forgotten is out of the files too, unless somebody reads just now.
        self.tidy()
        for future, result in done:
            future.set_result(result)

    def tidy(self) -> float | None:
        """Write the log into the file and empty it, once nobody reads from it."""
        if not self._traces:
            return None
        with self._engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            driver.execute(f"PRAGMA busy_timeout={TIDY_MS}")
            try:
                self._traces = bool(driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
            except sqlite3.Error:  # another process writes just now, or the disk is full
                log.warning("traces_stay", again_in=TIDY_AGAIN)
            finally:
                driver.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        return TIDY_AGAIN if self._traces else None

    def close(self) -> None:
        """Keep the connection: it belongs to the database."""


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


def _check_references(connection: Connection) -> None:
    """Raise when a migration leaves a row that points to nothing."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise RuntimeError(f"the migration leaves a row of {broken[0]} that points to nothing")


def _engine(url: URL, begin: str, synchronous: str, *, one_connection: bool) -> Engine:
    pool: dict[str, Any] = {"poolclass": StaticPool} if one_connection else {"poolclass": QueuePool}
    # What is deleted is overwritten with zeros, where it is written at all.
    secure_delete = "ON" if one_connection else "OFF"
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False},
        json_serializer=to_json,
        hide_parameters=True,  # they hold what people wrote, and errors are logged
        **pool,
    )

    _set_savepoints_directly(engine.dialect)

    @event.listens_for(engine, "do_connect")
    def _connecting(_dialect: Any, _record: Any, _args: Any, _named: Any) -> None:
        if file := _file_of(url):
            _make_private(file)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late (DEFERRED) and lose updates: ours are explicit.
        connection.isolation_level = None
        connection.executescript(
            f"PRAGMA busy_timeout={BUSY_MS}; PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous};"
            f"PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA secure_delete={secure_delete};"
        )

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _file_of(url: URL) -> Path | None:
    """Return the file of the SQLite database at *url*, None of one in memory or of a URI that SQLite itself reads."""
    place = url.database
    return None if not place or place == ":memory:" or place.startswith("file:") else Path(place)


def _make_private(file: Path) -> None:
    """
    Make *file* where it is missing, so that only its owner may read it.

    SQLite gives the files beside it, `-wal` and `-shm`, the same rights. What is there is left as it is.
    """
    with suppress(OSError):  # it is there, or SQLite says better why it cannot be made
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


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
