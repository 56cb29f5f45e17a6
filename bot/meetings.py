"""Meetings of two or more participants: what is kept of them, who may have one, and what each side sees of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot import introductions, joining
from bot.consent import is_seen
from bot.desk import Desk
from bot.errors import Refused
from bot.identity import actor_of
from bot.meeting_commands import Meeting, Party, Slot
from bot.numbers import named, numbered
from bot.participants import PEOPLE, Actor
from bot.rights import SECRETARIAT
from bot.store import COUNTING

REMINDED = timedelta(minutes=10)
"""How long before a meeting its sides are reminded."""
ASKED = timedelta(minutes=10)
"""How long after it they are asked whether they met."""
OPEN = ("proposed", "lapsed", "booked")
"""States of a meeting that takes place, or may still come about."""


class MeetingRow(SQLModel, table=True):
    """
    A meeting; see `bot.meeting_commands.Meeting`. Times are the forum's.

    *place*, *starts_at* and *ends_at* are what is booked; the columns *held_...* are what is proposed, by *held_by*,
    until *held_until*. *due_at* is when something is to be done about it by itself, None when nothing is.
    """

    __tablename__ = "meeting"
    __table_args__: ClassVar[Any] = COUNTING
    id: int | None = Field(default=None, primary_key=True)
    about: str | None = Field(default=None, index=True)
    arranged_by: int | None = Field(default=None, foreign_key="participant.id")
    state: str
    place: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    held_place: str | None = None
    held_from: datetime | None = None
    held_to: datetime | None = None
    held_by: int | None = Field(default=None, foreign_key="participant.id")
    held_until: datetime | None = None
    interpreter: str | None = None
    revision: int = 0
    changed_at: datetime
    reminded_at: datetime | None = None
    asked_at: datetime | None = None
    due_at: datetime | None = Field(default=None, index=True)


class MeetingSide(SQLModel, table=True):
    """One of those who are to meet: whether they agreed to what is proposed, and what they said afterwards."""

    __tablename__ = "meeting_side"
    meeting_id: int = Field(primary_key=True, foreign_key="meeting.id")
    participant_id: int = Field(primary_key=True, foreign_key="participant.id", index=True)
    agreed: bool = False
    outcome: str | None = None
    next_steps: str = ""
    told_at: datetime | None = None


MEETINGS: Any = MeetingRow.__table__  # type: ignore[attr-defined]
SIDES: Any = MeetingSide.__table__  # type: ignore[attr-defined]


def number_of(row: MeetingRow) -> str:
    """Return the number people see: `M-0001`."""
    return numbered("M", row.id)


def id_of(row: MeetingRow) -> int:
    """Return the id of a row that was kept."""
    assert row.id is not None  # noqa: S101 - kept
    return row.id


def booked(row: MeetingRow) -> Slot | None:
    """Return what is booked, None when nothing is."""
    if row.place is None or row.starts_at is None or row.ends_at is None:
        return None
    return Slot(row.place, row.starts_at, row.ends_at)


def proposal(row: MeetingRow) -> Slot | None:
    """Return what is proposed, None when nothing is."""
    if row.held_place is None or row.held_from is None or row.held_to is None:
        return None
    return Slot(row.held_place, row.held_from, row.held_to)


def sides(session: Session, row: MeetingRow) -> list[MeetingSide]:
    """Return those who are to meet, by their rows."""
    theirs = select_rows(MeetingSide).where(col(MeetingSide.meeting_id) == row.id)
    return list(session.exec(theirs.order_by(col(MeetingSide.participant_id))))


def settle_due(row: MeetingRow) -> None:
    """Set when something is next to be done about *row* by itself."""
    times: list[datetime | None] = []
    if proposal(row) is not None and row.state != "lapsed":
        times.append(row.held_until)
    if row.state == "booked" and row.starts_at is not None and row.ends_at is not None:
        if row.reminded_at is None:
            times.append(row.starts_at - REMINDED)
        if row.asked_at is None:
            times.append(row.ends_at + ASKED)
    row.due_at = min((at for at in times if at is not None), default=None)


# Who may have one


def begin(desk: Desk, people: Iterable[int], about: str | None) -> MeetingRow:
    """Keep a meeting of *people*, for which no time is proposed yet; it is arranged by whoever is none of them."""
    people = sorted(set(people))
    arranged_by = None if desk.actor.id in people else desk.actor.id
    row = MeetingRow(about=about, arranged_by=arranged_by, state="lapsed", changed_at=desk.now)
    desk.session.add(row)
    desk.session.flush()
    for one in people:
        desk.session.add(MeetingSide(meeting_id=id_of(row), participant_id=one))
    desk.session.flush()
    return row


def held(desk: Desk, number: str) -> MeetingRow:
    """Return a meeting of the actor's, which nobody else changes meanwhile; raises Refused when there is none."""
    row_id = named("M", number)
    row: MeetingRow | None = None
    if row_id is not None and _may_see(desk, row_id):
        row = desk.session.get(MeetingRow, row_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise Refused(f"there is no meeting {number}")
    return row


def _may_see(desk: Desk, row_id: int) -> bool:
    if desk.actor.role in SECRETARIAT:
        return True
    return desk.actor.id is not None and desk.session.get(MeetingSide, (row_id, desk.actor.id)) is not None


def people_of(desk: Desk, about: str) -> tuple[list[int], MeetingRow | None]:
    """
    Return who is to meet about *about*, and the meeting that they have already; None before the first.

    Raises Refused where it is no meeting of the actor's, nor an introduction or an offer to join that all agreed to.
    """
    about = about.strip().upper()
    if about.startswith("M-"):
        row = held(desk, about)
        return [side.participant_id for side in sides(desk.session, row)], row
    people = (joining.joined if about.startswith("J-") else introductions.introduced)(desk, about)
    return people, open_one(desk, about)


def open_one(desk: Desk, about: str) -> MeetingRow | None:
    """Return the meeting about *about* that takes place or may, which nobody else changes meanwhile."""
    return _newest(desk, col(MeetingRow.about) == about)


def open_one_of(desk: Desk, people: Sequence[int]) -> MeetingRow | None:
    """Return the meeting about nothing in particular of just these *people* that takes place or may, likewise."""
    came = select(SIDES.c.meeting_id).group_by(SIDES.c.meeting_id).having(func.count() == len(people))
    theirs = [
        col(MeetingRow.id).in_(select(SIDES.c.meeting_id).where(SIDES.c.participant_id == one))
        for one in people
    ]
    return _newest(desk, col(MeetingRow.about).is_(None), col(MeetingRow.id).in_(came), *theirs)


def _newest(desk: Desk, *which: Any) -> MeetingRow | None:
    open_ones = select_rows(MeetingRow).where(col(MeetingRow.state).in_(OPEN), *which)
    newest = open_ones.order_by(col(MeetingRow.id).desc()).limit(1).with_for_update()
    row = desk.session.exec(newest.execution_options(populate_existing=True)).first()
    over = row is not None and row.state == "booked" and row.ends_at is not None and row.ends_at <= desk.now
    return None if over else row


def arranger(session: Session, row: MeetingRow) -> Actor | None:
    """Return the officer who arranged *row* and is to hear of it; None where none did, or they are one no more."""
    if row.arranged_by is None:
        return None
    officer = actor_of(session, row.arranged_by)
    return officer if officer.role in SECRETARIAT else None


# What each side sees


def seen(session: Session, rows: Sequence[MeetingRow], reader: Actor, now: datetime) -> tuple[Meeting, ...]:
    """Return *rows* as *reader* may see them: one of their sides, or the secretariat."""
    if not rows:
        return ()
    ids = [row.id for row in rows]
    query = select_rows(MeetingSide).where(col(MeetingSide.meeting_id).in_(ids))
    by_meeting: defaultdict[int, list[MeetingSide]] = defaultdict(list)
    for side in session.exec(query.order_by(col(MeetingSide.participant_id))):
        by_meeting[side.meeting_id].append(side)
    people = {side.participant_id for theirs in by_meeting.values() for side in theirs}
    looks = _looks(session, people, [row.about for row in rows], reader, now)
    return tuple(_seen(row, by_meeting[id_of(row)], reader, looks) for row in rows)


def parties(
    session: Session, about: str | None, people: Iterable[int], reader: Actor, now: datetime
) -> tuple[Party, ...]:
    """Return those of *people* who are not *reader*, as they may see them in a meeting about *about*."""
    people = sorted(people)
    looks = _looks(session, people, [about], reader, now)
    return tuple(looks(about, one, agreed=False) for one in people if one != reader.id)


def _seen(
    row: MeetingRow, theirs: Iterable[MeetingSide], reader: Actor, looks: Callable[..., Party]
) -> Meeting:
    found = {side.participant_id: side for side in theirs}
    own = found.pop(reader.id, None) if reader.id is not None else None
    others = {one: looks(row.about, one, agreed=side.agreed) for one, side in found.items()}
    holds = proposal(row)
    return Meeting(
        number=number_of(row),
        about=row.about,
        state=row.state,  # type: ignore[arg-type]
        others=tuple(others.values()),
        slot=booked(row),
        proposal=holds,
        proposed_by=others.get(row.held_by) if row.held_by is not None else None,
        own_proposal=holds is not None and reader.id is not None and row.held_by == reader.id,
        agreed=own.agreed if own else False,
        held_until=row.held_until,
        interpreter=row.interpreter,
        outcome=own.outcome if own else None,  # type: ignore[arg-type]
        next_steps=own.next_steps if own else "",
        revision=row.revision,
        changed_at=row.changed_at,
    )


def _looks(
    session: Session, people: Iterable[int], abouts: Sequence[str | None], reader: Actor, now: datetime
) -> Callable[..., Party]:
    """
    Return what makes a participant in a meeting about something the Party that *reader* may see.

    Of an introduction that is what the other side lets them see; else the country, and the name where that is visible.
    """
    columns = (PEOPLE.c.id, PEOPLE.c.country, PEOPLE.c.name, PEOPLE.c.organisation, PEOPLE.c.visible_to)
    found = session.execute(select(*columns).where(PEOPLE.c.id.in_(sorted(people))))
    known = {row.id: row for row in found}
    shown = introductions.shown_to(session, abouts, reader.id, now)
    three = joining.shown_to(session, abouts, reader.id)

    def looks(about: str | None, person: int, *, agreed: bool) -> Party:
        row = known[person]
        if reader.role not in SECRETARIAT and about is not None and about.startswith("I-"):
            given = shown.get(about, {})
            return Party(person, given.get("country"), given.get("name"), agreed)
        if reader.role not in SECRETARIAT and about is not None and about.startswith("J-"):
            given = three.get(about, {}).get(person, {})
            name = given.get("name") or given.get("organisation")
            return Party(person, given.get("country"), name, agreed)
        name = row.name if is_seen(row.visible_to, row.country, reader) else None
        if reader.role in SECRETARIAT and row.country is None:
            name = ", ".join(one for one in (row.name, row.organisation) if one) or None
        return Party(person, row.country, name, agreed)

    return looks


def seen_one(session: Session, row: MeetingRow, reader: Actor, now: datetime) -> Meeting:
    """Return *row* as *reader* may see it."""
    return seen(session, (row,), reader, now)[0]


def mine(session: Session, participant: int | None) -> list[MeetingRow]:
    """Return the meetings of *participant*, in the order in which they were begun."""
    theirs = select(SIDES.c.meeting_id).where(SIDES.c.participant_id == participant)
    return list(
        session.exec(
            select_rows(MeetingRow).where(col(MeetingRow.id).in_(theirs)).order_by(col(MeetingRow.id))
        )
    )


def everybodys(session: Session, number: str | None = None) -> list[MeetingRow]:
    """Return all meetings but those that were cancelled, or the one with that *number*."""
    query = select_rows(MeetingRow).order_by(col(MeetingRow.id))
    wanted = col(MeetingRow.state).in_(OPEN) if number is None else col(MeetingRow.id) == named("M", number)
    return list(session.exec(query.where(wanted)))


def cancelled(session: Session) -> int:
    """Return how many meetings do not take place."""
    return session.scalar(select(func.count()).where(MEETINGS.c.state == "cancelled")) or 0


def outcomes(session: Session) -> dict[str, int]:
    """Map each answer to whether they met to how often it was given."""
    answer = SIDES.c.outcome
    given = select(answer, func.count()).where(answer.is_not(None)).group_by(answer)
    return {str(outcome): int(count) for outcome, count in session.execute(given)}
