"""What happens by itself happens in time, once, and whatever else fails."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from bot import following
from bot.announcement_commands import Announce, Announced, Progress, ReadProgress
from bot.broadcasts import HOLD, Announcement, Audience, Change
from bot.clock import Clock
from bot.compositions import Words
from bot.database import Store
from bot.desk import Press
from bot.jobs import JOBS, LOOK, Job, Jobs
from bot.participants import Actor
from bot.snapshots import Snapshots
from bot.store import Delivery, SessionChange
from tests.bot.ledgers import bodies, people, perform, person, rows, settled
from tests.samples import sample_snapshot, wording
from tests.transcript import Watch

NOW = datetime(2022, 9, 13, 6, 50, tzinfo=UTC)
DUE = datetime(2022, 9, 13, 7, 20, tzinfo=UTC)
START = datetime(2022, 9, 13, 7, 30, tzinfo=UTC)


def jobs(store: Store, watch: Watch, jobs: Sequence[Job] = JOBS) -> Jobs:
    return Jobs(store, Snapshots(store, sample_snapshot()), wording(), Clock(source=watch), jobs=jobs)


def follower(store: Store, user: str = "ana", lang: str = "en") -> None:
    session_3 = sample_snapshot().programme.get("s3")
    assert session_3 is not None
    ana = person(store, user, language=lang)
    store.write(lambda session: following.follow(session, ana, session_3, 10, NOW)).result()


def do_round(work: Jobs) -> float:
    return asyncio.run(work.round())


def test_nothing_is_done_before_its_time_and_it_is_looked_for_again(store: Store) -> None:
    follower(store)
    assert do_round(jobs(store, Watch(NOW))) == LOOK
    assert rows(store) == []


def test_the_next_look_is_when_something_is_due(store: Store) -> None:
    follower(store)
    assert do_round(jobs(store, Watch(DUE - timedelta(milliseconds=250)))) == 0.25


def test_what_is_due_is_done_once(store: Store) -> None:
    follower(store)
    work = jobs(store, Watch(DUE))
    do_round(work)
    assert do_round(work) == LOOK
    assert [row.kind for row in rows(store)] == ["reminder"]


def test_what_another_process_has_changed_moves_what_is_due(store: Store) -> None:
    follower(store)
    watch = Watch(NOW)
    work = jobs(store, watch)
    do_round(work)
    later = START + timedelta(minutes=30)
    store.write(
        lambda session: session.add(SessionChange(session="s3", room="room-d", start=later, changed_at=NOW))
    ).result()
    watch.now = DUE
    do_round(work)
    assert rows(store) == []
    watch.now = later - timedelta(minutes=10)
    do_round(work)
    assert list(bodies(store).values()) == ["Session 3 begins in 10 minutes: Room D, second floor."]


def test_the_secretariat_is_told_in_one_message_what_was_missed(store: Store) -> None:
    person(store, "officer", language="en", role="secretariat")
    follower(store, "ana")
    follower(store, "ben")
    do_round(jobs(store, Watch(START + timedelta(hours=1))))
    (told,) = rows(store)
    assert (told.user, told.kind) == ("officer", "notice")
    assert told.card is not None
    assert told.card["heading"] == "2 reminders were not sent: it was too late."
    assert told.card["fields"] == [["Session 3: Better access to available support and resources", "2"]]


def test_a_job_that_fails_waits_a_while_and_holds_nothing_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.FIRST_PAUSE", 60.0)
    follower(store)
    calls: list[str] = []

    def always(_session: Session, now: datetime) -> datetime:
        return now

    def fail(_session: Session, _press: Press, _now: datetime) -> None:
        calls.append("failed")
        raise RuntimeError("the disk is full")

    work = jobs(store, Watch(DUE), (Job("broken", always, fail), *JOBS))

    async def twice() -> None:
        await work.round()
        await work.round()

    asyncio.run(twice())
    assert calls == ["failed"]
    assert [row.kind for row in rows(store)] == ["reminder"]


def test_it_runs_until_it_is_stopped_and_stops_at_once(store: Store) -> None:
    follower(store)
    watch = Watch(NOW)

    async def serve() -> None:
        work = jobs(store, watch)
        running = asyncio.create_task(work.run())
        watch.now = DUE
        await settled(store, lambda found: [row.kind for row in found] == ["reminder"])
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(serve())


# Announcements


def announce(store: Store, **values: Any) -> str:
    announcement = Announcement(Words(texts={"en": "Lunch is served."}), **values)
    announced: Announced = perform(store, Announce(announcement), now=NOW)
    return announced.number


def state(store: Store, number: str) -> str:
    progress: tuple[Progress, ...] = perform(store, ReadProgress(number), now=NOW)
    return progress[0].state


def test_an_announcement_leaves_when_its_hold_is_over(store: Store) -> None:
    person(store, "ana")
    number = announce(store)
    watch = Watch(NOW + HOLD - timedelta(milliseconds=250))
    work = jobs(store, watch)
    assert do_round(work) == 0.25
    assert state(store, number) == "held"
    watch.now = NOW + HOLD
    do_round(work)
    assert state(store, number) == "running"
    assert [row.user for row in rows(store)] == ["ana"]


def test_several_that_are_due_leave_one_after_the_other(store: Store) -> None:
    person(store, "ana")
    numbers = [announce(store), announce(store, again=True)]
    work = jobs(store, Watch(NOW + HOLD))
    do_round(work)
    do_round(work)
    assert [state(store, number) for number in numbers] == ["running", "running"]


def test_one_that_could_not_begin_in_time_is_told_to_the_secretariat(store: Store) -> None:
    person(store, "officer", language="en", role="secretariat")
    person(store, "ana")
    use_by = NOW + timedelta(minutes=15)
    number = announce(store, starts_at=NOW + timedelta(minutes=5), use_by=use_by)
    work = jobs(store, Watch(use_by))
    do_round(work)
    assert state(store, number) == "late"
    (told,) = rows(store)
    assert told.card is not None
    assert (told.user, told.card["heading"]) == ("officer", f"{number} was not sent.")
    assert told.card["body"] == "It was of use until 14:05, Bangkok time."
    assert do_round(work) == LOOK


def test_a_change_takes_hold_with_its_announcement_and_reminders_follow(store: Store) -> None:
    follower(store)
    later = START + timedelta(minutes=30)
    words = Words(template="time_change", slots={"session": "s3", "time": later.isoformat()}, session="s3")
    moving = Announcement(words, change=Change("s3", start=later))
    perform(store, Announce(moving), now=NOW)
    watch = Watch(NOW)
    work = jobs(store, watch)
    do_round(work)
    watch.now = NOW + HOLD
    do_round(work)
    do_round(work)
    watch.now = DUE
    do_round(work)
    assert [row.kind for row in rows(store)] == ["announcement"]
    watch.now = DUE + timedelta(minutes=30)
    do_round(work)
    assert [row.kind for row in rows(store)] == ["announcement", "reminder"]


def test_the_officer_is_told_once_when_all_of_it_has_left(store: Store) -> None:
    officer = person(store, "officer", language="en", role="secretariat")
    people(store, "ana", "mele")
    made = Announcement(Words(texts={"en": "Lunch is served."}), Audience(roles=frozenset({"visitor"})))
    perform(store, Announce(made), now=NOW, actor=Actor(id=officer, role="secretariat"))
    watch = Watch(NOW + HOLD)
    work = jobs(store, watch)
    do_round(work)
    assert do_round(work) <= LOOK
    assert [row.kind for row in rows(store)] == ["announcement", "announcement"]

    def arrive(session: Session) -> None:
        for row in session.exec(select(Delivery)):
            row.state, row.settled_at = ("failed", NOW) if row.user == "mele" else ("sent", NOW)
            row.cause = "unreachable" if row.user == "mele" else None
            session.add(row)

    store.write(arrive).result()
    for _ in range(3):
        do_round(work)
    told = [row for row in rows(store) if row.user == "officer"]
    assert [row.card and row.card["heading"] for row in told] == ["1 of 2 delivered."]
