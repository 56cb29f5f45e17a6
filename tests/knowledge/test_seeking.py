"""Questions that ask the catalogue, and what fits them."""

import json
from pathlib import Path

import pytest

from knowledge.answers import Answer
from knowledge.seeking import Sought, asked_for, entry, find, in_words, passes, similar, sought
from tests.samples import sample_snapshot

QUERIES = Path(__file__).parents[1] / "queries"


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("who trains nurses?", ("provider", "nurses", "training")),
        ("Who can train our nurses", ("provider", "our nurses", "training")),
        ("who gives scholarships in Laos", ("provider", "scholarships in Laos", "")),
        ("which organisations work on oceans?", ("provider", "oceans", "")),
        ("qui forme des infirmières ?", ("provider", "des infirmières", "training")),
        ("кто финансирует солнечную энергетику", ("provider", "солнечную энергетику", "financing")),
        ("谁培训护士？", ("provider", "护士", "training")),
        ("good practices on early warning", ("practice", "early warning", "")),
        ("bonnes pratiques en alerte rapide", ("practice", "alerte rapide", "")),
        ("передовая практика по раннему предупреждению", ("practice", "раннему предупреждению", "")),
        ("早期预警的良好做法", ("practice", "早期预警", "")),
        ("who can help me, my chest hurts", None),
        ("LLDCs would benefit from sharing good practices on transit", None),
        ("good practices", None),
        ("who trains", None),
        ("where is room B", None),
        ("", None),
    ],
)
def test_a_question_asks_for(question: str, asked: tuple[str, str, str] | None) -> None:
    assert asked_for(question) == asked


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("who trains nurses?", Sought("provider", "nurses", form="training")),
        ("who gives scholarships in Laos", Sought("provider", "scholarships in Laos", country="LAO")),
        ("good practices on early warning", Sought("practice", "early warning")),
        ("who provides lunch?", None),
        ("who provides interpretation?", None),
        ("what is the weather", None),
    ],
)
def test_a_question_of_a_subject_looks_for(question: str, wanted: Sought | None) -> None:
    assert sought(question, sample_snapshot()) == wanted


@pytest.mark.parametrize("file", ["questions", "questions_held_out", "sensitive_held_out"])
def test_no_labelled_question_is_taken_away_from_its_entry(file: str) -> None:
    know = sample_snapshot()
    asked = [json.loads(line)["text"] for line in (QUERIES / f"{file}.jsonl").read_text("utf-8").splitlines()]
    taken = [text for text in asked if asked_for(text) is not None]
    assert [text for text in taken if not isinstance(know.answers.ask(text), Answer)] == []


def test_all_that_is_found_has_what_was_asked_for() -> None:
    know = sample_snapshot()
    wanted = Sought("provider", "nurses", theme="public_health", form="training", country="BTN")
    found = find(wanted, know)
    assert len(found) > 1
    assert [one.id for one in found if not passes(entry(one.id, know), wanted, know)] == []
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_a_filter_alone_finds_all_that_have_it() -> None:
    know = sample_snapshot()
    found = {one.id for one in find(Sought("practice", theme="energy"), know)}
    assert found == {one.id for one in know.catalogue.practices.values() if one.theme == "energy"}


def test_one_s_own_country_is_not_left_out() -> None:
    know = sample_snapshot()
    own = find(Sought("provider", country="THA"), know)
    assert "THA" in {know.catalogue.providers[one.id].country for one in own}


def test_a_group_of_countries_is_no_filter() -> None:
    assert in_words("provider", "trade courses for landlocked countries", sample_snapshot()).country == ""


def test_words_that_say_nothing_find_nothing() -> None:
    assert find(in_words("practice", "xyzzy qwrtp", sample_snapshot()), sample_snapshot()) == []


def test_a_practice_is_not_similar_to_itself() -> None:
    know = sample_snapshot()
    for practice in know.catalogue.practices.values():
        assert practice.id not in {one.id for one in similar(practice, know)}
