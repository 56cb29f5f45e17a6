"""
How far a need or an offer has come: open, in talks, met; and the one question about it, a month after it is out.

In talks is what an introduction is about that both agreed to and that goes on; met is what whoever may take it back
calls so. Who has met it is nobody's business but theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot import identity, statements
from bot.commands import Command, Kind
from bot.delegation_commands import Changed, CountStatements, Item, SetMet
from bot.delegations import focal_points, may_withdraw, role_of, to_item
from bot.dialogue import say
from bot.introductions import end_with
from bot.notices import Notice, notify
from bot.prepared import Prepared
from bot.rights import GOVERNMENTS
from bot.store import STATEMENTS, StatementRow, number_of
from bot.talks import in_talks

if TYPE_CHECKING:
    from bot.desk import Press
    from bot.records import Records

ASKED_AFTER = timedelta(days=30)
"""Since it is out; nobody is asked about it twice."""
AT_ONCE = 20
"""Needs and offers that are asked about in one transaction."""


def set_met(records: Records, command: SetMet) -> Changed:
    """Keep that it is met, or open again; who else it is of, and who was asked about it, are told."""
    found = statements.open_row(records, command.number, may_withdraw)
    if found is None:
        return Changed(False)
    kind, row = found
    # Whoever has said how it is need not be asked.
    row.followed_up_at = row.followed_up_at or records.now
    fresh = (row.met_at is not None) != command.met
    if fresh:
        row.met_at = records.now if command.met else None
    records.session.add(row)
    records.session.flush()
    if fresh:
        _tell(records, kind, row)
        if command.met:
            end_with(records, number_of(kind, row.id or 0), met=True)
    return Changed(fresh, _progressed(records.session, to_item(kind, row, records.actor)))


def _tell(records: Records, kind: Kind, row: StatementRow) -> None:
    told = say("ours/progress", item=to_item(kind, row, records.actor), role=role_of(records.actor))
    people = {*_speakers(records.session, row), row.participant_id} - {records.actor.id, None}
    records.notices += [Notice(one, told) for one in sorted(one for one in people if one is not None)]


def _speakers(session: Session, row: StatementRow) -> list[int]:
    return focal_points(session, row.country) if row.role in GOVERNMENTS else []


def _progressed(session: Session, item: Item) -> Item:
    (statement,) = in_talks(session, (item.statement,))
    return replace(item, statement=statement)


def count(records: Records, _command: CountStatements) -> Mapping[Kind, Mapping[str, int]]:
    """Count them."""
    counts: dict[Kind, Mapping[str, int]] = {}
    for kind, table in STATEMENTS.items():
        out = select_rows(table).where(col(table.published_at).is_not(None))
        rows = records.session.exec(out).all()
        there = [to_item(kind, row, records.actor).statement for row in rows if row.withdrawn_at is None]
        found = Counter(one.progress for one in in_talks(records.session, there))
        withdrawn = len(rows) - len(there)
        counts[kind] = {
            "open": found["open"],
            "in_talks": found["in_talks"],
            "met": found["met"],
            "withdrawn": withdrawn,
        }
    return counts


# Asked later


def _unasked(table: type[StatementRow]) -> Iterable[Any]:
    columns = (table.followed_up_at, table.withdrawn_at, table.met_at)
    return (col(table.published_at).is_not(None), *(col(one).is_(None) for one in columns))


FIRST_UNASKED = tuple(
    Prepared(select(func.min(col(table.published_at))).where(*_unasked(table)))
    for table in STATEMENTS.values()
)


def next_due(session: Session, _now: datetime) -> datetime | None:
    """Return when the next author is asked how far it has come."""
    first = (query.scalar(session) for query in FIRST_UNASKED)
    return min((at + ASKED_AFTER for at in first if at is not None), default=None)


def ask_how_far(session: Session, press: Press, now: datetime) -> None:
    """Ask the authors of what is out for so long; where there is none any more, who speaks for the country."""
    notices: list[Notice] = []
    for kind, table in STATEMENTS.items():
        due = select_rows(table).where(*_unasked(table), col(table.published_at) <= now - ASKED_AFTER)
        rows = session.exec(
            due.order_by(col(table.id)).limit(AT_ONCE).with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            row.followed_up_at = now
            session.add(row)
            notices += _questions(session, kind, row)
    notify(session, press, notices, now)


def _questions(session: Session, kind: Kind, row: StatementRow) -> list[Notice]:
    asked = [row.participant_id] if row.participant_id is not None else _speakers(session, row)
    return [
        Notice(
            one,
            say("ours/still", item=_progressed(session, to_item(kind, row, identity.actor_of(session, one)))),
        )
        for one in asked
    ]


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    SetMet: set_met,
    CountStatements: count,
}
"""What carries each command out."""
