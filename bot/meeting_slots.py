"""
Who and what is taken when: a row for each five minutes of a place and of a person, which there can be only once.

So nothing is booked twice, whatever is asked for at the same moment.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel

from bot.following import FOLLOWING
from bot.meeting_commands import Slot
from knowledge.meeting_places import STEP, MeetingPlace
from knowledge.snapshot import Snapshot

Span = tuple[datetime, datetime]


class PlaceTaken(SQLModel, table=True):
    """Five minutes from *at* that a meeting has a place."""

    __tablename__ = "place_taken"
    place: str = Field(primary_key=True)
    at: datetime = Field(primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)


class PersonTaken(SQLModel, table=True):
    """Five minutes from *at* that a participant has promised to a meeting."""

    __tablename__ = "person_taken"
    participant_id: int = Field(primary_key=True, foreign_key="participant.id")
    at: datetime = Field(primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)


PLACES: Any = PlaceTaken.__table__  # type: ignore[attr-defined]
PERSONS: Any = PersonTaken.__table__  # type: ignore[attr-defined]


class Taken(Exception):
    """A place, or a person, has another meeting then; *what* is `table_taken` or `busy`."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def steps(slot: Slot) -> Iterator[datetime]:
    """Yield the beginning of each five minutes of *slot*."""
    at = slot.starts
    while at < slot.ends:
        yield at
        at += STEP


def occupy(
    session: Session, meeting: int, places: Iterable[Slot], people: Mapping[int, Iterable[Slot]]
) -> None:
    """
    Let *meeting* have the *places* and the time of the *people*, and nothing else; raises Taken, with nothing changed.

    Rows are written in one order by everybody, so that nobody waits in a ring.
    """
    wanted_places = {(slot.place, at) for slot in places for at in steps(slot)}
    wanted_people = {(one, at) for one, slots in people.items() for slot in slots for at in steps(slot)}
    with session.begin_nested():
        _bring_in_line(session, PLACES, PLACES.c.place, meeting, wanted_places, "table_taken")
        _bring_in_line(session, PERSONS, PERSONS.c.participant_id, meeting, wanted_people, "busy")


def _bring_in_line(
    session: Session,
    table: Any,
    whose: Any,
    meeting: int,
    wanted: Collection[tuple[Any, datetime]],
    what: str,
) -> None:
    mine = table.c.meeting_id == meeting
    held = {(row[0], row[1]) for row in session.execute(select(whose, table.c.at).where(mine))}
    for one, at in sorted(held - set(wanted)):
        session.execute(delete(table).where(mine, whose == one, table.c.at == at))
    rows = [{whose.name: one, "at": at, "meeting_id": meeting} for one, at in sorted(set(wanted) - held)]
    try:
        if rows:
            session.execute(insert(table), rows)
    except IntegrityError as exc:
        raise Taken(what) from exc


def release(session: Session, meeting: int) -> None:
    """Let *meeting* have nothing any more."""
    for table in (PLACES, PERSONS):
        session.execute(delete(table).where(table.c.meeting_id == meeting))


def free(
    session: Session, know: Snapshot, people: Collection[int], now: datetime, meeting: int | None = None
) -> list[Slot]:
    """
    Return every slot to come at which a place with seats for *people* can be had and none of them is elsewhere.

    They are elsewhere in the sessions that they follow, pauses apart, and in their meetings, *meeting* itself apart.
    """
    taken = _taken(session, PLACES, PLACES.c.place, meeting)
    busy = {at for _, at in _taken(session, PERSONS, PERSONS.c.participant_id, meeting, people)}
    sessions = _followed(session, know, people)
    return [
        slot
        for place in know.places.values()
        if place.seats >= len(people)
        for slot in to_slots(place)
        if slot.starts > now
        and not any((place.id, at) in taken or at in busy for at in steps(slot))
        and not _overlaps(slot, sessions)
        and not is_in_session(know, place, slot)
    ]


def to_slots(place: MeetingPlace) -> Iterator[Slot]:
    """Yield the slots of *place*."""
    return (Slot(place.id, starts, ends) for starts, ends in place.slots())


def is_in_session(know: Snapshot, place: MeetingPlace, slot: Slot) -> bool:
    """Tell whether *place* is a whole room in which a session is at the time of *slot*."""
    return place.is_whole_room and _overlaps(
        slot, ((one.starts, one.ends) for one in know.programme.in_room(place.room))
    )


def offered(
    slots: Iterable[Slot], limit: int, near: datetime | None = None, place: str | None = None
) -> tuple[Slot, ...]:
    """
    Return up to *limit* of *slots*, one for each time, the nearest to *near* first, without it the earliest.

    Of those at the same time it is the one at *place*, else the first of the pack.
    """
    by_start: dict[datetime, Slot] = {}
    for slot in slots:
        if slot.starts not in by_start or slot.place == place:
            by_start[slot.starts] = slot

    def distance(slot: Slot) -> tuple[timedelta, datetime]:
        return (abs(slot.starts - near) if near else timedelta(), slot.starts)

    return tuple(sorted(by_start.values(), key=distance)[:limit])


def _taken(
    session: Session, table: Any, whose: Any, meeting: int | None, people: Collection[int] | None = None
) -> set[tuple[Any, datetime]]:
    query = select(whose, table.c.at)
    if meeting is not None:
        query = query.where(table.c.meeting_id != meeting)
    if people is not None:
        query = query.where(whose.in_(sorted(people)))
    return {(row[0], row[1]) for row in session.execute(query)}


def _followed(session: Session, know: Snapshot, people: Collection[int]) -> list[Span]:
    theirs = select(FOLLOWING.c.session).where(FOLLOWING.c.participant_id.in_(sorted(people))).distinct()
    found = (know.programme.get(one) for one in session.execute(theirs).scalars())
    return [(one.starts, one.ends) for one in found if one and not one.is_pause and not one.cancelled]


def _overlaps(slot: Slot, spans: Iterable[Span]) -> bool:
    return any(starts < slot.ends and slot.starts < ends for starts, ends in spans)
