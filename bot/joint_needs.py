"""What enough countries need, as the secretariat looks for joint projects; read from the groups that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot.delegations import FOCAL_POINT
from bot.need_groups import GROUPS, NEEDS, NeedGroup, compared
from bot.numbers import named, numbered
from bot.participants import CAN_BE_WRITTEN_TO, IS_KNOWN, PEOPLE
from bot.project_commands import JointNeed, RefuseJointNeed
from bot.store import Need, to_statement
from matching.clusters import JOINT

if TYPE_CHECKING:
    from bot.records import Records


class RefusedGroup(SQLModel, table=True):
    """A group of needs of which the secretariat makes no project; *at* is the forum's time."""

    __tablename__ = "refused_group"
    group: int = Field(primary_key=True)
    at: datetime


REFUSED: Any = RefusedGroup.__table__  # type: ignore[attr-defined]


def find(session: Session, going: Mapping[int, str]) -> tuple[JointNeed, ...]:
    """
    Return what enough countries need and was not refused, that of the most countries first.

    *going* maps the group of each project that goes on to its number.
    """
    there = (GROUPS.c.need_id == NEEDS.c.id, GROUPS.c.edition == NEEDS.c.edition, compared())
    enough = select(GROUPS.c.group).where(*there, GROUPS.c.group.not_in(select(REFUSED.c.group)))
    enough = enough.group_by(GROUPS.c.group).having(func.count(NEEDS.c.country.distinct()) >= JOINT)
    query = select_rows(NeedGroup.group, Need).where(*there, GROUPS.c.group.in_(enough.correlate(None)))
    rows = session.exec(query.order_by(GROUPS.c.group, NEEDS.c.id)).all()
    joint = {group: [need for _, need in pairs] for group, pairs in groupby(rows, key=lambda row: row[0])}
    reachable = _reachable(session, {need.country for needs in joint.values() for need in needs})
    found = [_joint(group, needs, reachable, going.get(group)) for group, needs in joint.items()]
    return tuple(sorted(found, key=lambda one: -len(one.countries)))


def _joint(group: int, needs: list[Need], reachable: frozenset[Any], project: str | None) -> JointNeed:
    countries = tuple(dict.fromkeys(one.country for one in needs))
    first = {one.country: one for one in reversed(needs)}
    askable = (one for one in countries if one in reachable or first[one].participant_id in reachable)
    return JointNeed(
        numbered("N", group),
        tuple(to_statement("need", one) for one in needs),
        countries,
        _shared_themes(one.details.get("themes", ()) for one in needs),
        tuple(askable),
        project,
    )


def _shared_themes(themes: Iterable[Iterable[str]]) -> tuple[str, ...]:
    said = [frozenset(one) for one in themes if one]
    return tuple(sorted(said[0].intersection(*said[1:]))) if said else ()


def _reachable(session: Session, countries: set[str]) -> frozenset[Any]:
    """Return the countries that have a focal point who can be asked, and the people of them who can be."""
    known = (PEOPLE.c.country.in_(countries), IS_KNOWN, CAN_BE_WRITTEN_TO)
    rows = session.execute(select(PEOPLE.c.id, PEOPLE.c.role, PEOPLE.c.country).where(*known)).all()
    return frozenset(row.id for row in rows) | {row.country for row in rows if row.role == FOCAL_POINT}


def refuse(records: Records, command: RefuseJointNeed) -> bool:
    """Keep that it makes no project."""
    group = named("N", command.number)
    own = select_rows(NeedGroup).where(col(NeedGroup.group) == group)
    if group is None or records.session.exec(own.limit(1)).first() is None:
        return False
    records.session.merge(RefusedGroup(group=group, at=records.now))
    records.session.flush()
    return True
