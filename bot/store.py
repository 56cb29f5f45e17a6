"""What is kept: the tables, and how their rows become what the core speaks of."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.commands import Kind, Statement


class Participant(SQLModel, table=True):
    """A person; *language* is what they chose, *guessed_language* what their platform or their words say."""

    id: int | None = Field(default=None, primary_key=True)
    name: str | None = None
    email: str | None = Field(default=None, unique=True)
    country: str | None = Field(default=None, index=True)
    role: str = "visitor"
    language: str | None = None
    guessed_language: str = "en"
    confirmed: bool = False
    created_at: datetime


class KnownAddress(SQLModel, table=True):
    """Where a participant can be reached; nothing is sent while *unsubscribed_at* is set."""

    __tablename__ = "address"
    channel: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    chat: str
    unsubscribed_at: datetime | None = None


class KeptConversation(SQLModel, table=True):
    """A participant's place in a dialogue, as JSON of `bot.conversation.Conversation`."""

    __tablename__ = "conversation"
    participant_id: int = Field(primary_key=True, foreign_key="participant.id")
    state: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    updated_at: datetime


class Inbox(SQLModel, table=True):
    """
    An inbound that was heard; its key makes the second arrival of the same message a duplicate.

    *payload* holds the whole message only while its turn is not done.
    """

    __table_args__ = (UniqueConstraint("channel", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    key: str
    payload: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    received_at: datetime
    done_at: datetime | None = None


class StatementRow(SQLModel):
    """The columns that needs and offers share; see `bot.commands.Statement`."""

    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    country: str = Field(index=True)
    lang: str
    text: str
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    readers: str
    message: str | None = Field(default=None, index=True)
    created_at: datetime
    withdrawn_at: datetime | None = None


class Need(StatementRow, table=True):
    """A need, as its author sent it."""

    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Offer(StatementRow, table=True):
    """An offer, as its author sent it; shown to nobody before the secretariat's check."""

    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    checked_at: datetime | None = None


class QueuedQuestion(SQLModel, table=True):
    """A question that waits for the secretariat, or was answered by it."""

    __tablename__ = "question"
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    lang: str
    text: str
    topic: str | None = None
    asked_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None
    answered_by: int | None = Field(default=None, foreign_key="participant.id")


class Broadcast(SQLModel, table=True):
    """An announcement; *key* makes the second sending of the same one find the first."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    audience: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    texts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime
    recipients: int


class Delivery(SQLModel, table=True):
    """
    One message on its way to one chat: a row of the ledger.

    *state* is queued, sending, sent, failed or unknown; *owner* is the sender that marked it. *kind* is reply,
    notice, announcement, or heard: what a participant said, kept where the channel shows the whole conversation.
    *not_before* and *settled_at* are machine time.
    """

    __table_args__ = (
        Index("delivery_due", "state", "channel", "priority", "id", sqlite_where=text("settled_at IS NULL")),
        Index("delivery_held", "channel", "chat", sqlite_where=text("not_before IS NOT NULL")),
        Index("delivery_chat", "channel", "user", "id"),
        Index("delivery_progress", "broadcast_id", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True)
    kind: str
    priority: int
    participant_id: int = Field(foreign_key="participant.id", index=True)
    broadcast_id: int | None = Field(default=None, foreign_key="broadcast.id")
    channel: str
    user: str
    chat: str
    thread: str | None = None
    about: str | None = None
    replaces: str | None = None
    card: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    state: str = "queued"
    attempts: int = 0
    not_before: datetime | None = None
    owner: str | None = None
    message: str | None = None
    cause: str | None = None
    created_at: datetime
    settled_at: datetime | None = None


STATEMENTS: dict[Kind, type[StatementRow]] = {"need": Need, "offer": Offer}
LETTERS: dict[Kind, str] = {"need": "N", "offer": "O"}


def number_of(kind: Kind, row_id: int) -> str:
    """Return the number people see: `N-0012`, `O-0007`."""
    return f"{LETTERS[kind]}-{row_id:04d}"


def row_of(number: str) -> tuple[Kind, int] | None:
    """Return the kind and the row that a number names, None when it is not one."""
    letter, _, digits = number.strip().upper().partition("-")
    kinds = {letter: kind for kind, letter in LETTERS.items()}
    return (kinds[letter], int(digits)) if letter in kinds and digits.isdecimal() else None


def to_row(statement: Statement, participant: int, lang: str, now: datetime) -> StatementRow:
    """Return the row that keeps *statement*."""
    details = {
        "themes": statement.themes,
        "sdgs": statement.sdgs,
        "modalities": statement.modalities,
        "countries": statement.countries,
        "model_countries": statement.model_countries,
        "urgency": statement.urgency,
        "deadline": statement.deadline,
        "people": statement.people,
    }
    return STATEMENTS[statement.kind](
        participant_id=participant,
        country=statement.country,
        lang=lang,
        text=statement.text,
        details=details,
        readers=statement.readers,
        message=statement.message,
        created_at=now,
    )


def to_statement(kind: Kind, row: StatementRow) -> Statement:
    """Return what *row* keeps."""
    details = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.details.items()
    }
    assert row.id is not None  # noqa: S101 - a row that was read has one
    plain: dict[str, Any] = {
        "kind": kind,
        "text": row.text,
        "country": row.country,
        "readers": row.readers,
        "message": row.message,
        "number": number_of(kind, row.id),
        **details,
    }
    return Statement(**plain)
