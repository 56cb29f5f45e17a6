"""The numbers that people see and type."""

import pytest

from bot.numbers import named, numbered


@pytest.mark.parametrize("row_id", [1, 42, 10_000])
def test_a_number_names_its_row(row_id: int) -> None:
    assert named("M", numbered("M", row_id)) == row_id


@pytest.mark.parametrize("typed", [" m-3 ", "M-3", "m-0003"])
def test_it_may_be_typed_in_short(typed: str) -> None:
    assert named("M", typed) == 3


@pytest.mark.parametrize("typed", ["", "M-", "3", "N-3", "M-x", "M--3", "M-3-4", "M-1234567890", "M-३x"])
def test_what_names_no_row_of_that_letter_is_none(typed: str) -> None:
    assert named("M", typed) is None
