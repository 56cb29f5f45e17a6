"""The numbers that people see."""

import pytest

from bot.store import number_of, row_of


@pytest.mark.parametrize(
    ("number", "row"),
    [
        ("N-0012", ("need", 12)),
        (" o-7 ", ("offer", 7)),
        ("N-", None),
        ("12", None),
        ("Q-0003", None),
        ("N--3", None),
        ("N-999999999", ("need", 999_999_999)),
        ("N-9999999999", None),
        ("", None),
    ],
)
def test_a_number_names_a_row_or_nothing(number: str, row: object) -> None:
    assert row_of(number) == row


def test_the_number_of_a_row_leads_back_to_it() -> None:
    assert row_of(number_of("offer", 12345)) == ("offer", 12345)
