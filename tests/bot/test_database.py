"""The one way to write: together, each for itself, and never lost."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlmodel import Session, select

import bot.database
from bot.database import Store
from bot.store import Broadcast, KeptConversation, KnownAddress, Participant, number_of, row_of
from tests.bot.ledgers import NOW, a_store, person


def add(name: str) -> Any:
    """Return work that keeps a participant called *name*."""
    return lambda session: session.add(Participant(name=name, created_at=NOW))


def names(store: Store) -> list[str | None]:
    return store.read(lambda session: list(session.exec(select(Participant.name).order_by(Participant.name))))


class Together:
    """Holds the writer, so that all that is written meanwhile shares one commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._free = threading.Event()
        self._begun = threading.Event()

    def __enter__(self) -> None:
        def wait(_session: Session) -> None:
            self._begun.set()
            assert self._free.wait(20)

        self._first = self._store.write(wait)
        assert self._begun.wait(20)

    def __exit__(self, *_: object) -> None:
        self._free.set()
        self._first.result(20)


def fail(session: Session) -> None:
    session.add(Participant(name="half done", created_at=NOW))
    session.flush()
    raise ValueError("not today")


def test_what_was_written_is_read(store: Store) -> None:
    assert store.write(lambda session: add("Mele")(session) or 42).result() == 42
    assert names(store) == ["Mele"]


def test_threads_that_read_change_and_write_lose_nothing(store: Store) -> None:
    counter = Broadcast(
        key="k", audience={}, words={}, state="running", created_at=NOW, starts_at=NOW, recipients=0
    )
    store.write(lambda session: session.add(counter)).result()

    def count_up(session: Session) -> None:
        row = session.exec(select(Broadcast)).one()
        row.recipients += 1
        session.add(row)

    def fifty() -> None:
        for _ in range(50):
            store.write(count_up).result()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(fifty) for _ in range(8)]:
            done.result()
    assert store.read(lambda session: session.exec(select(Broadcast)).one().recipients) == 400


def test_two_programs_on_one_file_lose_nothing(tmp_path: Path) -> None:
    stores = [a_store(tmp_path), a_store(tmp_path)]
    stores[0].write(add("0")).result()

    def count_up(session: Session) -> None:
        row = session.exec(select(Participant)).one()
        row.name = str(int(row.name or "") + 1)
        session.add(row)

    written = [store.write(count_up) for _ in range(100) for store in stores]
    for future in written:
        future.result()
    assert names(stores[0]) == ["200"]
    for store in stores:
        store.close()


def test_a_failure_undoes_only_itself(store: Store) -> None:
    with Together(store):
        before, failing, after = store.write(add("before")), store.write(fail), store.write(add("later"))
    before.result()
    after.result()
    with pytest.raises(ValueError, match="not today"):
        failing.result()
    assert names(store) == ["before", "later"]


def test_an_exit_undoes_itself_and_the_writer_goes_on(store: Store) -> None:
    def leave(_session: Session) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        store.write(leave).result()
    store.write(add("later")).result()
    assert names(store) == ["later"]


def test_a_failing_commit_fails_all_of_the_group(store: Store) -> None:
    def promise(session: Session) -> None:
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        session.add(KnownAddress(channel="telegram", user="1", participant_id=99, chat="1"))

    with Together(store):
        group = [store.write(add("before")), store.write(promise), store.write(add("later"))]
    for future in group:
        with pytest.raises(IntegrityError, match="FOREIGN KEY"):
            future.result()
    assert names(store) == []
    store.write(add("next")).result()
    assert names(store) == ["next"]


def test_a_transaction_that_the_database_ends_fails_all_of_the_group(store: Store) -> None:
    """As it does by itself when the disk fails; what follows must not be kept piece by piece."""

    def end(session: Session) -> None:
        session.connection().exec_driver_sql("ROLLBACK")

    with Together(store):
        group = [store.write(add("before")), store.write(end), store.write(add("later"))]
    for future in group:
        with pytest.raises(RuntimeError, match="ended the transaction"):
            future.result()
    assert names(store) == []
    store.write(add("next")).result()
    assert names(store) == ["next"]


def test_a_full_disk_fails_what_does_not_fit_and_keeps_what_does(store: Store) -> None:
    def limit(pages: int) -> None:
        driver: Any = store.connection().connection.dbapi_connection
        driver.execute(f"PRAGMA max_page_count={pages}")

    limit(1)  # SQLite takes the present size when that is larger.
    full = [store.write(add("x" * 100_000)) for _ in range(20)]
    for future in full:
        with pytest.raises((OperationalError, RuntimeError)):
            future.result()
    limit(1_000_000)
    store.write(add("fits")).result()
    assert names(store) == ["fits"]


def test_a_cancelled_piece_of_work_is_left_out_and_the_writer_goes_on(store: Store) -> None:
    with Together(store):
        cancelled, after = store.write(add("cancelled")), store.write(add("later"))
        assert cancelled.cancel()
    with pytest.raises(CancelledError):
        cancelled.result()
    after.result()
    assert names(store) == ["later"]


async def test_a_caller_who_goes_away_stops_nothing(store: Store) -> None:
    begun, free = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        begun.set()
        free.wait(20)
        session.add(Participant(name="slow", created_at=NOW))

    waiting = asyncio.ensure_future(asyncio.wrap_future(store.write(slow)))
    await asyncio.to_thread(begun.wait, 20)
    waiting.cancel()
    await asyncio.wait({waiting})
    free.set()
    await asyncio.wrap_future(store.write(add("later")))
    assert names(store) == ["later", "slow"]


def test_closing_finishes_what_waits(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    with Together(store):
        written: list[Future[None]] = [store.write(add(f"{number:03}")) for number in range(200)]
        closing = threading.Thread(target=store.close)
        closing.start()
    closing.join(20)
    assert [future.done() for future in written] == [True] * 200
    again = a_store(tmp_path)
    assert names(again) == [f"{number:03}" for number in range(200)]
    again.close()


def test_nothing_is_written_after_closing(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.close()
    store.close()
    with pytest.raises(RuntimeError, match="closed"):
        store.write(add("late"))


def test_a_store_that_wrote_nothing_closes(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path / 'unused.db'}").close()


def test_readers_see_the_last_commit_while_something_is_written(store: Store) -> None:
    store.write(add("kept")).result()
    inside, free = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        add("not yet")(session)
        session.flush()
        inside.set()
        assert free.wait(20)

    writing = store.write(slow)
    assert inside.wait(20)
    assert names(store) == ["kept"]
    free.set()
    writing.result()
    assert names(store) == ["kept", "not yet"]


def test_a_database_that_stays_busy_fails_the_work_and_is_written_to_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.database, "BUSY_MS", 10)
    store = a_store(tmp_path)
    other = sqlite3.connect(tmp_path / "saphan.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        store.write(add("too soon")).result()
    other.execute("COMMIT")
    other.close()
    store.write(add("now")).result()
    assert names(store) == ["now"]
    store.close()


def test_many_programs_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Alembic's own context is one for the whole process, so these are processes."""
    opens = f"""
from bot import schema
from bot.database import Store
input()
store = Store("sqlite:///{tmp_path / "new.db"}")
schema.ensure(store)
print(schema.state(store))
store.close()
"""
    command = [sys.executable, "-c", opens]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with contextlib.ExitStack() as stack:
        programs = [stack.enter_context(subprocess.Popen(command, **pipes)) for _ in range(3)]
        for program in programs:
            assert program.stdin is not None
            program.stdin.write("go\n")
            program.stdin.flush()
        assert [program.communicate(timeout=60)[0] for program in programs] == ["current\n"] * 3


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("foreign_keys", 1), ("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 15_000)],
)
def test_every_connection_is_set_up(tmp_path: Path, pragma: str, value: object) -> None:
    store = Store(f"sqlite:///{tmp_path / 'saphan.db'}")

    def read(session: Session) -> Any:
        return session.connection().exec_driver_sql(f"PRAGMA {pragma}").scalar()

    assert [store.read(read), store.write(read).result()] == [value, value]
    store.close()


def test_a_row_that_points_to_nobody_is_refused(store: Store) -> None:
    orphan = KnownAddress(channel="telegram", user="1", participant_id=99, chat="1")
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        store.write(lambda session: session.add(orphan)).result()


def test_a_moment_without_its_zone_is_refused(store: Store) -> None:
    naive = Participant(created_at=datetime(2022, 9, 13))  # noqa: DTZ001
    with pytest.raises(StatementError, match="naive"):
        store.write(lambda session: session.add(naive)).result()


def test_a_moment_comes_back_aware_and_the_same(store: Store) -> None:
    store.write(add("Mele")).result()
    (moment,) = store.read(lambda session: session.exec(select(Participant.created_at)).all())
    assert (moment, moment.utcoffset()) == (NOW, NOW.utcoffset())


def test_words_of_any_script_are_kept_as_they_are(store: Store, tmp_path: Path) -> None:
    state = {"heard": "Нужна вода 需要水"}
    mele = person(store, "1")
    kept = KeptConversation(participant_id=mele, state=state, updated_at=NOW)
    store.write(lambda session: session.add(kept)).result()
    reader = sqlite3.connect(tmp_path / "saphan.db")
    assert reader.execute("SELECT state FROM conversation").fetchall() == [('{"heard":"Нужна вода 需要水"}',)]
    reader.close()
    assert store.read(lambda session: session.get_one(KeptConversation, mele).state) == state


def test_half_of_a_surrogate_pair_is_kept_too(store: Store) -> None:
    mele, state = person(store, "1"), {"heard": "cut \ud83d"}
    kept = KeptConversation(participant_id=mele, state=state, updated_at=NOW)
    store.write(lambda session: session.add(kept)).result()
    assert store.read(lambda session: session.get_one(KeptConversation, mele).state) == state


@pytest.mark.parametrize(
    ("number", "row"),
    [
        ("N-0012", ("need", 12)),
        (" o-7 ", ("offer", 7)),
        ("N-", None),
        ("12", None),
        ("Q-0003", None),
        ("N--3", None),
        ("", None),
    ],
)
def test_a_number_names_a_row_or_nothing(number: str, row: object) -> None:
    assert row_of(number) == row


def test_the_number_of_a_row_leads_back_to_it() -> None:
    assert row_of(number_of("offer", 12345)) == ("offer", 12345)
