"""The registration list: reading it, with every problem named, and taking it in."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.commands import Imported, Registered
from bot.rights import ROLES
from bot.store import Participant
from knowledge.loaders.csv import records, unique
from knowledge.loaders.fields import Fields
from knowledge.problems import Findings
from knowledge.vocabulary import LANGUAGES, Vocabulary

PART = r"[^@\s<>()\[\],;:\"\\]+"
EMAIL = re.compile(rf"{PART}@{PART}\.{PART}")
COLUMNS = ("name", "email", "country", "role", "language")
AT_ONCE = 500
"""Addresses that one query names."""


def read_people(file: str, content: bytes, vocabulary: Vocabulary) -> tuple[Registered, ...]:
    """
    Return the rows of a registration list: CSV with the columns name, email, country, role and language.

    A country is an ISO3 code or any name that means one member; role and language may be empty (delegate, not
    known). Raises PackRefused with every problem of the file; nothing is taken from a list that has one.
    """
    found = Findings()
    seen: dict[str, int | None] = {}
    people = [
        _registered(fields, vocabulary, seen) for fields in records(file, content, found, columns=COLUMNS)
    ]
    found.refuse_any()
    return tuple(people)


def _registered(fields: Fields, vocabulary: Vocabulary, seen: dict[str, int | None]) -> Registered:
    email = fields.text("email").casefold()
    if email and not EMAIL.fullmatch(email):
        fields.wrong("email", f"“{email}” is not an e-mail address", "write it like name@ministry.example")
    elif email:
        unique(fields, "email", email, seen)
    return Registered(
        name=fields.text("name"),
        email=email,
        country=_country(fields, vocabulary),
        role=fields.maybe_one_of("role", ROLES, "a role") or "delegate",
        language=fields.maybe_one_of("language", LANGUAGES, "a language of the assistant"),
    )


def _country(fields: Fields, vocabulary: Vocabulary) -> str | None:
    """Return the member that the row names; None where it names none, as for an organisation."""
    name = fields.optional("country")
    if not name or name.upper() in vocabulary.countries:
        return name.upper() or None
    members = [iso3 for iso3 in vocabulary.country_names.exact(name) if vocabulary.is_member(iso3)]
    if len(members) == 1:
        return members[0]
    near = [hit.key for hit in vocabulary.country_names.closest(name) if vocabulary.is_member(hit.key)]
    right = f"write its ISO code, for example {' or '.join(near or ['FJI'])}"
    fields.wrong("country", f"“{name}” does not name one member", right)
    return None


def take_in(session: Session, people: Iterable[Registered], now: datetime) -> Imported:
    """Add the people whose address is new, change those whose row differs, and count all three kinds."""
    people = tuple(people)
    known = _known(session, [registered.email for registered in people])
    added = changed = unchanged = 0
    for registered in people:
        row = known.get(registered.email)
        if row is None:
            row = known[registered.email] = Participant(email=registered.email, created_at=now)
            session.add(row)
            added += 1
        elif _same(row, registered):
            unchanged += 1
            continue
        else:
            changed += 1
        row.name, row.country, row.role = registered.name, registered.country, registered.role
        row.language, row.confirmed = registered.language or row.language, True
    session.flush()
    return Imported(added, changed, unchanged)


def _known(session: Session, emails: Sequence[str]) -> dict[str | None, Participant]:
    """Return the participants with one of *emails*, by it."""
    found: dict[str | None, Participant] = {}
    for start in range(0, len(emails), AT_ONCE):
        some = select(Participant).where(col(Participant.email).in_(emails[start : start + AT_ONCE]))
        found.update((row.email, row) for row in session.exec(some))
    return found


def _same(row: Participant, registered: Registered) -> bool:
    kept = (row.name, row.country, row.role, row.language, row.confirmed)
    language = registered.language or row.language
    return kept == (registered.name, registered.country, registered.role, language, True)
