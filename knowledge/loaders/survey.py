"""survey.yaml: the questions of the survey on modalities; a pack can do without it."""

from collections.abc import Mapping
from typing import cast, get_args

from knowledge.loaders.csv import unique
from knowledge.loaders.fields import Fields
from knowledge.loaders.yaml import mappings
from knowledge.problems import Findings, instead, quoted
from knowledge.survey import Kind, Question
from knowledge.vocabulary import Localised

SURVEY = "survey.yaml"
FIELDS = ("id", "kind", "text.*", "options.*", "after", "only_if", "need", "sample")
KINDS = get_args(Kind)
FEWEST = 2
"""Options of a choice."""


def questions(files: Mapping[str, bytes], found: Findings) -> tuple[Question, ...]:
    """Return the questions in their order; none without the file."""
    seen: dict[str, int | None] = {}
    table: dict[str, Question] = {}
    for fields in mappings(SURVEY, files.get(SURVEY), found, fields=FIELDS):
        question = _question(fields, table)
        if unique(fields, "id", question.id, seen):
            table[question.id] = question
    return tuple(table.values())


def _question(fields: Fields, before: Mapping[str, Question]) -> Question:
    kind = cast("Kind", fields.one_of("kind", KINDS, "a kind of question"))
    after = fields.optional("after") or None
    if after is not None and after not in before:
        right = instead(after, list(before)) if before else "leave it out"
        fields.wrong("after", f"{quoted(after)} is no question before this one", right)
    known = before[after].values if after is not None and after in before else ()
    if after is not None and not fields.items("only_if"):
        fields.wrong("only_if", "it is empty", "name the answers after which this is asked")
    need = fields.flag("need") if fields.optional("need") else False
    if need and kind != "text":
        fields.wrong(
            "need", f"a question of the kind {quoted(kind)} names no need", "use it with the kind text"
        )
    return Question(
        id=fields.id(),
        kind=kind,
        text=fields.localised("text.{}"),
        options=_options(fields, kind),
        after=after,
        only_if=fields.some_of("only_if", known, "an answer to that question"),
        need=need,
        sample=fields.flag("sample") if fields.optional("sample") else False,
    )


def _options(fields: Fields, kind: str) -> dict[str, Localised]:
    named = (name.split(".") for name in fields.values if name.startswith("options."))
    ids = list(dict.fromkeys(parts[1] for parts in named if len(parts) == len(("options", "id", "lang"))))
    if kind in ("choice", "several") and len(ids) < FEWEST:
        fields.wrong("options", "there are fewer than two", "write at least two, each in all languages")
    if kind in ("scale", "text") and ids:
        fields.wrong("options", f"a question of the kind {quoted(kind)} has none", "leave them out")
    return {id_: fields.localised(f"options.{id_}.{{}}") for id_ in ids}
