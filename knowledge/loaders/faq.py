"""
The entries of the knowledge base: one Markdown file each, under faq/.

A file begins with fields between two lines of three hyphens; below stand the answers, one
section a language ("## en").
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from knowledge.forum import Entry
from knowledge.loaders.csv import decoded
from knowledge.loaders.fields import Fields
from knowledge.loaders.yaml import mappings
from knowledge.problems import Findings, instead, quoted
from knowledge.vocabulary import LANGUAGES, Localised

FOLDER = "faq/"
ALSO_ASKED_IN = ("th", "id", "hi", "vi")
"""Languages in which people ask too, beside those of the answers."""
ASKED = tuple(f"phrasings.{lang}" for lang in (*LANGUAGES, *ALSO_ASKED_IN))
FIELDS = ("key", "title.*", *ASKED, "status", "sensitive", "source", "source.*", "checked")
PUBLISHED, NOT_PUBLISHED = "published", "not published"
LONGEST_ANSWER = 3000
HEAD = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
SECTION = re.compile(r"^##[ \t]+(\S+)[ \t]*$", re.MULTILINE)
KEY = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


def entries(files: Mapping[str, bytes], found: Findings) -> dict[str, Entry]:
    """Return the entries by key, in the order of their file names."""
    names = sorted(name for name in files if name.startswith(FOLDER))
    read = (_entry(name, files[name], found) for name in names)
    table = {entry.key: entry for entry in read if entry is not None}
    _check_phrasings(table, found)
    return table


def _entry(file: str, content: bytes, found: Findings) -> Entry | None:
    text = decoded(file, content, found)
    if text is None:
        return None
    text = text.replace("\r\n", "\n")
    head = HEAD.match(text)
    if head is None:
        wrong, right = "the fields at the top are missing", "begin with --- and end them with ---"
        found.add(file, 1, None, wrong=wrong, right=right)
        return None
    read = list(mappings(file, head[1].encode(), found, fields=FIELDS, first_line=2))
    if not read:
        return None
    first_line = text.count("\n", 0, head.end()) + 1
    return _checked(read[0], _sections(file, text[head.end() :], first_line, found))


def _checked(fields: Fields, sections: Mapping[str, str]) -> Entry:
    _check_key(fields)
    published = fields.one_of("status", (PUBLISHED, NOT_PUBLISHED), "a status") != NOT_PUBLISHED
    return Entry(
        key=PurePosixPath(fields.file).stem,
        title=fields.localised("title.{}"),
        phrasings=_phrasings(fields),
        body=_body(fields, sections, published),
        source=_source(fields, published),
        checked=fields.day("checked"),
        sensitive=fields.flag("sensitive"),
    )


def _check_key(fields: Fields) -> None:
    key, stem = fields.text("key"), PurePosixPath(fields.file).stem
    if key and key != stem:
        right = f"write {stem}, or rename the file to {key}.md"
        fields.wrong("key", f"{quoted(key)} is not the name of the file", right)
    elif key and not KEY.fullmatch(key):
        right = "use lower-case letters and digits joined by “_”"
        fields.wrong("key", f"{quoted(key)} is not a key", right)


def _phrasings(fields: Fields) -> dict[str, tuple[str, ...]]:
    phrasings = {lang: fields.items(f"phrasings.{lang}") for lang in (*LANGUAGES, *ALSO_ASKED_IN)}
    for lang in LANGUAGES:
        if not phrasings[lang]:
            right = "give some ways in which people ask this"
            fields.wrong(f"phrasings.{lang}", "there are none", right)
    return {lang: asked for lang, asked in phrasings.items() if asked}


def _body(fields: Fields, sections: Mapping[str, str], published: bool) -> Localised | None:
    if not published:
        if sections:
            right = "take the answer out, or write status: published"
            fields.wrong("status", "there is an answer, but it is not published", right)
        return None
    for lang in LANGUAGES:
        if not sections.get(lang):
            right = f"write it under a line “## {lang}”, or write status: not published"
            fields.wrong(f"answer in {lang}", "it is missing", right)
    return Localised({lang: sections.get(lang, "") for lang in LANGUAGES})


def _source(fields: Fields, published: bool) -> Localised | None:
    """Return one name for all languages, or one for each; a language without its own is told the English one."""
    columns = {
        "en": "source",
        **{lang: f"source.{lang}" for lang in LANGUAGES if fields.optional(f"source.{lang}")},
    }
    source = {lang: text for lang, column in columns.items() if (text := fields.optional(column))}
    if published and "en" not in source:
        fields.wrong(
            "source", "a published answer has no source", "say what it rests on, in English at least"
        )
    return Localised(source) if source else None


def _sections(file: str, text: str, first_line: int, found: Findings) -> dict[str, str]:
    """Return the text under each heading "## en"; anything else is a problem."""
    before, *parts = SECTION.split(text)
    if before.strip():
        wrong = "there is text before the first language"
        found.add(file, first_line, None, wrong=wrong, right="put “## en” above it")
    sections: dict[str, str] = {}
    for heading, (lang, body) in zip(SECTION.finditer(text), _pairs(parts), strict=True):
        line = first_line + text.count("\n", 0, heading.start())
        if lang not in LANGUAGES:
            wrong = f"{quoted(lang)} is not a language"
            found.add(file, line, None, wrong=wrong, right=instead(lang, LANGUAGES))
        elif lang in sections:
            found.add(file, line, None, wrong=f"## {lang} is there twice", right="keep one of them")
        elif len(body.strip()) > LONGEST_ANSWER:
            wrong = f"the answer in {lang} has {len(body.strip())} characters"
            found.add(file, line, None, wrong=wrong, right=f"use at most {LONGEST_ANSWER}")
        sections.setdefault(lang, body.strip())
    return sections


def _pairs(parts: list[str]) -> list[tuple[str, str]]:
    return list(zip(parts[::2], parts[1::2], strict=True))


def _check_phrasings(table: Mapping[str, Entry], found: Findings) -> None:
    """Note the phrasings that two entries share: an answer could be either."""
    seen: dict[str, str] = {}
    for key, entry in table.items():
        for lang, asked in entry.phrasings.items():
            for phrasing in asked:
                other = seen.setdefault(phrasing.casefold(), key)
                if other != key:
                    wrong = f"{quoted(phrasing)} is asked in faq/{other}.md too"
                    right = "keep it in one of them"
                    file = f"{FOLDER}{key}.md"
                    found.add(file, None, f"phrasings.{lang}", wrong=wrong, right=right)
