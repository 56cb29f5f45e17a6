"""Reminders of sessions: each once, in time or not at all, whatever moves meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from bot import following, mutes, reminders
from bot.audiences import muted
from bot.broadcasts import Change, Kind
from bot.broadcasts import Mute as MuteKind
from bot.changes import changed
from bot.database import Store
from bot.desk import Press
from bot.reminders import Reminded, next_due, remind_due
from bot.store import Delivery, Following, KnownAddress, Participant
from knowledge.snapshot import Snapshot
from tests.bot.ledgers import bodies, people, person, rows
from tests.samples import sample_snapshot, wording

NOW = datetime(2022, 9, 13, 6, 50, tzinfo=UTC)
"""13:50 at the forum's place; session 3 begins at 14:30."""
DUE = datetime(2022, 9, 13, 7, 20, tzinfo=UTC)
START = datetime(2022, 9, 13, 7, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def follow(store: Store, person: int, minutes: int | None = 10, now: datetime = NOW) -> None:
    session_3 = sample_snapshot().programme.get("s3")
    assert session_3 is not None
    store.write(lambda session: following.follow(session, person, session_3, minutes, now)).result()


def quiet(store: Store, person: int, kind: MuteKind | None, until: datetime | None = None) -> None:
    store.write(lambda session: mutes.mute(session, person, kind, until, NOW)).result()


def moved(**change: Any) -> Snapshot:
    return changed(sample_snapshot(), [Change("s3", **change)])


def recompute(store: Store, know: Snapshot, now: datetime = NOW) -> int:
    return store.write(lambda session: following.recompute(session, know, now)).result()


def remind(store: Store, now: datetime, know: Snapshot | None = None) -> Reminded:
    knowing = know or sample_snapshot()
    return store.write(lambda session: remind_due(session, Press(knowing, wording()), now)).result()


def due(store: Store, now: datetime = NOW) -> datetime | None:
    return store.read(lambda session: next_due(session, now))


def test_who_follows_is_reminded_once_when_it_is_time(store: Store) -> None:
    follow(store, person(store, "ana"))
    assert due(store) == DUE
    assert remind(store, DUE - MINUTE).taken == 0
    assert remind(store, DUE).taken == 1
    assert remind(store, DUE).taken == 0
    assert due(store, DUE) is None
    assert [(row.kind, row.priority, row.user, row.state) for row in rows(store)] == [
        ("reminder", 3, "ana", "queued")
    ]


def test_a_reminder_says_what_begins_when_and_where(store: Store) -> None:
    follow(store, person(store, "ana", language="en"))
    remind(store, DUE)
    assert list(bodies(store).values()) == ["Session 3 begins in 10 minutes: Room B, first floor."]


@pytest.mark.parametrize("minutes", [10, 30])
def test_it_comes_as_long_before_as_was_asked_for(store: Store, minutes: int) -> None:
    follow(store, person(store, "ana"), minutes)
    assert due(store) == START - minutes * MINUTE


def test_who_follows_without_a_reminder_gets_none(store: Store) -> None:
    follow(store, person(store, "ana"), None)
    assert due(store) is None
    assert remind(store, START).taken == 0


def test_who_asks_too_late_gets_none(store: Store) -> None:
    follow(store, person(store, "ana"), 10, now=DUE + MINUTE)
    assert remind(store, DUE + 2 * MINUTE).taken == 0


def test_who_asks_for_another_time_after_the_first_is_reminded_again(store: Store) -> None:
    ana = person(store, "ana")
    follow(store, ana, 30)
    remind(store, START - 30 * MINUTE)
    follow(store, ana, 10, now=START - 20 * MINUTE)
    assert remind(store, DUE).taken == 1
    assert len(rows(store)) == 2


def test_a_late_reminder_says_so_and_counts_what_is_left(store: Store) -> None:
    follow(store, person(store, "ana", language="en"))
    remind(store, DUE + 4 * MINUTE)
    (row,) = rows(store)
    assert row.card is not None
    assert row.card["body"] == "Session 3 begins in 6 minutes: Room B, first floor."
    assert "late by 4 min" in row.card["note"]


def test_one_that_is_too_late_is_not_sent_but_counted(store: Store) -> None:
    for id_ in people(store, "ana", "ben").values():
        follow(store, id_)
    assert remind(store, DUE + following.USE_BY) == Reminded(2, {"s3": 2})
    assert rows(store) == []
    assert due(store, DUE + following.USE_BY) is None


def test_it_is_in_the_language_of_each_reader_at_their_open_address(store: Store) -> None:
    for lang in ("en", "fr", "ru", "zh"):
        follow(store, person(store, lang, language=lang))
    remind(store, DUE)
    assert [(row.user, row.card["lang"]) for row in rows(store) if row.card] == [
        (lang, lang) for lang in ("en", "fr", "ru", "zh")
    ]


def test_who_cannot_be_reached_holds_nobody_up(store: Store) -> None:
    gone, here = person(store, "gone"), person(store, "here")

    def leave(session: Session) -> None:
        session.get_one(KnownAddress, ("telegram", "gone")).unsubscribed_at = NOW

    store.write(leave).result()
    follow(store, gone)
    follow(store, here)
    remind(store, DUE)
    assert [row.user for row in rows(store)] == ["here"]


# The programme moves


def test_a_session_that_moves_takes_its_reminders_along(store: Store) -> None:
    follow(store, person(store, "ana"))
    later = moved(start=START + 30 * MINUTE)
    assert recompute(store, later) == 1
    assert due(store) == DUE + 30 * MINUTE
    assert recompute(store, later) == 0


def test_who_was_reminded_of_the_old_time_is_reminded_of_the_new_one(store: Store) -> None:
    follow(store, person(store, "ana"))
    remind(store, DUE)
    later = moved(start=START + 30 * MINUTE)
    recompute(store, later, DUE + MINUTE)
    assert remind(store, DUE + 30 * MINUTE, later).taken == 1
    assert len({row.ref for row in rows(store)}) == 2


def test_a_new_room_reminds_nobody_twice_and_is_the_one_that_is_named(store: Store) -> None:
    ana, ben = person(store, "ana", language="en"), person(store, "ben", language="en")
    follow(store, ana, 30)
    follow(store, ben, 10)
    remind(store, START - 30 * MINUTE)
    know = moved(room="room-d")
    assert recompute(store, know, START - 20 * MINUTE) == 0
    assert remind(store, DUE, know).taken == 1
    assert sorted(body.partition(": ")[2] for body in bodies(store).values()) == [
        "Room B, first floor.",
        "Room D, second floor.",
    ]


def test_nobody_is_reminded_of_a_cancelled_session_until_it_takes_place_after_all(store: Store) -> None:
    follow(store, person(store, "ana"))
    recompute(store, moved(cancelled=True))
    assert due(store) is None
    recompute(store, sample_snapshot())
    assert due(store) == DUE


def test_a_session_that_is_moved_nearer_is_still_reminded_of(store: Store) -> None:
    follow(store, person(store, "ana"))
    sooner = moved(start=NOW + 6 * MINUTE)
    recompute(store, sooner)
    assert remind(store, NOW, sooner) == Reminded(1, {})
    assert len(rows(store)) == 1


# Quiet


@pytest.mark.parametrize("kind", ["all", "but_changes", "until_written"])
def test_who_asked_for_quiet_is_not_reminded_and_nobody_is_told(store: Store, kind: MuteKind) -> None:
    ana = person(store, "ana")
    follow(store, ana)
    quiet(store, ana, kind)
    assert due(store, DUE) == DUE + following.USE_BY
    assert remind(store, DUE).taken == 0
    assert remind(store, DUE + following.USE_BY) == Reminded(1, {})
    assert rows(store) == []


def test_quiet_that_ends_in_time_lets_the_reminder_come_later(store: Store) -> None:
    ana = person(store, "ana")
    follow(store, ana)
    quiet(store, ana, "all", DUE + 5 * MINUTE)
    assert due(store, DUE) == DUE + 5 * MINUTE
    assert remind(store, DUE).taken == 0
    assert remind(store, DUE + 5 * MINUTE).taken == 1
    assert len(rows(store)) == 1


def test_quiet_that_has_ended_keeps_nothing_away(store: Store) -> None:
    ana = person(store, "ana")
    follow(store, ana)
    quiet(store, ana, "all", NOW)
    assert due(store) == DUE
    assert remind(store, DUE).taken == 1


@pytest.mark.parametrize(
    ("kind", "until", "kept_away"),
    [
        (None, None, set()),
        ("all", NOW + MINUTE, {"announcement", "reminder"}),
        ("all", NOW, set()),
        ("but_changes", None, {"announcement", "reminder"}),
        ("until_written", None, {"announcement", "reminder", "change"}),
    ],
)
def test_what_a_mute_keeps_away(
    store: Store, kind: MuteKind | None, until: datetime | None, kept_away: set[str]
) -> None:
    quiet(store, person(store, "ana"), kind, until)
    everything: dict[str, tuple[Kind, bool]] = {
        "safety": ("safety", False),
        "change": ("announcement", True),
        "announcement": ("announcement", False),
        "reminder": ("reminder", False),
    }

    def away(kind: Kind, changes: bool) -> bool:
        query = select(Participant.id).where(muted(kind, changes=changes, now=NOW))
        return store.read(lambda session: session.exec(query).first()) is not None

    assert {name for name, (what, changes) in everything.items() if away(what, changes)} == kept_away


# Many, and several at once


def test_more_than_one_transaction_takes_are_taken_in_several(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "AT_ONCE", 2)
    for id_ in people(store, "ana", "ben", "cleo").values():
        follow(store, id_)
    assert [remind(store, DUE).taken for _ in range(3)] == [2, 1, 0]
    assert len(rows(store)) == 3


def test_several_processes_remind_everyone_once(store: Store) -> None:
    for id_ in people(store, *(f"p{number}" for number in range(40))).values():
        follow(store, id_)
    know = sample_snapshot()
    rounds = [
        store.write(lambda session: remind_due(session, Press(know, wording()), DUE).taken) for _ in range(8)
    ]
    assert sum(future.result() for future in rounds) == 40
    assert len(rows(store)) == 40


def test_a_transaction_that_fails_leaves_everything_due(store: Store) -> None:
    follow(store, person(store, "ana"))

    def fail(session: Session) -> None:
        remind_due(session, Press(sample_snapshot(), wording()), DUE)
        raise RuntimeError("the machine stops here")

    with pytest.raises(RuntimeError):
        store.write(fail).result()
    assert rows(store) == []
    assert remind(store, DUE).taken == 1


def test_a_whole_hall_is_reminded_in_one_transaction(store: Store) -> None:
    def fill(session: Session) -> None:
        for number in range(500):
            session.add(Participant(id=number + 1, created_at=NOW))
        session.flush()
        for number in range(500):
            user = f"p{number}"
            session.add(KnownAddress(channel="telegram", user=user, participant_id=number + 1, chat=user))
            session.add(
                Following(
                    participant_id=number + 1,
                    session="s3",
                    minutes=10,
                    due_at=DUE,
                    use_by=DUE + following.USE_BY,
                )
            )

    store.write(fill).result()
    assert remind(store, DUE).taken == 500
    count = store.read(lambda session: len(session.exec(select(Delivery.id)).all()))
    assert count == 500


def test_the_ref_of_a_reminder_fits_a_button() -> None:
    session_3 = sample_snapshot().programme.get("s3")
    assert session_3 is not None
    longest = reminders.ref_of(2**31, replace(session_3, id="x" * 200), 30)
    assert len(longest) <= 48
