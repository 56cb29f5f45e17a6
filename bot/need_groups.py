"""
Which governments' needs are one need in several countries, worked out by itself as needs come and go, and kept.

To compare all needs anew takes longer than a turn may: a few are taken in at a time, outside of anybody's turn. What is
for the secretariat only is not compared, nor what somebody sent who objects to matching.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import LargeBinary, and_, delete, exists, or_, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot.database import lock
from bot.desk import Press
from bot.fitting import profile_of
from bot.numbers import named, numbered
from bot.participants import PEOPLE
from bot.prepared import Prepared
from bot.rights import GOVERNMENTS
from bot.store import Need, to_statement
from knowledge.snapshot import Snapshot
from matching.clusters import Clusters, KeptGroup
from matching.encoder import Vectors
from matching.profiles import Profile

AT_ONCE = 8
"""Needs that are taken in in one transaction."""
NEEDS: Any = Need.__table__  # type: ignore[attr-defined]


class NeedGroup(SQLModel, table=True):
    """
    The *group* in which a need is in its *edition*, by the row of the need that gave the group its number.

    *was_joint* tells whether the group was ever one of enough countries, *vector* what the need means to *encoder*.
    A need may be taken away before its row here is: there is no foreign key.
    """

    __tablename__ = "need_group"
    need_id: int = Field(primary_key=True)
    group: int = Field(index=True)
    edition: int
    was_joint: bool
    encoder: str = ""
    vector: bytes | None = Field(default=None, sa_type=LargeBinary)


GROUPS: Any = NeedGroup.__table__  # type: ignore[attr-defined]


def compared() -> Any:
    """Return what holds of a need that is compared with others."""
    objects = exists().where(PEOPLE.c.id == NEEDS.c.participant_id, PEOPLE.c.unmatched)
    return and_(
        NEEDS.c.published_at.is_not(None),
        NEEDS.c.withdrawn_at.is_(None),
        NEEDS.c.met_at.is_(None),
        or_(*(NEEDS.c.role == role for role in sorted(GOVERNMENTS))),
        NEEDS.c.readers != "secretariat",
        ~objects,
    )


def _news() -> Any:
    """Return the query for needs that have come or changed."""
    same = exists().where(GROUPS.c.need_id == NEEDS.c.id, GROUPS.c.edition == NEEDS.c.edition)
    return select(NEEDS.c.id).where(compared(), ~same)


def _gone() -> Any:
    """Return the query for needs that are compared no more, or have other words."""
    there = select(NEEDS.c.id).where(compared(), NEEDS.c.id == GROUPS.c.need_id)
    return select(GROUPS.c.need_id).where(~there.where(NEEDS.c.edition == GROUPS.c.edition).exists())


CHANGED = tuple(Prepared(query.limit(1)) for query in (_news(), _gone()))


def next_due(session: Session, now: datetime) -> datetime | None:
    """Return *now* where needs have come, changed or gone, else None."""
    return now if any(query.rows(session, {}) for query in CHANGED) else None


def take_in(session: Session, press: Press, _now: datetime) -> None:
    """Let a few needs that have come stand where they belong, and those that have gone nowhere."""
    lock(session, "need groups")
    know, encoder = press.know, press.know.encoder
    name = encoder.name if encoder else ""
    session.execute(delete(GROUPS).where(or_(GROUPS.c.encoder != name, GROUPS.c.need_id.in_(_gone()))))
    clusters = Clusters(vectors=encoder.encode if encoder else None, kept=_kept(session, know))
    fresh = session.execute(_news().order_by(NEEDS.c.id).limit(AT_ONCE)).scalars().all()
    if not fresh:
        return
    rows = {row.id: row for row in session.exec(select_rows(Need).where(col(Need.id).in_(fresh)))}
    for need in fresh:
        clusters.add(_profile(rows[need], know))
    _keep(session, clusters.kept(), name)


def bring_up_to_date(session: Session, press: Press, now: datetime) -> None:
    """Take all needs in that have come, however many."""
    while next_due(session, now) is not None:
        take_in(session, press, now)


def _profile(row: Need, know: Snapshot) -> Profile:
    return profile_of(to_statement("need", row), know)


def _kept(session: Session, know: Snapshot) -> list[KeptGroup]:
    query = select_rows(NeedGroup, Need).where(col(NeedGroup.need_id) == col(Need.id))
    found = session.exec(query.order_by(col(NeedGroup.group), col(NeedGroup.need_id))).all()
    groups = (list(pairs) for _, pairs in groupby(found, key=lambda pair: pair[0].group))
    kept = [
        KeptGroup(
            numbered("N", pairs[0][0].group),
            tuple((_profile(need, know), _vector(row)) for row, need in pairs),
            any(row.was_joint for row, _ in pairs),
        )
        for pairs in groups
    ]
    return sorted(kept, key=lambda group: group.needs[0][0].id)


def _vector(row: NeedGroup) -> Vectors | None:
    return None if row.vector is None else np.frombuffer(row.vector, dtype=np.float32)


def _keep(session: Session, groups: Iterable[KeptGroup], encoder: str) -> None:
    """Write the groups that are other than before."""
    there = {row.need_id: row for row in session.exec(select_rows(NeedGroup))}
    editions: Mapping[int, int] = {
        row.id: row.edition for row in session.execute(select(NEEDS.c.id, NEEDS.c.edition))
    }
    for group in groups:
        for need, vector in group.needs:
            own = named("N", need.id) or 0
            row = there.get(own) or NeedGroup(
                need_id=own, group=0, edition=editions[own], was_joint=False, encoder=encoder,
                vector=None if vector is None else np.asarray(vector, dtype=np.float32).tobytes(),
            )  # fmt: skip
            row.group, row.was_joint = named("N", group.id) or 0, group.was_joint
            session.add(row)
    session.flush()
