"""Meetings of somebody who is to be forgotten: their delegation's focal point may come in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from bot import identity, meetings
from bot.delegations import focal_points
from bot.dialogue import say
from bot.meeting_commands import Meeting
from bot.meeting_slots import Taken, occupy
from bot.meetings import SIDES, MeetingRow, MeetingSide, booked, id_of, settle_due, sides
from bot.notices import Notice
from bot.participants import keep_everybody
from bot.rights import GOVERNMENTS

if TYPE_CHECKING:
    from bot.records import Records


def can_be_handed_on(records: Records) -> tuple[Meeting, ...]:
    """
    Return the actor's meetings to which a focal point of their delegation may come in their place, by their numbers.

    All sides know already which country meets which: whoever comes learns no more, and shows no more.
    """
    if not _heirs(records):
        return ()
    rows = meetings.mine(records.session, records.actor.id)
    return tuple(
        meeting
        for row in rows
        if (meeting := _seen_by(records, row, records.actor_id)).is_ahead(records.now)
        and all(_is_of_countries(records, row, side) for side in sides(records.session, row))
    )


def hand_all_on(records: Records) -> None:
    """Let a focal point come to each of these meetings who has nothing else then, and tell everybody who comes."""
    keep_everybody(records.session)
    heirs = _heirs(records)
    for meeting in can_be_handed_on(records):
        row = meetings.held(records.desk, meeting.number)
        heir = next((one for one in heirs if _comes(records, row, one)), None)
        if heir is not None:
            _tell(records, row, heir)


def _heirs(records: Records) -> list[int]:
    actor = records.actor
    if actor.country is None or actor.role not in GOVERNMENTS or not actor.confirmed:
        return []
    return [one for one in focal_points(records.session, actor.country) if one != actor.id]


def _comes(records: Records, row: MeetingRow, heir: int) -> bool:
    """Put *heir* in the actor's place, and tell whether they are free for that; nothing changes where they are not."""
    session, slot = records.session, booked(row)
    people = {side.participant_id for side in sides(session, row)}
    if slot is None or heir in people:
        return False
    come = (people | {heir}) - {records.actor_id}
    try:
        with session.begin_nested():
            occupy(session, id_of(row), [slot], {one: [slot] for one in come})
    except Taken:
        return False
    gone = (SIDES.c.meeting_id == row.id) & (SIDES.c.participant_id == records.actor_id)
    session.execute(delete(SIDES).where(gone))
    session.add(MeetingSide(meeting_id=id_of(row), participant_id=heir, agreed=True))
    # The introduction goes with whoever leaves, and what was proposed besides with it.
    row.about = row.held_place = row.held_from = row.held_to = row.held_by = row.held_until = None
    row.revision, row.changed_at = row.revision + 1, records.now
    settle_due(row)
    session.add(row)
    session.flush()
    return True


def _tell(records: Records, row: MeetingRow, heir: int) -> None:
    for side in sides(records.session, row):
        meeting = _seen_by(records, row, side.participant_id)
        who = next((one for one in meeting.others if one.person == heir), None)
        told = say("meeting/handed_on", meeting=meeting, who=who, rehearsal=bool(records.press.ahead))
        records.notices.append(Notice(side.participant_id, told))


def _seen_by(records: Records, row: MeetingRow, person: int) -> Meeting:
    reader = identity.actor_of(records.session, person)
    return meetings.seen_one(records.session, row, reader, records.now)


def _is_of_countries(records: Records, row: MeetingRow, side: MeetingSide) -> bool:
    """Tell whether that side may see which countries it meets."""
    return all(one.country for one in _seen_by(records, row, side.participant_id).others)
