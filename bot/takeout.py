"""What is kept about a participant, as they read it: in short, and all of it as a file that they take along."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from bot import audit, consent
from bot.desk import Press
from bot.forgetting import places
from bot.links import SECRET as STANDS_FOR
from bot.markup import plain
from bot.messages import Attachment
from bot.ownership import owned
from bot.participants import PEOPLE, Actor
from bot.store import Delivery, Inbox, KeptConversation, SharedCard

PAUSE = timedelta(hours=1)
"""Between two copies."""
SECRET = ("_digest",)
"""Ends of the names of columns that hold what is worth nothing but to a thief."""
INBOX: Any = Inbox.__table__  # type: ignore[attr-defined]
SHARED: Any = SharedCard.__table__  # type: ignore[attr-defined]
COUNTED = ("need", "offer", "question", "following", "delivery")

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """
    What is kept about a participant, in short; *counts* maps a table to the number of their rows in it.

    *consents* are those that they have not taken back.
    """

    name: str | None
    email: str | None
    country: str | None
    role: str
    language: str | None
    visible_to: str
    consented: datetime | None
    channels: tuple[str, ...]
    counts: Mapping[str, int]
    consents: tuple[consent.Agreed, ...] = ()
    unmatched: bool = False


@dataclass(frozen=True, slots=True)
class TakenAlong:
    """A copy, or, where the last one is less than an hour old, when the next can be had."""

    file: Attachment | None
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the readable page: what kind of thing it holds, and its lines, each with its time where it has one."""

    kind: str
    lines: tuple[tuple[datetime | None, str], ...]


def kept(session: Session, actor: Actor) -> Kept:
    """Return what is kept about *actor*, in short."""
    counts = {}
    for table, column in owned():
        if table.name in COUNTED and column.name == "participant_id":
            query = select(func.count()).select_from(table).where(column == actor.id)
            counts[table.name] = int(session.execute(query).scalar_one())
    consents = consent.agreed(session, actor)
    return Kept(
        name=actor.name,
        email=actor.email,
        country=actor.country,
        role=actor.role,
        language=actor.language,
        visible_to=actor.visible_to,
        unmatched=actor.unmatched,
        consented=max((one.at for one in consents), default=None),
        channels=tuple(sorted({one.channel for one in places(session, actor.id)})),
        counts=counts,
        consents=consents,
    )


def take_along(session: Session, actor: Actor, press: Press, now: datetime) -> TakenAlong:
    """Return a copy of all that is kept about *actor*, and keep in the record that it was taken."""
    assert actor.id is not None  # noqa: S101 - told by the caller
    machine = now - press.ahead
    subject = audit.subject_of(session, actor.id)
    taken = [entry.at for entry in audit.entries(session, subject=subject) if entry.action == "take_along"]
    if taken and machine < taken[-1] + PAUSE:
        return TakenAlong(None, taken[-1] + PAUSE + press.ahead)
    audit.record(session, actor.id, "take_along", machine, on_behalf=actor.role)
    data = gathered(session, actor, subject)
    day = now.astimezone(press.know.forum.time_zone)
    page = press.wording.page(
        "mydata/page", actor.reads, press.know, sections=sections(data, press), taken=now
    )
    file = Attachment(
        name=f"my-data-{day:%Y%m%d}.zip",
        media_type="application/zip",
        content=_zipped({"my-data.json": _as_json(data), "my-data.html": page}, day),
        description=press.wording.text("mydata/description", actor.reads),
    )
    return TakenAlong(file)


def gathered(session: Session, actor: Actor, subject: str | None = None) -> dict[str, Rows]:
    """
    Return all rows about *actor* by their table, as JSON values but for times.

    Every column of the schema that says whose a row is is looked at, so that no table can be left out.
    """
    found: dict[str, Rows] = {"participant": _rows(session, PEOPLE, PEOPLE.c.id == actor.id)}
    for table, column in owned():
        if column.name == "participant_id":
            found[table.name] = _rows(session, table, column == actor.id)
        elif rows := session.execute(select(*table.primary_key).where(column == actor.id)).all():
            found[f"{table.name}.{column.name}"] = [dict(row._mapping) for row in rows]
    for place in places(session, actor.id):
        heard = (INBOX.c.channel == place.channel) & (INBOX.c.user == place.user)
        found.setdefault(INBOX.name, []).extend(_rows(session, INBOX, heard))
    for row in found[Delivery.__tablename__]:  # type: ignore[index]
        _complete(session, row)
    if subject is not None:
        entries = audit.entries(session, subject=subject)
        found["audit_entry"] = [entry.model_dump(exclude={"before", "hash"}) for entry in entries]
    return found


def _rows(session: Session, table: Any, mine: Any) -> Rows:
    shown = [column for column in table.columns if not column.name.endswith(SECRET)]
    return [dict(row._mapping) for row in session.execute(select(*shown).where(mine))]


def _complete(session: Session, row: dict[str, Any]) -> None:
    """Put into *row* the words that it shares with others; leave out the file that came with them, and secrets."""
    if row["card"] is None and row["shared_card_id"] is not None:
        shared = select(SHARED.c.card).where(SHARED.c.id == row["shared_card_id"])
        row["card"] = session.execute(shared).scalar()
    card = {name: value for name, value in (row["card"] or {}).items() if name != "attachment"}
    if "fields" in card:
        card["fields"] = [[label, STANDS_FOR.sub("•••", value)] for label, value in card["fields"]]
    row["card"] = card


def _as_json(data: Mapping[str, Rows]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, default=_written)


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _zipped(files: Mapping[str, str], at: datetime) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Half of a surrogate pair, which a phone may cut off, is no reason to refuse somebody their data.
            archive.writestr(entry, content.encode(errors="replace"))
    return held.getvalue()


HIDDEN = frozenset({"audit_subject", KeptConversation.__tablename__, Inbox.__tablename__})
"""Tables that are in the JSON only: they say nothing to a reader."""


def sections(data: Mapping[str, Rows], press: Press) -> tuple[Section, ...]:
    """Return the readable page's parts; a table that nobody has thought of is shown as it is."""
    return tuple(
        Section(name, tuple(_line(name, row, press) for row in rows))
        for name, rows in data.items()
        if rows and name not in HIDDEN
    )


def _line(name: str, row: Mapping[str, Any], press: Press) -> tuple[datetime | None, str]:
    match name:
        case "need" | "offer":
            return row["created_at"], row["text"]
        case "question":
            return row["asked_at"], " → ".join(filter(None, (row["text"], row["answer"])))
        case "delivery":
            return row["created_at"], _said(row["card"])
        case "following":
            session = press.know.programme.get(row["session"])
            return row["due_at"], session.title.in_("en") if session else row["session"]
        case "audit_entry":
            return row["at"], row["action"]
        case "consent":
            return row["at"], f"{row['kind']} {row['version']} ({row['lang']})"
        case _:
            facts = (
                f"{key}: {_written(value)}" for key, value in row.items() if value not in (None, "", False)
            )
            return None, "; ".join(facts)


def _said(card: Mapping[str, Any]) -> str:
    """Return the words of *card*, or what was heard."""
    if "heard" in card:
        return f"> {card['heard']}"
    fields: Iterable[str] = (": ".join(pair) for pair in card.get("fields", ()))
    lines = (card.get("heading", ""), card.get("body", ""), *fields)
    return plain("\n".join(filter(None, lines)))
