"""Texts are told by subject from examples, by their words and by what they mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from matching.subjects import Example, Subjects
from tests.encoders import Meanings

EXAMPLES = [
    Example("wells with clean water", {"water"}),
    Example("pipes for drinking water", {"water"}),
    Example("doctors for our hospital", {"health"}),
    Example("nurses and medicine", {"health"}),
    Example("clean water for the hospital", {"water", "health"}),
    Example("thank you and good night", ()),
]
MEANINGS = {"water": ("water", "eau"), "health": ("hospital", "nurses", "doctors", "infirmières")}


class Subject(Meanings):
    """Knows each subject by some of its words, in two languages."""

    def vector(self, text: str) -> ArrayLike:
        return [any(word in text for word in words) for words in MEANINGS.values()]


@pytest.fixture(scope="module")
def by_words() -> Subjects:
    return Subjects(EXAMPLES)


def test_each_subject_gets_a_score_and_the_right_one_the_highest(by_words: Subjects) -> None:
    scores = by_words.scores("we look for nurses")
    assert set(scores) == {"water", "health"}
    assert scores["health"] > scores["water"]


def test_a_text_may_be_about_two_subjects(by_words: Subjects) -> None:
    both = by_words.scores("clean water for the hospital")
    assert min(both.values()) > max(by_words.scores("good night").values())


def test_words_that_no_example_has_say_nothing(by_words: Subjects) -> None:
    assert by_words.scores("de l'eau") == by_words.scores("")


def test_with_an_encoder_the_meaning_counts_in_any_language() -> None:
    by_meaning = Subjects(EXAMPLES, Subject())
    scores = by_meaning.scores("de l'eau")
    assert scores["water"] > 2 * scores["health"]


@given(text=st.text(max_size=300))
def test_any_text_is_scored_and_always_the_same(by_words: Subjects, text: str) -> None:
    scores = by_words.scores(text)
    assert scores == by_words.scores(text)
    assert all(np.isfinite(list(scores.values())))
