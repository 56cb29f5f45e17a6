"""What happens to a meeting by itself: what is held is let go, its sides are reminded, and asked whether they met."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot import identity, meetings
from bot.audiences import muted
from bot.desk import Press
from bot.dialogue import say
from bot.meeting_commands import Slot
from bot.meeting_slots import occupy
from bot.meetings import MEETINGS, MeetingRow, booked, id_of, proposal, settle_due, sides
from bot.notices import Notice, notify
from bot.participants import PEOPLE
from bot.prepared import Prepared

AT_ONCE = 50
"""Meetings of one transaction: turns wait meanwhile."""
OF_USE = timedelta(hours=3)
"""How long after a meeting it is of use to ask whether it took place."""


FIRST_DUE = Prepared(select(func.min(MEETINGS.c.due_at)))


def next_due(session: Session, _now: datetime) -> datetime | None:
    """Return when something is to be done next (the forum's time), None when nothing waits."""
    found: datetime | None = FIRST_DUE.scalar(session)
    return found


def do_due(session: Session, press: Press, now: datetime) -> None:
    """Do what is due of AT_ONCE meetings; what another process has just taken up is left to it."""
    due = select_rows(MeetingRow).where(col(MeetingRow.due_at) <= now).order_by(col(MeetingRow.due_at))
    for row in session.exec(due.limit(AT_ONCE).with_for_update(skip_locked=True)).all():
        notices = [*_let_go(session, row, now), *_remind(session, row, now), *_ask(session, row, now)]
        settle_due(row)
        session.add(row)
        session.flush()
        told = [
            Notice(person, say(template, meeting=_seen(session, row, person, now), **values, **_mark(press)))
            for person, template, values in notices
        ]
        notify(session, press, told, now)


def _mark(press: Press) -> dict[str, bool]:
    return {"rehearsal": bool(press.ahead)}


def _seen(session: Session, row: MeetingRow, person: int, now: datetime) -> Any:
    return meetings.seen_one(session, row, identity.actor_of(session, person), now)


def _let_go(session: Session, row: MeetingRow, now: datetime) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Hold no longer what nobody answered in time, and tell whoever proposed it."""
    slot = proposal(row)
    if slot is None or row.state == "lapsed" or row.held_until is None or row.held_until > now:
        return
    stands, by = booked(row), row.held_by
    if row.state == "booked":
        row.held_place = row.held_from = row.held_to = row.held_by = row.held_until = None
    else:
        row.state = "lapsed"
    _release(session, row, stands if row.state == "booked" else None)
    if by is not None and by in {side.participant_id for side in sides(session, row)}:
        yield by, "meeting/lapsed", {"slot": slot}
    elif by is not None:
        yield by, "bookings/meeting", {"over": False}


def _release(session: Session, row: MeetingRow, stands: Slot | None) -> None:
    """Keep only what is booked."""
    people = {side.participant_id: [stands] if stands else [] for side in sides(session, row)}
    occupy(session, id_of(row), [stands] if stands else [], people)


def _remind(session: Session, row: MeetingRow, now: datetime) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Remind both sides; what came too late is of no use, and who wants quiet has it."""
    if row.state != "booked" or row.starts_at is None or row.reminded_at is not None:
        return
    if row.starts_at - meetings.REMINDED > now:
        return
    row.reminded_at = now
    if now < row.starts_at:
        minutes = -((now - row.starts_at) // timedelta(minutes=1))
        for person in _listening(session, row, now):
            yield person, "meeting/reminder", {"minutes": minutes}


def _ask(session: Session, row: MeetingRow, now: datetime) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Ask both sides whether they met."""
    if row.state != "booked" or row.ends_at is None or row.asked_at is not None:
        return
    if row.ends_at + meetings.ASKED > now:
        return
    row.asked_at = now
    if now < row.ends_at + OF_USE:
        for person in _listening(session, row, now):
            yield person, "meeting/did_you_meet", {}


def _listening(session: Session, row: MeetingRow, now: datetime) -> list[int]:
    """Return the sides of a meeting who do not want quiet now."""
    people = [side.participant_id for side in sides(session, row)]
    quiet = select(PEOPLE.c.id).where(PEOPLE.c.id.in_(people), muted("reminder", changes=False, now=now))
    silent = set(session.execute(quiet).scalars())
    return [person for person in people if person not in silent]
