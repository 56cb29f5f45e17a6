"""What is handed to a database, and how it writes values down."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlmodel import Session

T = TypeVar("T")
Work = Callable[[Session], T]
Job = tuple[Work[Any], Future[Any]]
"""A piece of work and what its caller waits for."""
TRACES = "traces"
"""Marks a connection on which something was deleted that may not stay in the files."""


class Writer(Protocol):
    """Writes in one thread."""

    def write(self, jobs: Sequence[Job]) -> None:
        """Carry *jobs* out; each future ends once its work is committed, or failed and undone."""

    def tidy(self) -> float | None:
        """Do away with traces of what was deleted, see `leave_no_trace`; return after how many seconds to try again."""

    def close(self) -> None:
        """Let go of the connection."""


class Database(Protocol):
    """What a `Store` needs from a kind of database."""

    reader: Engine
    place: str
    """The database's name for people, without a password."""
    threads: int
    """How many threads write."""
    group: int
    """Pieces of work that a writer takes at a time."""

    def writer(self) -> Writer:
        """Return a writer for the thread that calls."""

    def connection(self) -> Connection:
        """Return a writing connection."""

    def tag(self, **options: Any) -> None:
        """Give the writing connections *options*."""

    def migrating(self) -> AbstractContextManager[Connection]:
        """Give the one connection that may change the schema now, inside a transaction that ends with the block."""

    def close(self) -> None:
        """Let go of all connections."""


def leave_no_trace(session: Session) -> None:
    """
    Have what *session* deletes leave the files too, once it is committed.

    SQLite's log of what was written holds it until then; PostgreSQL sees to its own files.
    """
    session.connection().info[TRACES] = True


def to_json(value: Any) -> str:
    """Return *value* as JSON in which Chinese and Russian take a third of the bytes that escapes would."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        written.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which a phone may cut off
        return json.dumps(value)
    return written
