"""Needs and offers as their author sends, changes, reads and withdraws them; carried out for `bot.records`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from bot import delegations
from bot.commands import (
    Command,
    FindSent,
    Kind,
    LiveStatements,
    OwnStatements,
    ReplaceText,
    Sent,
    Statement,
    StateNeed,
    StateOffer,
    Withdraw,
)
from bot.live import Live, live
from bot.store import STATEMENTS, StatementRow, number_of, row_of, to_row, to_statement

if TYPE_CHECKING:
    from bot.records import Records


def state(records: Records, command: StateNeed | StateOffer) -> Sent:
    """Keep the need or the offer; the same one sent twice at once keeps its number."""
    statement = delegations.of_their_country(records.actor, command.statement)
    row = _twin(records, statement)
    if row is None:
        row = to_row(statement, records.actor_id, records.lang, records.now)
        delegations.settle(row, records.actor, records.now)
        records.session.add(row)
        records.session.flush()
    assert row.id is not None  # noqa: S101 - flushed
    return Sent(number_of(statement.kind, row.id), delegations.waits_for(row, records.actor))


def _twin(records: Records, statement: Statement) -> StatementRow | None:
    """Return the actor's own open statement with the very same words, None when there is none."""
    for row in own_rows(records, statement.kind):
        one = to_statement(statement.kind, row)
        if replace(one, number="", message=None) == replace(statement, number="", message=None):
            return row
    return None


def withdraw(records: Records, command: Withdraw) -> bool:
    """Mark the actor's own statement as withdrawn, if it may still be."""
    row = _own_row(records, command.number)
    if row is None:
        return False
    limit = command.within_seconds
    if limit is not None and records.now - row.created_at > timedelta(seconds=limit):
        return False
    row.withdrawn_at = records.now
    records.session.add(row)
    return True


def find_sent(records: Records, command: FindSent) -> str | None:
    """Look for the actor's open statement that came from the message."""
    for statement in own(records, OwnStatements()):
        if statement.message == command.message:
            return statement.number
    return None


def replace_text(records: Records, command: ReplaceText) -> bool:
    """Write the new words over the old ones; who may see it and its theme stay."""
    row = _own_row(records, command.number)
    if row is None:
        return False
    said = {"people": command.people, "deadline": command.deadline, "urgency": command.urgency}
    row.text, row.details = command.text, {**row.details, **said}
    records.session.add(row)
    return True


def _own_row(records: Records, number: str) -> StatementRow | None:
    """Return the row of the actor's statement with that number; None when it is not theirs or was withdrawn."""
    place = row_of(number)
    row = records.session.get(STATEMENTS[place[0]], place[1], with_for_update=True) if place else None
    is_open = row is not None and row.participant_id == records.actor_id and row.withdrawn_at is None
    return row if is_open else None


def own_rows(records: Records, kind: Kind) -> list[StatementRow]:
    """Return what the actor sent of that kind and did not withdraw."""
    table = STATEMENTS[kind]
    mine = select(table).where(
        col(table.participant_id) == records.actor_id, col(table.withdrawn_at).is_(None)
    )
    return list(records.session.exec(mine))


def own(records: Records, command: OwnStatements) -> tuple[Statement, ...]:
    """Read what the actor sent and did not withdraw."""
    found: list[tuple[datetime, Statement]] = []
    for kind in STATEMENTS:
        if command.kind in (None, kind):
            found += [(row.created_at, to_statement(kind, row)) for row in own_rows(records, kind)]
    found.sort(key=lambda pair: (pair[0], pair[1].number), reverse=True)
    return tuple(statement for _, statement in found)


def read_live(records: Records, command: LiveStatements) -> tuple[Live, ...]:
    """Read what others need or offer, as far as the actor may see it."""
    return live(records.session, command.kind, records.actor)


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    StateNeed: state,
    StateOffer: state,
    Withdraw: withdraw,
    FindSent: find_sent,
    ReplaceText: replace_text,
    OwnStatements: own,
    LiveStatements: read_live,
}
"""What carries each command out."""
