"""Statements that go straight to the driver: they read, write and fail as the library's own do."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot.database import Store
from bot.prepared import Prepared
from bot.store import Inbox

INBOX: Any = Inbox.__table__  # type: ignore[attr-defined]
BANGKOK = timezone(timedelta(hours=7))
MOMENT = datetime(2022, 9, 13, 10, 42, tzinfo=BANGKOK)
WRITE = Prepared(insert(INBOX).returning(INBOX.c.id), "channel", "user", "key", "payload", "received_at")
READ = Prepared(select(INBOX.c.payload, INBOX.c.received_at).where(INBOX.c.key == bindparam("wanted")))


def a_row(key: str, payload: Any = None) -> dict[str, Any]:
    return {"channel": "telegram", "user": "1", "key": key, "payload": payload, "received_at": MOMENT}


def test_what_was_written_straight_is_read_by_the_library_as_it_was(store: Store) -> None:
    ((row_id,),) = store.write(lambda session: WRITE.rows(session, a_row("1", {"где": ["зал", 3]}))).result()
    (row,) = store.read(lambda session: session.exec(select_rows(Inbox)).all())
    assert (row.id, row.payload, row.received_at) == (row_id, {"где": ["зал", 3]}, MOMENT)
    assert row.received_at.tzinfo is UTC


def test_what_the_library_wrote_is_read_straight_as_it_was(store: Store) -> None:
    store.write(lambda session: session.add(Inbox(**a_row("1", {"a": 1})))).result()
    store.write(lambda session: session.add(Inbox(**a_row("2")))).result()
    both = [store.read(lambda session, key=key: READ.rows(session, {"wanted": key})) for key in "12"]  # type: ignore[misc]
    assert both == [[[{"a": 1}, MOMENT]], [[None, MOMENT]]]


def test_a_value_that_the_statement_fixes_need_not_be_given(store: Store) -> None:
    store.write(lambda session: [WRITE.rows(session, a_row(key)) for key in "12"]).result()
    move = Prepared(
        update(INBOX)
        .where(INBOX.c.key == bindparam("old"), INBOX.c.channel == "telegram")
        .values(channel="web")
    )
    store.write(lambda session: move.each(session, [{"old": "1"}, {"old": "3"}])).result()
    query = select_rows(Inbox.channel).order_by(col(Inbox.key))
    assert list(store.read(lambda session: session.exec(query).all())) == ["web", "telegram"]


def test_an_error_is_the_librarys_and_tells_nothing_of_what_was_written(store: Store) -> None:
    store.write(lambda session: WRITE.rows(session, a_row("1"))).result()
    with pytest.raises(IntegrityError, match="key") as raised:
        store.write(lambda session: WRITE.rows(session, a_row("1", "a secret"))).result()
    assert "secret" not in str(raised.value)


def test_what_was_written_straight_is_undone_with_its_piece_of_work(store: Store) -> None:
    def work(session: Session) -> None:
        WRITE.rows(session, a_row("1"))
        raise ValueError("changed its mind")

    with pytest.raises(ValueError, match="mind"):
        store.write(work).result()
    assert store.read(lambda session: READ.rows(session, {"wanted": "1"})) == []
