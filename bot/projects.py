"""
Joint projects: countries with the same need are asked one by one, and learn of one another only once they joined.

Who said no, or nothing, is never told from who was not asked; who leaves is shown by their absence. For a country speak
its focal points and whoever sent its need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import JSON, Boolean, Column, Index, false, func, select, text
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot.commands import Command
from bot.delegations import FOCAL_POINT, focal_points_by_country
from bot.dialogue import Saying, say
from bot.errors import Refused
from bot.identity import actor_of
from bot.introductions import end_of
from bot.joint_needs import find, refuse
from bot.notices import Notice, notify
from bot.numbers import named, numbered
from bot.participants import PEOPLE, Actor, keep_everybody
from bot.prepared import Prepared
from bot.project_commands import (
    AnswerProject,
    BeginProject,
    FindJointNeeds,
    JointNeed,
    LeadProject,
    MyProjects,
    Project,
    ProjectState,
    ReadProjects,
    RefuseJointNeed,
    Wish,
    WishMeeting,
    WishOfProject,
)
from bot.rights import SECRETARIAT
from bot.store import COUNTING, Need, row_of, to_statement
from knowledge.contacts import mask_contacts
from matching.clusters import JOINT

if TYPE_CHECKING:
    from bot.desk import Press
    from bot.records import Records

LONGEST = 300
"""Characters of a wish that are kept."""
FEWEST = 2
"""Countries without which a project ends."""
GOING: Any = {f"{dialect}_where": text("over_at IS NULL") for dialect in ("sqlite", "postgresql")}


class JointProject(SQLModel, table=True):
    """
    A joint project of the needs in *group*; *texts* is the secretariat's draft by language. Times are the forum's.

    Answers are awaited until *answers_until*; at *told_at* those who joined were told of one another. *lead* is the
    country that takes the lead, *lead_asked* whether the secretariat was asked who does. At *over_at* it ended.
    """

    __tablename__ = "joint_project"
    __table_args__: ClassVar[Any] = (Index("joint_project_going", "group", unique=True, **GOING), COUNTING)
    id: int | None = Field(default=None, primary_key=True)
    group: int
    texts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_by: int | None = Field(default=None, foreign_key="participant.id")
    asked_at: datetime
    answers_until: datetime
    told_at: datetime | None = None
    lead: str | None = None
    lead_asked: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    over_at: datetime | None = None


class ProjectSide(SQLModel, table=True):
    """
    A country that is asked to join for its need *need_id*; *joined* is None until it has answered.

    *answered_by* spoke for it; it was in the project and is no more since *left_at*. *wish* is what it wants changed,
    *meeting* when its first meeting suits it.
    """

    __tablename__ = "project_side"
    project_id: int = Field(primary_key=True, foreign_key="joint_project.id")
    country: str = Field(primary_key=True)
    need_id: int
    joined: bool | None = None
    answered_by: int | None = Field(default=None, foreign_key="participant.id")
    answered_at: datetime | None = None
    left_at: datetime | None = None
    wish: str | None = None
    meeting: str | None = None


PROJECTS: Any = JointProject.__table__  # type: ignore[attr-defined]
SIDES: Any = ProjectSide.__table__  # type: ignore[attr-defined]

# What the secretariat does


def _found(records: Records) -> tuple[JointNeed, ...]:
    going = select(PROJECTS.c.group, PROJECTS.c.id).where(PROJECTS.c.over_at.is_(None))
    return find(
        records.session, {row.group: numbered("JP", row.id) for row in records.session.execute(going)}
    )


def begin(records: Records, command: BeginProject) -> ProjectState:
    """Ask each country that can be asked, once."""
    keep_everybody(records.session)
    found = next((one for one in _found(records) if one.number == command.number.strip().upper()), None)
    if found is None or found.project is not None or len(found.askable) < JOINT:
        raise Refused(f"{command.number} is no joint need of {JOINT} countries that can be asked")
    if "en" not in command.texts:
        raise Refused("the English text is missing")
    row = JointProject(
        group=named("N", found.number) or 0,
        texts=dict(command.texts),
        created_by=records.actor.id,
        asked_at=records.now,
        answers_until=end_of(records.press.know.forum, records.now),
    )
    records.session.add(row)
    records.session.flush()
    first = {one.country: one for one in reversed(found.needs)}
    for country in found.askable:
        need = row_of(first[country].number)
        records.session.add(
            ProjectSide(project_id=row.id or 0, country=country, need_id=need[1] if need else 0)
        )
    records.session.flush()
    sides = _sides(records.session, row)
    for side, people in _speakers(records.session, sides):
        asked = say("project/asked", project=_seen(records.session, row, side, sides))
        records.notices += [Notice(one, asked) for one in people]
    return _state(records.session, row)


def read_all(records: Records, _command: ReadProjects) -> tuple[ProjectState, ...]:
    """Read them."""
    rows = records.session.exec(select_rows(JointProject).order_by(col(JointProject.id).desc())).all()
    return tuple(_state(records.session, row) for row in rows)


def _state(session: Session, row: JointProject) -> ProjectState:
    sides = _sides(session, row)
    return ProjectState(
        number_of(row),
        row.texts,
        tuple(one.country for one in sides),
        _members(sides),
        tuple(one.country for one in sides if one.joined is False and one.left_at is None),
        tuple(one.country for one in sides if one.left_at is not None),
        row.answers_until,
        told=row.told_at is not None,
        going=row.over_at is None,
        lead=row.lead,
        wishes=tuple(Wish(one.country, one.wish) for one in sides if one.wish),
        meetings={one.country: one.meeting for one in sides if one.meeting},
    )


# What a country does


def answer(records: Records, command: AnswerProject) -> Project | None:
    """Keep the answer; once all have answered, those who joined are told of one another."""
    found = _held(records, command.number)
    if found is None:
        return None
    row, side = found
    if row.over_at is None and side.joined is not command.joins:
        was_in = side.joined
        side.joined, side.answered_by, side.answered_at = command.joins, records.actor.id, records.now
        side.left_at = records.now if was_in and row.told_at is not None else None
        if not command.joins and row.lead == side.country:
            row.lead, row.lead_asked = None, False
        records.session.add_all((row, side))
        records.session.flush()
        sides = _sides(records.session, row)
        if row.told_at is not None and (was_in or command.joins):
            records.notices += _news(records.session, row, records.now, but=side.country)
        elif row.told_at is None and all(one.joined is not None for one in sides):
            records.notices += tell_result(records.session, row, records.now, but=records.actor.id)
    return _seen(records.session, row, side)


def wish(records: Records, command: WishOfProject) -> Project | None:
    """Keep what the country wants, without contacts; a later one takes its place."""
    found = _held(records, command.number)
    if found is None:
        return None
    row, side = found
    if row.over_at is None:
        side.wish = mask_contacts(command.text[:LONGEST]).text
        records.session.add(side)
        records.session.flush()
        told = say("project/wished", number=number_of(row), country=side.country, text=side.wish)
        records.tell_colleagues(told)
    return _seen(records.session, row, side)


def lead(records: Records, command: LeadProject) -> Project | None:
    """Let the country lead, unless another does, or ask the secretariat; the others learn who leads."""
    found = _held(records, command.number)
    if found is None or not _is_in(*found):
        return _seen(records.session, *found) if found else None
    row, side = found
    if command.offers and row.lead is None:
        row.lead = side.country
        records.session.add(row)
        records.session.flush()
        records.notices += _news(records.session, row, records.now, but=side.country)
    elif not command.offers and row.lead is None and not row.lead_asked:
        row.lead_asked = True
        records.session.add(row)
        records.tell_colleagues(say("project/who_leads", state=_state(records.session, row)))
    return _seen(records.session, row, side)


def wish_meeting(records: Records, command: WishMeeting) -> Project | None:
    """Keep it and tell the secretariat, who finds a time and a room for all."""
    found = _held(records, command.number)
    if found is None or not _is_in(*found):
        return _seen(records.session, *found) if found else None
    row, side = found
    if side.meeting != command.when:
        side.meeting = command.when
        records.session.add(side)
        records.session.flush()
        records.tell_colleagues(say("project/meeting_wished", state=_state(records.session, row)))
    return _seen(records.session, row, side)


def mine(records: Records, _command: MyProjects) -> tuple[Project, ...]:
    """Read them."""
    theirs = select_rows(JointProject, ProjectSide).where(
        col(ProjectSide.project_id) == col(JointProject.id),
        col(ProjectSide.country) == (records.actor.country or ""),
    )
    rows = records.session.exec(theirs.order_by(col(JointProject.id).desc())).all()
    return tuple(
        _seen(records.session, row, side)
        for row, side in rows
        if _speaks(records.session, records.actor, side)
    )


def _held(records: Records, number: str) -> tuple[JointProject, ProjectSide] | None:
    """Return the project and the actor's side of it, which nobody else changes meanwhile; None where there is none."""
    row_id = named("JP", number)
    if row_id is None or not records.actor.country:
        return None
    session = records.session
    row = session.get(JointProject, row_id, with_for_update=True, populate_existing=True)
    side = session.get(ProjectSide, (row_id, records.actor.country), populate_existing=True)
    if row is None or side is None or not _speaks(session, records.actor, side):
        return None
    return row, side


def _is_in(row: JointProject, side: ProjectSide) -> bool:
    return row.over_at is None and row.told_at is not None and side.joined is True


def _speaks(session: Session, actor: Actor, side: ProjectSide) -> bool:
    if not actor.confirmed or actor.id is None or actor.country != side.country:
        return False
    need = session.get(Need, side.need_id)
    return actor.role == FOCAL_POINT or (need is not None and need.participant_id == actor.id)


def _speakers(session: Session, sides: Sequence[ProjectSide]) -> Iterator[tuple[ProjectSide, list[int]]]:
    """Give each side with who is written to for its country: its focal points, and whoever sent the need."""
    points = focal_points_by_country(session, [side.country for side in sides])
    # Held until the end: what a session does not hold it would ask for again, one by one.
    theirs = select_rows(Need).where(col(Need.id).in_([side.need_id for side in sides]))
    needs = {need.id: need for need in session.exec(theirs)}
    for side in sides:
        need = needs.get(side.need_id)
        author = need.participant_id if need is not None else None
        yield side, sorted({*points.get(side.country, ()), *([author] if author is not None else [])})


def speakers_of(session: Session, number: str) -> list[int]:
    """
    Return one who speaks for each country of a joint project: whoever joined it, or else who is written to.

    Raises Refused where its countries do not know of one another, it is over, or nobody speaks for one any more.
    """
    row_id = named("JP", number)
    row = session.get(JointProject, row_id) if row_id is not None else None
    if row is None or row.told_at is None or row.over_at is not None:
        raise Refused(f"{number} is no joint project whose countries know of one another")
    found = []
    for side, people in _speakers(session, [one for one in _sides(session, row) if one.joined]):
        asked = [one for one in (side.answered_by, *people) if one is not None]
        speaking = [one for one in asked if _speaks(session, actor_of(session, one), side)]
        if not speaking:
            raise Refused(f"nobody speaks for {side.country} in {number} any more")
        found.append(speaking[0])
    return found


# What is told


def number_of(row: JointProject) -> str:
    """Return the number people see: `JP-0002`."""
    return numbered("JP", row.id)


def _sides(session: Session, row: JointProject) -> list[ProjectSide]:
    own = select_rows(ProjectSide).where(col(ProjectSide.project_id) == row.id)
    return list(session.exec(own.order_by(col(ProjectSide.country))))


def _members(sides: list[ProjectSide]) -> tuple[str, ...]:
    return tuple(one.country for one in sides if one.joined)


def _seen(
    session: Session, row: JointProject, side: ProjectSide, sides: list[ProjectSide] | None = None
) -> Project:
    """Return the project as the country of *side* sees it; *sides* are all, where they are at hand."""
    sides = _sides(session, row) if sides is None else sides
    inside = row.told_at is not None and side.joined is True
    need = session.get(Need, side.need_id)
    meeting: Any = side.meeting
    standing: Any = "asked" if side.joined is None else "joined" if side.joined else "declined"
    return Project(
        number_of(row),
        row.texts,
        side.country,
        to_statement("need", need) if need is not None else None,
        len(sides),
        sum(one.joined is not None for one in sides),
        row.answers_until,
        standing if side.left_at is None else "left",
        going=row.over_at is None,
        told=row.told_at is not None,
        wish=side.wish,
        members=_members(sides) if inside else (),
        lead=row.lead if inside else None,
        lead_asked=row.lead_asked,
        meeting=meeting,
    )


def tell_result(
    session: Session, row: JointProject, now: datetime, *, but: int | None = None
) -> list[Notice]:
    """Return what those who joined are told once answers are in, or their time is over; *but* reads it already."""
    row.told_at = now
    session.add(row)
    notices = _news(session, row, now, first=True)
    return [one for one in notices if one.participant_id != but]


def _news(
    session: Session, row: JointProject, now: datetime, *, but: str | None = None, first: bool = False
) -> list[Notice]:
    """Return what the members are told of who is in; a project of too few is over, which is told too."""
    sides = _sides(session, row)
    members = _members(sides)
    if len(members) < FEWEST:
        row.over_at = now
        session.add(row)
    session.flush()
    notices = []
    for side, people in _speakers(session, [one for one in sides if one.joined and one.country != but]):
        told = say("project/members", project=_seen(session, row, side, sides), first=first)
        notices += [Notice(one, told) for one in people]
    if first or row.over_at is not None:
        notices += _to_secretariat(session, say("project/state", state=_state(session, row)))
    return notices


def _to_secretariat(session: Session, told: Saying) -> list[Notice]:
    staff = session.execute(select(PEOPLE.c.id).where(PEOPLE.c.role.in_(sorted(SECRETARIAT)))).scalars()
    return [Notice(officer, told) for officer in staff]


# What happens by itself


FIRST_DUE = Prepared(
    select(func.min(PROJECTS.c.answers_until)).where(
        PROJECTS.c.told_at.is_(None), PROJECTS.c.over_at.is_(None)
    )
)


def next_due(session: Session, _now: datetime) -> datetime | None:
    """Return when the next time for answers is over."""
    found: datetime | None = FIRST_DUE.scalar(session)
    return found


def do_due(session: Session, press: Press, now: datetime) -> None:
    """Tell those who joined of one another where the time for answers is over."""
    late = select_rows(JointProject).where(
        col(JointProject.told_at).is_(None),
        col(JointProject.over_at).is_(None),
        col(JointProject.answers_until) <= now,
    )
    row = session.exec(late.order_by(col(JointProject.id)).limit(1).with_for_update(skip_locked=True)).first()
    if row is not None:
        notify(session, press, tell_result(session, row, now), now)


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    FindJointNeeds: lambda records, _command: _found(records),
    RefuseJointNeed: refuse,
    BeginProject: begin,
    ReadProjects: read_all,
    MyProjects: mine,
    AnswerProject: answer,
    WishOfProject: wish,
    LeadProject: lead,
    WishMeeting: wish_meeting,
}
"""What carries each of these commands out."""
