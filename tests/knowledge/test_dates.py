"""A deadline is read from dates, months, quarters and spans of time, in the languages of the region."""

from datetime import date

import pytest

from knowledge.dates import Dates
from knowledge.packaged import packaged
from knowledge.snapshot import Snapshot

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def dates() -> Dates:
    return Dates(packaged("knowledge", "cues.yaml"))


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("by March 2027", "2027-03"),
        ("before the end of 2027", "2027-12"),
        ("d'ici mars 2027", "2027-03"),
        ("до конца 2027 года", "2027-12"),
        ("до конца марта 2027", "2027-03"),
        ("к марту 2027", "2027-03"),
        ("2027年3月前", "2027-03"),
        ("2027年底前", "2027-12"),
        ("by 03/2027", "2027-03"),
        ("by 15.03.2027", "2027-03"),
        ("no later than 2027-03", "2027-03"),
        ("sebelum Juli 2027", "2027-07"),
        ("trước tháng 5 năm 2027", "2027-05"),
        ("मार्च 2027 तक", "2027-03"),
        ("Q2 2027", "2027-06"),
        ("premier trimestre 2027", "2027-03"),
        ("в первом квартале 2027 года", "2027-03"),
        ("2027年第二季度", "2027-06"),
    ],
)
def test_a_deadline_is_a_month_of_a_year(dates: Dates, text: str, deadline: str) -> None:
    assert dates.deadline(text, TODAY) == deadline


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("by June", "2027-06"),
        ("by December", "2026-12"),
        ("by end of January", "2027-01"),
        ("by mid-March next year", "2027-03"),
        ("the law goes to parliament on 1 May", "2027-05"),
        ("avant juin", "2027-06"),
        ("d'ici septembre", "2027-09"),
        ("до 15 декабря", "2026-12"),
        ("明年八月以前", "2027-08"),
        ("十二月前", "2026-12"),
        ("in the last quarter", "2026-12"),
    ],
)
def test_a_month_without_a_year_is_the_next_there_is(dates: Dates, text: str, deadline: str) -> None:
    assert dates.deadline(text, TODAY) == deadline


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("within three months", "2027-02"),
        ("within the next month", "2026-12"),
        ("within 2 weeks", "2026-12"),
        ("dans les 6 prochains mois", "2027-05"),
        ("в течение 3 месяцев", "2027-02"),
        ("三个月内", "2027-02"),
        ("ภายใน 3 เดือน", "2027-02"),
        ("trong 3 tháng", "2027-02"),
        ("by next month", "2026-12"),
        ("before the end of the year", "2026-12"),
        ("by the end of next year", "2027-12"),
        ("avant la fin du mois", "2026-11"),
        ("年底前", "2026-12"),
        ("paling lambat akhir tahun ini", "2026-12"),
    ],
)
def test_a_span_of_time_begins_today(dates: Dates, text: str, deadline: str) -> None:
    assert dates.deadline(text, TODAY) == deadline


def test_years_of_the_thai_calendar_are_counted_as_elsewhere(dates: Dates) -> None:
    assert dates.deadline("ภายในเดือนมีนาคม 2570", TODAY) == "2027-03"
    assert dates.deadline("ก่อนสิ้นปี 2570", TODAY) == "2027-12"


@pytest.mark.parametrize(
    "text",
    [
        "since March 2024 we wait",
        "у нас в марте была засуха",
        "from 3 to 5 May",
        "the 2030 Agenda",
        "our census in 2028",
        "before the rainy season",
        "by summer",
        "every day",
        "we may need nurses",
        "training for 3 months",
        "30名教师，为期3个月",
    ],
)
def test_not_every_time_is_a_deadline(dates: Dates, text: str) -> None:
    assert dates.deadline(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("by June", None),
        ("within three months", None),
        ("by the end of the year", None),
        ("in Q2", None),
        ("by June 2027", "2027-06"),
        ("before the end of 2027", "2027-12"),
    ],
)
def test_without_a_day_only_what_has_its_year_is_told(dates: Dates, text: str, deadline: str | None) -> None:
    assert dates.deadline(text, None) == deadline


def test_a_question_has_no_deadline(snapshot: Snapshot) -> None:
    assert snapshot.understand("where do I register by 1 March?", today=TODAY).deadline is None
    assert snapshot.understand("we need nurses by 1 March", today=TODAY).deadline == "2027-03"
