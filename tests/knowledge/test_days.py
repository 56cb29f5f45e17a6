"""Days that are told from today."""

from datetime import date

import pytest

from knowledge.days import day_in

TODAY = date(2022, 9, 13)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("agenda tomorrow", 14),
        ("the day after tomorrow", 15),
        ("programme d'aujourd’hui", 13),
        ("programme après-demain", 15),
        ("что завтра", 14),
        ("昨天的日程", 12),
    ],
)
def test_a_day_is_named_by_how_far_it_is(text: str, day: int) -> None:
    assert day_in(text, TODAY) == TODAY.replace(day=day)


def test_no_day_is_none() -> None:
    assert day_in("agenda", TODAY) is None
