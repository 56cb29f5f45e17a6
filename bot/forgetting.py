"""Takes a participant out of every table, and their name out of what others were told."""

import html
import json
import operator
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

from sqlalchemy import JSON, Column, String, Table, and_, cast, delete, func, or_, select, update
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_rows

from bot import audit, participants
from bot.database import leave_no_trace
from bot.messages import Address
from bot.ownership import owned
from bot.participants import ADDRESSES, PEOPLE, Actor
from bot.rights import GOVERNMENTS
from bot.store import STATEMENTS, Broadcast, Delivery, DeliveryEvent, Inbox, KnownAddress, number_of

REMOVED = "…"
"""Stands where a name stood."""
WHOLE_NAME = 5
"""Letters from which one word alone is a name that is looked for; a shorter one is too many other words."""
CHINESE = re.compile("[\u3400-\u9fff]")

INBOX: Any = Inbox.__table__  # type: ignore[attr-defined]
DELIVERIES: Any = Delivery.__table__  # type: ignore[attr-defined]
EVENTS: Any = DeliveryEvent.__table__  # type: ignore[attr-defined]
BROADCASTS: Any = Broadcast.__table__  # type: ignore[attr-defined]
AUDIT: frozenset[str] = frozenset({audit.AuditEntry.__tablename__})
"""Tables that name nobody by the way they are written, and are never changed."""
OTHERS = frozenset({PEOPLE.c.name, PEOPLE.c.email})
"""What others are called and where they have their mail: a namesake keeps their name, a colleague the mailbox."""


@dataclass(frozen=True, slots=True)
class Going:
    """
    What becomes of a participant's records when they are forgotten.

    *stays* are the numbers of the needs and offers that are their *country*'s, *goes* of those that are not; *channels*
    is where they have written from. Who is *listed* could come back with the next registration list. *meetings* are
    the time and the place of each that is cancelled; to *handed_on* of them a focal point could come instead.
    """

    stays: tuple[str, ...]
    goes: tuple[str, ...]
    channels: tuple[str, ...]
    country: str | None = None
    listed: bool = False
    meetings: tuple[tuple[datetime, str], ...] = ()
    handed_on: int = 0


def going(session: Session, actor: Actor) -> Going:
    """Return what would become of the records of *actor*."""
    stays: list[str] = []
    goes: list[str] = []
    country = actor.country
    for kind, table in STATEMENTS.items():
        mine = select_rows(table).where(
            col(table.participant_id) == actor.id, col(table.withdrawn_at).is_(None)
        )
        for row in session.exec(mine.order_by(col(table.id))):
            (stays if actor.role in GOVERNMENTS else goes).append(number_of(kind, row.id or 0))
            country = row.country
    channels = sorted({one.channel for one in places(session, actor.id)})
    return Going(tuple(stays), tuple(goes), tuple(channels), country, actor.is_listed)


def places(session: Session, participant: int | None) -> list[Address]:
    """Return where *participant* has written from."""
    mine = select_rows(KnownAddress).where(col(KnownAddress.participant_id) == participant)
    return [Address(one.channel, one.user) for one in session.exec(mine)]


def forget(session: Session, actor: Actor, machine: datetime, by: int | str | None = None) -> None:
    """
    Take *actor* out of every table; *by* is who does it where it is not themselves.

    What their delegation needs and offers stays, without an author. The record keeps that it was done, under a random
    name that is nobody's afterwards.
    """
    assert actor.id is not None  # noqa: S101 - told by the caller
    leave_no_trace(session)
    participants.hold(session, actor.id)
    # Whoever expands an announcement now would write a delivery for somebody who is gone.
    participants.hold_everybody(session)
    theirs = places(session, actor.id)
    audit.record(
        session, actor.id if by is None else by, "forget", machine, subject=actor.id, on_behalf=actor.role
    )
    _part_with_statements(session, actor)
    _discount(session, actor.id)
    _delete_messages(session, actor.id, theirs)
    for table, column in reversed(list(owned())):
        mine = column == actor.id
        change = delete(table) if column.name == "participant_id" else update(table).values({column: None})
        session.execute(change.where(mine))
    session.execute(delete(PEOPLE).where(PEOPLE.c.id == actor.id))
    session.expire_all()
    _take_out(session, [word for word in (actor.name, _own_mailbox(session, actor)) if word])


def _own_mailbox(session: Session, actor: Actor) -> str | None:
    """Return the e-mail address of *actor*, who is gone; None where a colleague has it still."""
    shared = select(PEOPLE.c.id).where(PEOPLE.c.email == actor.email).limit(1)
    return None if session.execute(shared).first() else actor.email


def _part_with_statements(session: Session, actor: Actor) -> None:
    """Let the open needs and offers of a government's delegate stay without them; the others go with their rows."""
    if actor.role in GOVERNMENTS:
        for model in STATEMENTS.values():
            table: Any = model.__table__  # type: ignore[attr-defined]
            open_ones = (table.c.participant_id == actor.id) & table.c.withdrawn_at.is_(None)
            open_ones &= table.c.declined_at.is_(None)
            session.execute(update(table).where(open_ones).values(participant_id=None, message=None))


def _discount(session: Session, participant: int) -> None:
    """Let the announcements that went to *participant* count one recipient less: their delivery goes."""
    theirs = select(DELIVERIES.c.broadcast_id).where(
        DELIVERIES.c.participant_id == participant, DELIVERIES.c.corrects_id.is_(None)
    )
    fewer = update(BROADCASTS).where(BROADCASTS.c.id.in_(theirs), BROADCASTS.c.recipients > 0)
    session.execute(fewer.values(recipients=BROADCASTS.c.recipients - 1))


def _delete_messages(session: Session, participant: int, theirs: Iterable[Address]) -> None:
    """
    Delete what was sent to *participant* or said at one of the addresses *theirs*.

    What was heard keeps only its key: a platform may bring the same message once more, which is no new beginning.
    """
    written = or_(DELIVERIES.c.participant_id == participant, *(_at(DELIVERIES, one) for one in theirs))
    messages = select(DELIVERIES.c.id).where(written)
    session.execute(delete(EVENTS).where(EVENTS.c.delivery_id.in_(messages)))
    session.execute(update(DELIVERIES).where(DELIVERIES.c.corrects_id.in_(messages)).values(corrects_id=None))
    session.execute(delete(DELIVERIES).where(written))
    for place in theirs:
        # What came too fast and was to be answered later goes too.
        over = update(INBOX).where(
            _at(INBOX, place), or_(INBOX.c.done_at.is_not(None), INBOX.c.not_before.is_not(None))
        )
        done_at = func.coalesce(INBOX.c.done_at, INBOX.c.received_at)
        session.execute(over.values(user="", payload=None, done_at=done_at))
        for table in SQLModel.metadata.sorted_tables:
            if table is not INBOX and table is not ADDRESSES and {"channel", "user"} <= set(table.c.keys()):
                session.execute(delete(table).where(_at(table, place)))


def _at(table: Any, place: Address) -> Any:
    return and_(table.c.channel == place.channel, table.c.user == place.user)


def _take_out(session: Session, words: Iterable[str]) -> None:
    """Put `REMOVED` in the place of each of *words* in all that is left: in what others were told or have written."""
    telling = [
        word
        for word in words
        if " " in word or "@" in word or CHINESE.search(word) or len(word) >= WHOLE_NAME
    ]
    if telling:
        pattern = _pattern(telling)
        forms = set().union(*(_forms(word.lower()) for word in telling))
        for table in texts():
            _take_out_of(session, table, pattern, forms)


def texts() -> Iterator[Table]:
    """Yield the tables of this room, without the record."""
    for mapper in SQLModel._sa_registry.mappers:
        table = mapper.local_table
        ours = mapper.class_.__module__.startswith("bot.")
        if ours and isinstance(table, Table) and table.name not in AUDIT:
            yield table


def _take_out_of(session: Session, table: Table, pattern: re.Pattern[str], forms: Iterable[str]) -> None:
    keys = list(table.primary_key.columns)
    columns = [one for one in table.columns if not one.primary_key and _is_text(one) and one not in OTHERS]
    if not columns:
        return
    # One look at each row: there may be hundreds of thousands, and everybody else waits meanwhile.
    written = func.lower(
        reduce(operator.add, (func.coalesce(cast(one, String), "") + "\n" for one in columns))
    )
    found = or_(*(written.contains(form, autoescape=True) for form in forms))
    for row in session.execute(select(*keys, *columns).where(found)).all():
        own = and_(*(one == part for one, part in zip(keys, row, strict=False)))
        values = {
            one.name: _without(part, pattern) for one, part in zip(columns, row[len(keys) :], strict=True)
        }
        session.execute(update(table).where(own).values(values))


def _is_text(column: Column[Any]) -> bool:
    return isinstance(getattr(column.type, "impl", column.type), String | JSON)


def _forms(word: str) -> set[str]:
    """Return how *word* may be written: as it is, in the cards' markup, and each of these in JSON."""
    plain = {word, html.escape(word, quote=False)}
    return plain | {json.dumps(form, ensure_ascii=False)[1:-1] for form in plain}


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Return what finds each of *words* as a whole."""
    found = []
    for word in words:
        forms = "|".join(re.escape(form) for form in sorted({word, html.escape(word, quote=False)}))
        # Chinese is written without spaces: what stands around a name is no part of it.
        found.append(forms if CHINESE.search(word) else rf"(?<!\w)(?:{forms})(?!\w)")
    return re.compile("|".join(found), re.IGNORECASE)


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    """Return *value*, a text or JSON values, with `REMOVED` in the place of all that *pattern* finds."""
    match value:
        case str():
            return pattern.sub(REMOVED, value)
        case list():
            return [_without(one, pattern) for one in value]
        case dict():
            return {name: _without(one, pattern) for name, one in value.items()}
        case _:
            return value
