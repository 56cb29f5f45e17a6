"""What the words of a reminder become: a template where they are no more than its topic and a place."""

import pytest

from bot.dialogues.reminder_words import Topic, names_an_audience, topic_of
from tests.samples import sample_snapshot


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("group photo at the main stairs", Topic("group_photo", "the main stairs")),
        ("bus from Gate 2", Topic("bus", "Gate 2")),
        ("Lunch in Room D.", Topic("lunch", "room-d")),
        ("lunch in the cafeteria", Topic("lunch", "cafeteria")),
        ("déjeuner dans la salle D", Topic("lunch", "room-d")),
        ("合影在D厅", Topic("group_photo", "room-d")),
        ("navette", Topic("bus")),
        ("Group photo", Topic("group_photo")),
    ],
)
def test_a_topic_and_its_place_are_said_in_every_language(words: str, topic: Topic) -> None:
    assert topic_of(words, sample_snapshot()) == topic


@pytest.mark.parametrize(
    "words",
    [
        "business meeting in Room D",
        "lunch is cancelled",
        "lunch boxes are not to be taken home",
        "lunch at 12:30 in the cafeteria",
        "lunch in the cafeteria is cancelled",
        "lunch not in Room D",
        "lunch from Room D",
        "bus leaves from Gate 2",
        "bus from Gate 2 cancelled",
        "group photo at the main stairs, bring your badge",
        "обед в саду",
    ],
)
def test_everything_else_is_own_text(words: str) -> None:
    assert topic_of(words, sample_snapshot()) is None


@pytest.mark.parametrize(
    "words",
    [
        "delegates only: bring your passports",
        "Focal points: the list closes at noon",
        "tell Fiji the car is here",
        "Fiji: the car is here",
        "Fiji, Tonga: the car is here",
        "only those who flew in today",
        "press only, Room D",
        "délégués : le bus est là",
        "только для прессы",
        "媒体：请到D厅",
        "斐济：请到D厅",
    ],
)
def test_words_for_certain_people_are_noticed(words: str) -> None:
    assert names_an_audience(words, sample_snapshot())


@pytest.mark.parametrize(
    "words",
    [
        "group photo at the main stairs",
        "Reminder: bring your badge",
        "fr: la photo de groupe",
        "bring only one bag",
        "the delegates of all countries are invited",
        "the film about Fiji is shown in Room D",
        "",
    ],
)
def test_words_for_everybody_are_not(words: str) -> None:
    assert not names_an_audience(words, sample_snapshot())
