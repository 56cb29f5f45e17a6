"""What a text is about comes from the word lists and from sentences that were labelled."""

import csv
from collections import Counter
from importlib import resources

import pytest

from knowledge.loaders.pack import Pack
from knowledge.snapshot import Snapshot
from knowledge.understand import Understander
from matching.encoder import sentence_encoder
from matching.text import normalise

FILE = resources.files("knowledge").joinpath("subjects.csv")
LABELLED = list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()))
ENOUGH = 15


@pytest.fixture(scope="session")
def meaning(sample: Pack) -> Understander:
    encoder = sentence_encoder()
    if encoder is None:
        pytest.skip("the extra `semantic` is not installed")
    return Understander(sample.vocabulary, encoder)


def test_each_label_is_one_that_there_is(snapshot: Snapshot) -> None:
    vocabulary = snapshot.vocabulary
    assert {row["theme"] for row in LABELLED} == {"", *vocabulary.themes}
    assert {int(goal) for row in LABELLED for goal in row["goals"].split()} == set(vocabulary.sdgs)


def test_each_theme_and_goal_has_enough_sentences() -> None:
    themes = Counter(row["theme"] for row in LABELLED)
    goals = Counter(goal for row in LABELLED for goal in row["goals"].split())
    assert min(themes.values()) >= ENOUGH
    assert min(goals.values()) >= ENOUGH


def test_no_sentence_is_written_twice() -> None:
    assert max(Counter(normalise(row["text"]) for row in LABELLED).values()) == 1


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("the shore is washed away and the villages have to be moved", "climate_environment"),
        ("our midwives are too few and mothers die", "public_health"),
        ("we want to draft an investment code", "trade_investment"),
        ("les habitants du village n'ont pas de quoi vivre", "poverty_rural"),
        ("корабли чужих стран ловят наш тунец", "oceans_fisheries"),
        ("สอนครูในโรงเรียนห่างไกล", "education_skills"),
    ],
)
def test_what_nobody_listed_is_understood_by_its_meaning(
    meaning: Understander, text: str, theme: str
) -> None:
    assert theme in meaning(f"we need help: {text}").themes


def test_greetings_and_thanks_are_about_nothing(meaning: Understander) -> None:
    assert [meaning(text).themes for text in ("good morning", "thank you", "спасибо", "好的")] == [()] * 4


def test_a_request_that_does_not_say_of_what_is_about_nothing(meaning: Understander) -> None:
    understood = [meaning(text) for text in ("need help", "nous avons besoin d'aide", "我们需要帮助")]
    assert [(read.kind, read.themes, read.sdgs) for read in understood] == [("need", (), ())] * 3


@pytest.mark.parametrize(
    "text",
    [
        "our work is going well",
        "an important matter",
        "former members came forward",
        "nous demandons votre aide",
    ],
)
def test_a_word_that_only_looks_like_a_listed_one_names_no_theme(snapshot: Snapshot, text: str) -> None:
    assert snapshot.understand(text).themes == ()


def test_a_listed_word_is_found_in_its_other_forms(snapshot: Snapshot) -> None:
    assert snapshot.understand("wells").themes == ("water_sanitation",)
    assert snapshot.understand("nous voulons former des agents").modalities == ("training",)
