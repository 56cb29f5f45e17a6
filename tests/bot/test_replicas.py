"""Messages of one participant that several processes hear: each is an assistant with a store of its own here."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache

import pytest
from sqlalchemy import select, text

from bot import inbox
from bot.assistant import Assistant
from bot.clock import Clock
from bot.database import Store, lock
from bot.dialogues import DIALOGUES
from bot.engine import Engine
from bot.ledger import ROWS
from bot.messages import Address, Inbound, Text
from bot.snapshots import Snapshots
from bot.turns import Turns
from knowledge.loaders.pack import Pack
from knowledge.snapshot import Snapshot
from tests import PATIENCE
from tests.knowledge.packs import small_pack
from tests.samples import router, wording

MELE = Address("telegram", "5000000001")


@cache
def know() -> Snapshot:
    return Snapshot.of(Pack.from_files(small_pack()))


def replica(store: Store) -> Assistant:
    turns = Turns(Engine(DIALOGUES), router(), wording(), Clock())
    return Assistant(store, Snapshots(store, know()), turns, wording())


def said(number: int, words: str = "/privacy") -> Inbound:
    return Inbound(f"m{number}", MELE, Clock().now(), Text(words), chat=MELE.user)


@pytest.fixture
def replicas(postgresql_store: Store) -> Iterator[tuple[Assistant, Assistant]]:
    other = Store(str(postgresql_store.url.render_as_string(hide_password=False)))
    yield replica(postgresql_store), replica(other)
    other.close()


@contextmanager
def held_up(store: Store) -> Iterator[None]:
    """Keep every turn of Mele's waiting meanwhile, as a slow one would."""
    with store.connection() as connection, connection.begin():
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"turn:{MELE}"}
        )
        yield


async def arrived(store: Store, count: int) -> None:
    """Return once *count* messages are kept."""
    query = text("SELECT count(*) FROM inbox")
    async with asyncio.timeout(PATIENCE):
        while await asyncio.to_thread(store.read, lambda session: session.execute(query).scalar()) < count:
            pass


def answered(store: Store) -> list[str]:
    """Return the keys of the messages in the order in which their first answers were queued."""
    query = select(ROWS.c.ref).where(ROWS.c.ref.endswith(".0")).order_by(ROWS.c.id)
    keys = dict(store.read(lambda session: session.execute(select(inbox.ROWS.c.id, inbox.ROWS.c.key)).all()))
    refs = store.read(lambda session: session.execute(query).scalars().all())
    return [keys[int(ref.partition(".")[0], 16)] for ref in refs]


async def test_quick_messages_to_two_replicas_are_answered_in_the_order_in_which_they_arrived(
    postgresql_store: Store, replicas: tuple[Assistant, Assistant]
) -> None:
    turns = []
    with held_up(postgresql_store):
        for number in range(20):
            turns.append(asyncio.create_task(replicas[number % 2].receive(said(number))))
            await arrived(postgresql_store, number + 1)
        # Another second and they count as late: their platforms get their answer, and they follow.
        await asyncio.gather(*turns)
    for one in replicas:
        await one.drain()
    assert answered(postgresql_store) == [f"m{number}" for number in range(20)]


async def test_what_a_dead_replica_had_kept_is_answered_before_what_came_later(
    postgresql_store: Store, replicas: tuple[Assistant, Assistant]
) -> None:
    now = Clock().machine()
    for number in range(3):
        postgresql_store.write(
            lambda session, number=number: inbox.keep_raw(session, said(number), now)
        ).result()
    await replicas[1].receive(said(3))
    await replicas[1].drain()
    assert answered(postgresql_store) == ["m0", "m1", "m2", "m3"]


async def test_what_a_dead_replica_had_kept_is_swept_up_when_it_is_old_enough(
    postgresql_store: Store, replicas: tuple[Assistant, Assistant]
) -> None:
    now = Clock().machine()
    long_ago = now - timedelta(minutes=1)
    postgresql_store.write(lambda session: inbox.keep_raw(session, said(0), long_ago)).result()
    postgresql_store.write(
        lambda session: inbox.keep_raw(session, said(1), now + timedelta(hours=1))
    ).result()
    assert await replicas[0].recover(timedelta(seconds=3)) == 1
    assert answered(postgresql_store) == ["m0"]


async def test_a_message_that_both_replicas_get_is_answered_once(
    postgresql_store: Store, replicas: tuple[Assistant, Assistant]
) -> None:
    await asyncio.gather(*(one.receive(said(0)) for one in replicas * 3))
    for one in replicas:
        await one.drain()
    assert answered(postgresql_store) == ["m0"]


async def test_what_another_version_kept_holds_up_nobody(
    postgresql_store: Store, replicas: tuple[Assistant, Assistant]
) -> None:
    def keep(session) -> None:  # type: ignore[no-untyped-def]
        lock(session, "anything")
        row = inbox.keep_raw(session, said(0), Clock().machine())
        session.execute(
            inbox.ROWS.update().where(inbox.ROWS.c.id == row).values(payload={"of": "the future"})
        )

    postgresql_store.write(keep).result()
    await replicas[0].receive(said(1))
    await replicas[0].drain()
    assert answered(postgresql_store) == ["m1"]
