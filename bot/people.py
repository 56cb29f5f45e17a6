"""The registration list in the database: who is on it, and what a new one changes."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.commands import Change, Imported, Person, Registered
from bot.participants import Actor
from bot.recognising import Known, recognised
from bot.rights import SECRETARIAT, check
from bot.store import KnownAddress, Participant

PART = r"[^@\s<>()\[\],;:\"\\\x00-\x1f\x7f]+"
EMAIL = re.compile(rf"{PART}@{PART}\.{PART}")
REMOVED: Mapping[str, Any] = {
    **dict.fromkeys(("email", "position", "organisation", "number", "listed_in")),
    "role": "visitor",
    "role_is_set": False,
    "confirmed": False,
}
"""What becomes of somebody who is registered no longer: a visitor, whose country's needs and offers stay."""

Values = dict[str, Any]


def compare(session: Session, people: Sequence[Registered], listed_in: str = "") -> Imported:
    """Return what taking in *people*, the list *listed_in*, would change."""
    return _compared(session, people, listed_in)[0]


def take_in(
    session: Session,
    people: Iterable[Registered],
    now: datetime,
    actor: Actor,
    *,
    listed_in: str = "",
    end_missing: bool = False,
) -> Imported:
    """
    Add the people who are new, change those whose row differs, and return all that.

    With *end_missing* those who stood on this list before are registered no longer. Raises NotAllowed where somebody
    would get or lose a role of the secretariat and *actor* may not give such a role.
    """
    people = tuple(people)
    found, rows, changes = _compared(session, people, listed_in)
    if _gives_rights(found, end_missing):
        check(actor.role, "change_role")
    for participant, values in changes.items():
        _write(rows[participant], {**values, "listed_in": listed_in, "confirmed": True})
    for one in found.added:
        row = Participant(created_at=now)
        session.add(_write(row, {**_values(one), "listed_in": listed_in, "confirmed": True}))
    for gone in found.missing if end_missing else ():
        _write(rows[gone.id], REMOVED)
    session.flush()
    return replace(found, ended=end_missing)


def _compared(
    session: Session, people: Sequence[Registered], listed_in: str
) -> tuple[Imported, dict[int, Participant], dict[int, Values]]:
    """Return what changes, the rows of all who are registered, and what each row that is on the list has to say."""
    rows = {row.id: row for row in session.exec(select(Participant).where(Participant.confirmed)) if row.id}
    channels = _channels(session)
    known = [Known(key, row.name or "", row.email, row.country, row.number) for key, row in rows.items()]
    places = recognised(known, people)
    wanted = {key: _kept(rows[key], people[place], key in channels) for place, key in places.items()}
    changed = [
        Change(to_person(rows[key], channels[key]), fields)
        for key, values in wanted.items()
        if (fields := _differences(rows[key], values))
    ]
    missing = [
        to_person(row, channels[key])
        for key, row in rows.items()
        if key not in wanted and row.listed_in == listed_in
    ]
    imported = Imported(
        added=tuple(one for place, one in enumerate(people) if place not in places),
        changed=tuple(changed),
        unchanged=len(wanted) - len(changed),
        missing=tuple(missing),
    )
    return imported, rows, wanted


def _values(one: Registered) -> Values:
    return {name: getattr(one, name) for name in Registered.__dataclass_fields__}


def _kept(row: Participant, one: Registered, linked: bool) -> Values:
    """
    Return what *row* has to say of *one*.

    What the list leaves open stays. So does a role that an administrator gave, and the language of whoever is linked:
    they have chosen theirs.
    """
    values = _values(one)
    for name in ("position", "organisation", "number", "language"):
        values[name] = values[name] or getattr(row, name)
    if row.role_is_set:
        values["role"] = row.role
    if linked:
        values["language"] = row.language or values["language"]
    return values


def _differences(row: Participant, values: Values) -> tuple[tuple[str, str | None, str | None], ...]:
    return tuple((name, getattr(row, name), new) for name, new in values.items() if getattr(row, name) != new)


def _gives_rights(found: Imported, end_missing: bool) -> bool:
    """Tell whether somebody gets or loses a role of the secretariat."""
    roles = {one.role for one in found.added}
    for change in found.changed:
        roles |= {role or "" for name, was, now in change.fields if name == "role" for role in (was, now)}
    if end_missing:
        roles |= {one.role for one in found.missing}
    return not SECRETARIAT.isdisjoint(roles)


def _write(row: Participant, values: Mapping[str, Any]) -> Participant:
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _channels(session: Session) -> defaultdict[int, tuple[str, ...]]:
    """Map whoever is linked to the channels on which they are, by name."""
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    places = select(KnownAddress.participant_id, KnownAddress.channel).distinct()
    for participant, channel in session.exec(places.order_by(KnownAddress.channel)):
        found[participant] += (channel,)
    return found


def to_person(row: Participant, channels: tuple[str, ...]) -> Person:
    """Return what *row* says to the secretariat."""
    assert row.id is not None  # noqa: S101 - read
    same = ("name", "email", "country", "role", "language", "position", "organisation", "preferred_channel")
    return Person(id=row.id, channels=channels, **{name: getattr(row, name) for name in same})


def listed(session: Session, ids: Iterable[int] | None = None) -> tuple[Person, ...]:
    """Return the registered participants, or those with *ids*, by country and name."""
    query = select(Participant)
    query = (
        query.where(Participant.confirmed) if ids is None else query.where(col(Participant.id).in_(list(ids)))
    )
    channels = _channels(session)
    ordered = query.order_by(col(Participant.country), col(Participant.name), col(Participant.id))
    return tuple(to_person(row, channels[row.id or 0]) for row in session.exec(ordered))
