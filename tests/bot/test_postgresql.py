"""What holds of PostgreSQL: writers that meet, connections that are lost, a server that goes away."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import func, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session, col, select

from bot import schema
from bot.database import Store, lock, postgresql
from bot.errors import CommitUncertain
from bot.store import Broadcast, Participant
from tests import PATIENCE
from tests.bot.ledgers import NOW
from tests.bot.stores import Together, add, names
from tests.databases import Server, server
from tests.loopback.wire import Wire


@pytest.fixture
def store(postgresql_store: Store) -> Store:
    return postgresql_store


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is tried again be tried at once."""
    monkeypatch.setattr(postgresql, "AGAIN", (0.0, 0.0))
    monkeypatch.setattr(postgresql, "VERDICT", (0.0, 0.0))


def like(store: Store, *, writers: int = 8, **query: str) -> Store:
    """Return another store on the database of *store*, with more in its URL."""
    url = store.url.update_query_dict(query).render_as_string(hide_password=False)
    return Store(url, writers=writers)


def test_pieces_of_work_are_done_beside_each_other(store: Store) -> None:
    """Each waits for the other, which one after the other they would do for ever."""
    both = threading.Barrier(2, timeout=PATIENCE)
    for future in [store.write(lambda _session: both.wait()) for _ in range(2)]:
        future.result()


def test_what_failed_leaves_its_connection_as_it_was(store: Store) -> None:
    one = like(store, writers=1)
    for _ in range(3):
        with pytest.raises(DBAPIError, match="division by zero"):
            one.write(lambda session: session.execute(text("SELECT 1/0"))).result()
    one.write(add("Mele")).result()
    one.close()
    assert names(store) == ["Mele"]


def test_what_is_locked_is_waited_for_until_the_transaction_ends(store: Store) -> None:
    begun, seen = threading.Event(), []

    def first(session: Session) -> None:
        lock(session, "turn:telegram:1")
        begun.set()
        add("first")(session)

    def second(session: Session) -> None:
        lock(session, "turn:telegram:1")
        seen.extend(session.exec(select(Participant.name)).all())

    holding = Together(store)
    with holding:
        one = store.write(first)
        assert begun.wait(20)
        store.write(second).result()
    one.result()
    assert seen == ["first"]


def test_another_name_is_not_waited_for(store: Store) -> None:
    both = threading.Barrier(2, timeout=PATIENCE)

    def hold(name: str, session: Session) -> None:
        lock(session, name)
        both.wait()

    for future in [store.write(lambda session, name=name: hold(name, session)) for name in "ab"]:  # type: ignore[misc]
        future.result()


def test_a_deadlock_is_tried_again(store: Store) -> None:
    quick = like(store, options="-c deadlock_timeout=10ms")
    both = threading.Barrier(2, timeout=PATIENCE)
    tries = {"ab": 0, "ba": 0}

    def work(names: str, session: Session) -> None:
        tries[names] += 1
        lock(session, names[0])
        if tries[names] == 1:
            both.wait()
        lock(session, names[1])
        add(names)(session)

    written = [quick.write(lambda session, order=order: work(order, session)) for order in tries]  # type: ignore[misc]
    for future in written:
        future.result()
    quick.close()
    assert (names(store), sum(tries.values())) == (["ab", "ba"], 3)


def announcement() -> Broadcast:
    """Return a row with a key that there may be only once."""
    return Broadcast(key="lunch", state="held", audience={}, words={}, created_at=NOW, starts_at=NOW)


def test_a_key_that_somebody_took_meanwhile_is_found_on_the_second_try(store: Store) -> None:
    def register(session: Session) -> str:
        known = session.exec(select(Broadcast).where(Broadcast.key == "lunch")).first()
        if known is not None:
            return "known"
        other = add("taken first")
        store.write(lambda session: other(session)).result()
        session.add(announcement())
        like_store.write(lambda session: session.add(announcement())).result()
        return "new"

    like_store = like(store)
    assert store.write(register).result() == "known"
    like_store.close()


def test_a_key_that_is_really_taken_is_an_error(store: Store) -> None:
    def register(session: Session) -> None:
        session.add(announcement())

    store.write(register).result()
    with pytest.raises(IntegrityError, match="broadcast_key_key"):
        store.write(register).result()


def test_work_whose_connection_is_lost_is_done_again(store: Store) -> None:
    tries = []

    def work(session: Session) -> None:
        add("Mele")(session)
        session.flush()
        tries.append(session)
        if len(tries) == 1:
            session.execute(select(func.pg_terminate_backend(func.pg_backend_pid())))

    store.write(work).result()
    assert (names(store), len(tries)) == (["Mele"], 2)


def test_a_lock_that_is_not_let_go_fails_the_work(store: Store) -> None:
    hurried = like(store, options="-c lock_timeout=20ms")
    held, free = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        lock(session, "a")
        held.set()
        assert free.wait(20)

    holding = store.write(hold)
    assert held.wait(20)
    with pytest.raises(OperationalError, match="lock timeout"):
        hurried.write(lambda session: lock(session, "a")).result()
    free.set()
    holding.result()
    hurried.write(lambda session: lock(session, "a")).result()
    hurried.close()


def test_nothing_takes_longer_than_its_limit(store: Store) -> None:
    hurried = like(store, options="-c statement_timeout=20ms")
    with pytest.raises(OperationalError, match="statement timeout"):
        hurried.write(lambda session: session.execute(select(func.pg_sleep(60)))).result()
    with pytest.raises(OperationalError, match="statement timeout"):
        hurried.read(lambda session: session.execute(select(func.pg_sleep(60))))
    hurried.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("statement_timeout", "1min"),
        ("lock_timeout", "15s"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("application_name", "saphan"),
    ],
)
def test_every_connection_is_set_up(store: Store, name: str, value: str) -> None:
    def read(session: Session) -> str:
        return str(session.execute(text(f"SHOW {name}")).scalar())

    usual = like(store, options="")
    assert [usual.read(read), usual.write(read).result()] == [value, value]
    usual.close()


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError, match="read-only"):
        store.read(lambda session: (session.add(Participant(created_at=NOW)), session.flush()))


def test_a_reader_sees_one_moment(store: Store) -> None:
    def read(session: Session) -> list[int]:
        query = select(func.count(col(Participant.id)))
        before = session.exec(query).one()
        store.write(add("meanwhile")).result()
        return [before, session.exec(query).one()]

    assert store.read(read) == [0, 0]


@pytest.fixture
def own() -> Iterator[Server]:
    """Give a server that a test may stop."""
    server()  # which says why when there can be none
    started = Server()
    yield started
    started.remove()


@pytest.mark.parametrize("how", ["INT", "QUIT"])
@pytest.mark.usefixtures("hasty")
def test_a_server_that_was_started_again_is_used_as_before(own: Server, how: str) -> None:
    store = Store(own.url(own.create()))
    schema.ensure(store)
    for future in [store.write(add(f"{number}")) for number in range(8)]:
        future.result()
    own.stop(how)
    with pytest.raises(OperationalError):
        store.write(add("nobody is there")).result()
    with pytest.raises(OperationalError):
        names(store)
    own.start()
    for future in [store.write(add(f"{number}")) for number in range(8, 10)]:
        future.result()
    assert names(store) == [f"{number}" for number in range(10)]
    store.check()
    store.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire(server().socket) as wire:
        yield wire


@pytest.fixture
def wired(store: Store, wire: Wire) -> Iterator[Store]:
    """Give a store that reaches the database over the wire."""
    wired = Store(f"postgresql://postgres@127.0.0.1:{wire.port}/{store.url.database}", writers=1)
    yield wired
    wired.close()


@pytest.mark.parametrize(("cut", "tries"), [("before", 2), ("after", 1)])
def test_what_was_committed_is_known_when_its_answer_is_lost(
    store: Store, wire: Wire, wired: Store, cut: str, tries: int
) -> None:
    wired.write(add("earlier")).result()
    done = []

    def work(session: Session) -> str:
        done.append(session)
        add("Mele")(session)
        return "kept"

    wire.cut = cut  # type: ignore[assignment]
    assert wired.write(work).result() == "kept"
    assert (names(store), len(done)) == (["Mele", "earlier"], tries)


@pytest.mark.usefixtures("hasty")
def test_a_commit_of_which_nobody_can_tell_is_uncertain(wire: Wire, wired: Store) -> None:
    def work(session: Session) -> None:
        add("Mele")(session)
        wire.refuses = True

    wire.cut = "after"
    with pytest.raises(CommitUncertain):
        wired.write(work).result()
    wire.refuses = False
    wired.write(add("later")).result()
    assert names(wired)[-1] == "later"


@pytest.mark.usefixtures("hasty")
def test_a_password_is_never_told(unused_tcp_port: int) -> None:
    store = Store(f"postgresql://saphan:very-secret@127.0.0.1:{unused_tcp_port}/forum")
    assert store.place == f"postgresql://saphan:***@127.0.0.1:{unused_tcp_port}/forum"
    for use in (store.check, store.write(add("x")).result, lambda: schema.ensure(store)):
        with pytest.raises(Exception, match=r"127\.0\.0\.1") as raised:
            use()
        assert "very-secret" not in f"{raised.value!r} {raised.value}"
    store.close()
