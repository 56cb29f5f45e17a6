"""The numbers that people see and type, such as M-0003: a letter that says of what, and the digits of its row."""

import re

DIGITS = 9
"""The most that a row's number has; longer ones no database takes."""
LETTERS = ("A", "B", "C", "D", "F", "G", "I", "J", "JP", "M", "N", "O", "P", "Q", "R")
"""What numbers begin with; which dialogue shows what has one stands beside it, in `bot/dialogues`."""
NUMBER = re.compile(rf"({'|'.join(LETTERS)})-\d{{1,{DIGITS}}}", re.IGNORECASE)
"""A number as it is written on a card."""


def numbered(letter: str, row_id: int | None) -> str:
    """Return the number of a row that was kept: `M-0003`."""
    assert row_id is not None  # noqa: S101 - kept
    return f"{letter}-{row_id:04d}"


def spelt(number: str) -> str:
    """Return *number* as it is kept and shown: `m-3` is M-0003; what is no number only gets capitals."""
    letter, dash, digits = number.strip().upper().partition("-")
    row_id = to_row(digits) if letter else None
    return f"{letter}{dash}{digits}" if row_id is None else numbered(letter, row_id)


def named(letter: str, number: str) -> int | None:
    """Return the row that *number* names, None where it is none of *letter*'s; `m-3` is M-0003 too."""
    before, _, digits = number.strip().upper().partition("-")
    return to_row(digits) if before == letter else None


def to_row(digits: str) -> int | None:
    """Return the row of which *digits* are the number, None where they are none that a row can have."""
    return int(digits) if digits.isdecimal() and len(digits) <= DIGITS else None
