"""Needs and offers as people send, change, publish, read and withdraw them; carried out for `bot.records`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlmodel import col, or_, select

from bot import delegations, introductions
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
from bot.delegation_commands import (
    AddWords,
    Answered,
    Changed,
    ChangeFacets,
    Decline,
    Item,
    OurStatements,
    Publish,
    WaitingStatements,
)
from bot.live import Live, live
from bot.participants import Actor
from bot.store import STATEMENTS, StatementRow, number_of, row_of, to_row, to_statement
from bot.talks import in_talks

if TYPE_CHECKING:
    from bot.records import Records


LISTS = ("modalities", "countries", "themes")
"""What words may say of a need or an offer that is more than one thing."""


def state(records: Records, command: StateNeed | StateOffer) -> Sent:
    """Keep the need or the offer; the same one sent twice at once keeps its number."""
    statement = delegations.of_their_country(records.actor, command.statement)
    row = _twin(records, statement)
    if row is None:
        row = to_row(statement, records.actor_id, records.lang, records.now)
        delegations.settle(records.session, row, records.actor, records.now)
        records.session.add(row)
        records.session.flush()
        delegations.ask_who_lets_it_out(records, statement.kind, row)
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
    """Mark the statement as withdrawn, if it may still be, and tell its author when that is somebody else."""
    found = open_row(records, command.number, delegations.may_withdraw)
    if found is None:
        return False
    row, limit = found[1], command.within_seconds
    if limit is not None and records.now - row.created_at > timedelta(seconds=limit):
        return False
    row.withdrawn_at = records.now
    records.session.add(row)
    delegations.tell_author(records, row, "delegation/withdrawn", number=command.number, text=row.text)
    introductions.end_with(records, number_of(found[0], row.id or 0))
    return True


def find_sent(records: Records, command: FindSent) -> Item | None:
    """Look for the actor's open statement that came from the message."""
    for kind in STATEMENTS:
        for row in own_rows(records, kind):
            if row.message == command.message:
                return delegations.to_item(kind, row, records.actor)
    return None


def replace_text(records: Records, command: ReplaceText) -> Changed:
    """Write the new words over the old ones; who may see it and its theme stay."""
    found = open_row(records, command.number, delegations.may_read)
    if found is None:
        return Changed(False)
    kind, row = found
    if row.edition != command.edition:
        return Changed(False, delegations.to_item(kind, row, records.actor))
    before = row.text
    said = {"people": command.people, "deadline": command.deadline, "urgency": command.urgency}
    lists = {name: getattr(command, name) for name in LISTS if getattr(command, name) is not None}
    row.text, row.details = command.text, {**row.details, **said, **lists}
    return Changed(True, delegations.changed(records, kind, row, "text", before))


def add_words(records: Records, command: AddWords) -> Changed:
    """Write the words under those that are there, however these stand by now."""
    found = open_row(records, command.number, delegations.may_read)
    if found is None:
        return Changed(False)
    kind, row = found
    before, row.text = row.text, f"{row.text}\n{command.text}"
    said = {"people": command.people, "deadline": command.deadline, "urgency": command.urgency}
    more = {name: [*(row.details.get(name) or ()), *getattr(command, name)] for name in LISTS}
    row.details = {
        **row.details,
        **{name: value for name, value in said.items() if value is not None},
        **{name: list(dict.fromkeys(values)) for name, values in more.items()},
    }
    return Changed(True, delegations.changed(records, kind, row, "text", before))


def change_facets(records: Records, command: ChangeFacets) -> Changed:
    """Keep the themes and the readers that are given."""
    found = open_row(records, command.number, delegations.may_read)
    if found is None:
        return Changed(False)
    kind, row = found
    if command.themes is not None:
        row.details = {**row.details, "themes": list(command.themes)}
    row.readers = command.readers or row.readers
    what = "theme" if command.themes is not None else "readers"
    return Changed(True, delegations.changed(records, kind, row, what))


def publish(records: Records, command: Publish) -> Answered:
    """Let it out, unless somebody was first or it reads otherwise by now; tell its author."""
    found = _to_answer(records, command)
    if isinstance(found, Answered):
        return found
    kind, row = found
    row.published_at, row.declined_at = records.now, None
    delegations.ask_who_lets_it_out(records, kind, row)
    return answered(records, kind, row, "published")


def decline(records: Records, command: Decline) -> Answered:
    """Leave it with its author and tell them."""
    found = _to_answer(records, command)
    if isinstance(found, Answered):
        return found
    kind, row = found
    row.declined_at = records.now
    return answered(records, kind, row, "declined")


def _to_answer(records: Records, command: Publish | Decline) -> tuple[Kind, StatementRow] | Answered:
    """Return the row that waits for the actor, or why there is nothing to answer any more."""
    found = open_row(records, command.number, delegations.may_publish)
    if found is None:
        return Answered("gone")
    kind, row = found
    item = delegations.to_item(kind, row, records.actor)
    if row.published_at is not None:
        return Answered("published_before", item)
    if row.declined_at is not None and isinstance(command, Decline):
        return Answered("declined_before", item)
    return found if row.edition == command.edition else Answered("changed", item)


def answered(
    records: Records, kind: Kind, row: StatementRow, outcome: Literal["published", "declined"]
) -> Answered:
    """Keep the answer to what waited, tell the author, and return how it stands."""
    records.session.add(row)
    records.session.flush()
    item = delegations.to_item(kind, row, records.actor)
    told = {"item": item, "outcome": outcome, "role": records.actor.role}
    delegations.tell_author(records, row, "delegation/outcome", **told)
    return Answered(outcome, item)


def ours(records: Records, command: OurStatements) -> tuple[Item, ...]:
    """Read what is the actor's own, and their delegation's."""
    found: list[tuple[datetime, Item]] = []
    for kind, table in STATEMENTS.items():
        if command.kind in (None, kind):
            theirs = or_(
                col(table.participant_id) == records.actor_id,
                col(table.country) == (records.actor.country or ""),
            )
            rows = records.session.exec(select(table).where(theirs, col(table.withdrawn_at).is_(None)))
            found += [
                (row.created_at, delegations.to_signed_item(records.session, kind, row, records.actor))
                for row in rows
                if delegations.may_read(row, records.actor)
            ]
    found.sort(key=lambda pair: (pair[0], pair[1].statement.number), reverse=True)
    items = [item for _, item in found]
    stand = in_talks(records.session, (item.statement for item in items))
    return tuple(replace(item, statement=one) for item, one in zip(items, stand, strict=True))


def read_waiting(records: Records, _command: WaitingStatements) -> tuple[Item, ...]:
    """Read what others do not see yet."""
    return delegations.waiting(records.session, records.actor)


def open_row(
    records: Records, number: str, may: Callable[[StatementRow, Actor], bool]
) -> tuple[Kind, StatementRow] | None:
    """Return the open statement with that number and hold its row; None where the actor *may* not have it."""
    place = row_of(number)
    if place is None:
        return None
    # What is in memory may be older than the lock.
    row = records.session.get(STATEMENTS[place[0]], place[1], with_for_update=True, populate_existing=True)
    is_open = row is not None and row.withdrawn_at is None and may(row, records.actor)
    return (place[0], row) if row is not None and is_open else None


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
    return in_talks(records.session, (statement for _, statement in found))


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
    AddWords: add_words,
    ChangeFacets: change_facets,
    Publish: publish,
    Decline: decline,
    OurStatements: ours,
    WaitingStatements: read_waiting,
    LiveStatements: read_live,
}
"""What carries each command out."""
