"""The held-out questions are labelled with what there is, and are not what the entries already know."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from knowledge.answers import topics
from knowledge.snapshot import Snapshot
from matching.text import normalise

QUERIES = Path(__file__).parents[1] / "queries"
STYLES = {"clean", "telegraphic", "shorthand", "third_language", "typo", "long"}


@pytest.fixture(scope="module", params=["questions_held_out", "sensitive_held_out"])
def rows(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """Each file of held-out questions."""
    lines = (QUERIES / f"{request.param}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_each_row_has_an_id_of_its_own_and_a_known_style(rows: list[dict[str, Any]]) -> None:
    assert [row for row in rows if set(row) != {"id", "text", "key", "style"}] == []
    assert [row["id"] for row in rows if not re.fullmatch(r"[hs]-[a-z]{2}-\d{3}", row["id"])] == []
    assert len({row["id"] for row in rows}) == len({normalise(row["text"]) for row in rows}) == len(rows)
    assert {row["style"] for row in rows} <= STYLES


def test_the_labels_name_keys_that_there_are(rows: list[dict[str, Any]], snapshot: Snapshot) -> None:
    assert {row["key"] for row in rows} - {None} <= {*snapshot.entries, *topics()}


def test_hardly_a_question_is_worded_like_a_phrasing(rows: list[dict[str, Any]], snapshot: Snapshot) -> None:
    entries = [*snapshot.entries.values(), *topics().values()]
    known = {normalise(text) for entry in entries for asked in entry.phrasings.values() for text in asked}
    # The ids alone: whoever mends the entries must not read the questions.
    repeated = [row["id"] for row in rows if normalise(row["text"]) in known]
    assert len(repeated) <= len(rows) / 50, repeated
