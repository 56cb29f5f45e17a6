"""Has somebody look at what is due, from within the transaction that may have written it."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

Alarm = Callable[[Any], None]
"""Takes the driver's connection, in whose transaction it notes that somebody has to look."""
OPTION = "saphan_alarm"
"""The option of a database's connections under which its alarm stands."""


def ring(session: Session) -> None:
    """
    Have the jobs looked at as soon as *session*'s transaction is committed.

    Where nobody is to be told, as on SQLite, the process that does the jobs looks every second.
    """
    bind: Any = session.get_bind()
    alarm: Alarm | None = bind.get_execution_options().get(OPTION)
    if alarm is not None:
        alarm(session.connection().connection.dbapi_connection)
