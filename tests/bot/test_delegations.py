"""Whose a need or an offer is, and who lets it out: strangers, delegations, organisations."""

from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command as alembic
from sqlalchemy import Connection
from sqlmodel import Session

from bot import identity, schema
from bot.commands import IntroduceOneself, OwnStatements, Sent, Statement, StateNeed, StateOffer
from bot.database import Store
from bot.identity import actor_of
from bot.live import live
from bot.notices import Notice
from bot.participants import Actor
from bot.people_commands import SetRole
from bot.privacy_commands import GiveConsent
from bot.records import Records
from bot.rights import ROLES
from bot.store import Participant
from tests.bot.ledgers import NOW, OFFICER, a_press, perform, person

READER = Actor(id=99, role="focal_point", country="TON", confirmed=True)


def need(text: str = "cold rooms for vaccines", **values: Any) -> Statement:
    return Statement(**{"kind": "need", "text": text, "country": "KIR", **values})


def offer(text: str = "training for nurses", **values: Any) -> Statement:
    return need(text, kind="offer", **values)


def somebody(store: Store, user: str, role: str = "delegate", country: str = "KIR", **values: Any) -> Actor:
    """Keep somebody who is registered and linked, and return them."""
    own = person(store, user, role=role, country=country, confirmed=True, **values)
    return now(store, own)


def a_stranger(store: Store, user: str = "1", country: str = "KIR") -> Actor:
    own = person(store, user)
    perform(store, IntroduceOneself(country), Actor(id=own))
    return now(store, own)


def now(store: Store, participant: int) -> Actor:
    return store.read(lambda session: actor_of(session, participant))


def told(store: Store, command: Any, actor: Actor = OFFICER) -> list[Notice]:
    """Carry *command* out and return what others are told."""

    def work(session: Session) -> list[Notice]:
        records = Records(session, actor, NOW, a_press())
        records.perform(command)
        return records.notices

    return store.write(work).result()


def seen(store: Store, reader: Actor = READER) -> list[str]:
    return store.read(
        lambda session: [
            one.statement.number for kind in ("need", "offer") for one in live(session, kind, reader)
        ]
    )


# Strangers


def test_who_names_a_country_stays_a_visitor(store: Store) -> None:
    stranger = a_stranger(store)
    assert (stranger.role, stranger.country, stranger.confirmed) == ("visitor", "KIR", False)


def test_what_a_stranger_sends_is_kept_and_seen_by_nobody_else(store: Store) -> None:
    stranger = a_stranger(store)
    assert perform(store, StateNeed(need()), stranger) == Sent("N-0001", "link")
    assert perform(store, StateOffer(offer()), stranger) == Sent("O-0001", "link")
    readers = [Actor(id=99, role=role, country="KIR", confirmed=True) for role in ROLES]
    assert [seen(store, reader) for reader in readers] == [[]] * len(ROLES)
    assert seen(store, stranger) == ["N-0001", "O-0001"]
    assert [one.number for one in perform(store, OwnStatements(), stranger)] == ["O-0001", "N-0001"]


def become(store: Store, stranger: Actor, role: str, country: str) -> tuple[Actor, list[Notice]]:
    """Link the stranger to a registration, with their consent; return them and what was told."""

    def keep(session: Session) -> int:
        row = Participant(role=role, country=country, confirmed=True, created_at=NOW)
        session.add(row)
        session.flush()
        assert row.id is not None
        identity.link(session, stranger, row.id)
        return row.id

    actor = now(store, store.write(keep).result())
    assert seen(store) == []
    return actor, told(store, GiveConsent(), actor)


def test_who_is_known_sends_it_as_their_country_s(store: Store) -> None:
    stranger = a_stranger(store)
    perform(store, StateNeed(need()), stranger)
    perform(store, StateOffer(offer()), stranger)
    actor, notices = become(store, stranger, "delegate", "VUT")
    assert [(one.participant_id, one.saying.values) for one in notices] == [
        (actor.id, {"published": ["N-0001"], "checked": ["O-0001"], "kept": []})
    ]
    assert seen(store) == ["N-0001", "O-0001"]
    assert {one.country for one in perform(store, OwnStatements(), actor)} == {"VUT"}
    assert told(store, GiveConsent(), actor) == []


def test_who_is_of_the_media_keeps_it_to_themselves_and_is_told(store: Store) -> None:
    stranger = a_stranger(store)
    perform(store, StateNeed(need()), stranger)
    actor, notices = become(store, stranger, "media", "KIR")
    assert [one.saying.values for one in notices] == [{"published": [], "checked": [], "kept": ["N-0001"]}]
    assert seen(store) == []
    # The list was wrong: an administrator says so.
    told(store, SetRole(actor.id or 0, "partner"))
    assert seen(store, Actor(id=99, role="delegate", confirmed=True)) == ["N-0001"]


def test_who_is_registered_speaks_for_their_own_country_only(store: Store) -> None:
    delegate = somebody(store, "1")
    perform(store, StateNeed(need(country="FJI")), delegate)
    assert [one.country for one in perform(store, OwnStatements(), delegate)] == ["KIR"]


@pytest.mark.parametrize("role", ["partner", "private_sector", "secretariat"])
def test_an_organisation_s_needs_are_out_at_once(store: Store, role: str) -> None:
    assert perform(store, StateNeed(need()), somebody(store, "1", role)) == Sent("N-0001")
    assert seen(store) == ["N-0001"]


# What was there before


OLD = [("delegate", True), ("delegate", False), ("private_sector", True), ("visitor", False)]
"""Roles, and whether the list confirms them: a delegate, a stranger, a company, and one who is registered no longer."""


def put(connection: Connection, name: str, **values: Any) -> None:
    """Write a row into a table as it was then."""
    # As the database has it, not as today's model says.
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    connection.execute(table.insert().values(values))


def test_an_older_database_keeps_what_is_out_and_hides_what_strangers_said(store: Store) -> None:
    config = schema._config()
    with store.migrating() as connection:
        config.attributes["connection"] = connection
        alembic.downgrade(config, "0014")
        common = {"role_is_set": False, "guessed_language": "en", "visible_to": "nobody", "created_at": NOW}
        for role, confirmed in OLD:
            put(connection, "participant", role=role, confirmed=confirmed, **common)
        words = {"country": "KIR", "lang": "en", "text": "cold rooms", "details": "{}", "readers": "all"}
        for author in (1, 2, 3, 4, None):
            put(connection, "need", participant_id=author, created_at=NOW, **words)
    schema.upgrade(store)
    with store.connection() as connection:
        rows = connection.exec_driver_sql("SELECT role, published_at FROM need ORDER BY id").all()
        roles = connection.exec_driver_sql("SELECT role FROM participant ORDER BY id").scalars().all()
    assert [(role, published is not None) for role, published in rows] == [
        ("delegate", True),
        ("visitor", False),
        ("private_sector", True),
        ("delegate", True),
        ("delegate", True),
    ]
    assert roles == ["delegate", "visitor", "private_sector", "visitor"]
