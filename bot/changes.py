"""What holds since the pack was loaded: changes of the programme, and good practices that delegates told of."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session as Database

from bot import practices
from bot.broadcasts import Change
from bot.prepared import Prepared
from bot.store import Broadcast, SessionChange
from knowledge.forum import Programme, Session, Was
from knowledge.snapshot import Snapshot

OUT = ("running", "paused", "cancelled")
"""States of an announcement that has told somebody: from then on its change holds."""

CHANGES: Any = SessionChange.__table__  # type: ignore[attr-defined]
BROADCASTS: Any = Broadcast.__table__  # type: ignore[attr-defined]
HOLDING = Prepared(
    select(CHANGES.c.session, CHANGES.c.room, CHANGES.c.start, CHANGES.c.end, CHANGES.c.cancelled)
    .outerjoin(BROADCASTS, BROADCASTS.c.id == CHANGES.c.broadcast_id)
    .where(
        CHANGES.c.undone_at.is_(None),
        or_(CHANGES.c.broadcast_id.is_(None), *(BROADCASTS.c.state == state for state in OUT)),
    )
    .order_by(CHANGES.c.id)
)


def holding(session: Database) -> tuple[Change, ...]:
    """Return the changes that hold at this moment, oldest first."""
    return tuple(Change(*row) for row in HOLDING.rows(session, {}))


def changed(know: Snapshot, changes: Iterable[Change]) -> Snapshot:
    """
    Return *know* with *changes* made to its programme, the later ones over the earlier; the rest is shared.

    A session that is in the programme no more, or a room, is passed over.
    """
    states: dict[str, Change] = {}
    for change in changes:
        states[change.session] = _over(states.get(change.session), change)
    if not states:
        return know
    sessions = (_changed(session, states.get(session.id), know) for session in know.programme)
    return know.with_programme(Programme(sessions))


def _over(before: Change | None, change: Change) -> Change:
    """Return what *change* leaves of *before*; whether the session is cancelled is as the later one says."""
    if before is None:
        return change
    return replace(
        change,
        room=change.room or before.room,
        start=change.start or before.start,
        end=change.end or before.end,
    )


def _changed(session: Session, change: Change | None, know: Snapshot) -> Session:
    if change is None:
        return session
    zone = know.forum.time_zone
    room = change.room if change.room and change.room in know.rooms else session.room
    starts = change.start.astimezone(zone) if change.start else session.starts
    # A session that only begins at another time lasts as long as before.
    ends = change.end.astimezone(zone) if change.end else session.ends + (starts - session.starts)
    was = Was(
        room=session.room if room != session.room else None,
        starts=session.starts if starts != session.starts else None,
        ends=session.ends if ends != session.ends else None,
    )
    return replace(
        session,
        room=room,
        starts=starts,
        ends=max(ends, starts),
        was=was if was != Was() else None,
        cancelled=change.cancelled,
    )


class Overlay:
    """Gives each turn the snapshot with what holds besides; the newest one is kept, and asked for again."""

    def __init__(self) -> None:
        self._kept: tuple[Snapshot, tuple[Change, ...], Snapshot] | None = None
        self._told: tuple[Snapshot, practices.Edition, Snapshot] | None = None

    def of(self, session: Database, know: Snapshot) -> Snapshot:
        """Return *know* with what has changed or was published by this moment, as *session*'s transaction sees it."""
        know = self._with_practices(session, know)
        changes = holding(session)
        if not changes:
            return know
        kept = self._kept
        if kept is None or kept[0] is not know or kept[1] != changes:
            self._kept = kept = (know, changes, changed(know, changes))
        return kept[2]

    def _with_practices(self, session: Database, know: Snapshot) -> Snapshot:
        edition = practices.edition(session)
        if not edition:
            return know
        told = self._told
        if told is None or told[0] is not know or told[1] != edition:
            self._told = told = (know, edition, know.with_practices(practices.published(session)))
        return told[2]
