"""The sender, when the database cannot be written."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

import bot.line
import bot.tenure
from bot import ledger
from bot.database import Store
from bot.messages import Address
from tests.bot.ledgers import (
    NOW,
    Platform,
    people,
    queue,
    sending,
    states,
)
from tests.bot.senders import Gate

pytestmark = pytest.mark.usefixtures("often")


@asynccontextmanager
async def busy(store: Store) -> AsyncIterator[None]:
    """Hold the database, as a backup or another program may."""
    with closing(sqlite3.connect(str(store.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("COMMIT")


@pytest.fixture
def again_soon(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Give a store that can be held by others, and a sender that tries again soon."""
    monkeypatch.setattr(bot.tenure, "AGAIN", (0.01,) * 200)
    return sqlite_store


@pytest.fixture
def impatient(again_soon: Store) -> Store:
    """Give the store with no patience for a busy database."""
    patience = "PRAGMA busy_timeout=0"
    again_soon.write(lambda session: session.connection().exec_driver_sql(patience)).result()
    return again_soon


async def test_what_cannot_be_marked_does_not_leave_and_keeps_its_order(
    impatient: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.line, "POLL", 60)
    people(impatient, "1")
    platform = Platform()
    async with sending(impatient, platform) as sender:
        await sender.settled(Address("telegram", "1"))
        due = queue(impatient, "1", "a", "b")
        async with busy(impatient):
            sender.offer(due)
            with pytest.raises(OperationalError):
                await asyncio.wrap_future(impatient.write(lambda _session: None))
            assert platform.calls == []
        await platform.wait_for("a", "b")
    assert platform.refs() == ["a", "b"]


async def test_a_message_whose_mark_fails_is_not_overtaken(again_soon: Store) -> None:
    people(again_soon, "1", "2")
    running = queue(again_soon, "2", "running")
    first, second = queue(again_soon, "1", "first", "second")
    refuse = f"""
        CREATE TRIGGER refuse BEFORE UPDATE ON delivery WHEN NEW.id = {first.outbound.delivery}
        BEGIN SELECT RAISE(ABORT, 'not this one'); END
    """
    again_soon.write(lambda session: session.connection().exec_driver_sql(refuse)).result()

    def try_to_mark(session: Session) -> None:
        ledger.mark(session, [first.outbound.delivery], "nobody", NOW)

    platform = Platform()
    async with sending(again_soon, platform) as sender:
        sender.offer(running)
        await platform.wait_for("running")
        sender.offer([first, second])
        for _ in range(2):  # The second time, the sender's own try has failed as well.
            with pytest.raises(IntegrityError, match="not this one"):
                await asyncio.wrap_future(again_soon.write(try_to_mark))
        await asyncio.wrap_future(
            again_soon.write(lambda session: session.connection().exec_driver_sql("DROP TRIGGER refuse"))
        )
        await platform.wait_for("first", "second")
    assert platform.refs("1") == ["first", "second"]


async def test_what_left_is_settled_as_soon_as_the_database_can_be_written(impatient: Store) -> None:
    people(impatient, "1")
    platform, gate = Platform(), Gate()
    platform.answers["1"].append(gate)
    async with sending(impatient, platform) as sender:
        sender.offer(queue(impatient, "1", "a"))
        await platform.wait_until(lambda: gate.waiting == 1)
        async with busy(impatient):
            gate.open()
            await platform.wait_for("a")
            with pytest.raises(OperationalError):
                await asyncio.wrap_future(impatient.write(lambda _session: None))
        await sender.settled(Address("telegram", "1"))
    assert states(impatient) == {"a": "sent"}
    assert platform.refs() == ["a"]


async def test_a_sender_starts_once_the_database_can_be_written(impatient: Store) -> None:
    people(impatient, "1")
    queue(impatient, "1", "a")
    platform = Platform()
    async with busy(impatient):
        running = sending(impatient, platform)
        await running.__aenter__()
        with pytest.raises(OperationalError):
            await asyncio.wrap_future(impatient.write(lambda _session: None))
    await platform.wait_for("a")
    await running.__aexit__(None, None, None)
    assert states(impatient) == {"a": "sent"}
