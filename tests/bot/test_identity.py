"""An account becomes a registered participant's, with all that is the visitor's in every table."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Integer, Table, insert, select
from sqlmodel import Session
from sqlmodel import select as sql_select

import bot.records  # noqa: F401 - brings every table
from bot import identity
from bot.database import Store
from bot.identity import actor_of
from bot.messages import Address
from bot.ownership import owned
from bot.participants import PEOPLE, Actor
from bot.store import Following, KeptConversation, KnownAddress, Need, Participant
from tests.bot.ledgers import NOW, person


@pytest.fixture
def two(store: Store) -> tuple[int, int]:
    """Return a visitor with an account, and a registered participant without one."""
    visitor = person(store, "1", language="ru", guessed_language="zh", muted="all", muted_until=NOW)
    return visitor, registered(store)


def registered(store: Store, **values: Any) -> int:
    def keep(session: Session) -> int:
        row = Participant(
            name="Director", role="focal_point", country="KIR", confirmed=True, created_at=NOW, **values
        )
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id

    return store.write(keep).result()


def link(store: Store, visitor: int, participant: int) -> Actor:
    return store.write(
        lambda session: identity.link(session, actor_of(session, visitor), participant)
    ).result()


def test_what_is_a_visitors_becomes_the_participants_and_the_visitor_is_gone(
    store: Store, two: tuple[int, int]
) -> None:
    visitor, participant = two

    def write(session: Session) -> None:
        session.add(KeptConversation(participant_id=visitor, state={"mine": 1}, updated_at=NOW))
        session.add(Following(participant_id=visitor, session="opening", minutes=10))
        session.add(
            Need(
                participant_id=visitor,
                country="KIR",
                lang="en",
                text="…",
                details={},
                readers="all",
                created_at=NOW,
            )
        )

    store.write(write).result()
    actor = link(store, visitor, participant)
    assert (actor.id, actor.name, actor.role, actor.country) == (
        participant,
        "Director",
        "focal_point",
        "KIR",
    )
    assert (actor.language, actor.guessed_language, actor.muted, actor.confirmed) == ("ru", "zh", "all", True)

    def owners(session: Session) -> list[Any]:
        tables = (KnownAddress, KeptConversation, Following, Need)
        return [row.participant_id for table in tables for row in session.exec(sql_select(table))]

    assert store.read(owners) == [participant] * 4
    assert store.read(lambda session: session.get(Participant, visitor)) is None
    assert store.read(lambda session: session.get_one(Participant, participant).muted_until) == NOW


def test_of_two_rows_that_are_alike_one_stays(store: Store, two: tuple[int, int]) -> None:
    visitor, participant = two

    def write(session: Session) -> None:
        for number, who in enumerate((visitor, participant)):
            session.add(KeptConversation(participant_id=who, state={"of": number}, updated_at=NOW))
            session.add(Following(participant_id=who, session="opening", minutes=number))
        session.add(Following(participant_id=visitor, session="closing"))

    store.write(write).result()
    link(store, visitor, participant)
    followed = select(Following.session, Following.minutes).order_by(Following.session)
    assert store.read(lambda session: session.execute(followed).all()) == [("closing", None), ("opening", 1)]


def test_no_table_can_be_forgotten(store: Store, two: tuple[int, int]) -> None:
    """A row of the visitor in every table that says whose it is: afterwards each is the participant's."""
    visitor, participant = two

    def fill(session: Session) -> None:
        for table in dict.fromkeys(table for table, _ in owned()):
            session.execute(insert(table).values(a_row(session, table, visitor)))

    store.write(fill).result()
    link(store, visitor, participant)

    def found(session: Session) -> dict[str, set[int]]:
        return {
            f"{table.name}.{column.name}": set(session.execute(select(column)).scalars())
            for table, column in owned()
        }

    assert store.read(found) == {f"{table.name}.{column.name}": {participant} for table, column in owned()}


def a_row(session: Session, table: Table, owner: int) -> dict[str, Any]:
    """Return some row of *table*, everything in it *owner*'s; what it refers to besides is there, or made too."""
    row: dict[str, Any] = {}
    mine = {column.name for other, column in owned() if other is table}
    for column in table.columns:
        if column.name in mine:
            row[column.name] = owner
        elif column.primary_key and isinstance(column.type, Integer) and not column.foreign_keys:
            continue
        elif column.foreign_keys and not column.nullable:
            (key,) = column.foreign_keys
            first = session.execute(select(key.column)).scalars().first()
            if first is None:
                other = key.column.table
                first = session.execute(
                    insert(other).values(a_row(session, other, owner))
                ).inserted_primary_key[0]
            row[column.name] = first
        elif not column.nullable and column.default is None:
            row[column.name] = _some(column)
    return row


def _some(column: Any) -> Any:
    kind = type(column.type).__name__
    values = {"AutoString": column.name, "UTCDateTime": NOW, "Boolean": False, "Integer": 1, "JSON": {}}
    return values[kind]


def test_an_account_becomes_a_visitors_again_and_the_rest_stays(store: Store, two: tuple[int, int]) -> None:
    visitor, participant = two
    actor = link(store, visitor, participant)

    def unlink(session: Session) -> Actor:
        return identity.unlink(session, actor, Address("telegram", "1"), NOW + timedelta(hours=1))

    fresh = store.write(unlink).result()
    assert (fresh.role, fresh.name, fresh.confirmed, fresh.language) == ("visitor", None, False, "ru")
    assert fresh.id not in (visitor, participant)
    owner = select(KnownAddress.participant_id)
    assert store.read(lambda session: session.execute(owner).scalars().all()) == [fresh.id]
    names = select(PEOPLE.c.name).order_by(PEOPLE.c.id)
    assert store.read(lambda session: session.execute(names).scalars().all()) == ["Director", None]
