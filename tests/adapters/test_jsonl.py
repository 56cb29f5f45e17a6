"""A file of JSON lines is read whole, or refused with everything that is wrong in it."""

import json

import pytest

from adapters.cli.jsonl import rows
from bot.errors import Refused


def refusal(path, wanted, **more):
    with pytest.raises(Refused) as refused:
        rows(path, wanted, **more)
    return str(refused.value).splitlines()


def test_the_objects_come_in_their_order_and_empty_lines_do_not_count(tmp_path):
    path = tmp_path / "some.jsonl"
    path.write_text('\ufeff{"id": 1}\r\n\r\n  \n{"id": "b", "more": null}\n', "utf-8", newline="")
    assert rows(path, {"id": object}) == [{"id": 1}, {"id": "b", "more": None}]


def test_separators_of_unicode_do_not_end_a_line(tmp_path):
    path = tmp_path / "some.jsonl"
    path.write_text(json.dumps({"text": "one\u2028two\x85three"}, ensure_ascii=False), "utf-8")
    assert rows(path, {"text": str}) == [{"text": "one\u2028two\x85three"}]


def test_every_wrong_line_and_field_is_named_with_what_would_be_right(tmp_path):
    path = tmp_path / "some.jsonl"
    path.write_text('{"id": null, "text": 3}\n[]\n{"id": 1, "text": "ok"}\n', "utf-8")
    missing = "it is missing or of the wrong kind; write for example"
    assert refusal(path, {"id": object, "text": str}) == [
        f'some.jsonl, line 1, field id: {missing} {{"id": 1}}',
        f'some.jsonl, line 1, field text: {missing} {{"text": "words"}}',
        f'some.jsonl, line 2, field id: {missing} {{"id": 1}}',
        f'some.jsonl, line 2, field text: {missing} {{"text": "words"}}',
    ]


def test_what_is_no_json_is_named_by_its_line(tmp_path):
    path = tmp_path / "some.jsonl"
    path.write_text("{}\nwords\n", "utf-8")
    [wrong] = refusal(path, {})
    assert wrong.startswith("some.jsonl, line 2: this is not JSON (")


def test_null_counts_only_where_it_is_allowed(tmp_path):
    path = tmp_path / "some.jsonl"
    path.write_text('{"key": null}\n{}\n', "utf-8")
    [wrong] = refusal(path, {"key": str | None})
    assert wrong.startswith("some.jsonl, line 2, field key: it is missing")


def test_a_word_that_is_not_among_those_known_brings_the_closest_to_mind(tmp_path):
    path = tmp_path / "some.jsonl"
    path.write_text('{"key": "prayer_rom"}\n{"key": "visa"}\n', "utf-8")
    wrong = refusal(path, {"key": str | None}, among={"key": {"prayer_room", "visa"}})
    assert wrong == ["some.jsonl, line 1, field key: there is no “prayer_rom”; did you mean “prayer_room”?"]


def test_a_file_that_is_not_utf_8_says_where(tmp_path):
    path = tmp_path / "some.jsonl"
    path.write_bytes(b'{"id": "\xe9"}')
    assert refusal(path, {}) == ["some.jsonl: it is not UTF-8 (byte 8); save it as UTF-8"]
