"""One participant who writes from two addresses at the same time: PostgreSQL lets both turns run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from sqlmodel import col
from sqlmodel import select as select_rows

from bot.announcement_commands import Announce, ConfirmRead
from bot.clock import Clock
from bot.commands import Command
from bot.database import Store, postgresql
from bot.dialogues import DIALOGUES
from bot.engine import Engine
from bot.identity import link
from bot.messages import Address, Inbound, Text
from bot.participants import CONVERSATIONS, PEOPLE, Actor, known
from bot.privacy_commands import Forget
from bot.records import Records
from bot.store import Confirmation, KnownAddress, Participant
from bot.turns import Turns
from knowledge.loaders.pack import Pack
from knowledge.snapshot import Snapshot
from tests.bot.ledgers import NOW, a_press, lunch, perform, person
from tests.knowledge.packs import small_pack
from tests.samples import router, wording

PHONE, DESK = Address("telegram", "phone"), Address("slack", "desk")
HELD_UP = text("""
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
""")


@pytest.fixture
def store(postgresql_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Give a store in which nothing passes by being tried again."""
    monkeypatch.setattr(postgresql, "AGAIN", ())
    return postgresql_store


@pytest.fixture
def mele(store: Store) -> int:
    """Keep somebody who writes from two addresses."""
    own = person(store, PHONE.user, role="delegate", country="TON")
    desk = KnownAddress(channel=DESK.channel, user=DESK.user, participant_id=own, chat=DESK.user)
    store.write(lambda session: session.add(desk)).result()
    take(store, said(PHONE, "hello"))()
    return own


@cache
def turns() -> tuple[Turns, Snapshot]:
    know = Snapshot.of(Pack.from_files(small_pack()))
    return Turns(Engine(DIALOGUES), router(), wording(), Clock()), know


def said(address: Address, words: str) -> Inbound:
    return Inbound(words, address, NOW, Text(words), chat=address.user)


def take(store: Store, inbound: Inbound) -> Callable[[], Any]:
    """Take *inbound* through its turn beside others; returns what waits for its end."""
    taking, know = turns()
    return store.write(lambda session: taking.take(session, inbound, None, know)).result


def begin(store: Store, actor: Actor, command: Command) -> Callable[[], Any]:
    """Carry *command* out beside others; returns what waits for its end."""
    return store.write(lambda session: Records(session, actor, NOW, a_press()).perform(command)).result


@contextmanager
def holding(store: Store, rows: Any) -> Iterator[Connection]:
    """Keep whoever would write one of *rows* waiting meanwhile."""
    with store.connection() as connection, connection.begin():
        connection.execute(select(rows).with_for_update())
        yield connection


def wait_for(store: Store, waiting: int) -> None:
    """Return once so many transactions wait for a lock."""
    while store.read(lambda session: session.execute(HELD_UP).scalar()) != waiting:
        pass


def test_neither_turn_writes_over_what_the_other_has_kept(store: Store, mele: int) -> None:
    with holding(store, CONVERSATIONS):
        both = [
            take(store, said(PHONE, "Où est la salle, nous avons besoin de vous")),
            take(store, said(DESK, "Где обед?")),
        ]
        wait_for(store, 2)
    for result in both:
        result()
    state = store.read(lambda session: session.execute(select(CONVERSATIONS.c.state)).scalar_one())
    assert sorted(state["suggested"]) == ["fr", "ru"]


def test_who_is_forgotten_meanwhile_is_a_newcomer_at_the_other_address(store: Store, mele: int) -> None:
    found = store.read(lambda session: known(session, PHONE))
    assert found is not None
    with holding(store, PEOPLE):
        gone = begin(store, found.actor, Forget())
        wait_for(store, 1)
        written = take(store, said(DESK, "/privacy"))
        wait_for(store, 2)
    gone()
    written()
    (newcomer,) = store.read(lambda session: session.exec(select_rows(Participant)).all())
    assert (newcomer.id == mele, newcomer.role, newcomer.country) == (False, "visitor", None)


def test_an_account_becomes_somebodys_after_the_turn_that_they_are_in(store: Store, mele: int) -> None:
    visitor = Actor(person(store, "laptop", role="visitor"))
    with holding(store, CONVERSATIONS):
        written = take(store, said(DESK, "/privacy"))
        wait_for(store, 1)
        linked = store.write(lambda session: link(session, visitor, mele)).result
        wait_for(store, 2)
    written()
    assert linked().id == mele


def test_who_asks_at_both_addresses_to_be_forgotten_is_forgotten_once(store: Store, mele: int) -> None:
    for address in (PHONE, DESK):
        take(store, said(address, "/forgetme"))()
    take(store, said(PHONE, "1"))()
    with holding(store, PEOPLE):
        both = [take(store, said(PHONE, "DELETE")), take(store, said(DESK, "DELETE "))]
        wait_for(store, 2)
    for result in both:
        result()
    people = store.read(lambda session: session.exec(select_rows(Participant.id)).all())
    assert mele not in people


def test_having_read_it_is_confirmed_at_both_addresses_at_once(store: Store, mele: int) -> None:
    lunch_is_served = replace(lunch(roles={"delegate"}), confirmable=True)
    number = perform(store, Announce(lunch_is_served)).number
    actor = Actor(mele, role="delegate", country="TON")
    with holding(store, PEOPLE):
        both = [begin(store, actor, ConfirmRead(number)) for _ in range(2)]
        wait_for(store, 2)
    assert [result() for result in both] == [True, True]
    read = select_rows(Confirmation).where(col(Confirmation.participant_id) == mele)
    assert len(store.read(lambda session: session.exec(read).all())) == 1
