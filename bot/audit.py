"""The record of who did what: a chain of hashes that shows every change, and no word of any message."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, Column
from sqlalchemy import select as sql_select
from sqlmodel import Field, Session, SQLModel, col, select

from bot.database import lock
from bot.store import Growing

OPERATOR = "operator"
"""Who acts on the command line."""
ASSISTANT = "assistant"
"""Who does what happens by itself."""
PURGED = "purge_audit"
"""The action that took the oldest entries away; its details name the hash of the last of them."""
SUBJECT_BYTES = 8
AT_ONCE = 1000
"""Entries that are read in one go."""


class AuditSubject(SQLModel, table=True):
    """
    The random name of a participant in the record.

    The row goes with the participant: then the record still holds that something was done, and nobody's name.
    """

    __tablename__ = "audit_subject"
    participant_id: int = Field(primary_key=True, foreign_key="participant.id")
    subject: str = Field(unique=True)


class AuditEntry(SQLModel, table=True):
    """
    Something that was done; *before* is the hash of the entry before it, empty in the first.

    *actor* and *subject* are random names, `operator` or `assistant`; *on_behalf* is the role in which the actor did
    it. *at* is machine time. *details* hold numbers and kinds, never words of a message.
    """

    __tablename__ = "audit_entry"
    id: int | None = Field(default=None, sa_column=Column(Growing, primary_key=True))
    at: datetime
    actor: str = Field(index=True)
    action: str
    subject: str | None = None
    on_behalf: str | None = None
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    before: str
    hash: str = Field(unique=True)


ENTRIES: Any = AuditEntry.__table__  # type: ignore[attr-defined]
SUBJECTS: Any = AuditSubject.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What a walk along the chain found.

    *broken* is the number of the first entry that does not fit, None where all do; *head* is the hash of the last
    one, empty without any. *known* tells whether the hash that was asked for is in it.
    """

    entries: int
    head: str = ""
    broken: int | None = None
    known: bool = True


def record(
    session: Session,
    actor: int | str,
    action: str,
    at: datetime,
    *,
    subject: int | None = None,
    on_behalf: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add to the record that *actor*, a participant or one of the names above, did *action* at the machine's time."""
    # One at a time: the next entry is chained to this one.
    lock(session, "audit")
    newest = select(AuditEntry.hash).order_by(col(AuditEntry.id).desc()).limit(1)
    entry = AuditEntry(
        at=at,
        actor=actor if isinstance(actor, str) else subject_of(session, actor),
        action=action,
        subject=None if subject is None else subject_of(session, subject),
        on_behalf=on_behalf,
        details=dict(details or {}),
        before=session.exec(newest).first() or "",
        hash="",
    )
    entry.hash = hash_of(entry)
    session.add(entry)
    session.flush()


def subject_of(session: Session, participant: int) -> str:
    """Return the name that *participant* has in the record, a new one at the first time."""
    known = session.get(AuditSubject, participant)
    if known is None:
        known = AuditSubject(participant_id=participant, subject=secrets.token_hex(SUBJECT_BYTES))
        session.add(known)
        session.flush()
    return known.subject


def hash_of(entry: AuditEntry) -> str:
    """Return the SHA-256 of the entry's canonical JSON: sorted keys, no spaces, all but its number and hash."""
    values = {
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "on_behalf": entry.on_behalf,
        "details": entry.details,
        "before": entry.before,
    }
    return sha256(json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def entries(
    session: Session, *, subject: str | None = None, newest: int | None = None
) -> tuple[AuditEntry, ...]:
    """Return the entries in their order, only those of or about *subject*, only so many of the *newest*."""
    query = select(AuditEntry).order_by(col(AuditEntry.id).desc())
    if subject is not None:
        query = query.where((col(AuditEntry.actor) == subject) | (col(AuditEntry.subject) == subject))
    if newest is not None:
        query = query.limit(newest)
    return tuple(reversed(session.exec(query).all()))


def verify(session: Session, expected: str | None = None) -> Verdict:
    """
    Walk along the whole chain; *expected* is a hash that was noted down before and has to be in it.

    The chain may begin where a purge has cut it, which is itself an entry. That entries at its end were taken away
    shows only by a hash that was noted.
    """
    count, head, last, seen = 0, "", 0, expected is None
    first, anchors = "", {""}
    while found := _some(session, last):
        for entry in found:
            fits = entry.before == head if count else True
            if not fits or entry.hash != hash_of(entry):
                return Verdict(count, head, broken=entry.id, known=seen)
            if not count:
                first = entry.before
            if entry.action == PURGED:
                anchors.add(str(entry.details.get("last")))
            count, head, last = count + 1, entry.hash, entry.id or 0
            seen = seen or entry.hash == expected
    if first not in anchors:
        number = session.execute(sql_select(ENTRIES.c.id).order_by(ENTRIES.c.id).limit(1)).scalar()
        return Verdict(count, head, broken=number, known=seen)
    return Verdict(count, head, known=seen)


def _some(session: Session, last: int) -> list[AuditEntry]:
    query = select(AuditEntry).where(col(AuditEntry.id) > last).order_by(col(AuditEntry.id)).limit(AT_ONCE)
    return list(session.exec(query))


def purge(session: Session, before: datetime, at: datetime) -> int:
    """Take the entries older than *before* away, say so in the record, and return how many they were."""
    lock(session, "audit")
    old = sql_select(ENTRIES.c.id, ENTRIES.c.hash).where(ENTRIES.c.at < before)
    last = session.execute(old.order_by(ENTRIES.c.id.desc()).limit(1)).first()
    if last is None:
        return 0
    # What stands before the last old one goes with it, or the chain would have a hole.
    gone: Any = session.execute(ENTRIES.delete().where(ENTRIES.c.id <= last.id))
    record(session, ASSISTANT, PURGED, at, details={"entries": gone.rowcount, "last": last.hash})
    return int(gone.rowcount)
