"""The questions of the survey: which are asked after which answers, and every mistake in survey.yaml."""

import pytest

from knowledge.loaders.pack import Pack
from knowledge.problems import PackRefused
from knowledge.survey import Question, asked
from knowledge.vocabulary import Localised
from tests.knowledge.packs import small_pack
from tests.samples import sample_snapshot

TEXT = "text: {en: How?, fr: Comment ?, ru: Как?, zh: 如何？}"
OPTIONS = "options:\n    a: {en: A, fr: A, ru: А, zh: 甲}\n    b: {en: B, fr: B, ru: Б, zh: 乙}"
SURVEY = f"""\
- id: role
  kind: choice
  {TEXT}
  {OPTIONS}
- id: more
  kind: text
  {TEXT}
  after: role
  only_if: [b]
  need: yes
"""


def read(survey: str) -> tuple[Question, ...]:
    return Pack.from_files({**small_pack(), "survey.yaml": survey.encode()}).survey


def test_a_pack_without_a_survey_has_no_questions() -> None:
    assert Pack.from_files(small_pack()).survey == ()


def test_questions_are_read_in_their_order_with_their_options() -> None:
    role, more = read(SURVEY)
    assert (role.values, role.text.in_("ru"), role.sample) == (("a", "b"), "Как?", False)
    assert (more.after, more.only_if, more.need) == ("role", ("b",), True)


@pytest.mark.parametrize(
    ("old", "new", "column", "wrong"),
    [
        ("kind: choice", "kind: chioce", "kind", "“chioce” is not a kind of question"),
        ("after: role", "after: rule", "after", "“rule” is no question before this one"),
        ("only_if: [b]", "only_if: [c]", "only_if", "“c” is not an answer to that question"),
        ("  only_if: [b]\n", "", "only_if", "it is empty"),
        ("id: more", "id: role", "id", "“role” was used before, in row 1"),
        ("need: yes", "need: maybe", "need", "“maybe” is not yes or no"),
        ("kind: text", "kind: scale", "need", "a question of the kind “scale” names no need"),
        ("kind: choice", "kind: text", "options", "a question of the kind “text” has none"),
    ],
)
def test_a_mistake_is_told_with_its_place(old: str, new: str, column: str, wrong: str) -> None:
    with pytest.raises(PackRefused) as refused:
        read(SURVEY.replace(old, new, 1))
    found = [(one.file, one.column, one.wrong) for one in refused.value.problems]
    assert ("survey.yaml", column, wrong) in found


def test_what_a_branch_leaves_out_is_not_asked_and_counts_for_nothing_after_it() -> None:
    words = Localised(en="?")
    questions = (
        Question("role", "choice", words, {"a": words, "b": words}),
        Question("forms", "several", words, {"x": words, "y": words}, after="role", only_if=("b",)),
        Question("why", "text", words, after="forms", only_if=("x",)),
    )
    asked_after = [question.id for question in asked(questions, {"role": "a", "forms": ["x"]})]
    assert asked_after == ["role"]
    assert [question.id for question in asked(questions, {"role": "b", "forms": ["y", "x"]})] == [
        "role",
        "forms",
        "why",
    ]


@pytest.mark.parametrize(
    ("kind", "value", "takes"),
    [
        ("choice", "a", True),
        ("choice", "c", False),
        ("choice", ["a"], False),
        ("several", ["a", "b"], True),
        ("several", [], False),
        ("several", ["a", "a"], False),
        ("several", "a", False),
        ("scale", "5", True),
        ("scale", "6", False),
        ("text", "words", True),
        ("text", "  ", False),
    ],
)
def test_a_question_takes(kind: str, value: str | list[str], takes: bool) -> None:
    words = Localised(en="?")
    options = {"a": words, "b": words} if kind in ("choice", "several") else {}
    assert Question("q", kind, words, options).takes(value) is takes  # type: ignore[arg-type]


def test_every_question_of_the_sample_says_that_it_is_one() -> None:
    assert {question.sample for question in sample_snapshot().survey} == {True}
