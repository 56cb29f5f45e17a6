"""Announcements in the database: who is reached, what is queued for them, how far it has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, case, cast, func, insert, literal, select, tuple_
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot.broadcasts import Audience, Reach, Recipient
from bot.commands import Announce, Announced, Progress
from bot.deliveries import PRIORITY
from bot.store import Broadcast, Delivery, KnownAddress, Participant, SharedCard

DELIVERIES: Any = Delivery.__table__  # type: ignore[attr-defined]
ADDRESSES: Any = KnownAddress.__table__  # type: ignore[attr-defined]
PEOPLE: Any = Participant.__table__  # type: ignore[attr-defined]


LANG = func.coalesce(PEOPLE.c.language, PEOPLE.c.guessed_language)


def reach(session: Session, audience: Audience) -> Reach:
    """Return who *audience* is: each participant once, at the address they can be written to."""
    rows = session.execute(_reached(audience).order_by(PEOPLE.c.id))
    recipients = tuple(Recipient(*row) for row in rows)
    members = select(func.count()).select_from(PEOPLE).where(*_conditions(audience))
    return Reach(recipients, session.execute(members).scalar_one() - len(recipients))


def _reached(audience: Audience) -> Any:
    """Return the query for the recipients: of several open addresses, the first by channel and user."""
    other = ADDRESSES.alias("other")
    better = select(other.c.user).where(
        other.c.participant_id == PEOPLE.c.id,
        *_open(other, audience),
        tuple_(other.c.channel, other.c.user) < tuple_(ADDRESSES.c.channel, ADDRESSES.c.user),
    )
    return (
        select(PEOPLE.c.id, ADDRESSES.c.channel, ADDRESSES.c.user, ADDRESSES.c.chat, LANG.label("lang"))
        .join(ADDRESSES, ADDRESSES.c.participant_id == PEOPLE.c.id)
        .where(*_conditions(audience), *_open(ADDRESSES, audience), ~better.exists())
    )


def _conditions(audience: Audience) -> list[Any]:
    """Return what makes a participant one of *audience*."""
    return [
        column.in_(sorted(wanted))
        for column, wanted in (
            (PEOPLE.c.role, audience.roles),
            (PEOPLE.c.country, audience.countries),
            (LANG, audience.languages),
        )
        if wanted
    ]


def _open(table: Any, audience: Audience) -> list[Any]:
    """Return what makes an address one that may be written to, on one of the wanted channels."""
    wanted = [table.c.channel.in_(sorted(audience.channels))] if audience.channels else []
    return [table.c.unsubscribed_at.is_(None), *wanted]


def announce(session: Session, command: Announce, now: datetime) -> Announced:
    """Write the announcement and a delivery for each recipient; one with the same key is found again instead."""
    announcement = command.announcement
    known = session.exec(select_rows(Broadcast).where(col(Broadcast.key) == announcement.key)).first()
    if known is not None:
        return Announced(broadcast_number(known), known.recipients, fresh=False)
    row = Broadcast(
        key=announcement.key,
        audience=announcement.audience.to_json(),
        words={"texts": dict(announcement.texts)},
        state="running",
        created_at=now,
        starts_at=now,
        started_at=now,
        recipients=0,
    )
    session.add(row)
    session.flush()
    row.recipients = _queue(session, row, command, now)
    session.add(row)
    return Announced(broadcast_number(row), row.recipients, fresh=True)


def _queue(session: Session, row: Broadcast, command: Announce, now: datetime) -> int:
    """
    Write a delivery for each recipient and return how many.

    The database does it by itself: the one writer is busy meanwhile, and a hundred thousand rows that come through
    Python keep every reply waiting for seconds.
    """
    found = _reached(command.announcement.audience).subquery()
    assert row.id is not None  # noqa: S101 - flushed
    shared = {
        lang: SharedCard(broadcast_id=row.id, edition=row.edition, lang=lang, card=card.to_json())
        for lang, card in command.cards.items()
    }
    session.add_all(shared.values())
    session.flush()
    cards = {lang: literal(card.id) for lang, card in shared.items()}
    values = {
        "ref": literal(f"b{row.id:x}.").concat(cast(found.c.id, String)),
        "kind": literal("announcement"),
        "priority": literal(PRIORITY["announcement"]),
        "participant_id": found.c.id,
        "broadcast_id": literal(row.id),
        "channel": found.c.channel,
        "user": found.c.user,
        "chat": found.c.chat,
        "deletes": literal(False),
        "shared_card_id": case(cards, value=found.c.lang, else_=cards["en"]),
        "state": literal("queued"),
        "attempts": literal(0),
        "created_at": literal(now, DELIVERIES.c.created_at.type),
    }
    written = select(*values.values()).order_by(found.c.id)
    queued = insert(DELIVERIES).from_select(list(values), written)
    result: Any = session.execute(queued, execution_options={"preserve_rowcount": True})
    return int(result.rowcount)


def progress(session: Session, number: str | None) -> tuple[Progress, ...]:
    """Return how announcements stand, newest first; only the one with *number* when it is given."""
    query = select_rows(Broadcast).order_by(col(Broadcast.id).desc())
    rows = [row for row in session.exec(query) if number in (None, broadcast_number(row))]
    return tuple(_progress(session, row) for row in rows)


def _progress(session: Session, row: Broadcast) -> Progress:
    table = DELIVERIES.c
    count = func.count()
    mine = select(table.state, count).where(table.broadcast_id == row.id).group_by(table.state)
    states = dict(session.execute(mine).all())
    ended = table.state.in_(["failed", "unknown"]) & (table.broadcast_id == row.id)
    why = select(table.cause, count).where(ended, table.cause.is_not(None)).group_by(table.cause)
    causes = dict(session.execute(why).all())
    return Progress(broadcast_number(row), row.words["texts"]["en"], row.recipients, states, causes)


def broadcast_number(row: Broadcast) -> str:
    """Return the number people see: `B-0003`."""
    return f"B-{row.id:04d}"
