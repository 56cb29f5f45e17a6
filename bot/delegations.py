"""Whose a need or an offer is, and who lets it out: the rules for delegations, organisations and strangers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from bot import identity
from bot.commands import Command, Imported, ImportPeople, Person, Statement, WaitsFor
from bot.consent import LINKING
from bot.dialogue import say
from bot.notices import Notice
from bot.participants import Actor
from bot.people_commands import LinkPerson, SetRole
from bot.privacy_commands import GiveConsent
from bot.rights import REGISTERED, SECRETARIAT
from bot.store import STATEMENTS, StatementRow, number_of

if TYPE_CHECKING:
    from bot.records import Records


def of_their_country(actor: Actor, statement: Statement) -> Statement:
    """Return *statement* as its author may make it: who is registered speaks for their own country."""
    return replace(statement, country=actor.country) if actor.confirmed and actor.country else statement


def role_of(actor: Actor) -> str:
    """Return the role in which *actor* states something: a visitor's, as long as only they say who they are."""
    return actor.role if actor.confirmed or actor.role in SECRETARIAT else "visitor"


def settle(row: StatementRow, actor: Actor, now: datetime) -> None:
    """Let *row* be stated in the role of *actor*, and be published if that may be."""
    row.role = role_of(actor)
    row.published_at = now if row.role in REGISTERED else None


def waits_for(row: StatementRow, author: Actor) -> WaitsFor | None:
    """Return what keeps *row* from others; None where nothing does."""
    if row.published_at is not None:
        return None
    return "role" if author.confirmed else "link"


# When somebody is known


def arrived(records: Records, participant: int) -> None:
    """
    Let what *participant* stated as a stranger be their country's, in the role that they are registered in.

    They are told what has become of it.
    """
    actor = identity.actor_of(records.session, participant)
    if not actor.confirmed:
        return
    told: dict[str, Any] = {"published": [], "checked": [], "kept": []}
    for kind, table in STATEMENTS.items():
        theirs = select(table).where(
            col(table.participant_id) == participant,
            col(table.withdrawn_at).is_(None),
            col(table.published_at).is_(None),
        )
        for row in records.session.exec(theirs.order_by(col(table.id)).with_for_update()).all():
            row.country = actor.country or row.country
            settle(row, actor, records.now)
            records.session.add(row)
            became = "kept" if row.published_at is None else "checked" if kind == "offer" else "published"
            told[became].append(number_of(kind, row.id or 0))
    if any(told.values()):
        records.notices.append(Notice(participant, say("statement/arrived", **told)))


def _consented(records: Records, command: GiveConsent, _result: object) -> None:
    if command.kind == LINKING:
        arrived(records, records.actor_id)


def _changed(records: Records, _command: Command, person: Person) -> None:
    arrived(records, person.id)


def _imported(records: Records, _command: ImportPeople, imported: Imported) -> None:
    for change in imported.changed:
        if "role" in _names(change.fields):
            arrived(records, change.person.id)


def _names(fields: Iterable[tuple[str, str | None, str | None]]) -> set[str]:
    return {name for name, _, _ in fields}


AFTERWARDS: Mapping[type[Command], Callable[[Any, Any, Any], None]] = {
    GiveConsent: _consented,
    LinkPerson: _changed,
    SetRole: _changed,
    ImportPeople: _imported,
}
"""What follows for the needs and offers of whom a command makes known."""
