"""Meetings whose room a session has come to need: they move to another place, or their sides are offered one."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot import identity, meetings
from bot.desk import Press
from bot.dialogue import say
from bot.meeting_commands import Slot
from bot.meeting_slots import Taken, free, is_in_session, occupy, offered, release
from bot.meetings import MeetingRow, booked, id_of, settle_due, sides
from bot.notices import Notice, notify
from bot.participants import keep_everybody

OFFERED = 3
"""Times that are offered at once."""


def make_way(session: Session, press: Press, now: datetime) -> int:
    """
    Move each meeting to come out of a room in which a session is then, and return how many there were.

    It goes to another place at the same time where one is free, and all are told; else it is booked no more, and all
    are offered the nearest times. What another process moves at the moment is left to it.
    """
    rooms = [place.id for place in press.know.places.values() if place.is_whole_room]
    ahead = select_rows(MeetingRow).where(
        col(MeetingRow.state) == "booked", col(MeetingRow.place).in_(rooms), col(MeetingRow.starts_at) > now
    )
    if not rooms or session.exec(ahead.limit(1)).first() is None:
        return 0
    keep_everybody(session)
    moved = 0
    for row in session.exec(ahead.order_by(col(MeetingRow.id)).with_for_update(skip_locked=True)).all():
        slot = booked(row)
        if slot is not None and is_in_session(press.know, press.know.places[slot.place], slot):
            _move(session, press, row, slot, now)
            moved += 1
    return moved


def _move(session: Session, press: Press, row: MeetingRow, before: Slot, now: datetime) -> None:
    people = [side.participant_id for side in sides(session, row)]
    found = free(session, press.know, people, now, id_of(row))
    there = any(_comes_to(session, row, slot, people) for slot in found if slot.starts == before.starts)
    if not there:
        row.state, row.place, row.starts_at, row.ends_at = "lapsed", None, None, None
        release(session, id_of(row))
    row.held_place = row.held_from = row.held_to = row.held_by = row.held_until = None
    row.revision, row.changed_at = row.revision + 1, now
    settle_due(row)
    session.add(row)
    session.flush()
    nearest = () if there else offered(found, OFFERED, before.starts)
    told = [
        Notice(
            person,
            say(
                "meeting/moved",
                meeting=meetings.seen_one(session, row, identity.actor_of(session, person), now),
                before=before,
                nearest=nearest,
                rehearsal=bool(press.ahead),
            ),
        )
        for person in people
    ]
    notify(session, press, told, now)


def _comes_to(session: Session, row: MeetingRow, slot: Slot, people: Iterable[int]) -> bool:
    """Book *slot* for the meeting, and tell whether it could be had: somebody may have taken it a moment ago."""
    try:
        occupy(session, id_of(row), [slot], {person: [slot] for person in people})
    except Taken:
        return False
    row.place, row.starts_at, row.ends_at = slot.place, slot.starts, slot.ends
    return True
