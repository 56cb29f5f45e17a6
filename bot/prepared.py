"""Statements that every message executes: put into SQL once, and handed straight to the driver."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bot.database import to_json

DIALECT = sqlite.dialect(json_serializer=to_json)

Row = Sequence[Any]


class Prepared:
    """
    A statement of SQLAlchemy's, ready to be executed without it.

    Between a statement and SQLite the library's own way does four to eight times the work of carrying it out, and
    this is most of what a turn would cost. Values go in and come out as the columns' types have them, and errors are
    the library's. An INSERT names its *columns*.
    """

    def __init__(self, statement: Any, *columns: str) -> None:
        compiled = statement.compile(dialect=DIALECT, column_keys=list(columns) or None)
        binds = {name: compiled.binds[name] for name in compiled.positiontup or ()}
        self._sql = str(compiled)
        self._fixed = {name: bind.value for name, bind in binds.items() if bind.value is not None}
        self._writers = [(name, _processor(binds[name].type, "bind")) for name in compiled.positiontup or ()]
        read = statement.selected_columns if isinstance(statement, Select) else ()
        self._readers = [_processor(column.type, "result") for column in read]

    def rows(self, session: Session, values: Mapping[str, Any]) -> list[Row]:
        """Execute with *values* and return what it selects or returns."""
        try:
            found: list[Row] = _driver(session).execute(self._sql, self._written(values)).fetchall()
        except sqlite3.Error as exc:
            raise self._error(exc) from exc
        if not self._readers:
            return found
        return [
            [read(value) if read else value for read, value in zip(self._readers, row, strict=True)]
            for row in found
        ]

    def each(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once for each of *rows*."""
        try:
            _driver(session).executemany(self._sql, [self._written(values) for values in rows])
        except sqlite3.Error as exc:
            raise self._error(exc) from exc

    def _written(self, values: Mapping[str, Any]) -> list[Any]:
        given = {**self._fixed, **values}
        return [write(given[name]) if write else given[name] for name, write in self._writers]

    def _error(self, exc: sqlite3.Error) -> BaseException:
        # The parameters hold what people wrote, and errors are logged.
        return DBAPIError.instance(self._sql, None, exc, sqlite3.Error, hide_parameters=True, dialect=DIALECT)


def _processor(type_: Any, way: str) -> Any:
    """Return what turns a value of *type_* into the driver's (bind) or back (result); None where nothing does."""
    own = type_.dialect_impl(DIALECT)
    return own.bind_processor(DIALECT) if way == "bind" else own.result_processor(DIALECT, None)


def _driver(session: Session) -> Any:
    bind = session.get_bind()
    connection = bind if isinstance(bind, Connection) else session.connection()
    return connection.connection.dbapi_connection
