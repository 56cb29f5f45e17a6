"""Days and times as people type them."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.moments import heard

NOW = datetime(2022, 9, 13, 10, 53, tzinfo=ZoneInfo("Asia/Bangkok"))


@pytest.mark.parametrize(
    ("text", "at", "exact"),
    [
        ("14:15", time(14, 15), True),
        ("14h15", time(14, 15), True),
        ("14 h 15", time(14, 15), True),
        ("à 14 h", time(14), True),
        ("в 14:15", time(14, 15), True),
        ("14点15分", time(14, 15), True),
        ("1415 hrs", time(14, 15), True),
        ("08:00", time(8), True),
        ("8:00", time(8), True),
        ("2:15", time(14, 15), False),
        ("02:15", time(2, 15), True),
        ("2:15 pm", time(14, 15), True),
        ("2 pm", time(14), True),
        ("12 am", time(0), True),
        ("noon", time(12), True),
        ("quarter past two", time(14, 15), False),
        ("half past 9", time(9, 30), False),
        ("quarter to three", time(14, 45), False),
        ("deux heures et quart", time(14, 15), False),
        ("четверть третьего", time(14, 15), False),
        ("половина третьего", time(14, 30), False),
        ("下午两点一刻", time(14, 15), False),
        ("两点半", time(14, 30), False),
        ("两点", time(14), False),
        ("14点", time(14), True),
        ("25:00", None, True),
        ("14:75", None, True),
        ("soon", None, True),
    ],
)
def test_a_time_of_day_is_read(text: str, at: time | None, exact: bool) -> None:
    found = heard(text, NOW)
    assert (found.at, found.exact) == (at, exact)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("today 14:15", [date(2022, 9, 13)]),
        ("demain 14h15", [date(2022, 9, 14)]),
        ("завтра в 14:15", [date(2022, 9, 14)]),
        ("明天14:15", [date(2022, 9, 14)]),
        ("Wednesday 14:15", [date(2022, 9, 14)]),
        ("mardi 14:15", [date(2022, 9, 13)]),
        ("13 September 14:15", [date(2022, 9, 13)]),
        ("September 14, 14:15", [date(2022, 9, 14)]),
        ("9月14日 14:15", [date(2022, 9, 14)]),
        ("2022-09-13T14:15", [date(2022, 9, 13)]),
        ("03/10 14:15", [date(2022, 10, 3), date(2022, 3, 10)]),
        ("13/09 14:15", [date(2022, 9, 13)]),
        ("14.09. 14:15", [date(2022, 9, 14)]),
    ],
)
def test_a_day_is_read_beside_its_time(text: str, days: list[date]) -> None:
    found = heard(text, NOW)
    assert (list(found.days), found.at) == (days, time(14, 15))


@pytest.mark.parametrize("text", ["in 20 minutes", "dans 20 min", "через 20 минут", "20分钟后"])
def test_minutes_from_now_are_counted(text: str) -> None:
    assert heard(text, NOW).moment == NOW.replace(hour=11, minute=13)


def test_four_and_twenty_hours_are_the_beginning_of_the_next_day() -> None:
    found = heard("24:00", NOW)
    assert (found.days, found.at, found.exact) == ((date(2022, 9, 14),), time(0), False)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("14:15 group photo at the main stairs", "group photo at the main stairs"),
        ("tomorrow 9:00 – bus to the reception", "bus to the reception"),
        ("quarter past two, group photo", "group photo"),
        ("14:15", ""),
    ],
)
def test_what_stands_beside_the_time_is_left(text: str, rest: str) -> None:
    assert heard(text, NOW).rest == rest


@given(st.text(max_size=60))
def test_no_words_are_too_strange(text: str) -> None:
    heard(text, NOW)


@pytest.mark.parametrize(
    "day", ["31/02", "30.2", "31/13", "2022-02-30", "31 February", "30 февраля", "2月30日"]
)
def test_a_date_that_no_calendar_has_is_not_today(day: str) -> None:
    found = heard(f"{day} 10:00 group photo", NOW)
    assert (found.no_such_day, found.days, found.at) == (day, (), None)


@pytest.mark.parametrize("day", ["yesterday", "hier", "вчера", "昨天"])
def test_yesterday_is_not_today(day: str) -> None:
    assert heard(f"{day} 10:00", NOW).days == (date(2022, 9, 12),)


def test_a_price_is_not_a_date() -> None:
    assert heard("14:00 bring 3.50 for the bus", NOW).no_such_day == ""


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("at 14:15, group photo", "group photo"),
        ("group photo at the main stairs at 14:15", "group photo at the main stairs"),
        ("group photo, tomorrow 14:15.", "group photo"),
        ("on 13 September at 2:15 pm lunch", "lunch"),
        ("14:15: “Room Ａ” is full…", "“Room Ａ” is full…"),
        ("lunch at 12:30 in the cafeteria", "lunch at 12:30 in the cafeteria"),
        ("14:15 the bus tomorrow is at Gate 2", "the bus tomorrow is at Gate 2"),
        ("be at the bus before 14:15", "be at the bus before 14:15"),
        ("See you there. 14:15", "See you there."),
        ("14：15 合影 在D厅", "合影 在D厅"),
        ("14:15前请到D厅", "14:15前请到D厅"),
    ],
)
def test_words_are_left_as_typed_with_no_hole_in_them(text: str, rest: str) -> None:
    assert heard(text, NOW).rest == rest


@pytest.mark.parametrize(
    ("text", "rests"),
    [
        (
            "16:00 lunch at 16:30 in the cafeteria",
            ["lunch at 16:30 in the cafeteria", "16:00 lunch at 16:30 in the cafeteria"],
        ),
        ("lunch at 12:30, 14:00", ["lunch at 12:30, 14:00", "lunch at 12:30"]),
        ("in 20 minutes lunch at 12:30", ["lunch at 12:30", "lunch"]),
    ],
)
def test_of_two_times_each_leaves_the_other_in_the_words(text: str, rests: list[str]) -> None:
    found = heard(text, NOW)
    assert found.other is not None
    assert [found.rest, found.other.rest] == rests


def test_two_times_come_in_their_order() -> None:
    found = heard("quarter past two the lunch of 12:30 begins", NOW)
    assert (found.at, found.other and found.other.at) == (time(14, 15), time(12, 30))


def test_am_is_a_half_of_the_day_only_beside_the_time() -> None:
    assert heard("14:15 I am in Room D", NOW).at == time(14, 15)
