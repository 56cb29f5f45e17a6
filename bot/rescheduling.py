"""What becomes of a session with an announcement: one change at a time, and several in a row as one message."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session as Database
from sqlmodel import col
from sqlmodel import select as select_rows

from bot.broadcasts import MERGES, Announcement, BeingChanged, Change
from bot.compositions import Words
from bot.desk import Desk, number_of, words_of
from bot.errors import Refused
from bot.reasons import because
from bot.store import Broadcast, SessionChange
from knowledge.forum import Session
from knowledge.snapshot import Snapshot

CHANGES: Any = SessionChange.__table__  # type: ignore[attr-defined]
MOVES = ("room_change", "time_change", "delay")
"""Templates that say where a session is, or when; `room_change` can say both."""


def session_of(change: Change, know: Snapshot) -> Session:
    """Return the session that *change* is about; raises Refused when the programme has none, or it stays as it is."""
    session = know.programme.get(change.session)
    if session is None:
        ids = ", ".join(one.id for one in know.programme)
        raise Refused(because("session_gone", f"“{change.session}” is not a session; one of: {ids}"))
    if change.room is not None and change.room not in know.rooms:
        ids = ", ".join(know.rooms)
        raise Refused(because("room_gone", f"“{change.room}” is not a room; one of: {ids}"))
    if any(at is not None and at.tzinfo is None for at in (change.start, change.end)):
        raise Refused("the time has no zone; write it like 2022-09-13T14:30+07:00")
    start = change.start or session.starts
    if (change.end or start + (session.ends - session.starts)) <= start:
        ends = f"{change.session} would end before it begins; give a later end"
        raise Refused(because("ends_before_it_begins", ends, session=session.title))
    if change.cancelled and session.cancelled:
        cancelled = f"{change.session} is cancelled already"
        raise Refused(because("cancelled_already", cancelled, session=session.title))
    after = (change.room or session.room, start, change.end or session.ends, change.cancelled)
    if after == (session.room, session.starts, session.ends, session.cancelled):
        there = f"{change.session} is there, and at that time, already; name another room or time"
        raise Refused(because("unchanged", there, session=session.title))
    return session


def keep(database: Database, row: Broadcast, change: Change, now: datetime, officer: int | None) -> None:
    """Keep *change*, which holds from the moment when *row* is out."""
    database.add(
        SessionChange(
            session=change.session,
            room=change.room,
            start=change.start,
            end=change.end,
            cancelled=change.cancelled,
            broadcast_id=row.id,
            changed_by=officer,
            changed_at=now,
        )
    )
    database.flush()


def undo(database: Database, row: Broadcast, now: datetime) -> None:
    """Let what *row* changed be as it was before."""
    mine = (CHANGES.c.broadcast_id == row.id) & CHANGES.c.undone_at.is_(None)
    database.execute(update(CHANGES).where(mine).values(undone_at=now))


def of(database: Database, row: Broadcast) -> Change | None:
    """Return what becomes of a session with *row*, None when nothing does."""
    mine = select_rows(SessionChange).where(
        col(SessionChange.broadcast_id) == row.id, col(SessionChange.undone_at).is_(None)
    )
    found = database.exec(mine.order_by(col(SessionChange.id).desc())).first()
    return Change(found.session, found.room, found.start, found.end, found.cancelled) if found else None


def newest(database: Database, session: str) -> tuple[int, int | None]:
    """Return the newest change of *session* that was not undone, and its announcement; 0 when there is none."""
    mine = select(CHANGES.c.id, CHANGES.c.broadcast_id).where(
        CHANGES.c.session == session, CHANGES.c.undone_at.is_(None)
    )
    found = database.execute(mine.order_by(CHANGES.c.id.desc()).limit(1)).first()
    return (found.id, found.broadcast_id) if found else (0, None)


def earlier(desk: Desk, announcement: Announcement) -> Broadcast | None:
    """
    Return the actor's own waiting change of the same session, which *announcement* can take into its message.

    Raises BeingChanged while another officer's change of it waits. Safety messages are neither merged nor kept waiting.
    """
    change = announcement.change
    if change is None or announcement.kind == "safety":
        return None
    waiting = (
        select_rows(Broadcast)
        .join(SessionChange, col(SessionChange.broadcast_id) == col(Broadcast.id))
        .where(col(SessionChange.session) == change.session, col(SessionChange.undone_at).is_(None))
        .where(col(Broadcast.state).in_(("awaiting", "held")))
        .order_by(col(Broadcast.id).desc())
    )
    mine = None
    for row in desk.session.exec(waiting):
        if row.created_by != desk.actor.id:
            title = session_of(change, desk.press.know).title.in_(desk.actor.reads)
            raise BeingChanged(number_of(row), desk.officer(row), title, row.starts_at - desk.now)
        recent = row.created_at > desk.now - MERGES and row.audience == announcement.audience.to_json()
        mine = mine or (row if recent else None)
    return mine


def merged(newer: Announcement, older: Broadcast, change: Change) -> Announcement | None:
    """
    Return *newer* with what the *older* one said about the same session, *change*; None where words cannot say both.

    A cancellation says it all. Own texts follow one another.
    """
    assert newer.change is not None  # noqa: S101 - the caller looked
    whole, words, before = newer.change.over(change), newer.words, words_of(older)
    if newer.change.cancelled:
        said: Words | None = words
    elif words.template is None and before.template is None:
        said = _one_after_the_other(before, words)
    elif words.template in MOVES and before.template in MOVES:
        said = _room_and_time(whole, before, words)
    else:
        said = None
    return replace(newer, words=said, change=whole) if said is not None else None


def _one_after_the_other(first: Words, then: Words) -> Words:
    texts = {}
    for lang in {**first.texts, **then.texts}:
        parts = (words.texts.get(lang, words.texts["en"]) for words in (first, then))
        texts[lang] = "\n\n".join(dict.fromkeys(parts))
    return replace(then, texts=texts)


def _room_and_time(change: Change, first: Words, then: Words) -> Words:
    if change.room is None or change.start is None:
        return then
    ways = (words.slots.get("way") for words in (then, first))
    slots = {
        "session": change.session,
        "room": change.room,
        "time": change.start.isoformat(),
        "way": next((way for way in ways if way), None),
    }
    return Words("room_change", {name: value for name, value in slots.items() if value})
