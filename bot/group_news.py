"""What the secretariat writes to the working groups."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot.group_commands import Word

DIGEST = time(18)
"""When the day's digest leaves, at the forum's place."""
SHOWN = 3


class GroupWord(SQLModel, table=True):
    """
    Words to a working group: JSON of texts by language, in English at least.

    *digest_at* is the forum's time of the digest they are told in, *told_at* when that was done.
    """

    __tablename__ = "group_word"
    id: int | None = Field(default=None, primary_key=True)
    group: str = Field(index=True)
    texts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    public: bool
    written_by: int | None = Field(default=None, foreign_key="participant.id")
    written_at: datetime
    digest_at: datetime
    told_at: datetime | None = None


WORDS: Any = GroupWord.__table__  # type: ignore[attr-defined]


def keep(
    session: Session,
    group: str,
    texts: Mapping[str, str],
    public: bool,
    author: int | None,
    now: datetime,
    zone: ZoneInfo,
) -> datetime:
    """Keep the words and return when they are told."""
    local = now.astimezone(zone)
    digest = datetime.combine(local.date(), DIGEST, zone)
    digest = digest if digest > local else digest + timedelta(days=1)
    session.add(
        GroupWord(
            group=group,
            texts=dict(texts),
            public=public,
            written_by=author,
            written_at=now,
            digest_at=digest,
        )
    )
    session.flush()
    return digest


def newest(session: Session, group: str, *, public: bool) -> tuple[Word, ...]:
    """Return the newest words to the group, the latest first; only the *public* ones where that is set."""
    query = select_rows(GroupWord).where(col(GroupWord.group) == group)
    query = query.where(col(GroupWord.public)) if public else query
    rows = session.exec(query.order_by(col(GroupWord.id).desc()).limit(SHOWN))
    return tuple(Word(row.texts, row.public, row.written_at) for row in rows)
