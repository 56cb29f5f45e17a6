"""Calendars: read as calendar programs do, and newer after each change."""

from datetime import datetime
from typing import Any

import pytest
from icalendar import Calendar
from sqlmodel import Session

from bot import calendars, following, identity
from bot.calendars import ShareCalendar, TakeCalendar, Taken
from bot.changes import Overlay
from bot.database import Store
from bot.errors import Refused
from bot.keys import Keys
from bot.linking import Door
from bot.links import Ways
from bot.participants import Actor
from bot.records import Records
from bot.store import Participant, SessionChange
from tests.bot.ledgers import NOW, a_press, person
from tests.samples import sample_snapshot

KEYS = Keys(b"k" * 32)
START = "https://forum.example/calendar/"


def perform(store: Store, participant: int, command: Any, keys: Keys = KEYS, start: str = START) -> Any:
    def work(session: Session) -> Any:
        actor = identity.actor_of(session, participant)
        press = a_press()
        press = type(press)(Overlay().of(session, press.know), press.wording, press.rules, press.ahead)
        return Records(session, actor, NOW, press, door=Door(keys, Ways(calendar=start))).perform(command)

    return store.write(work).result()


def follow(store: Store, participant: int, *ids: str) -> None:
    def work(session: Session) -> None:
        for id_ in ids:
            one = sample_snapshot().programme.get(id_)
            assert one is not None
            following.follow(session, participant, one, None, NOW)

    store.write(work).result()


def events(content: bytes) -> dict[str, Any]:
    """Return the calendar's events by their titles, as a reader of the format sees them."""
    return {str(event["summary"]): event for event in Calendar.from_ical(content).walk("VEVENT")}


def taken(store: Store, participant: int, **values: Any) -> dict[str, Any]:
    found: Taken = perform(store, participant, TakeCalendar(**values))
    assert found.file is not None
    return events(found.file.content)


def change(store: Store, undone: bool = False, **values: Any) -> None:
    row = SessionChange(session="s3", changed_at=NOW, undone_at=NOW if undone else None, **values)
    store.write(lambda session: session.add(row)).result()


SESSION_3 = "Session 3: Better access to available support and resources"


def test_it_has_what_the_participant_follows(store: Store) -> None:
    ana = person(store, "ana")
    follow(store, ana, "s3", "s4")
    found = taken(store, ana)
    assert len(found) == 2
    event = found[SESSION_3]
    assert event["dtstart"].dt.isoformat() == "2022-09-13T14:30:00+07:00"
    assert event["dtstart"].params["TZID"] == "Asia/Bangkok"
    assert event["dtend"].dt.isoformat() == "2022-09-13T15:30:00+07:00"
    assert str(event["location"]).startswith("Room B, first floor, United Nations")
    assert str(event["description"]) == "(sample programme)"
    assert len(taken(store, ana, whole=True)) == len(sample_snapshot().programme.sessions)


def test_it_has_everything_for_whoever_follows_nothing(store: Store) -> None:
    found: Taken = perform(store, person(store, "ana"), TakeCalendar())
    assert found.whole
    assert found.file is not None
    assert found.file.content.count(b"BEGIN:VEVENT") == len(sample_snapshot().programme.sessions)
    assert found.file.content.count(b"BEGIN:VTIMEZONE") == 1


@pytest.mark.parametrize(("lang", "title"), [("fr", "Séance 3"), ("ru", "Заседание 3"), ("zh", "第三场")])
def test_it_speaks_the_participant_s_language(store: Store, lang: str, title: str) -> None:
    ana = person(store, "ana")
    store.write(lambda session: setattr(session.get(Participant, ana), "language", lang)).result()
    follow(store, ana, "s3")
    (found,) = taken(store, ana)
    assert title in found


def test_lines_are_folded_at_75_bytes_without_cutting_a_letter(store: Store) -> None:
    found: Taken = perform(store, person(store, "ana"), TakeCalendar())
    assert found.file is not None
    lines = found.file.content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()


def test_a_session_keeps_its_id_and_each_change_makes_it_newer(store: Store) -> None:
    ana = person(store, "ana")
    follow(store, ana, "s3")
    seen = [taken(store, ana)[SESSION_3]]
    change(store, room="room-d")
    seen.append(taken(store, ana)[SESSION_3])
    change(store, start=datetime.fromisoformat("2022-09-13T15:00+07:00"))
    seen.append(taken(store, ana)[SESSION_3])
    assert {str(event["uid"]) for event in seen} == {str(seen[0]["uid"])}
    numbers = [int(event["sequence"]) for event in seen]
    assert numbers == sorted(set(numbers))
    assert [str(event["location"])[:6] for event in seen] == ["Room B", "Room D", "Room D"]
    assert seen[2]["dtstart"].dt.isoformat() == "2022-09-13T15:00:00+07:00"
    assert "was Room B" in str(seen[1]["description"])


def test_a_change_that_is_taken_back_is_newer_still(store: Store) -> None:
    ana = person(store, "ana")
    follow(store, ana, "s3")
    change(store, room="room-d")
    before = int(taken(store, ana)[SESSION_3]["sequence"])
    store.write(lambda session: session.execute(calendars.CHANGES.update().values(undone_at=NOW))).result()
    after = taken(store, ana)[SESSION_3]
    assert int(after["sequence"]) > before
    assert str(after["location"]).startswith("Room B")


def test_a_cancelled_session_stays_and_says_so(store: Store) -> None:
    ana = person(store, "ana")
    follow(store, ana, "s3")
    change(store, cancelled=True)
    (event,) = taken(store, ana).values()
    assert str(event["status"]) == "CANCELLED"
    assert "cancelled" in str(event["summary"])


def read(store: Store, address: str, keys: Keys = KEYS) -> bytes | None:
    token = address.removeprefix(START).removesuffix(".ics")
    return store.read(lambda session: calendars.read(session, keys, token, a_press(), NOW))


def test_an_address_shows_what_is_followed_now_and_comes_again_as_it_is(store: Store) -> None:
    ana = person(store, "ana")
    address = perform(store, ana, ShareCalendar())
    assert address == perform(store, ana, ShareCalendar())
    before = read(store, address)
    assert before is not None
    assert read(store, address) == before, "nothing has changed: the same bytes"
    follow(store, ana, "s3")
    after = read(store, address)
    assert after is not None
    assert list(events(after)) == [SESSION_3]


def test_a_new_address_makes_the_old_one_void(store: Store) -> None:
    ana = person(store, "ana")
    old = perform(store, ana, ShareCalendar())
    new = perform(store, ana, ShareCalendar(new=True))
    assert read(store, old) is None
    assert read(store, new) is not None


def test_a_replaced_key_keeps_what_was_given_out(store: Store) -> None:
    ana = person(store, "ana")
    old = perform(store, ana, ShareCalendar())
    keys = Keys(b"n" * 32, (KEYS.current,))
    new = perform(store, ana, ShareCalendar(), keys)
    assert old != new
    assert read(store, old, keys) is not None
    assert read(store, new, keys) is not None
    assert read(store, old, Keys(b"n" * 32)) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "\ud800", "’" * 4000, "..%2f"])
def test_there_is_nothing_at_any_other_address(store: Store, token: str) -> None:
    perform(store, person(store, "ana"), ShareCalendar())
    assert read(store, f"{START}{token}.ics") is None


def test_without_a_public_address_there_is_only_the_file(store: Store) -> None:
    assert perform(store, person(store, "ana"), ShareCalendar(), start="") is None


def test_the_command_line_has_no_calendar_of_its_own(store: Store) -> None:
    with pytest.raises(Refused):
        store.write(
            lambda session: Records(
                session, Actor(role="admin"), NOW, a_press(), door=Door(KEYS, Ways(calendar=START))
            ).perform(ShareCalendar())
        ).result()
