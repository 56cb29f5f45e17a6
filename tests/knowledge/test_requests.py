"""Needs, offers and questions are told apart by cues, and by labelled sentences where there are none."""

import csv
from importlib import resources

import pytest

from knowledge.packaged import packaged
from knowledge.requests import KINDS, Kind, Requests
from knowledge.snapshot import Snapshot
from matching.encoder import sentence_encoder


@pytest.fixture(scope="module")
def requests() -> Requests:
    return Requests(packaged("knowledge", "cues.yaml"), sentence_encoder())


def kind(requests: Requests, text: str) -> Kind:
    return requests.kind(text, requests.scores(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("our nurses never learnt to read the new scanners", "need"),
        ("нашим лесникам пригодились бы навыки тушения пожаров", "need"),
        ("our polytechnic runs a welding school where foreigners may enrol", "offer"),
        ("наши геологи могут приехать к вам", "offer"),
        ("预留八个名额给邻国学生", "offer"),
        ("the dinner yesterday was lovely", "other"),
        ("where do we get headphones", "question"),
    ],
)
def test_what_no_cue_tells_is_told_by_what_it_means(requests: Requests, text: str, expected: Kind) -> None:
    assert kind(requests, text) == expected


def test_a_name_alone_is_nothing(requests: Requests) -> None:
    assert kind(requests, "Fiji") == kind(requests, "") == kind(requests, "🙂") == "other"


def test_a_cue_counts_more_than_what_was_learnt(requests: Requests) -> None:
    assert kind(requests, "we need the programme of your training") == "need"


def test_without_an_encoder_cues_decide(snapshot: Snapshot) -> None:
    requests = Requests(packaged("knowledge", "cues.yaml"))
    assert kind(requests, "we can train nurses") == "offer"
    assert kind(requests, "the coffee is cold in the morning") == "other"


def test_the_sentences_have_kinds_and_forms_that_there_are(snapshot: Snapshot) -> None:
    text = resources.files("knowledge").joinpath("requests.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert {row["kind"] for row in rows} == set(KINDS)
    assert {form for row in rows for form in row["forms"].split()} == set(snapshot.vocabulary.modalities)
    assert len({row["text"] for row in rows}) == len(rows)
