"""PostgreSQL through psycopg: several writers, each piece of work a transaction of its own."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool, Pool, QueuePool
from sqlmodel import Session

from bot.database.locks import lock
from bot.database.work import Job, Work, to_json
from bot.errors import CommitUncertain

T = TypeVar("T")

READERS = 8
"""Connections that read at a time; further readers wait for one."""
LIMITS = {
    "statement_timeout": "60s",
    "lock_timeout": "15s",
    "idle_in_transaction_session_timeout": "60s",
}
"""What ends by itself, so that nothing hangs for ever and a process that stands still holds up nobody."""
CONNECTING = {
    "application_name": "saphan",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "tcp_user_timeout": 30_000,
}
"""What connections are opened with where the URL does not say otherwise: a dead network is noticed in 30 seconds."""
AGAIN = (0.02, 0.1, 0.5, 2.0)
"""Seconds to wait before each new try of a piece of work."""
VERDICT = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds to wait before asking once more what became of a commit."""
STATUS = "SELECT pg_xact_status(%s::text::xid8)"
END = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE backend_xid = %s::text::xid8::xid AND pid <> pg_backend_pid()
"""
"""Ends a transaction whose COMMIT never came to a server that does not know yet that nobody is there any more."""
PASSING = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: the same work is likely to succeed a moment later."""
TAKEN = "23505"
"""
A key that is there already. Somebody else may have written it since the work looked for it; on a second try the work
sees what they wrote.
"""


class Postgresql:
    """A PostgreSQL database; writers read what is committed, readers see one moment."""

    group = 1

    def __init__(self, url: URL, writers: int) -> None:
        url = url.set(drivername="postgresql+psycopg")
        self.place = url.set(drivername="postgresql").render_as_string(hide_password=True)
        self.threads = writers
        # A writer keeps its connection and replaces it when it is lost, so there is nothing to pool.
        self._engine = _engine(url, NullPool, "READ COMMITTED")
        self.reader = _engine(
            url, QueuePool, "REPEATABLE READ", pool_size=READERS, max_overflow=0, pool_pre_ping=True
        )

        @event.listens_for(self.reader, "connect")
        def _only_reads(connection: Any, _record: Any) -> None:
            connection.read_only = True

    def writer(self) -> "PostgresqlWriter":
        """Return a writer with a connection of its own."""
        return PostgresqlWriter(self._engine)

    def tag(self, **options: Any) -> None:
        """Give the writing connections *options*."""
        self._engine.update_execution_options(**options)

    def connection(self) -> Connection:
        """Return a new connection; what it locks for its session, nobody else has."""
        return self._engine.connect()

    @contextlib.contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Give a connection that holds the lock of the schema's changes, and may take its time."""
        with self._engine.connect() as connection, connection.begin():
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {name} = 0")
            with Session(connection, join_transaction_mode="rollback_only") as session:
                lock(session, "schema")
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()
        self.reader.dispose()


class PostgresqlWriter:
    """
    Carries out one piece of work after the other on the connection of its thread.

    What failed for a passing reason is tried again: a deadlock, a key that somebody else took at the same time, a
    connection that was lost before the commit, when nothing can have been kept. When it is lost during the commit,
    the database is asked what became of it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def write(self, jobs: Sequence[Job]) -> None:
        """Carry *jobs* out, each in its transaction."""
        for work, future in jobs:
            try:
                result = self._carried_out(work)
            except BaseException as exc:
                future.set_exception(exc)
            else:
                future.set_result(result)

    def tidy(self) -> None:
        """Leave it to the server's own vacuum."""

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _carried_out(self, work: Work[T]) -> T:
        for tries, pause in enumerate(AGAIN, 1):
            try:
                return self._once(work)
            except DBAPIError as exc:
                if not self._may_pass(exc, tries):
                    raise
            time.sleep(pause)
        return self._once(work)

    def _may_pass(self, exc: DBAPIError, tries: int) -> bool:
        """Tell whether the work may succeed when it is tried again after so many *tries*."""
        lost = self._connection is None
        state = getattr(exc.orig, "sqlstate", None)
        return lost or state in PASSING or (state == TAKEN and tries == 1)

    def _once(self, work: Work[T]) -> T:
        connection = self._connection = self._connection or self._engine.connect()
        transaction = connection.begin()
        try:
            result = _result(connection, work)
            number = _transaction_number(connection)
        except BaseException:
            self._undo()
            raise
        try:
            transaction.commit()
        except BaseException as exc:
            lost = self._undo()
            kept = lost and (number is None or self._was_committed(number, exc))
            if not kept:
                raise
        return result

    def _undo(self) -> bool:
        """Roll back; tell whether the connection was lost, which another one takes the place of."""
        connection = self._connection
        assert connection is not None  # noqa: S101 - somebody writes on it
        if not _is_lost(connection):
            with contextlib.suppress(DBAPIError):
                connection.rollback()
            if not _is_lost(connection):
                return False
        self._connection = None
        connection.invalidate()
        connection.close()
        return True

    def _was_committed(self, number: str, cause: BaseException) -> bool:
        """Tell what became of the transaction with *number*, whose COMMIT got no answer."""
        for pause in VERDICT:
            time.sleep(pause)
            try:
                with self._engine.connect() as connection:
                    verdict = connection.exec_driver_sql(STATUS, (number,)).scalar()
                    if verdict in ("committed", "aborted"):
                        return bool(verdict == "committed")
                    connection.exec_driver_sql(END, (number,))
            except OperationalError:
                continue
        raise CommitUncertain("the database went away during a commit") from cause


def _result(connection: Connection, work: Work[T]) -> T:
    """Return what *work* gives inside *connection*'s transaction, all that it changed sent to the database."""
    with Session(connection, expire_on_commit=False, join_transaction_mode="rollback_only") as session:
        result = work(session)
        # Prepared statements alone need no transaction of the session's own.
        if session.in_transaction():
            session.commit()
    return result


def _transaction_number(connection: Connection) -> str | None:
    """Return the number of *connection*'s transaction, None when it wrote nothing."""
    driver: Any = connection.connection.dbapi_connection
    (number,) = driver.execute("SELECT pg_current_xact_id_if_assigned()::text").fetchone()
    return None if number is None else str(number)


def _is_lost(connection: Connection) -> bool:
    if connection.closed or connection.invalidated:
        return True
    driver: Any = connection.connection.dbapi_connection
    return driver is None or bool(driver.closed)


def _engine(url: URL, pool: type[Pool], isolation: str, **pooled: Any) -> Engine:
    limits = " ".join(f"-c {name}={value}" for name, value in LIMITS.items())
    own = url.query.get("options", "")
    given = {name: value for name, value in CONNECTING.items() if name not in url.query}
    return create_engine(
        url.difference_update_query(["options"]),
        poolclass=pool,
        isolation_level=isolation,
        # Of two options the last one counts: the installation's own.
        connect_args={**given, "options": f"{limits} {own}".strip()},
        json_serializer=to_json,
        use_native_hstore=False,
        hide_parameters=True,  # they hold what people wrote, and errors are logged
        **pooled,
    )
