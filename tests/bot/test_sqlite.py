"""What holds of SQLite: one file, one writer, one fsync for all that waits."""

import os
import sqlite3
import sys
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, select

from bot.database import Store, leave_no_trace, sqlite
from bot.store import KeptConversation, KnownAddress, Participant
from tests.bot.ledgers import NOW, a_store, person
from tests.bot.stores import Together, add, names


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


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_its_owner_may_read_the_file_and_what_stands_beside_it(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        store = a_store(tmp_path)
        store.write(add("Ana")).result()
        rights = {part.name: oct(part.stat().st_mode & 0o777) for part in tmp_path.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert rights == dict.fromkeys(("saphan.db", "saphan.db-wal", "saphan.db-shm"), "0o600")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_a_file_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    a_store(tmp_path).close()
    (tmp_path / "saphan.db").chmod(0o640)
    store = a_store(tmp_path)
    store.write(add("Ana")).result()
    store.close()
    assert (tmp_path / "saphan.db").stat().st_mode & 0o777 == 0o640


def test_traces_go_once_the_last_reader_has_ended(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.write(add("Ana")).result()

    def forget(session: Session) -> None:
        leave_no_trace(session)
        session.execute(delete(Participant))

    def left(_session: Session) -> bool:
        return any(b"Ana" in part.read_bytes() for part in tmp_path.iterdir())

    def look(session: Session) -> bool:
        session.exec(select(Participant)).all()
        store.write(forget).result()
        return left(session)

    assert store.read(look)
    for _ in range(1000):
        # Every later piece of work tries again, and so does time.
        if not store.write(left).result():
            break
    else:
        pytest.fail("what was deleted is in the files")
    store.close()


def test_a_failing_commit_fails_all_of_the_group(sqlite_store: Store) -> None:
    def promise(session: Session) -> None:
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        session.add(KnownAddress(channel="telegram", user="1", participant_id=99, chat="1"))

    with Together(sqlite_store):
        group = [
            sqlite_store.write(add("before")),
            sqlite_store.write(promise),
            sqlite_store.write(add("later")),
        ]
    for future in group:
        with pytest.raises(IntegrityError, match="FOREIGN KEY"):
            future.result()
    assert names(sqlite_store) == []
    sqlite_store.write(add("next")).result()
    assert names(sqlite_store) == ["next"]


def test_a_transaction_that_the_database_ends_fails_all_of_the_group(sqlite_store: Store) -> None:
    """As it does by itself when the disk fails; what follows must not be kept piece by piece."""

    def end(session: Session) -> None:
        session.connection().exec_driver_sql("ROLLBACK")

    with Together(sqlite_store):
        group = [sqlite_store.write(add("before")), sqlite_store.write(end), sqlite_store.write(add("later"))]
    for future in group:
        with pytest.raises(RuntimeError, match="ended the transaction"):
            future.result()
    assert names(sqlite_store) == []
    sqlite_store.write(add("next")).result()
    assert names(sqlite_store) == ["next"]


def test_a_full_disk_fails_what_does_not_fit_and_keeps_what_does(sqlite_store: Store) -> None:
    def limit(pages: int) -> None:
        driver: Any = sqlite_store.connection().connection.dbapi_connection
        driver.execute(f"PRAGMA max_page_count={pages}")

    limit(1)  # SQLite takes the present size when that is larger.
    full = [sqlite_store.write(add("x" * 100_000)) for _ in range(20)]
    for future in full:
        with pytest.raises((OperationalError, RuntimeError)):
            future.result()
    limit(1_000_000)
    sqlite_store.write(add("fits")).result()
    assert names(sqlite_store) == ["fits"]


def test_a_cancelled_piece_of_work_is_left_out_and_the_writer_goes_on(sqlite_store: Store) -> None:
    with Together(sqlite_store):
        cancelled, after = sqlite_store.write(add("cancelled")), sqlite_store.write(add("later"))
        assert cancelled.cancel()
    with pytest.raises(CancelledError):
        cancelled.result()
    after.result()
    assert names(sqlite_store) == ["later"]


def test_a_store_that_wrote_nothing_closes(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path / 'unused.db'}").close()


def test_a_database_that_stays_busy_fails_the_work_and_is_written_to_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_MS", 10)
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


def test_words_of_any_script_are_kept_as_they_are(sqlite_store: Store, tmp_path: Path) -> None:
    state = {"heard": "Нужна вода 需要水"}
    mele = person(sqlite_store, "1")
    kept = KeptConversation(participant_id=mele, state=state, updated_at=NOW)
    sqlite_store.write(lambda session: session.add(kept)).result()
    reader = sqlite3.connect(tmp_path / "saphan.db")
    assert reader.execute("SELECT state FROM conversation").fetchall() == [('{"heard":"Нужна вода 需要水"}',)]
    reader.close()
    assert sqlite_store.read(lambda session: session.get_one(KeptConversation, mele).state) == state
