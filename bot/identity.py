"""One person, one row: an account becomes a registered participant's, or a visitor's again."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint, delete, exists, insert, select, update
from sqlmodel import Session

from bot.messages import Address
from bot.ownership import owned
from bot.participants import ADDRESSES, COLUMNS, PEOPLE, Actor, hold, hold_everybody
from bot.store import KeptConversation

CONVERSATIONS: Any = KeptConversation.__table__  # type: ignore[attr-defined]


def actor_of(session: Session, participant: int) -> Actor:
    """Return what the row of *participant* says."""
    return Actor(*session.execute(select(*COLUMNS).where(PEOPLE.c.id == participant)).one())


def link(session: Session, visitor: Actor, registered: int) -> Actor:
    """
    Make all that is the *visitor*'s the *registered* participant's, and return who that is; the visitor's row goes.

    The language and the quiet that the visitor chose go with them.
    """
    hold(session, registered)
    # Whoever expands an announcement now would write a delivery for the visitor, who is about to be nobody.
    hold_everybody(session)
    chosen: dict[str, Any] = {"guessed_language": visitor.guessed_language}
    if visitor.language is not None:
        chosen["language"] = visitor.language
    if visitor.muted is not None:
        until = select(PEOPLE.c.muted_until).where(PEOPLE.c.id == visitor.id)
        chosen |= {"muted": visitor.muted, "muted_until": session.execute(until).scalar()}
    for table, column in owned():
        _hand_over(session, table, column, visitor.id, registered)
    session.execute(delete(PEOPLE).where(PEOPLE.c.id == visitor.id))
    session.execute(update(PEOPLE).where(PEOPLE.c.id == registered).values(chosen))
    session.expire_all()
    return actor_of(session, registered)


def unlink(session: Session, actor: Actor, address: Address, now: datetime) -> Actor:
    """Let *address* be a new visitor's, in the language of *actor*, whose all the rest stays; return the visitor."""
    row = {
        "role": "visitor",
        "language": actor.language,
        "guessed_language": actor.guessed_language,
        "confirmed": False,
        "created_at": now,
    }
    visitor = session.execute(insert(PEOPLE).returning(PEOPLE.c.id), row).scalar_one()
    mine = (ADDRESSES.c.channel == address.channel) & (ADDRESSES.c.user == address.user)
    session.execute(update(ADDRESSES).where(mine).values(participant_id=visitor))
    others = select(ADDRESSES.c.user).where(ADDRESSES.c.participant_id == actor.id)
    if session.execute(others.limit(1)).first() is None:
        session.execute(delete(CONVERSATIONS).where(CONVERSATIONS.c.participant_id == actor.id))
    session.expire_all()
    return actor_of(session, visitor)


def _hand_over(
    session: Session, table: Table, column: Column[Any], visitor: int | None, registered: int
) -> None:
    """Make the visitor's rows of *table* the registered participant's; of two that are alike one stays."""
    for key in _keys(table):
        if column.name in key:
            twin = table.alias("twin")
            same = [twin.c[name] == table.c[name] for name in key if name != column.name]
            there = exists().where(twin.c[column.name] == registered, *same)
            session.execute(delete(table).where(column == visitor, there))
    session.execute(update(table).where(column == visitor).values({column: registered}))


def _keys(table: Table) -> Iterator[frozenset[str]]:
    """Yield the names of the columns of each key that no two rows of *table* share."""
    yield frozenset(column.name for column in table.primary_key)
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield frozenset(column.name for column in constraint.columns)
    for index in table.indexes:
        if index.unique:
            yield frozenset(column.name for column in index.columns)
