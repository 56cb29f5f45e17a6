"""Locks that have a name and end with their transaction."""

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from bot.prepared import Prepared

NUMBER = func.hashtextextended(bindparam("name"), 0)
TAKE = Prepared(select(func.pg_advisory_xact_lock(NUMBER)))
TAKE_SHARE = Prepared(select(func.pg_advisory_xact_lock_shared(NUMBER)))


def lock(session: Session, name: str) -> bool:
    """
    Wait until nobody else holds *name*, and hold it until the transaction of *session* ends.

    Returns whether somebody else may have written since the transaction began. On SQLite there is nothing to wait
    for: only one transaction writes at a time.
    """
    if session.get_bind().dialect.name != "postgresql":
        return False
    TAKE.rows(session, {"name": name})
    return True


def share(session: Session, name: str) -> None:
    """Wait until nobody holds *name* by `lock`, and let nobody until the transaction of *session* ends."""
    if session.get_bind().dialect.name == "postgresql":
        TAKE_SHARE.rows(session, {"name": name})
