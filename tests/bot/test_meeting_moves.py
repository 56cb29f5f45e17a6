"""A session moves into a room in which people meet: nobody finds it taken without having been told."""

from typing import Any

from sqlmodel import Session, select

from bot import meeting_moves
from bot.broadcasts import Change
from bot.changes import changed
from bot.database import Store
from bot.desk import Press
from bot.meeting_commands import AcceptMeeting, Meeting, MyMeetings, Slot
from bot.meeting_slots import PlaceTaken
from bot.participants import Actor
from bot.records import Records
from bot.store import Delivery
from tests.bot.ledgers import NOW, a_press, perform
from tests.bot.meetings import accept, arranged, at, delegate

MOVED = Change("s4", room="room-c")
"""Session 4 is from 15:45 to 16:30, in Room A by the pack."""


def press() -> Press:
    """Return the press of a forum whose session has moved."""
    own = a_press()
    return Press(changed(own.know, (MOVED,)), own.wording, own.rules, own.ahead)


def book(store: Store, clock: str, place: str = "room-c") -> tuple[Actor, Actor]:
    one, other = delegate(store, "FJI"), delegate(store, "TON")
    number = arranged(store, one, other, clock=clock, place=place)
    for side in (one, other):
        accept(store, side, number, clock, place)
    return one, other


def make_way(store: Store) -> int:
    return store.write(lambda session: meeting_moves.make_way(session, press(), NOW)).result()


def meeting_of(store: Store, actor: Actor) -> Meeting:
    (found,) = perform(store, MyMeetings(), actor)
    return found  # type: ignore[no-any-return]


def told(store: Store) -> list[tuple[int | None, str]]:
    rows = store.read(lambda session: session.exec(select(Delivery).order_by(Delivery.id)).all())  # type: ignore[arg-type]
    return [(row.participant_id, row.card["heading"]) for row in rows if row.card]


def places(store: Store) -> set[str]:
    return set(store.read(lambda session: session.exec(select(PlaceTaken.place)).all()))


def test_it_goes_to_another_place_at_the_same_time(store: Store) -> None:
    one, other = book(store, "15:30")
    assert make_way(store) == 1
    assert meeting_of(store, one).slot == Slot("table-1", at("15:30"), at("15:50"))
    assert places(store) == {"table-1"}
    heading = "Your meeting at 15:30 is at another place: Table 1."
    assert told(store)[-2:] == [(one.id, heading), (other.id, heading)]
    assert make_way(store) == 0


def test_without_a_place_at_that_time_it_is_booked_no_more(store: Store) -> None:
    one, other = book(store, "16:00")
    assert make_way(store) == 1
    found = meeting_of(store, other)
    assert (found.state, found.slot) == ("lapsed", None)
    assert places(store) == set()
    heading = "Your meeting at 16:00 needs another time."
    assert told(store)[-2:] == [(one.id, heading), (other.id, heading)]


def test_what_is_not_in_the_way_stays(store: Store) -> None:
    one, _ = book(store, "12:00")
    before = told(store)
    assert make_way(store) == 0
    assert meeting_of(store, one).slot == Slot("room-c", at("12:00"), at("12:30"))
    assert told(store) == before


def test_what_was_proposed_there_can_be_booked_no_more(store: Store) -> None:
    one, other = delegate(store, "FJI"), delegate(store, "TON")
    number = arranged(store, one, other, clock="16:00", place="room-c")

    def agree(session: Session) -> Any:
        records = Records(session, other, NOW, press())
        return records.perform(AcceptMeeting(number, "room-c", at("16:00")))

    outcome = store.write(agree).result()
    assert outcome.result == "no_slot"
    assert outcome.nearest
