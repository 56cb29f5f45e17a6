"""What is new in the working groups, told to those who follow them once a day."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot.audiences import PEOPLE, muted
from bot.desk import Press
from bot.dialogue import say
from bot.group_commands import Word
from bot.group_news import WORDS, GroupWord
from bot.groups import PLACES
from bot.notices import Notice, notify
from bot.prepared import Prepared

FIRST_DUE = Prepared(select(func.min(WORDS.c.digest_at)).where(WORDS.c.told_at.is_(None)))


def next_digest(session: Session, _now: datetime) -> datetime | None:
    """Return when the next digest leaves, None when nothing is new."""
    found: datetime | None = FIRST_DUE.scalar(session)
    return found


def send_digest(session: Session, press: Press, now: datetime) -> None:
    """Tell each follower in one message what is new in their groups; who wants quiet reads it under the group."""
    due = select_rows(GroupWord).where(col(GroupWord.told_at).is_(None), col(GroupWord.digest_at) <= now)
    rows = session.exec(due.order_by(col(GroupWord.id)).with_for_update(skip_locked=True)).all()
    if not rows:
        return
    for row in rows:
        row.told_at = now
        session.add(row)
    notices = [
        Notice(person, say("group/digest", news=news)) for person, news in _read_by(session, press, rows, now)
    ]
    notify(session, press, notices, now)


def _read_by(
    session: Session, press: Press, rows: Iterable[GroupWord], now: datetime
) -> list[tuple[int, list[tuple[Any, list[Word]]]]]:
    """Return for each follower their groups with the words that are new to them there, in the order of the groups."""
    who = select(PLACES.c.participant_id, PLACES.c.group, PLACES.c.confirmed_at)
    who = who.join(PEOPLE, PEOPLE.c.id == PLACES.c.participant_id)
    who = who.where(~muted("announcement", changes=False, now=now)).order_by(PLACES.c.participant_id)
    places = session.execute(who).all()
    found: dict[int, list[tuple[Any, list[Word]]]] = {}
    for group in press.know.groups.values():
        words = [
            (row.public, Word(row.texts, row.public, row.written_at)) for row in rows if row.group == group.id
        ]
        for place in places:
            new = [word for public, word in words if public or place.confirmed_at is not None]
            if place.group == group.id and new:
                found.setdefault(place.participant_id, []).append((group, new))
    return list(found.items())
