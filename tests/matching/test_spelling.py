"""Mistyped words are mended towards words that there are, the nearest and most frequent first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.spelling import Spelling

SPELLING = Spelling({"agriculture": 3, "water": 9, "waters": 1, "trade": 4, "training": 5, "tax": 2})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("agricluture", "agriculture"),
        ("agricltrue", "agriculture"),
        ("watre", "water"),
        ("rtaining", "training"),
        ("trade", "trade"),
    ],
)
def test_a_mistyped_word_is_mended(typed: str, meant: str) -> None:
    assert SPELLING.mended(typed) == meant


@pytest.mark.parametrize("word", ["tex", "zebra", "trains", "WATRE", "2027", "вода", ""])
def test_what_is_near_to_nothing_or_too_short_stays(word: str) -> None:
    assert SPELLING.mended(word) == word


@given(st.text(st.characters(), max_size=60))
def test_no_word_raises_and_a_mended_one_stays(word: str) -> None:
    mended = SPELLING.mended(word)
    assert SPELLING.mended(mended) == mended
