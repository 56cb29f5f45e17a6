"""The programme tells what is on, what comes next and what a day or a room holds."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from knowledge.forum import Programme, Session
from knowledge.vocabulary import Localised

BANGKOK = ZoneInfo("Asia/Bangkok")


def at(clock: str, day: int = 13) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2022, 9, day, int(hour), int(minute), tzinfo=BANGKOK)


def session(name: str, starts: str, ends: str, *, day: int = 13, room: str = "room-a") -> Session:
    title = Localised(en=name)
    return Session(name, title, at(starts, day), at(ends, day), room, "session")


PROGRAMME = Programme(
    [
        session("s2", "10:45", "12:00", room="room-b"),
        session("wg1", "10:45", "12:00", room="room-d"),
        session("s1", "09:30", "10:30"),
        session("farewell", "09:00", "10:00", day=14),
    ]
)


def names(sessions: tuple[Session, ...]) -> list[str]:
    return [session.id for session in sessions]


def test_sessions_stand_in_order_of_time() -> None:
    assert names(PROGRAMME.sessions) == ["s1", "s2", "wg1", "farewell"]


def test_what_runs_now_includes_its_first_moment_and_not_its_last() -> None:
    assert names(PROGRAMME.now(at("09:29"))) == []
    assert names(PROGRAMME.now(at("09:30"))) == ["s1"]
    assert names(PROGRAMME.now(at("10:30"))) == []


def test_all_sessions_that_run_side_by_side_are_on_now() -> None:
    assert names(PROGRAMME.now(at("11:00"))) == ["s2", "wg1"]


def test_what_comes_next_is_all_that_begins_soonest() -> None:
    assert names(PROGRAMME.next(at("09:30"))) == ["s2", "wg1"]


def test_after_the_last_session_of_a_day_the_next_is_on_the_day_after() -> None:
    assert names(PROGRAMME.next(at("18:00"))) == ["farewell"]


def test_after_the_last_session_nothing_comes_next() -> None:
    assert PROGRAMME.next(at("12:00", day=14)) == ()
    assert Programme().next(at("09:00")) == ()


def test_the_moment_counts_and_not_the_zone_it_is_told_in() -> None:
    assert names(PROGRAMME.now(at("11:00").astimezone(ZoneInfo("Pacific/Fiji")))) == ["s2", "wg1"]


def test_a_day_has_the_sessions_that_begin_or_end_on_it() -> None:
    assert names(PROGRAMME.day(date(2022, 9, 14))) == ["farewell"]
    night = Session("night", Localised(en="Night"), at("23:00"), at("01:00", day=14), "room-a", "session")
    assert names(Programme([night]).day(date(2022, 9, 14))) == ["night"]


def test_a_session_that_ends_at_midnight_is_not_on_the_day_after() -> None:
    late = Session("late", Localised(en="Late"), at("23:00"), at("00:00", day=14), "room-a", "session")
    assert Programme([late]).day(date(2022, 9, 14)) == ()


def test_a_room_has_its_own_sessions() -> None:
    assert names(PROGRAMME.in_room("room-b")) == ["s2"]


@given(st.integers(0, 3 * 24 * 60))
def test_what_is_on_now_is_never_what_comes_next(minutes: int) -> None:
    moment = at("00:00", day=12) + timedelta(minutes=minutes)
    assert not set(PROGRAMME.now(moment)) & set(PROGRAMME.next(moment))


def test_a_text_falls_back_to_english_and_then_to_what_there_is() -> None:
    assert Localised(en="Room", fr="Salle").in_("fr") == "Salle"
    assert Localised(en="Room").in_("th") == "Room"
    assert Localised(ru="Зал").in_("zh") == "Зал"
    assert Localised().in_("en") == ""


def test_equal_texts_are_equal_and_hash_alike() -> None:
    assert Localised(en="Room", fr="Salle") == Localised(fr="Salle", en="Room")
    assert len({Localised(en="Room"), Localised({"en": "Room"})}) == 1
