"""`saphan evaluate` as a shell sees it."""

import json

import pytest

ENTRIES = [
    {"key": "tea", "title": "Tea", "examples": ["how long does tea draw", "green tea temperature"]},
    {"key": "bread", "title": "Bread", "examples": ["how do I bake bread", "yeast for a loaf"]},
]
QUESTIONS = [
    {"id": 1, "text": "how hot for green tea", "key": "tea"},
    {"id": 2, "text": "baking a loaf", "key": "bread"},
    {"id": 3, "text": "yeast in the loaf", "key": "tea"},
    {"id": 4, "text": "the rules of chess", "key": None},
]


@pytest.fixture
def written(tmp_path):
    for name, lines in (("entries", ENTRIES), ("questions", QUESTIONS)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")


@pytest.mark.usefixtures("written")
def test_the_figures_of_other_entries_come_as_json(saphan):
    done = saphan("evaluate", "questions.jsonl", "--entries", "entries.jsonl", "--json")
    found = json.loads(done.stdout)
    assert (found["in_scope"], found["out_of_scope"], found["first"]) == (3, 1, 0.6667)
    assert found["bands_out_of_scope"] == {"answer": 0, "choices": 0, "unknown": 1}
    assert [(one["asked"], one["got"], one["example"]) for one in found["confusions"]] == [
        ("tea", "bread", "yeast in the loaf")
    ]
    assert [gap["key"] for gap in found["gaps"]] == ["bread", "tea"]


def test_the_active_pack_is_evaluated_in_tables(saphan, tmp_path):
    question = {"id": 1, "text": "Is there Wi-Fi?", "key": "wifi"}
    (tmp_path / "questions.jsonl").write_text(json.dumps(question), "utf-8")
    done = saphan("evaluate", "questions.jsonl")
    assert done.returncode == 0
    assert "1 questions in scope, 0 out of scope" in done.stdout
    assert "100.0%" in done.stdout
    assert "confusions" not in done.stdout


def test_every_wrong_line_is_named_and_nothing_is_evaluated(saphan, tmp_path):
    lines = ['{"id": 1, "text": "is there wifi", "key": "wify"}', '{"id": 2, "text": "no key"}', "{"]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), "utf-8")
    done = saphan("evaluate", "questions.jsonl")
    assert (done.returncode, done.stdout) == (1, "")
    first, second, third = done.stderr.splitlines()
    assert first.startswith("questions.jsonl, line 1, field key: there is no “wify”; ")
    assert second.startswith("questions.jsonl, line 2, field key: it is missing or of the wrong kind")
    assert third.startswith("questions.jsonl, line 3: this is not JSON")


def test_a_file_without_questions_is_refused(saphan, tmp_path):
    (tmp_path / "questions.jsonl").write_text("\n\n", "utf-8")
    done = saphan("evaluate", "questions.jsonl")
    assert done.returncode == 1
    assert done.stderr.startswith("questions.jsonl: there is no question; write")


def test_a_file_that_is_not_there_is_refused_in_one_sentence(saphan):
    done = saphan("evaluate", "nowhere.jsonl")
    assert done.returncode == 1
    assert "nowhere.jsonl" in done.stderr
    assert "Traceback" not in done.stderr
