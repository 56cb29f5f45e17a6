"""Who sits in a session gets the secretariat's reminder without a sound, and nobody gets one in the quiet hours."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from bot import announcing, ledger
from bot.announcement_commands import Announce, Conflict, FindConflict
from bot.broadcasts import Audience, Quiet
from bot.database import Store
from bot.deliveries import Outcome
from bot.store import Broadcast, Following
from tests.bot.ledgers import NOW, a_press, lunch, perform, person, rows, second_address

IN_SESSION = datetime(2022, 9, 13, 8, 0, tzinfo=UTC)
"""15:00 at the forum's place, in the middle of session 3."""


def follower(store: Store, user: str, session: str = "s3", **values: Any) -> int:
    row = person(store, user, **values)
    store.write(lambda database: database.add(Following(participant_id=row, session=session))).result()
    return row


def remind(store: Store, **changes: Any) -> None:
    reminder = replace(lunch(), kind="reminder", starts_at=IN_SESSION, now=False)
    perform(store, Announce(replace(reminder, **changes)))

    def begin(session: Session) -> None:
        announcing.begin(session, session.get_one(Broadcast, 1), a_press(), IN_SESSION)

    store.write(begin).result()


def conflict(store: Store, at: datetime = IN_SESSION, **audience: Any) -> Conflict:
    found = perform(store, FindConflict(Audience(**audience), at))
    assert isinstance(found, Conflict)
    return found


@pytest.mark.parametrize(
    ("changes", "silent"),
    [
        ({}, {"1": True, "2": False, "3": False}),
        ({"kind": "announcement"}, {"1": False, "2": False, "3": False}),
        ({"kind": "safety"}, {"1": False, "2": False, "3": False}),
    ],
)
def test_only_a_reminder_is_silent_and_only_for_those_in_a_session(
    store: Store, changes: dict[str, Any], silent: dict[str, bool]
) -> None:
    follower(store, "1")
    follower(store, "2", "s4")
    person(store, "3")
    remind(store, **changes)
    assert {row.user: row.silent for row in rows(store)} == silent


def test_it_stays_silent_on_its_way_to_a_second_address(store: Store) -> None:
    second_address(store, follower(store, "U1", channel="slack", preferred_channel="slack"), "telegram", "1")
    remind(store)

    def fail(session: Session) -> bool:
        due, _ = ledger.waiting(session, "slack", (), 9, NOW)[0]
        ledger.mark(session, [due.outbound.delivery], "me", NOW)
        ledger.settle(session, [(due, Outcome("failed", cause="refused"))], "me", NOW)
        return ledger.waiting(session, "telegram", (), 9, NOW)[0][0].outbound.silent

    assert store.write(fail).result()


def test_those_who_would_miss_its_sound_are_counted(store: Store) -> None:
    follower(store, "1")
    follower(store, "2", muted="all")
    follower(store, "3", role="media")
    follower(store, "U1", channel="slack")
    follower(store, "4", "s4")
    follower(store, "5", "lunch")
    found = conflict(store, without_roles=frozenset({"media"}))
    assert (found.sessions, found.silent) == (("s3",), 1)
    at_lunch = conflict(store, IN_SESSION - timedelta(hours=2))
    assert (at_lunch.sessions, at_lunch.silent) == ((), 0)


def test_the_nearest_round_moment_without_a_session_is_offered(store: Store) -> None:
    assert conflict(store).free == IN_SESSION + timedelta(minutes=30)
    assert conflict(store, IN_SESSION - timedelta(minutes=20)).free == IN_SESSION + timedelta(minutes=30)


def test_the_hours_in_which_nothing_is_sent_are_named(store: Store) -> None:
    night = IN_SESSION + timedelta(hours=8)
    found = conflict(store, night)
    assert (found.quiet, found.ends) == (Quiet(time(22), time(7)), night + timedelta(hours=8))
    assert conflict(store).quiet is None
