"""Nobody waits in a ring for whoever takes people away, and nothing is written for who is not there any more."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlmodel import Session

from bot import identity, retention
from bot.clock import Clock
from bot.database import Store, postgresql
from bot.forgetting import DELIVERIES
from bot.identity import actor_of
from bot.jobs import JOBS, Job, Jobs
from bot.participants import PEOPLE, PEOPLE_LOCK
from bot.snapshots import Snapshots
from tests.bot.ledgers import NOW, person
from tests.bot.test_meeting import wait_for
from tests.bot.test_retention import OVER, press
from tests.samples import sample_snapshot, wording

SHARE = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:name, 0))")
HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


@pytest.fixture
def store(postgresql_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Give a store in which nothing passes by being tried again, a deadlock least of all."""
    monkeypatch.setattr(postgresql, "AGAIN", ())
    return postgresql_store


@contextmanager
def somebody_else(store: Store) -> Iterator[Connection]:
    """Give a transaction beside those of the store."""
    with store.connection() as connection, connection.begin():
        yield connection


def purge(session: Session) -> None:
    """Do what the job does once the days of the participants are over."""
    retention.purge(session, press(), OVER["needs_and_offers"])


def names(store: Store) -> list[str | None]:
    return list(store.read(lambda session: session.execute(select(PEOPLE.c.name)).scalars().all()))


def test_two_processes_that_purge_at_once_take_turns(store: Store) -> None:
    person(store, "ana", name="Ana Silva")
    (found,) = [job for job in JOBS if job.name == "retention"]
    job = Job(found.name, found.next, lambda session, *_: purge(session), takes_away=found.takes_away)
    jobs = Jobs(store, Snapshots(store, sample_snapshot()), wording(), Clock())
    with somebody_else(store) as connection:
        connection.execute(SHARE, {"name": PEOPLE_LOCK})
        both = [store.write(partial(jobs._do, job)) for _ in range(2)]
        wait_for(store, 2)
    assert [done.result() for done in both] == [None, None]
    assert names(store) == []


def test_a_visitor_in_a_turn_is_waited_for_before_whom_they_are_linked_to(store: Store) -> None:
    registered = person(store, "ana", name="Ana Silva", confirmed=True)
    visitor = person(store, "new")
    with somebody_else(store) as connection:
        connection.execute(HOLD, {"name": f"participant:{visitor}"})
        done = store.write(purge)
        wait_for(store, 1)
        connection.execute(HOLD, {"name": f"participant:{registered}"})
    done.result()
    assert names(store) == []


def test_who_goes_is_held_before_any_row_of_theirs_changes(store: Store) -> None:
    own = person(store, "ana", name="Ana Silva")
    with somebody_else(store) as connection:
        connection.execute(HOLD, {"name": f"participant:{own}"})
        done = store.write(purge)
        wait_for(store, 1)
        connection.execute(PEOPLE.update().values(country="TLS"))
    done.result()
    assert names(store) == []


def test_what_is_announced_to_a_visitor_meanwhile_is_whose_they_become(store: Store) -> None:
    registered = person(store, "ana", name="Ana Silva", confirmed=True)
    visitor = person(store, "new")
    with somebody_else(store) as connection:
        connection.execute(SHARE, {"name": PEOPLE_LOCK})
        linked = store.write(lambda session: identity.link(session, actor_of(session, visitor), registered))
        wait_for(store, 1)
        row = {"ref": "b1.1", "kind": "announcement", "priority": 2, "participant_id": visitor}
        place = {"channel": "telegram", "user": "new", "chat": "new", "created_at": NOW}
        connection.execute(insert(DELIVERIES), {**row, **place})
    assert linked.result().id == registered
    owners = store.read(lambda session: session.execute(select(DELIVERIES.c.participant_id)).scalars().all())
    assert owners == [registered]
