"""Labelled questions say how good the answers are, what is confused, and which entries are poor."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.evaluation import Bands, Confusion, Gap, Outcome, evaluate, gaps
from matching.intents import Band
from matching.names import Hit


def outcome(key: str | None, *hits: tuple[str, float], band: Band = "answer", text: str = "?") -> Outcome:
    return Outcome(text, key, band, tuple(Hit(found, score) for found, score in hits))


WIFI = outcome("wifi", ("wifi", 90), ("visa", 10))
VISA = outcome("visa", ("hotel", 40), ("meals", 30), ("visa", 20), band="choices", text="papers to enter")
HOTEL = outcome("hotel", ("wifi", 80), text="where to sleep")
MEALS = outcome("meals", band="unknown", text="noon?")
JOKE = outcome(None, ("wifi", 70), text="a joke")
SONG = outcome(None, ("wifi", 5), band="unknown")
ALL = (WIFI, VISA, HOTEL, MEALS, JOKE, SONG)


def test_accuracy_is_of_the_questions_in_scope() -> None:
    found = evaluate(ALL)
    assert (found.in_scope, found.out_of_scope) == (4, 2)
    assert (found.first, found.among_three) == (1 / 4, 2 / 4)


def test_bands_are_told_in_and_out_of_scope() -> None:
    found = evaluate(ALL)
    assert found.bands == Bands(answer=2 / 4, choices=1 / 4, unknown=1 / 4)
    assert found.bands_out_of_scope == Bands(answer=1 / 2, choices=0, unknown=1 / 2)


def test_precision_is_of_what_was_answered_or_offered() -> None:
    found = evaluate(ALL)
    assert found.precision_answering == 1 / 2
    assert found.menus_with_the_right_one == 1


def test_precision_at_a_coverage_takes_the_highest_scores() -> None:
    right = [outcome("a", ("a", score)) for score in range(50, 58)]
    wrong = [outcome("a", ("b", 10)), outcome("a", ("b", 5))]
    assert evaluate([*wrong, *right]).precision_at == {0.8: 1.0, 0.9: 8 / 9}


def test_equal_scores_are_taken_together() -> None:
    same = [outcome("a", ("a", 50)), *[outcome("a", ("b", 50)) for _ in range(3)]]
    assert evaluate(same).precision_at == {0.8: 1 / 4, 0.9: 1 / 4}


@pytest.mark.parametrize(("inside", "outside", "auroc"), [(90, 10, 1.0), (10, 90, 0.0), (50, 50, 0.5)])
def test_auroc_says_how_often_in_scope_scores_higher(inside: float, outside: float, auroc: float) -> None:
    found = evaluate([outcome("a", ("a", inside)), outcome(None, ("a", outside))])
    assert found.auroc == auroc


def test_confusions_come_with_their_count_and_an_example() -> None:
    assert evaluate([*ALL, HOTEL]).confusions == (
        Confusion("hotel", "wifi", 2, 2, "where to sleep"),
        Confusion(None, "wifi", 1, 1, "a joke"),
        Confusion("meals", None, 1, 0, "noon?"),
        Confusion("visa", "hotel", 1, 0, "papers to enter"),
    )


def test_at_most_ten_confusions_are_told() -> None:
    assert len(evaluate([outcome(f"k{n}", ("a", 50)) for n in range(30)]).confusions) == 10


def test_without_questions_there_are_no_figures() -> None:
    found = evaluate([])
    assert (found.first, found.bands, found.bands_out_of_scope, found.auroc) == (None, None, None, None)
    assert (found.precision_at, found.confusions) == ({}, ())


def test_an_entry_with_few_phrasings_or_without_a_language_lacks_some() -> None:
    rich = {"en": [f"question {n}" for n in range(12)], "fr": ["question"]}
    poor = {"en": ["wifi?"], "fr": ["wifi ?"]}
    english = {"en": [f"question {n}" for n in range(12)]}
    assert gaps({"rich": rich, "poor": poor, "english": english}, ("en", "fr")) == (
        Gap("poor", 2, (), 0),
        Gap("english", 12, ("fr",), 0),
    )


def test_an_entry_that_is_often_confused_lacks_some_whatever_it_has() -> None:
    rich = {"en": [f"question {n}" for n in range(20)]}
    wrong, right = outcome("a", ("b", 60)), outcome("a", ("a", 60))
    assert gaps({"a": rich, "b": rich}, ("en",), [wrong, wrong, right]) == (Gap("a", 20, (), 2),)
    assert gaps({"a": rich, "b": rich}, ("en",), [wrong, right]) == ()
    assert gaps({"a": rich, "b": rich}, ("en",), [wrong, wrong, *[right] * 8]) == ()


OUTCOMES = st.lists(
    st.builds(
        outcome,
        st.sampled_from(["a", "b", None]),
        st.tuples(st.sampled_from("abc"), st.sampled_from([10.0, 50.0, 90.0])),
        band=st.sampled_from(["answer", "choices", "unknown"]),
    ),
    max_size=12,
)


@given(OUTCOMES, st.randoms(use_true_random=False))
def test_the_order_of_the_questions_changes_nothing(outcomes: list[Outcome], chance: random.Random) -> None:
    shuffled = list(outcomes)
    chance.shuffle(shuffled)
    assert evaluate(shuffled) == evaluate(outcomes)
