"""Announcements in the database: who is reached, what is queued for them, how far it has come."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot.broadcasts import Audience, Reach, Recipient
from bot.commands import Announce, Announced, Progress
from bot.deliveries import PRIORITY
from bot.store import Broadcast, Delivery, KnownAddress, Participant
from knowledge.vocabulary import LANGUAGES

DELIVERIES: Any = Delivery.__table__  # type: ignore[attr-defined]
ADDRESSES: Any = KnownAddress.__table__  # type: ignore[attr-defined]
PEOPLE: Any = Participant.__table__  # type: ignore[attr-defined]


def reach(session: Session, audience: Audience) -> Reach:
    """Return who *audience* is: each participant once, at the address they can be written to."""
    lang = func.coalesce(PEOPLE.c.language, PEOPLE.c.guessed_language)
    conditions = [
        column.in_(sorted(wanted))
        for column, wanted in (
            (PEOPLE.c.role, audience.roles),
            (PEOPLE.c.country, audience.countries),
            (lang, audience.languages),
        )
        if wanted
    ]
    query = (
        select(PEOPLE.c.id, ADDRESSES, lang.label("lang"))
        .outerjoin(ADDRESSES, (ADDRESSES.c.participant_id == PEOPLE.c.id) & _open(audience))
        .where(*conditions)
        .order_by(PEOPLE.c.id, ADDRESSES.c.channel, ADDRESSES.c.user)
    )
    found: dict[int, Recipient | None] = {}
    for row in session.execute(query):
        if found.get(row.id) is None:
            found[row.id] = row.channel and Recipient(row.id, row.channel, row.user, row.chat, row.lang)
    recipients = tuple(recipient for recipient in found.values() if recipient)
    return Reach(recipients, len(found) - len(recipients))


def _open(audience: Audience) -> Any:
    """Return the condition of an address that may be written to, on one of the wanted channels."""
    subscribed = ADDRESSES.c.unsubscribed_at.is_(None)
    return (
        subscribed & ADDRESSES.c.channel.in_(sorted(audience.channels)) if audience.channels else subscribed
    )


def announce(session: Session, command: Announce, now: datetime) -> Announced:
    """Write the announcement and a delivery for each recipient; one with the same key is found again instead."""
    announcement = command.announcement
    known = session.exec(select_rows(Broadcast).where(col(Broadcast.key) == announcement.key)).first()
    if known is not None:
        return Announced(broadcast_number(known), known.recipients, fresh=False)
    found = reach(session, announcement.audience)
    row = Broadcast(
        key=announcement.key,
        audience=announcement.audience.to_json(),
        texts=dict(announcement.texts),
        created_at=now,
        recipients=len(found.recipients),
    )
    session.add(row)
    session.flush()
    _queue(session, row, found, {lang: card.to_json() for lang, card in command.cards.items()}, now)
    return Announced(broadcast_number(row), row.recipients, fresh=True)


def _queue(session: Session, row: Broadcast, found: Reach, cards: Mapping[str, Any], now: datetime) -> None:
    values = [
        {
            "ref": f"b{row.id:x}.{number:x}",
            "kind": "announcement",
            "priority": PRIORITY["announcement"],
            "participant_id": recipient.participant_id,
            "broadcast_id": row.id,
            "channel": recipient.channel,
            "user": recipient.user,
            "chat": recipient.chat,
            "card": cards[recipient.lang if recipient.lang in LANGUAGES else "en"],
            "state": "queued",
            "attempts": 0,
            "created_at": now,
        }
        for number, recipient in enumerate(found.recipients)
    ]
    if values:
        session.execute(insert(DELIVERIES), values)


def progress(session: Session, number: str | None) -> tuple[Progress, ...]:
    """Return how announcements stand, newest first; only the one with *number* when it is given."""
    query = select_rows(Broadcast).order_by(col(Broadcast.id).desc())
    rows = [row for row in session.exec(query) if number in (None, broadcast_number(row))]
    return tuple(_progress(session, row) for row in rows)


def _progress(session: Session, row: Broadcast) -> Progress:
    table = DELIVERIES.c
    query = (
        select(table.state, table.cause, func.count())
        .where(table.broadcast_id == row.id)
        .group_by(table.state, table.cause)
    )
    states: dict[str, int] = {}
    causes: dict[str, int] = {}
    for state, cause, count in session.execute(query):
        states[state] = states.get(state, 0) + count
        if cause is not None and state in ("failed", "unknown"):
            causes[cause] = causes.get(cause, 0) + count
    return Progress(broadcast_number(row), row.texts["en"], row.recipients, states, causes)


def broadcast_number(row: Broadcast) -> str:
    """Return the number people see: `B-0003`."""
    return f"B-{row.id:04d}"
