"""
How well labelled queries are understood.

The queries were written by the people who wrote the word lists, so the figures flatter: the first
run, before anything was mended for them, gave 95 % of kinds, 97 % of themes, 98 % of countries,
95 % of questions first and 98 % among three. The floors below only tell when something broke.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from knowledge.answers import topics
from knowledge.snapshot import Snapshot
from matching.text import normalise
from tests.samples import words_only_snapshot

QUERIES = Path(__file__).parents[1] / "queries"


def labelled(name: str) -> list[dict[str, Any]]:
    lines = (QUERIES / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


NEEDS = labelled("needs.jsonl")
QUESTIONS = labelled("questions.jsonl")
IN_SCOPE = [query for query in QUESTIONS if query["key"] is not None]
OUT_OF_SCOPE = [query for query in QUESTIONS if query["key"] is None]


def share(queries: list[dict[str, Any]], is_right: Callable[[dict[str, Any]], bool]) -> float:
    return sum(map(is_right, queries)) / len(queries)


def test_the_labels_name_keys_that_there_are(snapshot: Snapshot) -> None:
    assert {query["key"] for query in IN_SCOPE} <= {*snapshot.entries, *topics()}
    assert {need["theme"] for need in NEEDS} - {None} <= set(snapshot.vocabulary.themes)


def test_no_query_is_copied_from_the_entries(snapshot: Snapshot) -> None:
    entries = [*snapshot.entries.values(), *topics().values()]
    known = {normalise(text) for entry in entries for asked in entry.phrasings.values() for text in asked}
    assert [query["text"] for query in QUESTIONS if normalise(query["text"]) in known] == []


def found(snapshot: Snapshot, among: int) -> float:
    def right(query: dict[str, Any]) -> bool:
        return query["key"] in [hit.key for hit in snapshot.answers.hits(query["text"], among)]

    return share(IN_SCOPE, right)


def test_most_questions_find_their_entry(snapshot: Snapshot) -> None:
    assert found(snapshot, among=1) > 0.92
    assert found(snapshot, among=3) > 0.96


def test_without_the_encoder_letters_and_words_find_most() -> None:
    assert found(words_only_snapshot(), among=1) > 0.8


def test_what_is_out_of_scope_is_hardly_ever_answered(snapshot: Snapshot) -> None:
    def answered(query: dict[str, Any]) -> bool:
        return snapshot.answers.band(snapshot.answers.hits(query["text"], 3)) == "answer"

    assert share(OUT_OF_SCOPE, answered) < 0.2


def test_most_needs_and_offers_are_told_apart(snapshot: Snapshot) -> None:
    assert share(NEEDS, lambda need: snapshot.understand(need["text"]).kind == need["kind"]) > 0.8


def test_most_needs_find_their_theme(snapshot: Snapshot) -> None:
    with_theme = [need for need in NEEDS if need["theme"] is not None]
    right = share(with_theme, lambda need: snapshot.understand(need["text"]).themes[:1] == (need["theme"],))
    assert right > 0.8


def test_most_needs_find_their_countries(snapshot: Snapshot) -> None:
    def right(need: dict[str, Any]) -> bool:
        return sorted(snapshot.understand(need["text"]).countries) == sorted(need["countries"])

    assert share(NEEDS, right) > 0.8
