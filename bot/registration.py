"""Registration lists as files: our own plain form, and the list of registrants that Indico exports."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

from bot.commands import Registered
from bot.people import EMAIL
from bot.recognising import are_alike, name_key
from bot.rights import GOVERNMENTS, ROLES
from knowledge.loaders import csv, xlsx
from knowledge.loaders.fields import Fields
from knowledge.problems import Findings, PackRefused, Problem, quoted
from knowledge.vocabulary import LANGUAGES, Vocabulary
from knowledge.world.names import iso3_of
from matching.text import normalise

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Signs without width, and those that turn around what stands behind them; what joins letters is not among them."""
LONGEST_NAME = 200
COLUMNS = ("name", "email", "country", "role", "language")
OPTIONAL = ("position", "organisation", "number")
TITLES: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "ID", "Registration ID"),
    "name": ("name", "full name"),
    "first_name": ("First Name", "given name"),
    "last_name": ("Last Name", "surname", "family name"),
    "email": ("email", "Email Address", "e-mail", "e-mail address"),
    "country": ("country", "delegation", "member state"),
    "role": ("role", "category", "type of participant", "participant type"),
    "language": ("language", "preferred language"),
    "position": ("position", "job title", "functional title"),
    "organisation": ("organisation", "organization", "affiliation"),
    "state": ("Registration state",),
}
"""Maps what is read to the titles under which an export may have it, in any case."""
EXPORT = frozenset({"email address", "first name", "last name", "registration state"})
"""Titles by which an export is told from our own form."""
MOST_COLLEAGUES = 50
"""How many people of one mailbox are compared with one another."""
COMPLETE = "completed"
"""The state of a registration that counts; the others are pending, rejected, withdrawn and awaiting payment."""

ROLE_WORDS: Mapping[str, tuple[str, ...]] = {
    "delegate": (
        "government",
        "government delegate",
        "government representative",
        "member of delegation",
        "délégué",
    ),
    "focal_point": ("head of delegation", "national focal point", "chef de délégation", "point focal"),
    "partner": ("development partner", "triangular partner", "united nations", "international organization"),
    "private_sector": ("business", "company", "secteur privé"),
    "media": ("press", "journalist", "presse"),
    "visitor": ("guest", "invité"),
}
LANGUAGE_WORDS: Mapping[str, tuple[str, ...]] = {
    "en": ("English", "anglais"),
    "fr": ("French", "français"),
    "ru": ("Russian", "русский", "russe"),
    "zh": ("Chinese", "中文", "chinois"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """
    How a list is to be read.

    *columns* maps what is read to the title of its column, where that is none of the usual ones. *role* is that of
    everybody whose row names none, as in the export of the form for the media; *role_words* maps words to roles.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    role: str | None = None
    role_words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listed:
    """
    What a list says.

    *left_out* are rows that are no registration or stand there twice, *doubtful* those that may be one person twice,
    each as a sentence; *unused* the titles of columns that were not read. *rows* are those of *people*, in their order.
    """

    people: tuple[Registered, ...]
    left_out: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()


def read_people(file: str, content: bytes, vocabulary: Vocabulary, reading: Reading | None = None) -> Listed:
    """
    Return what a registration list says: CSV or XLSX, in our own form or as Indico exports it.

    Our own form has the columns name, email, country, role and language, and may have position, organisation and
    number. Raises PackRefused with every problem of the file; nothing is taken from a list that has one.
    """
    found = Findings()
    table = _table(file, content, found)
    found.refuse_any()
    listing = _Listing(file, table or [], vocabulary, reading or Reading(), found)
    listed = listing.read()
    if len(found):
        raise PackRefused(sorted(found, key=listing.place))
    return listed


def _table(file: str, content: bytes, found: Findings) -> list[csv.Row] | None:
    if content.startswith(xlsx.SIGNATURE):
        return xlsx.rows(file, content, found)
    if content.startswith(xlsx.OLD):
        found.add(
            file,
            None,
            None,
            wrong="this is an older spreadsheet, or one with a password",
            right=xlsx.SAVE_AGAIN,
        )
        return None
    header = content.partition(b"\n")[0].decode(errors="replace")
    return csv.rows(file, content, found, separator=max(",;\t", key=header.count))


class _Listing:
    """One list while it is read."""

    def __init__(
        self, file: str, table: list[csv.Row], vocabulary: Vocabulary, reading: Reading, found: Findings
    ) -> None:
        self._file = file
        self._table = table
        self._vocabulary = vocabulary
        self._reading = reading
        self._found = found
        self._header = [title.strip() for title in table[0][1]] if table else []
        self._left_out: list[str] = []

    def read(self) -> Listed:
        people = [
            (fields.row or 0, one)
            for fields in self._fields()
            if (one := self._registered(fields)) is not None
        ]
        unused = tuple(title for title in self._header if title and title not in self._columns.values())
        kept = self._once(people)
        if not kept and not len(self._found):
            self._found.add(
                self._file, None, None, wrong="no row is a completed registration", right="add some"
            )
        doubtful = tuple(_doubts(kept))
        return Listed(
            tuple(one for _, one in kept),
            tuple(self._left_out),
            doubtful,
            unused,
            rows=tuple(row for row, _ in kept),
        )

    def place(self, problem: Problem) -> tuple[int, int]:
        """Return the row and the column of *problem*, which puts it where people look for it."""
        known = problem.column in self._header
        return problem.row or 0, self._header.index(problem.column or "") if known else -1

    @cached_property
    def _is_export(self) -> bool:
        return bool(self._reading.columns) or not EXPORT.isdisjoint(map(str.casefold, self._header))

    @cached_property
    def _columns(self) -> dict[str, str]:
        """Map what is read to the title that its column has in this list."""
        if not self._is_export:
            return {name: name for name in (*COLUMNS, *OPTIONAL) if name in self._header}
        known = {
            title.casefold(): title
            for title in reversed(self._header)  # Of two columns with one title the first.
        }
        usual = {
            name: known[title.casefold()]
            for name, titles in TITLES.items()
            for title in reversed(titles)
            if title.casefold() in known
        }
        return {**usual, **self._reading.columns}

    def _fields(self) -> Iterator[Fields]:
        if not self._is_export:
            yield from csv.checked(self._file, self._table, self._found, COLUMNS, OPTIONAL)
            return
        if not self._has_all():
            return
        for row, cells in self._table[1:]:
            # A spreadsheet leaves out what is empty at the end of a row.
            padded = [*cells, *[""] * len(self._header)][: max(len(cells), len(self._header))]
            values = dict(reversed(list(zip(self._header, padded, strict=False))))
            yield Fields(self._file, values, self._found, row)

    def _has_all(self) -> bool:
        """Note the columns that an export must have and this one has not."""
        before = len(self._found)
        for name, title in self._reading.columns.items():
            if title not in self._header:
                self._missing(title, f"for {name} name one of: {', '.join(filter(None, self._header))}")
        has_name = "name" in self._columns or {"first_name", "last_name"} <= self._columns.keys()
        for name, has in (("name", has_name), ("email", "email" in self._columns)):
            if not has:
                self._missing(TITLES[name][0], f"say which column it is: --column {name}=TITLE")
        if "role" not in self._columns and self._reading.role is None:
            self._missing(
                "role", "say which column it is, or whose list this is: --column role=TITLE, --role media"
            )
        return len(self._found) == before

    def _missing(self, title: str, right: str) -> None:
        self._found.add(self._file, 1, title, wrong="this column is missing", right=right)

    def _registered(self, fields: Fields) -> Registered | None:
        at = self._at
        state = fields.optional(at("state"))
        if state and state.casefold() != COMPLETE:
            self._left_out.append(f"row {fields.row}: the registration is “{state}”")
            return None
        role = self._role(fields)
        return Registered(
            name=self._name(fields),
            email=self._email(fields),
            country=self._country(fields, role),
            role=role,
            language=self._language(fields),
            position=_plain(fields.optional(at("position"))) or None,
            organisation=_plain(fields.optional(at("organisation"))) or None,
            number=fields.optional(at("number")) or None,
        )

    def _at(self, name: str) -> str:
        return self._columns.get(name, name)

    def _name(self, fields: Fields) -> str:
        name = self._whole_name(fields)
        if len(name) > LONGEST_NAME:
            wrong = f"{quoted(name[:40])} … is a name of {len(name)} characters"
            fields.wrong(self._at("name"), wrong, f"write at most {LONGEST_NAME}")
        return name

    def _whole_name(self, fields: Fields) -> str:
        if "name" in self._columns or not self._is_export:
            return _plain(fields.text(self._at("name")))
        parts = (fields.optional(self._at("first_name")), fields.text(self._at("last_name")))
        return _plain(" ".join(parts))

    def _email(self, fields: Fields) -> str:
        column = self._at("email")
        email = fields.text(column).casefold()
        if email and not EMAIL.fullmatch(email):
            fields.wrong(
                column, f"{quoted(email)} is not an e-mail address", "write it like name@ministry.example"
            )
        return email

    def _role(self, fields: Fields) -> str:
        column, default = self._at("role"), self._reading.role or "delegate"
        said = fields.optional(column)
        if not self._is_export:
            return fields.maybe_one_of(column, ROLES, "a role") or default
        if not said and self._reading.role is None:
            fields.text(column)
        role = self._role_words.get(normalise(said)) if said else default
        if role is None:
            right = f"say what it means: --role-of “{said}”=partner; roles are {', '.join(ROLES)}"
            fields.wrong(column, f"{quoted(said)} is not a role", right)
        return role or ""

    @cached_property
    def _role_words(self) -> dict[str, str]:
        usual = {normalise(word): role for role, words in ROLE_WORDS.items() for word in words}
        own = {normalise(word): role for word, role in self._reading.role_words.items()}
        return {normalise(role.replace("_", " ")): role for role in ROLES} | usual | own

    def _language(self, fields: Fields) -> str | None:
        column = self._at("language")
        if not self._is_export:
            return fields.maybe_one_of(column, LANGUAGES, "a language of the assistant")
        said = normalise(fields.optional(column))
        words = {normalise(word): lang for lang, known in LANGUAGE_WORDS.items() for word in (lang, *known)}
        return words.get(said)  # A form asks for languages that we do not speak.

    def _country(self, fields: Fields, role: str) -> str | None:
        """
        Return the ISO code of the country that the row names; None where it names none, as for an organisation.

        A government's is a member; anybody else may come from anywhere.
        """
        column = self._at("country")
        name = fields.optional(column)
        if not name:
            return None
        known = self._vocabulary.country_names
        code = iso3_of(name)
        codes = (code,) if code is not None else known.exact(name)
        members = [iso3 for iso3 in codes if self._vocabulary.is_member(iso3)]
        if len(members) == 1:
            return members[0]
        if (
            len(codes) == 1
            and role not in GOVERNMENTS
            and self._vocabulary.world_name(codes[0], "en") != codes[0]
        ):
            return codes[0]
        near = [hit.key for hit in known.closest(name) if self._vocabulary.is_member(hit.key)]
        right = f"write its ISO code, for example {' or '.join(near or ['FJI'])}"
        fields.wrong(column, f"{quoted(name)} does not name one member", right)
        return None

    def _once(self, people: Iterable[tuple[int, Registered]]) -> list[tuple[int, Registered]]:
        """Return each person once; note those who stand there twice, as a problem where the rows disagree."""
        kept: dict[tuple[str, str], tuple[int, Registered]] = {}
        for row, one in people:
            first, known = kept.setdefault((one.email, name_key(one.name)), (row, one))
            if first == row or not one.email or not one.name:
                continue
            other = [
                name
                for name in (*COLUMNS[2:], "position", "organisation")
                if getattr(one, name) != getattr(known, name)
            ]
            if other:
                wrong = f"{quoted(one.name)} stands in row {first} too, with another {' and '.join(other)}"
                self._found.add(self._file, row, None, wrong=wrong, right="keep one of the two")
            else:
                self._left_out.append(f"row {row}: the same person as in row {first}")
        return list(kept.values())


def _plain(text: str) -> str:
    """Return *text* in one line, without what a terminal would take for a command, or nobody sees."""
    return " ".join(CONTROL.sub(" ", UNSEEN.sub("", text)).split())


def _doubts(people: Collection[tuple[int, Registered]]) -> Iterator[str]:
    """Yield what may be one person under two addresses, or under two spellings in one mailbox."""
    by_name: dict[tuple[str, str | None], int] = {}
    by_mailbox: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row, person in people:
        before = by_name.setdefault((name_key(person.name), person.country), row)
        if before != row:
            yield f"rows {before} and {row}: {quoted(person.name)} with two addresses"
        by_mailbox[person.email].append((row, person.name))
    for colleagues in by_mailbox.values():
        for (first, one), (second, other) in combinations(colleagues[:MOST_COLLEAGUES], 2):
            if are_alike(one, other):
                yield f"rows {first} and {second}: {quoted(one)} and {quoted(other)} in one mailbox"
