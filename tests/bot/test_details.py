"""Details added to what was sent: what is missing, what a line says, and what the store makes of it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.commands import ReplaceText, Statement, StateNeed
from bot.database import Store
from bot.delegation_commands import AddWords, OurStatements
from bot.dialogues.details import addition, missing, removal
from tests.bot.factories import a_turn
from tests.bot.ledgers import perform
from tests.bot.test_delegations import need, offer, somebody

FULL = {"themes": ("energy",), "modalities": ("training",), "people": 12, "deadline": "2023-03"}


def added(sent: Statement, line: str) -> AddWords:
    return addition(a_turn(), sent, line)


@pytest.mark.parametrize(
    ("without", "lacking"),
    [
        ({}, []),
        ({"deadline": None}, ["deadline"]),
        ({"people": None}, ["people"]),
        ({"people": None, "modalities": ("equipment_inkind", "training")}, ["people"]),
        ({"people": None, "modalities": ("equipment_inkind", "financing")}, []),
        ({"people": None, "modalities": ()}, ["modalities", "people"]),
        ({"themes": (), "urgency": "urgent"}, ["themes"]),
    ],
)
def test_only_what_is_really_missing_is_asked_for(without: dict[str, Any], lacking: list[str]) -> None:
    assert missing(need(**{**FULL, **without})) == lacking


@pytest.mark.parametrize(
    ("line", "people", "deadline"),
    [
        ("12 people, by March", 12, "2023-03"),
        ("12, by March", 12, "2023-03"),
        ("для 20 человек до конца года", 20, "2022-12"),
        ("20人，2023年3月之前", 20, "2023-03"),
        ("pour 15 personnes, avant mars 2023", 15, "2023-03"),
        ("2023, if possible", None, None),
        ("online", None, None),
    ],
)
def test_a_line_says_how_many_and_by_when(line: str, people: int | None, deadline: str | None) -> None:
    command = added(need("we need solar power for our outer islands"), line)
    assert (command.text, command.people, command.deadline) == (line, people, deadline)


def test_what_the_line_says_wins_and_what_it_does_not_say_stays() -> None:
    sent = need("training for 40 farmers by June", people=40, deadline="2023-06")
    fewer = added(sent, "no wait, only 8 people, by May")
    assert (fewer.people, fewer.deadline) == (8, "2023-05")
    other = added(sent, "mostly women from villages")
    assert (other.people, other.deadline) == (None, None)


def test_a_form_counts_that_the_line_itself_names() -> None:
    assert added(need("we need solar power for our outer islands"), "training, call […]").modalities == (
        "training",
    )
    assert (
        added(
            need("we need solar power for our outer islands"), "the hall has no electricity at night"
        ).modalities
        == ()
    )


def test_a_theme_that_is_there_stays() -> None:
    assert added(need("help for our schools", themes=("health",)), "solar panels").themes == ()
    assert added(need("help for them"), "solar panels for the clinic").themes != ()


def test_a_line_adds_countries_to_a_need_and_narrows_no_offer() -> None:
    assert added(need("early warning"), "also for Fiji and Tonga").countries == ("FJI", "TON")
    assert added(offer("training for nurses"), "in Fiji, 20 places").countries == ()


@pytest.mark.parametrize(
    "line",
    [
        "12 people, by March",
        "training for 20 nurses of Fiji and Tonga, urgent",
        "12, by December",
        "the hall has no electricity at night",
    ],
)
def test_what_is_taken_out_leaves_what_was_before(line: str) -> None:
    words = "we need experts for early warning, 4 people"
    sent = need(words, themes=("disaster_risk",), modalities=("expert_deployment",), people=4)
    one = added(sent, line)
    both = replace(
        sent,
        text=f"{words}\n{line}",
        people=one.people or sent.people,
        deadline=one.deadline,
        urgency=one.urgency,
        modalities=tuple(dict.fromkeys([*sent.modalities, *one.modalities])),
        countries=one.countries,
    )
    back = removal(a_turn(), both, words, line, 2)
    left = (back.text, back.people, back.deadline, back.urgency, back.modalities, back.countries)
    assert left == (words, 4, None, None, ("expert_deployment",), ())


def test_a_count_that_another_line_gave_stays() -> None:
    sent = need("early warning\n6, in two teams\nin the evening", people=6)
    back = removal(a_turn(), sent, "early warning\n6, in two teams", "in the evening", 3)
    assert back.people == 6


def test_what_a_line_says_comes_to_what_is_there(store: Store) -> None:
    author = somebody(store, "1")
    perform(store, StateNeed(need(themes=("health",), modalities=("training",), people=4)), author)
    line = AddWords(
        "N-0001", "12 people", people=12, modalities=("training", "study_visit"), countries=("FJI",)
    )
    changed = perform(store, line, author)
    assert changed.done
    sent = changed.item.statement
    assert (sent.text, sent.people, sent.deadline) == ("cold rooms for vaccines\n12 people", 12, None)
    assert (sent.themes, sent.modalities, sent.countries) == (
        ("health",),
        ("training", "study_visit"),
        ("FJI",),
    )
    back = ReplaceText(
        "N-0001", "cold rooms for vaccines", 2, 4, None, None, modalities=("training",), countries=()
    )
    perform(store, back, author)
    (mine,) = perform(store, OurStatements(), author)
    assert (mine.statement.people, mine.statement.modalities, mine.statement.countries) == (
        4,
        ("training",),
        (),
    )
    assert mine.statement.themes == ("health",)
