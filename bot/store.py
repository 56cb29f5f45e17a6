"""What is kept: the tables, and how their rows become what the core speaks of."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    false,
    text,
)
from sqlmodel import Field, SQLModel

from bot.commands import Kind, Statement
from bot.numbers import named, numbered

Growing = BigInteger().with_variant(Integer, "sqlite")
"""Keys of tables that grow with every message; SQLite counts its own integers up to 64 bits."""
UNSETTLED: Any = {f"{dialect}_where": text("settled_at IS NULL") for dialect in ("sqlite", "postgresql")}
OPEN: Any = {f"{dialect}_where": text("done_at IS NULL") for dialect in ("sqlite", "postgresql")}
CORRECTING: Any = {
    f"{dialect}_where": text("corrects_id IS NOT NULL") for dialect in ("sqlite", "postgresql")
}
HELD: Any = {f"{dialect}_where": text("not_before IS NOT NULL") for dialect in ("sqlite", "postgresql")}


COUNTING: Any = {"sqlite_autoincrement": True}
"""Has SQLite give no number twice: what was written about one that is gone must not become another's."""


class Participant(SQLModel, table=True):
    """
    A person; *language* is what they chose, *guessed_language* what their platform or their words say.

    *muted* is one of `bot.broadcasts.Mute` until *muted_until* (the forum's time), for ever where that is None.
    *consented* is the version of the words that they agreed to, None where they did not; *visible_to* is one of
    `bot.consent.VisibleTo`: who may see their name. Who is *unmatched* objects to being anybody's possible partner.

    Who is *confirmed* stands on the registration list *listed_in*, under *number* where it numbers its rows; several
    may share an *email* address. *role_is_set* where an administrator gave the role, whatever the list says.
    """

    __table_args__: ClassVar[Any] = COUNTING
    id: int | None = Field(default=None, primary_key=True)
    name: str | None = None
    email: str | None = Field(default=None, index=True)
    country: str | None = Field(default=None, index=True)
    position: str | None = None
    organisation: str | None = None
    number: str | None = None
    listed_in: str | None = None
    role: str = "visitor"
    role_is_set: bool = False
    language: str | None = None
    guessed_language: str = "en"
    confirmed: bool = False
    preferred_channel: str | None = None
    muted: str | None = None
    muted_until: datetime | None = None
    consented: str | None = None
    visible_to: str = "nobody"
    unmatched: bool = False
    created_at: datetime


class KnownAddress(SQLModel, table=True):
    """
    Where a participant can be reached; nothing is sent while *unsubscribed_at* is set.

    Who has *only_looked*, as everybody who opens the web page, gets answers and no announcement.
    """

    __tablename__ = "address"
    channel: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    chat: str
    unsubscribed_at: datetime | None = None
    only_looked: bool = False


class KeptConversation(SQLModel, table=True):
    """A participant's place in a dialogue, as JSON of `bot.conversation.Conversation`."""

    __tablename__ = "conversation"
    participant_id: int = Field(primary_key=True, foreign_key="participant.id")
    state: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    updated_at: datetime


class Inbox(SQLModel, table=True):
    """
    An inbound that was heard; its key makes the second arrival of the same message a duplicate.

    *user* is whose account it came from; *payload* holds the whole message only while its turn is not done. One whose
    author writes too fast has its turn *not_before*, a machine time.
    """

    __table_args__ = (
        UniqueConstraint("channel", "key"),
        Index("inbox_waiting", "channel", "user", "id"),
        Index("inbox_open", "id", **OPEN),
    )
    id: int | None = Field(default=None, sa_column=Column(Growing, primary_key=True))
    channel: str
    user: str = ""
    key: str
    payload: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    received_at: datetime
    not_before: datetime | None = None
    done_at: datetime | None = None


class StatementRow(SQLModel):
    """
    The columns that needs and offers share; see `bot.commands.Statement`.

    *participant_id* is None where its author, a delegate of *country*, was forgotten. *role* is the one in which it was
    sent, visitor while nobody knows whose it is. Others see it once *published_at* is set;
    *declined_at* is when the focal point said no. *edition* counts its changes, *changed_by* made the last one.
    Nobody is sought for it from *met_at* on; *followed_up_at* is when its author was asked whether it is.
    """

    id: int | None = Field(default=None, primary_key=True)
    participant_id: int | None = Field(default=None, foreign_key="participant.id", index=True)
    country: str = Field(index=True)
    lang: str
    text: str
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    readers: str
    message: str | None = Field(default=None, index=True)
    role: str = "visitor"
    created_at: datetime
    published_at: datetime | None = None
    declined_at: datetime | None = None
    changed_by: int | None = Field(default=None, foreign_key="participant.id")
    edition: int = 1
    withdrawn_at: datetime | None = None
    met_at: datetime | None = None
    followed_up_at: datetime | None = None


class Need(StatementRow, table=True):
    """A need, as its author sent it."""

    __table_args__: ClassVar[Any] = COUNTING
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Offer(StatementRow, table=True):
    """
    An offer, as its author sent it; its words are shown to nobody before the secretariat's check.

    *refused_at* is when the secretariat said no to the words as they are, *refusal* why.
    """

    __table_args__: ClassVar[Any] = COUNTING
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    checked_at: datetime | None = None
    refused_at: datetime | None = None
    refusal: str | None = None


class QueuedQuestion(SQLModel, table=True):
    """A question that waits for the secretariat, or was answered by it."""

    __tablename__ = "question"
    __table_args__: ClassVar[Any] = COUNTING
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
    """
    An announcement; *key* makes the second sending of the same one find the first.

    *kind* is announcement, safety or reminder, *state* one of `bot.broadcasts.State`. *words* is JSON of
    `bot.composing.Words`, *audience* of `bot.broadcasts.Audience`; *session* is the session that it is about.
    *starts_at* and *use_by* are the forum's time: before the one nothing leaves, after the other nothing more does.
    *reported_at* is when its officer was told that all of it had left. *edition* counts the corrections, from 1.
    *about_id* is the announcement that this one nudges about, or that took this one's change into its own message.
    """

    __table_args__ = (Index("broadcast_due", "state", "starts_at"), COUNTING)
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    kind: str = "announcement"
    state: str
    audience: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    words: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    session: str | None = None
    confirmable: bool = False
    about_id: int | None = Field(default=None, foreign_key="broadcast.id")
    created_by: int | None = Field(default=None, foreign_key="participant.id")
    approved_by: int | None = Field(default=None, foreign_key="participant.id")
    created_at: datetime
    starts_at: datetime
    use_by: datetime | None = None
    started_at: datetime | None = None
    corrected_at: datetime | None = None
    withdrawn_at: datetime | None = None
    reported_at: datetime | None = None
    edition: int = 1
    recipients: int = 0


class SharedCard(SQLModel, table=True):
    """The card of an announcement's edition in one language, which all its deliveries in that language carry."""

    __tablename__ = "shared_card"
    __table_args__ = (UniqueConstraint("broadcast_id", "edition", "lang"),)
    id: int | None = Field(default=None, primary_key=True)
    broadcast_id: int = Field(foreign_key="broadcast.id")
    edition: int
    lang: str
    card: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Delivery(SQLModel, table=True):
    """
    One message on its way to one chat: a row of the ledger.

    *kind* is one of `bot.deliveries.Kind`, or heard: what a participant said, kept where the channel shows the whole
    conversation. *state* is queued, sending, sent, failed or unknown; *owner* is the sender that marked it. The words
    are in *card*, or in the *shared_card_id* of an announcement. *replaces* is the platform's id of the message whose
    place it takes, or which it *deletes*; *corrects_id* is the delivery that brought that message. A *silent* one
    makes no sound where it arrives.
    *not_before*, *marked_at* and *settled_at* are machine time. With a *cause*, *not_before* is the platform's wish
    and holds up the whole chat; without one it is only this row's.

    *participant_id*, *broadcast_id* and *shared_card_id* are no foreign keys: the rows that they name are read or
    written in the same transaction. To check each of a hundred thousand costs PostgreSQL half of the enqueueing.
    """

    __table_args__ = (
        Index("delivery_due", "state", "channel", "kind", "broadcast_id", "id", **UNSETTLED),
        Index("delivery_held", "channel", "chat", **HELD),
        Index("delivery_chat", "channel", "user", "id"),
        Index("delivery_progress", "broadcast_id", "state"),
        Index("delivery_corrects", "corrects_id", **CORRECTING),
    )
    id: int | None = Field(default=None, sa_column=Column(Growing, primary_key=True))
    ref: str = Field(unique=True)
    kind: str
    priority: int
    participant_id: int = Field(index=True)
    broadcast_id: int | None = None
    channel: str
    user: str
    chat: str
    thread: str | None = None
    about: str | None = None
    replaces: str | None = None
    deletes: bool = False
    silent: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    corrects_id: int | None = Field(default=None, sa_column=Column(Growing, ForeignKey("delivery.id")))
    card: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    shared_card_id: int | None = None
    state: str = "queued"
    attempts: int = 0
    not_before: datetime | None = None
    owner: str | None = None
    message: str | None = None
    cause: str | None = None
    created_at: datetime
    marked_at: datetime | None = None
    settled_at: datetime | None = None


class DeliveryEvent(SQLModel, table=True):
    """
    Something out of the ordinary that happened to a delivery: a fault, a take-over, a resending.

    With the times in the row itself this is its history. *at* is machine time.
    """

    __tablename__ = "delivery_event"
    id: int | None = Field(default=None, sa_column=Column(Growing, primary_key=True))
    delivery_id: int = Field(sa_column=Column(Growing, ForeignKey("delivery.id"), nullable=False, index=True))
    at: datetime
    event: str
    cause: str | None = None
    attempts: int = 0
    actor_id: int | None = Field(default=None, foreign_key="participant.id")


class Confirmation(SQLModel, table=True):
    """A participant has tapped "OK" under an announcement; *at* is the forum's time."""

    broadcast_id: int = Field(primary_key=True, foreign_key="broadcast.id")
    participant_id: int = Field(primary_key=True, foreign_key="participant.id")
    at: datetime


class Following(SQLModel, table=True):
    """
    A participant follows a session and hears of its changes.

    *minutes* before its start they are reminded, never where it is None; *due_at* and *use_by* are the forum's time,
    worked out anew when the session moves. *reminded_at* is set once that is done, or was too late.
    """

    __table_args__ = (Index("following_due", "due_at"), Index("following_session", "session"))
    participant_id: int = Field(primary_key=True, foreign_key="participant.id")
    session: str = Field(primary_key=True)
    minutes: int | None = None
    due_at: datetime | None = None
    use_by: datetime | None = None
    reminded_at: datetime | None = None


class SessionChange(SQLModel, table=True):
    """
    What the secretariat changed in a session since the pack was loaded; the newest says how it stands.

    Each of *room*, *start* and *end* is None where it stays as the pack says. It holds once the announcement
    *broadcast_id* is out, or at once where that is None; *undone_at* takes it back.
    """

    __tablename__ = "session_change"
    id: int | None = Field(default=None, primary_key=True)
    session: str = Field(index=True)
    room: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    cancelled: bool = False
    broadcast_id: int | None = Field(default=None, foreign_key="broadcast.id")
    changed_by: int | None = Field(default=None, foreign_key="participant.id")
    changed_at: datetime
    undone_at: datetime | None = None


class LinkRequest(SQLModel, table=True):
    """
    A way for somebody to show who they are; *purpose* is one of `bot.links.Purpose`.

    Only digests are kept of its secrets and of the e-mail address that was typed. *channel* and *user* are the
    account that asked, or that used it; empty until then for what was given out on paper. *participant_id* is who
    asked, or to whom it was given out. *linked_at* is when somebody was linked by it. All times are the machine's.
    """

    __tablename__ = "link_request"
    __table_args__ = (Index("link_request_account", "channel", "user", "asked_at"), COUNTING)
    id: int | None = Field(default=None, primary_key=True)
    purpose: str
    token_digest: str = Field(unique=True)
    code_digest: str | None = None
    email_digest: str | None = Field(default=None, index=True)
    participant_id: int | None = Field(default=None, foreign_key="participant.id", index=True)
    channel: str = ""
    user: str = ""
    asked_at: datetime = Field(index=True)
    expires_at: datetime
    used_at: datetime | None = None
    failures: int = 0
    linked_at: datetime | None = None


class ClockReading(SQLModel, table=True):
    """
    The one row that says what the clock of whoever serves has *shown*, and at which machine time.

    *start* is the moment on which that clock was asked to start; None where it is the machine's.
    """

    __tablename__ = "clock_reading"
    id: int = Field(default=1, primary_key=True)
    read_at: datetime
    shown: datetime
    start: datetime | None = None


STATEMENTS: dict[Kind, type[StatementRow]] = {"need": Need, "offer": Offer}
LETTERS: dict[Kind, str] = {"need": "N", "offer": "O"}


def number_of(kind: Kind, row_id: int) -> str:
    """Return the number people see: `N-0012`, `O-0007`."""
    return numbered(LETTERS[kind], row_id)


def row_of(number: str) -> tuple[Kind, int] | None:
    """Return the kind and the row that a number names, None when it is not one."""
    for kind, letter in LETTERS.items():
        if (row := named(letter, number)) is not None:
            return kind, row
    return None


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
        "progress": "met" if row.met_at is not None else "open",
        **details,
    }
    return Statement(**plain)
