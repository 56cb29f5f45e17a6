"""Good practices that participants tell of: read by the secretariat, then found like those of the pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Column, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot.commands import Command
from bot.dialogue import say
from bot.errors import Refused
from bot.introductions import end_with
from bot.notices import Notice
from bot.numbers import named, numbered
from bot.practice_commands import (
    CheckPractice,
    Decided,
    MyPractices,
    PracticeState,
    RefusePractice,
    SubmitPractice,
    Submitted,
    WaitingPractices,
    WithdrawPractice,
)
from bot.prepared import Prepared
from bot.store import COUNTING, Participant
from knowledge.catalogue import Practice, Teller

if TYPE_CHECKING:
    from bot.records import Records

LONGEST_TITLE = 90
LONGEST = 1200
"""Letters of its text, of what it takes elsewhere, and of a reason."""

Edition = tuple[tuple[int, datetime], ...]
"""What is published, by row and since when."""


class SubmittedPractice(SQLModel, table=True):
    """
    A good practice as a participant told of it; *theme* and *form* are ids, *countries* is JSON of ISO3.

    Others find it from *checked_at* on, and not where it was refused. *country*, *organisation* and *role* are those
    that its author had when they told of it; nobody sees who they are.
    """

    __tablename__ = "submitted_practice"
    __table_args__ = COUNTING
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    country: str | None = None
    organisation: str | None = None
    role: str
    title: str
    text: str
    notes: str
    theme: str
    form: str
    countries: list[str] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime
    checked_at: datetime | None = None
    refused_at: datetime | None = None
    refusal: str | None = None


PRACTICES: Any = SubmittedPractice.__table__  # type: ignore[attr-defined]
EDITION = Prepared(
    select(PRACTICES.c.id, PRACTICES.c.checked_at)
    .where(PRACTICES.c.checked_at.is_not(None))
    .order_by(PRACTICES.c.id)
)


def number_of(row: SubmittedPractice) -> str:
    """Return the number people see: `P-0003`."""
    return numbered("P", row.id)


def row_of(session: Session, number: str) -> SubmittedPractice | None:
    """Return the practice with that number, which nobody else changes meanwhile; None where there is none."""
    row_id = named("P", number)
    if row_id is None:
        return None
    return session.get(SubmittedPractice, row_id, with_for_update=True, populate_existing=True)


def edition(session: Session) -> Edition:
    """Return what changes with whatever is published; empty while nothing is."""
    return tuple((row[0], row[1]) for row in EDITION.rows(session, {}))


def published(session: Session) -> tuple[Practice, ...]:
    """Return what is published as the catalogue has it, oldest first."""
    holding = select_rows(SubmittedPractice).where(col(SubmittedPractice.checked_at).is_not(None))
    return tuple(to_practice(row) for row in session.exec(holding.order_by(col(SubmittedPractice.id))))


def submit(records: Records, command: SubmitPractice) -> Submitted:
    """Keep it and tell the secretariat's accounts."""
    vocabulary = records.press.know.vocabulary
    if command.theme not in vocabulary.themes or command.form not in vocabulary.modalities:
        raise Refused(f"there is no theme {command.theme}, or no form {command.form}")
    if not command.text.strip() or not command.title.strip():
        raise Refused("a practice needs a title and a text")
    same = select_rows(SubmittedPractice).where(
        col(SubmittedPractice.participant_id) == records.actor_id,
        col(SubmittedPractice.text) == command.text[:LONGEST],
        col(SubmittedPractice.refused_at).is_(None),
    )
    if (before := records.session.exec(same).first()) is not None:
        return to_submitted(before)
    author = records.session.get_one(Participant, records.actor_id)
    row = SubmittedPractice(
        participant_id=records.actor_id,
        country=author.country,
        organisation=author.organisation,
        role=author.role,
        title=command.title[:LONGEST_TITLE],
        text=command.text[:LONGEST],
        notes=command.notes[:LONGEST],
        theme=command.theme,
        form=command.form,
        countries=[iso3 for iso3 in command.countries if vocabulary.is_member(iso3)],
        created_at=records.now,
    )
    records.session.add(row)
    records.session.flush()
    sent = to_submitted(row)
    records.tell_colleagues(say("practice/check", submitted=sent))
    return sent


def withdraw(records: Records, command: WithdrawPractice) -> bool:
    """Delete it; who asked about it is told."""
    row = row_of(records.session, command.number)
    if row is None or row.participant_id != records.actor_id:
        return False
    end_with(records, number_of(row))
    records.session.delete(row)
    records.session.flush()
    return True


def mine(records: Records, _command: MyPractices) -> tuple[Submitted, ...]:
    """Read the actor's."""
    own = select_rows(SubmittedPractice).where(col(SubmittedPractice.participant_id) == records.actor_id)
    return tuple(
        to_submitted(row) for row in records.session.exec(own.order_by(col(SubmittedPractice.id).desc()))
    )


def waiting(records: Records, _command: WaitingPractices) -> tuple[Submitted, ...]:
    """Read what nobody has decided on."""
    undecided = select_rows(SubmittedPractice).where(
        col(SubmittedPractice.checked_at).is_(None), col(SubmittedPractice.refused_at).is_(None)
    )
    rows = records.session.exec(undecided.order_by(col(SubmittedPractice.id)))
    return tuple(to_submitted(row) for row in rows)


def check(records: Records, command: CheckPractice) -> Decided:
    """Let others find it, unless they do; what was refused may be published later."""
    row = row_of(records.session, command.number)
    if row is None or row.checked_at is not None:
        return Decided(to_submitted(row) if row else None, fresh=False)
    row.checked_at, row.refused_at, row.refusal = records.now, None, None
    return _decided(records, row)


def refuse(records: Records, command: RefusePractice) -> Decided:
    """Keep it from others, unless it is refused already; who told of it reads why."""
    row = row_of(records.session, command.number)
    if row is None or row.refused_at is not None:
        return Decided(to_submitted(row) if row else None, fresh=False)
    row.checked_at, row.refused_at, row.refusal = None, records.now, command.reason[:LONGEST]
    end_with(records, number_of(row))
    return _decided(records, row)


def _decided(records: Records, row: SubmittedPractice) -> Decided:
    records.session.add(row)
    records.session.flush()
    submitted = to_submitted(row)
    records.notices.append(Notice(row.participant_id, say("practice/answered", submitted=submitted)))
    return Decided(submitted, fresh=True)


def to_submitted(row: SubmittedPractice) -> Submitted:
    """Return what *row* keeps."""
    state: PracticeState = "published" if row.checked_at else "refused" if row.refused_at else "waiting"
    return Submitted(to_practice(row), state, row.refusal or "")


def to_practice(row: SubmittedPractice) -> Practice:
    """Return *row* as the catalogue has it."""
    private = row.role == "private_sector"
    organisation = "" if row.country and not private else row.organisation or ""
    return Practice(
        id=number_of(row),
        title=row.title,
        providers=(),
        partner_countries=tuple(row.countries),
        theme=row.theme,
        sdgs=(),
        modality=row.form,
        years=(None, None),
        summary=row.text,
        replication_notes=row.notes,
        source_url="",
        verified=False,
        told_by=Teller(row.country, organisation, private),
    )


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    SubmitPractice: submit,
    WithdrawPractice: withdraw,
    MyPractices: mine,
    WaitingPractices: waiting,
    CheckPractice: check,
    RefusePractice: refuse,
}
"""What carries each of these commands out."""
