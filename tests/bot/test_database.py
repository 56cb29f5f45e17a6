"""The one way to write, on both databases: each for itself, and never lost."""

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, select

from bot.database import Store, lock
from bot.store import Broadcast, KeptConversation, KnownAddress, Participant
from tests.bot.ledgers import NOW, person
from tests.bot.stores import Together, add, names


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
        lock(session, "counter")
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


async def test_a_caller_who_goes_away_stops_nothing(store: Store) -> None:
    begun, free = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        begun.set()
        free.wait(20)
        session.add(Participant(name="slow", created_at=NOW))

    written = store.write(slow)
    waiting = asyncio.ensure_future(asyncio.wrap_future(written))
    await asyncio.to_thread(begun.wait, 20)
    waiting.cancel()
    await asyncio.wait({waiting})
    free.set()
    await asyncio.wrap_future(store.write(add("later")))
    await asyncio.to_thread(written.result, 20)
    assert names(store) == ["later", "slow"]


def test_closing_finishes_what_waits(store: Store) -> None:
    with Together(store):
        written: list[Future[None]] = [store.write(add(f"{number:03}")) for number in range(200)]
        closing = threading.Thread(target=store.close)
        closing.start()
    closing.join(20)
    assert [future.done() for future in written] == [True] * 200
    again = Store(store.url.render_as_string(hide_password=False))
    assert names(again) == [f"{number:03}" for number in range(200)]
    again.close()


def test_nothing_is_written_after_closing(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(RuntimeError, match="closed"):
        store.write(add("late"))


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


def test_a_row_that_points_to_nobody_is_refused(store: Store) -> None:
    orphan = KnownAddress(channel="telegram", user="1", participant_id=99, chat="1")
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        store.write(lambda session: session.add(orphan)).result()


def test_a_moment_without_its_zone_is_refused(store: Store) -> None:
    naive = Participant(created_at=datetime(2022, 9, 13))  # noqa: DTZ001
    with pytest.raises(StatementError, match="naive"):
        store.write(lambda session: session.add(naive)).result()


def test_a_moment_comes_back_aware_and_the_same(store: Store) -> None:
    store.write(add("Mele")).result()
    (moment,) = store.read(lambda session: session.exec(select(Participant.created_at)).all())
    assert (moment, moment.utcoffset()) == (NOW, NOW.utcoffset())


def test_half_of_a_surrogate_pair_is_kept_too(store: Store) -> None:
    mele, state = person(store, "1"), {"heard": "cut \ud83d"}
    kept = KeptConversation(participant_id=mele, state=state, updated_at=NOW)
    store.write(lambda session: session.add(kept)).result()
    assert store.read(lambda session: session.get_one(KeptConversation, mele).state) == state


def test_what_stands_in_a_line_is_done_in_its_order(store: Store) -> None:
    done: dict[str, list[int]] = {"a": [], "b": []}

    def work(line: str, number: int, session: Session) -> None:
        session.exec(select(Participant.name)).all()
        done[line].append(number)
        if number == 20:
            raise ValueError("this one fails")

    written = [
        store.write(lambda session, line=line, number=number: work(line, number, session), line)  # type: ignore[misc]
        for number in range(50)
        for line in done
    ]
    store.close()
    assert [future.done() for future in written] == [True] * 100
    assert done == {"a": list(range(50)), "b": list(range(50))}
