"""Changes of a session that are announced: kept, undone, merged, and one officer at a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from bot import announcing, audiences
from bot.announcement_commands import Undo
from bot.broadcasts import Announcement, BeingChanged, Change
from bot.compositions import Words
from bot.database import Store
from bot.errors import Refused
from bot.store import SessionChange
from tests.bot.ledgers import NOW, bodies, broadcast, people, perform, rows
from tests.bot.officers import MINUTE, announce, begin, kept, officers, own


def room(name: str = "room-d", **values: Any) -> Announcement:
    words = Words("room_change", {"session": "s3", "room": name})
    return Announcement(words, change=Change("s3", room=name), **values)


def moved(hour: int = 8, **values: Any) -> Announcement:
    start = datetime(2022, 9, 13, hour, tzinfo=UTC)
    words = Words("time_change", {"session": "s3", "time": start.isoformat()})
    return Announcement(words, change=Change("s3", start=start), **values)


def changes(store: Store) -> list[tuple[str | None, int | None, int | None, bool]]:
    found = store.read(
        lambda session: session.exec(select(SessionChange).order_by(col(SessionChange.id))).all()
    )
    return [
        (one.room, one.start.hour if one.start else None, one.broadcast_id, one.undone_at is None)
        for one in found
    ]


def test_a_change_is_kept_with_its_announcement_and_undone_with_it(store: Store) -> None:
    people(store, "1")
    announce(store, room())
    assert (changes(store), kept(store).session) == ([("room-d", None, 1, True)], "s3")
    perform(store, Undo("B-0001"))
    assert changes(store) == [("room-d", None, 1, False)]


def test_a_change_that_changes_nothing_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match="already; name another room or time"):
        announce(store, room("room-b"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (Change("s3", room="room-z"), "“room-z” is not a room"),
        (Change("s3", start=NOW, end=NOW), "would end before it begins"),
        (Change("s3", start=NOW.replace(tzinfo=None)), "has no zone"),
    ],
)
def test_a_change_that_cannot_be(store: Store, change: Change, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        announce(store, own(change=change))


def test_two_changes_within_three_minutes_become_one_message(store: Store) -> None:
    ana, _ = officers(store)
    announce(store, room(), ana)
    second = announce(store, moved(), ana, now=NOW + 20 * timedelta(seconds=1))
    assert (second.number, second.starts_at) == ("B-0002", NOW + timedelta(seconds=50))
    assert (kept(store).state, kept(store).about_id, begin(store)) == ("merged", 2, False)
    assert changes(store) == [("room-d", None, 1, False), ("room-d", 8, 2, True)]
    begin(store, 2, NOW + MINUTE)
    assert next(iter(bodies(store).values())).startswith(
        "Session 3 is now in Room D, second floor (it was Room B). New time: 15:00"
    )


def test_the_newer_of_two_rooms_counts(store: Store) -> None:
    ana, _ = officers(store)
    announce(store, room("room-c"), ana)
    announce(store, room("room-d"), ana)
    begin(store, 2)
    assert changes(store)[-1] == ("room-d", None, 2, True)
    assert "Room D" in next(iter(bodies(store).values()))


def test_own_texts_follow_one_another(store: Store) -> None:
    ana, _ = officers(store)
    announce(store, own("Bring a badge.", change=Change("s3", room="room-d")), ana)
    late = Change("s3", start=datetime(2022, 9, 13, 8, tzinfo=UTC))
    announce(store, Announcement(Words(texts={"en": "Later.", "fr": "Plus tard."}), change=late), ana)
    words = kept(store, 2).words["texts"]
    assert words == {"en": "Bring a badge.\n\nLater.", "fr": "Bring a badge.\n\nPlus tard."}


def test_a_cancellation_says_it_all(store: Store) -> None:
    ana, _ = officers(store)
    announce(store, room(), ana)
    gone = Announcement(Words("cancellation", {"session": "s3"}), change=Change("s3", cancelled=True))
    announce(store, gone, ana)
    assert (kept(store).state, kept(store, 2).words["template"]) == ("merged", "cancellation")


def test_what_is_out_already_is_not_merged(store: Store) -> None:
    ana, _ = officers(store)
    announce(store, room(now=True), ana)
    announce(store, moved(), ana, now=NOW + MINUTE)
    assert (kept(store).state, changes(store)) == (
        "running",
        [("room-d", None, 1, True), (None, 8, 2, True)],
    )


def test_after_three_minutes_there_are_two_messages(store: Store) -> None:
    ana, _ = officers(store)
    announce(store, room(starts_at=NOW + 60 * MINUTE), ana)
    announce(store, moved(), ana, now=NOW + 4 * MINUTE)
    assert [kept(store, number).state for number in (1, 2)] == ["held", "held"]


def test_another_officers_change_of_the_session_comes_first(store: Store) -> None:
    ana, ben = officers(store)
    announce(store, room(), ana)
    with pytest.raises(BeingChanged) as refusal:
        announce(store, moved(), ben, now=NOW + timedelta(seconds=18))
    found = refusal.value
    assert (found.number, found.officer, found.left) == ("B-0001", "Ana", timedelta(seconds=12))
    assert str(found).startswith("Ana is sending a change for Session 3")
    assert announce(store, own(change=Change("s1", room="room-d")), ben).fresh


def test_a_session_can_come_back_and_go_again(store: Store) -> None:
    """The same words are another announcement once the session was somewhere else in between."""
    people(store, "1")
    first = announce(store, room(now=True))
    assert announce(store, room(now=True)) == replace(first, fresh=False)
    back = announce(store, room("room-c", now=True), now=NOW + 10 * MINUTE)
    again = announce(store, room(now=True), now=NOW + 20 * MINUTE)
    assert [back.number, again.number, again.fresh] == ["B-0002", "B-0003", True]
    assert announce(store, room(now=True), now=NOW + 21 * MINUTE) == replace(again, fresh=False)


def test_what_the_programme_no_longer_has_is_not_sent(store: Store) -> None:
    people(store, "1")
    announce(store, room())
    mine = update(announcing.BROADCASTS).values(
        words=kept(store).words | {"slots": {"session": "s99", "room": "room-d"}}
    )
    store.write(lambda session: session.execute(mine)).result()
    assert begin(store) is False
    assert (kept(store).state, rows(store)) == ("cancelled", [])


def test_what_is_in_flight_is_counted(store: Store) -> None:
    people(store, "1", "2")
    broadcast(store)
    mark = update(audiences.DELIVERIES).where(audiences.DELIVERIES.c.id == 1).values(state="sending")
    store.write(lambda session: session.execute(mark)).result()
    assert store.read(lambda session: announcing.in_flight(session, "B-0001")) == 1
