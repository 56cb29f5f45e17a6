"""Mistyped words are mended, and what is right, foreign or unheard of is left as it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.repair import Repair

TEXTS = [
    "where do I collect my badge",
    "where is the registration desk",
    "when does the shuttle bus leave",
    "what is the wifi password",
    "когда отправляется автобус",
]
ENGLISH = {"desk": -9.0, "dusk": -12.0, "vegetarian": -12.0, "the": -3.0, "make": -8.0}
OURS, WITH_ENGLISH = Repair(TEXTS), Repair(TEXTS, ENGLISH)


def test_mistyped_words_are_mended_in_their_place() -> None:
    written = "Where is the shutle, and the registraton desk?"
    assert OURS.repaired(written) == "Where is the shuttle, and the registration desk?"


def test_two_errors_are_borne_in_a_long_word() -> None:
    assert OURS.repaired("where is the regisraton") == "where is the registration"


@pytest.mark.parametrize("text", ["di mana tempat makan siang", "wo bekomme ich meinen Ausweis"])
def test_another_language_is_left_alone(text: str) -> None:
    assert OURS.repaired(text) == text


@pytest.mark.parametrize("text", ["is xy автобсу here", "where is rm B2", "what is the 5G"])
def test_two_letters_numbers_and_other_scripts_are_left_alone(text: str) -> None:
    assert OURS.repaired(text) == text


def test_a_word_of_the_language_is_no_error() -> None:
    assert OURS.repaired("where is the dusk") == "where is the desk"
    assert WITH_ENGLISH.repaired("where is the dusk") == "where is the dusk"


def test_what_we_never_say_is_mended_towards_the_language() -> None:
    assert OURS.repaired("where is the vegetarain") == "where is the vegetarain"
    assert WITH_ENGLISH.repaired("where is the vegetarain") == "where is the vegetarian"


@given(st.text(max_size=200))
def test_any_text_is_mended_at_most_once(text: str) -> None:
    once = WITH_ENGLISH.repaired(text)
    assert WITH_ENGLISH.repaired(once) == once
