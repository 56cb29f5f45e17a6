"""
Who follows the working groups and who is in them; carried out for `bot.records`.

Everybody may follow a group and reads its public part. In it for a country is who asked to be and whom their focal
point has confirmed; where a country has none who can be asked, the secretariat is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Index, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot import following, group_news
from bot.commands import Command
from bot.delegations import FOCAL_POINT, focal_points
from bot.dialogue import say
from bot.group_commands import (
    AnswerJoin,
    Asked,
    CancelJoin,
    Confirmed,
    Count,
    CountGroups,
    FollowGroup,
    GroupShown,
    JoinGroup,
    MyGroups,
    Place,
    ReadGroup,
    TellGroup,
    UnfollowGroup,
)
from bot.notices import Notice
from bot.participants import PEOPLE
from bot.store import Participant
from knowledge.working_groups import WorkingGroup

if TYPE_CHECKING:
    from bot.records import Records


class GroupPlace(SQLModel, table=True):
    """
    Somebody follows a working group, since *since*; times are the forum's.

    With a *capacity* they asked to be in it, and are from *confirmed_at* on; *answered_by* has confirmed it.
    """

    __tablename__ = "group_place"
    __table_args__ = (Index("group_place_group", "group"),)
    participant_id: int = Field(primary_key=True, foreign_key="participant.id")
    group: str = Field(primary_key=True)
    since: datetime
    capacity: str | None = None
    asked_at: datetime | None = None
    confirmed_at: datetime | None = None
    answered_by: int | None = Field(default=None, foreign_key="participant.id")


PLACES: Any = GroupPlace.__table__  # type: ignore[attr-defined]


def follow(records: Records, command: FollowGroup) -> Place | None:
    """Let the actor follow the group and its meeting."""
    group = _group(records, command.group)
    return None if group is None else to_place(_kept(records, group))


def _kept(records: Records, group: WorkingGroup) -> GroupPlace:
    """Return the actor's place in the group; who has none follows it and its meeting from now on."""
    row = _held(records.session, records.actor_id, group.id)
    if row is not None:
        return row
    row = GroupPlace(participant_id=records.actor_id, group=group.id, since=records.now)
    records.session.add(row)
    meeting = _meeting(records, group)
    own = {one.session for one in following.followed(records.session, records.actor_id)}
    if meeting is not None and meeting.id not in own:
        following.follow(records.session, records.actor_id, meeting, None, records.now)
    records.session.flush()
    return row


def unfollow(records: Records, command: UnfollowGroup) -> Place | None:
    """Let the actor out of the group; their reminder of its meeting stays where they asked for one."""
    group = _group(records, command.group)
    if group is None:
        return None
    row = _held(records.session, records.actor_id, group.id)
    if row is not None:
        records.session.delete(row)
        mine = {one.session: one for one in following.followed(records.session, records.actor_id)}
        if group.session in mine and mine[group.session].minutes is None:
            following.unfollow(records.session, records.actor_id, group.session)
        records.session.flush()
    return Place(group.id)


def join(records: Records, command: JoinGroup) -> Asked | None:
    """Let the actor be in the group, or ask whoever confirms it."""
    group = _group(records, command.group)
    if group is None:
        return None
    actor, row = records.actor, _kept(records, group)
    if row.confirmed_at is not None and row.capacity == command.capacity:
        return "in"
    again = row.capacity == command.capacity
    row.capacity, row.asked_at = command.capacity, records.now
    row.confirmed_at = records.now if actor.confirmed and actor.role == FOCAL_POINT else None
    records.session.add(row)
    records.session.flush()
    if row.confirmed_at is not None:
        return "in"
    asked = [one for one in focal_points(records.session, actor.country or "") if one != actor.id]
    if not again:
        _ask(records, group, row, asked)
    return "focal_point" if asked else "secretariat"


def _ask(records: Records, group: WorkingGroup, row: GroupPlace, asked: list[int]) -> None:
    actor = records.actor
    wish = say(
        "group/asked",
        group=group,
        capacity=row.capacity,
        name=actor.name,
        country=actor.country,
        person=actor.id,
    )
    records.notices += [Notice(one, wish) for one in asked]
    if not asked:
        records.tell_colleagues(wish)


def cancel(records: Records, command: CancelJoin) -> Place | None:
    """Let the actor only follow the group."""
    row = _held(records.session, records.actor_id, command.group)
    if row is None:
        return None
    row.capacity = row.asked_at = row.confirmed_at = row.answered_by = None
    records.session.add(row)
    return to_place(row)


def answer(records: Records, command: AnswerJoin) -> Confirmed:
    """Confirm it, or let them only follow, and tell them; who answers first has decided."""
    group = _group(records, command.group)
    row = _held(records.session, command.person, command.group)
    if group is None or row is None or not _speaks_for(records, command.person):
        return "gone"
    if row.capacity is None:
        return "before"
    if row.confirmed_at is not None:
        return "before" if command.confirms else "gone"
    told = say("group/outcome", group=group, capacity=row.capacity, confirmed=command.confirms)
    if command.confirms:
        row.confirmed_at, row.answered_by = records.now, records.actor.id
    else:
        row.capacity = row.asked_at = None
    records.session.add(row)
    records.notices.append(Notice(command.person, told))
    return "confirmed" if command.confirms else "declined"


def _speaks_for(records: Records, person: int) -> bool:
    """Tell whether the actor confirms whom *person*'s country has in a group: its focal point, or the secretariat."""
    one, actor = records.session.get(Participant, person), records.actor
    if one is None or actor.role != FOCAL_POINT:
        return one is not None
    return actor.confirmed and actor.country is not None and actor.country == one.country


def mine(records: Records, _command: MyGroups) -> tuple[Place, ...]:
    """Read the actor's places."""
    own = select_rows(GroupPlace).where(col(GroupPlace.participant_id) == records.actor_id)
    return tuple(to_place(row) for row in records.session.exec(own.order_by(col(GroupPlace.group))))


def read(records: Records, command: ReadGroup) -> GroupShown | None:
    """Read the group with its newest words, those for members only where the actor is in it."""
    group = _group(records, command.group)
    if group is None:
        return None
    row = records.session.get(GroupPlace, (records.actor_id, group.id))
    place = Place(group.id) if row is None else to_place(row)
    return GroupShown(place, group_news.newest(records.session, group.id, public=place.standing != "in"))


def count(records: Records, _command: CountGroups) -> tuple[Count, ...]:
    """Count them."""
    columns = (PLACES.c.group, PLACES.c.capacity, PLACES.c.confirmed_at, PEOPLE.c.country)
    query = select(*columns).join(PEOPLE, PEOPLE.c.id == PLACES.c.participant_id)
    rows = records.session.execute(query).all()
    return tuple(
        _counted(id_, [row for row in rows if row.group == id_]) for id_ in records.press.know.groups
    )


def _counted(group: str, rows: list[Any]) -> Count:
    inside = [row for row in rows if row.confirmed_at is not None]
    members = Counter(row.country or "" for row in inside if row.capacity == "member")
    return Count(
        group,
        followers=len(rows),
        asked=sum(row.capacity is not None and row.confirmed_at is None for row in rows),
        observers=sum(row.capacity == "observer" for row in inside),
        members=dict(sorted(members.items())),
    )


def tell(records: Records, command: TellGroup) -> datetime | None:
    """Keep the words for the day's digest."""
    group = _group(records, command.group)
    if group is None:
        return None
    zone = records.press.know.forum.time_zone
    return group_news.keep(
        records.session, group.id, command.texts, command.public, records.actor.id, records.now, zone
    )


def to_place(row: GroupPlace) -> Place:
    """Return how somebody stands to a group."""
    if row.capacity is None:
        return Place(row.group, "follows")
    standing: Any = "in" if row.confirmed_at is not None else "asked"
    capacity: Any = row.capacity
    return Place(row.group, standing, capacity)


def _group(records: Records, group: str) -> WorkingGroup | None:
    return records.press.know.groups.get(group)


def _meeting(records: Records, group: WorkingGroup) -> Any:
    return records.press.know.programme.get(group.session) if group.session else None


def _held(session: Session, participant: int, group: str) -> GroupPlace | None:
    key = (participant, group)
    return session.get(GroupPlace, key, with_for_update=True, populate_existing=True)


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    MyGroups: mine,
    ReadGroup: read,
    FollowGroup: follow,
    UnfollowGroup: unfollow,
    JoinGroup: join,
    CancelJoin: cancel,
    AnswerJoin: answer,
    CountGroups: count,
    TellGroup: tell,
}
"""What carries each command out."""
