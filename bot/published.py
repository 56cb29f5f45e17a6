"""What the secretariat answered and published since the pack was loaded: entries of the knowledge like the pack's."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, col, select

from bot.store import COUNTING
from knowledge.forum import Entry
from knowledge.vocabulary import Localised


class PublishedAnswer(SQLModel, table=True):
    """
    An answer that everybody gets who asks; the pack's *topic* has it where that had none.

    *texts* maps a language to the answer, *phrasings* one to the ways in which people asked. *edition* counts its
    changes.
    """

    __tablename__ = "published_answer"
    __table_args__: ClassVar[Any] = COUNTING
    id: int | None = Field(default=None, primary_key=True)
    topic: str | None = None
    title: str
    lang: str
    texts: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    phrasings: dict[str, list[str]] = Field(sa_column=Column(JSON, nullable=False))
    published_at: datetime
    published_by: int | None = Field(default=None, foreign_key="participant.id")
    edition: int = 1
    withdrawn_at: datetime | None = None


def published(session: Session) -> tuple[PublishedAnswer, ...]:
    """Return what is published, oldest first."""
    holding = select(PublishedAnswer).where(col(PublishedAnswer.withdrawn_at).is_(None))
    return tuple(session.exec(holding.order_by(col(PublishedAnswer.id))))


def version(session: Session) -> str:
    """Return what changes with whatever is published; empty while nothing is."""
    states = select(PublishedAnswer.id, PublishedAnswer.edition).where(
        col(PublishedAnswer.withdrawn_at).is_(None)
    )
    rows = [list(row) for row in session.exec(states.order_by(col(PublishedAnswer.id)))]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest() if rows else ""


def entries(rows: Iterable[PublishedAnswer], pack: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return *rows* as entries, each by its key; one with a topic of the *pack* is called and asked for as there."""
    return {entry.key: entry for entry in (_entry(row, pack.get(row.topic or "")) for row in rows)}


def _entry(row: PublishedAnswer, topic: Entry | None) -> Entry:
    asked = {lang: tuple(texts) for lang, texts in row.phrasings.items()}
    body, day = Localised(row.texts), row.published_at.date()
    if topic is None:
        title = Localised({row.lang: row.title})
        return Entry(f"answered_{row.id}", title, asked, body, None, day, answered_at=row.published_at)
    for lang, texts in topic.phrasings.items():
        asked[lang] = tuple(dict.fromkeys((*texts, *asked.get(lang, ()))))
    return replace(topic, phrasings=asked, body=body, source=None, checked=day, answered_at=row.published_at)
