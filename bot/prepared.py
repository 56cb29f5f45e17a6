"""Statements that every message executes: put into SQL once, and handed straight to the driver."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

Row = Sequence[Any]


class Prepared:
    """
    A statement of SQLAlchemy's, ready to be executed without it.

    Between a statement and the database the library's own way does four to eight times the work of carrying it out
    on SQLite, and this is most of what a turn would cost. Values go in and come out as the columns' types have them,
    and errors are the library's. An INSERT names its *columns*.
    """

    def __init__(self, statement: Any, *columns: str) -> None:
        self._statement = statement
        self._columns = columns
        self._forms: dict[str, Form] = {}

    def rows(self, session: Session, values: Mapping[str, Any]) -> list[Row]:
        """Execute with *values* and return what it selects or returns."""
        connection = _connection(session)
        form = self._form(connection.dialect)
        cursor = _cursor(connection)
        try:
            cursor.execute(form.sql, form.written(values))
            found: list[Row] = cursor.fetchall() if cursor.description else []
        except form.error as exc:
            raise form.to_librarys(exc) from exc
        return form.read(found)

    def scalar(self, session: Session, values: Mapping[str, Any] | None = None) -> Any:
        """Execute with *values* and return the first value of the first row, None where there is no row."""
        found = self.rows(session, values or {})
        return found[0][0] if found else None

    def each(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once for each of *rows*."""
        connection = _connection(session)
        form = self._form(connection.dialect)
        try:
            _cursor(connection).executemany(form.sql, [form.written(values) for values in rows])
        except form.error as exc:
            raise form.to_librarys(exc) from exc

    def _form(self, dialect: Dialect) -> "Form":
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = Form(self._statement, self._columns, dialect)
        return form


class Form:
    """A statement in the words of one dialect, and how its values are written and read there."""

    def __init__(self, statement: Any, columns: Sequence[str], dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns) or None)
        names = compiled.positiontup if compiled.positional else list(compiled.binds)
        binds = {name: compiled.binds[name] for name in names}
        self.sql = str(compiled)
        self.error: type[Exception] = dialect.loaded_dbapi.Error
        self._dialect = dialect
        self._by_name = not compiled.positional
        self._fixed = {name: bind.value for name, bind in binds.items() if bind.value is not None}
        self._writers = [(name, _processor(binds[name].type, dialect, "bind")) for name in names]
        read = statement.selected_columns if isinstance(statement, Select) else ()
        self._readers = [_processor(column.type, dialect, "result") for column in read]

    def written(self, values: Mapping[str, Any]) -> Any:
        """Return *values*, and those that the statement fixes, as the driver takes them."""
        given = {**self._fixed, **values}
        if self._by_name:
            return {name: write(given[name]) if write else given[name] for name, write in self._writers}
        return [write(given[name]) if write else given[name] for name, write in self._writers]

    def read(self, rows: list[Row]) -> list[Row]:
        """Return the driver's *rows* with the values that the columns' types have."""
        if not self._readers:
            return rows
        return [
            [read(value) if read else value for read, value in zip(self._readers, row, strict=True)]
            for row in rows
        ]

    def to_librarys(self, exc: Exception) -> BaseException:
        """Return the library's error for the driver's."""
        # The parameters hold what people wrote, and errors are logged.
        return DBAPIError.instance(
            self.sql, None, exc, self.error, hide_parameters=True, dialect=self._dialect
        )


def _processor(type_: Any, dialect: Dialect, way: str) -> Any:
    """Return what turns a value of *type_* into the driver's (bind) or back (result); None where nothing does."""
    own = type_.dialect_impl(dialect)
    return own.bind_processor(dialect) if way == "bind" else own.result_processor(dialect, None)


def _connection(session: Session) -> Connection:
    bind = session.get_bind()
    return bind if isinstance(bind, Connection) else session.connection()


def _cursor(connection: Connection) -> Any:
    driver: Any = connection.connection.dbapi_connection
    return driver.cursor()
