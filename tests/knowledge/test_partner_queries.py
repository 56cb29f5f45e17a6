"""
What the labels of `partners.jsonl` name: the figures on it come from `python -m tests.benchmarks partners`.

Those graded were pooled from a reading of the whole catalogue, from all practices of the theme and from
the first ten of BM25, of rapidfuzz, of the sentence encoder and of the assistant, shuffled; a good answer
that none of them brought up counts as wrong.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from knowledge.snapshot import Snapshot
from matching.profiles import Profile

QUERIES = Path(__file__).parents[1] / "queries" / "partners.jsonl"
NEEDS: list[dict[str, Any]] = [json.loads(line) for line in QUERIES.read_text("utf-8").splitlines()]
KEPT_OUT = {"itself", "other_kind", "own_country", "recipient_only", "region_not_served"}


def test_no_need_is_there_twice() -> None:
    assert [key for key, count in Counter(need["id"] for need in NEEDS).items() if count > 1] == []
    assert [text for text, count in Counter(need["text"] for need in NEEDS).items() if count > 1] == []


def test_the_labels_name_countries_and_themes_that_there_are(snapshot: Snapshot) -> None:
    assert {need["country"] for need in NEEDS} <= set(snapshot.vocabulary.countries)
    assert {need["theme"] for need in NEEDS} == set(snapshot.vocabulary.themes)


def test_every_need_has_several_right_answers_with_a_grade() -> None:
    assert [need["id"] for need in NEEDS if len(need["right"]) < 3] == []
    assert {grade for need in NEEDS for grade in need["right"].values()} == {1, 2, 3}


def test_a_third_of_each_language_is_kept_for_the_end() -> None:
    parts = {
        language: Counter(need["split"] for need in NEEDS if need["language"] == language)
        for language in {need["language"] for need in NEEDS}
    }
    assert {language: part["end"] for language, part in parts.items()} == {
        language: part.total() // 3 for language, part in parts.items()
    }


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need["id"])
def test_nobody_is_labelled_right_whom_the_rules_keep_out(snapshot: Snapshot, need: dict[str, Any]) -> None:
    country = snapshot.vocabulary.countries[need["country"]]
    wanted = Profile(
        id="wanted", kind="need", country=need["country"], regions=frozenset({country.subregion})
    )
    partners = snapshot.catalogue.partners
    out = {key for key in need["right"] if KEPT_OUT & {why.kind for why in partners.why_not(wanted, key)}}
    assert out == set()
