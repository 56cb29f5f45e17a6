"""
Who is asked whether they want to be introduced, when, and what they read before they decide.

Nobody is asked more than so much at a time. A refusal frees no place before its time, so that it is not told from
silence by what happens next either; nor is anybody asked twice about what they refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, or_, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot import identity
from bot.commands import Statement
from bot.database import lock
from bot.dialogue import say
from bot.fitting import LIVE_REASONS, profile_of, told, wanted_of
from bot.introduction_commands import (
    Invitation,
)
from bot.introductions import (
    AGREED,
    GRANTS,
    INTRODUCTIONS,
    REVEALS,
    SIDES,
    Introduction,
    end_of,
    seen,
    values_of,
)
from bot.listings import themes_of
from bot.live import one_seen
from bot.notices import Notice
from bot.participants import MAY_BE_MATCHED, PEOPLE, Actor
from bot.prepared import Prepared
from knowledge.snapshot import Snapshot
from matching.partners import Partners, Reason

if TYPE_CHECKING:
    from bot.desk import Press

ASKED_AT_ONCE = 3
"""Open questions that wait for one person; what comes besides waits until a place is free."""
ASKING_AT_ONCE = 5
"""Open questions that one person has put to others."""
QUIET = ("all", "until_written")
"""Mutes under which nobody is asked; it waits until they are over."""


class MutedTheme(SQLModel, table=True):
    """A theme that a participant is not asked about."""

    __tablename__ = "muted_theme"
    participant_id: int = Field(primary_key=True, foreign_key="participant.id")
    theme: str = Field(primary_key=True)


MUTED: Any = MutedTheme.__table__  # type: ignore[attr-defined]


def muted_by(participant: int | None) -> Any:
    """Return the query for the themes that *participant* is not asked about."""
    return select(MUTED.c.theme).where(MUTED.c.participant_id == participant)


# What is read before deciding


def invitation(
    session: Session, know: Snapshot, row: Introduction, reader: Actor, now: datetime
) -> Invitation:
    """Return *row* as *reader*, one of its sides, decides on it."""
    assert reader.id is not None  # noqa: S101 - a side
    found = seen(session, (row,), reader.id, now)[0]
    mine, live = brought(session, found.own), one_seen(session, found.theirs, reader)
    theirs = live.statement if live else None
    themes = (themes for one in (mine, theirs) if one and (themes := one.themes))
    other = session.execute(
        select(PEOPLE.c.role, PEOPLE.c.country)
        .join(SIDES, SIDES.c.participant_id == PEOPLE.c.id)
        .where(SIDES.c.introduction_id == row.id, PEOPLE.c.id != reader.id)
    ).first()
    country = know.vocabulary.countries.get(other.country or "") if other else None
    return Invitation(
        found,
        mine,
        theirs if live is None or live.quoted else replace(live.statement, text=""),
        quoted=live is not None and live.quoted,
        reasons=_reasons(know, mine, theirs, quoted=live is not None and live.quoted),
        role=other.role if other else "",
        region=country.subregion if country else "",
        themes=next(themes, themes_of(session, found.own)),
        would_show=values_of(session, reader.id, REVEALS),
    )


def brought(session: Session, number: str) -> Statement | None:
    """Return the open need or offer with that number; None where it is none."""
    live = one_seen(session, number, Actor(role="admin"))
    return live.statement if live else None


def _reasons(
    know: Snapshot, mine: Statement | None, theirs: Statement | None, *, quoted: bool
) -> tuple[Reason, ...]:
    """Return why both fit; nothing that tells whose *theirs* is, and of its words only where they may be read."""
    if mine is None or theirs is None:
        return ()
    partners = Partners([profile_of(theirs, know)], subregions=know.catalogue.subregions)
    fitting = partners.suggest(wanted_of(mine, know), limit=1)
    telling = LIVE_REASONS | {"text"} if quoted else LIVE_REASONS
    reasons = [reason for found in fitting for reason in found.reasons if reason.kind in telling]
    return tuple(told(reasons, mine.text))


# When they are asked


def one_at_a_time(session: Session) -> None:
    """Let nobody else count places until the transaction of *session* ends."""
    lock(session, "introductions")


def put_question(session: Session, press: Press, row: Introduction, now: datetime) -> list[Notice]:
    """Let the sides of *row* that have not agreed know of it; return what they are told."""
    row.begun_at = now
    row.expires_at = max(row.expires_at, end_of(press.know.forum, now))
    session.add(row)
    session.flush()
    agreeing = select(GRANTS.c.participant_id).where(
        GRANTS.c.introduction_id == row.id, GRANTS.c.what == AGREED, GRANTS.c.withdrawn_at.is_(None)
    )
    sides = select(SIDES.c.participant_id).where(
        SIDES.c.introduction_id == row.id, SIDES.c.participant_id.not_in(agreeing)
    )
    notices = []
    for side in session.execute(sides).scalars():
        if side != row.asked_by:
            reader = identity.actor_of(session, side)
            asked = invitation(session, press.know, row, reader, now)
            notices.append(Notice(side, say("introduction/asked", invitation=asked)))
    return notices


def may_begin(session: Session, row: Introduction, now: datetime) -> bool:
    """Tell whether the other side of *row* is asked now: they want to be, and both have a place for it."""
    query = select(INTRODUCTIONS.c.id).where(INTRODUCTIONS.c.id == row.id, *_waits(now))
    if session.execute(query).first() is None or _is_unwanted(session, row):
        return False
    asked = asked_of(session, (row.asked_of,), now).get(row.asked_of, 0)
    return asked < ASKED_AT_ONCE and _asking(session, row.asked_by, now) < ASKING_AT_ONCE


def is_silent(now: datetime) -> Any:
    """Return what holds of whoever wants quiet."""
    lasts = or_(PEOPLE.c.muted_until.is_(None), PEOPLE.c.muted_until > now)
    return func.coalesce(PEOPLE.c.muted, "").in_(QUIET) & lasts


def _waits(now: datetime) -> tuple[Any, ...]:
    """Return what holds of an introduction that waits for its place, and whose other side may be asked just now."""
    one = INTRODUCTIONS.c
    can = exists().where(PEOPLE.c.id == one.asked_of, MAY_BE_MATCHED, ~is_silent(now))
    agreed_to = exists().where(
        GRANTS.c.introduction_id == one.id,
        GRANTS.c.participant_id == one.asked_by,
        GRANTS.c.what == AGREED,
        GRANTS.c.withdrawn_at.is_(None),
    )
    return (one.begun_at.is_(None), one.over_at.is_(None), one.expires_at > now, can, agreed_to)


def _is_unwanted(session: Session, row: Introduction) -> bool:
    """Tell whether whoever is asked said no to the same before, left whoever asks, or mutes all themes of it."""
    earlier = INTRODUCTIONS.alias("earlier")
    refused = (
        select(earlier.c.id)
        .join(SIDES, and_(SIDES.c.introduction_id == earlier.c.id, SIDES.c.participant_id == row.asked_of))
        .where(earlier.c.asked_by == row.asked_by, earlier.c.id != row.id)
        .where(or_(earlier.c.about == row.about, earlier.c.introduced_at.is_not(None)))
        .where(SIDES.c.declined_at.is_not(None))
    )
    if session.execute(refused).first() is not None:
        return True
    statement = brought(session, row.fits) or brought(session, row.about)
    themes = (statement.themes if statement else ()) or themes_of(session, row.about)
    muted = set(session.execute(muted_by(row.asked_of)).scalars())
    return bool(themes) and muted >= set(themes)


def _open_questions(now: datetime) -> tuple[Any, ...]:
    one = INTRODUCTIONS.c
    return (
        one.begun_at.is_not(None),
        one.introduced_at.is_(None),
        one.over_at.is_(None),
        one.expires_at > now,
    )


def asked_of(session: Session, people: Collection[int | None], now: datetime) -> dict[int | None, int]:
    """Map those of *people* who are asked something to how much it is; what they refused counts until its time."""
    count = select(INTRODUCTIONS.c.asked_of, func.count()).where(
        INTRODUCTIONS.c.asked_of.in_(people), *_open_questions(now)
    )
    found = session.execute(count.group_by(INTRODUCTIONS.c.asked_of))
    return {row[0]: row[1] for row in found}


def _asking(session: Session, participant: int | None, now: datetime) -> int:
    count = select(func.count()).where(INTRODUCTIONS.c.asked_by == participant, *_open_questions(now))
    return int(session.execute(count).scalar_one())


# What happens by itself


def _untold() -> tuple[Any, ...]:
    return (INTRODUCTIONS.c.introduced_at.is_(None), INTRODUCTIONS.c.over_at.is_(None))


FIRST_OVER = Prepared(select(func.min(INTRODUCTIONS.c.expires_at)).where(*_untold()))


def next_due(session: Session, now: datetime) -> datetime | None:
    """Return when the time of an introduction is over that nobody was told of; at once where one has got its place."""
    first: datetime | None = FIRST_OVER.scalar(session)
    if first is not None and next(_ready(session, now), None) is not None:
        return now
    return first


def _ready(session: Session, now: datetime) -> Iterator[Introduction]:
    """Yield what waits for a place and has got one, the oldest first."""
    waiting = select_rows(Introduction).where(*_waits(now)).order_by(col(Introduction.id))
    for row in session.exec(waiting).all():
        if may_begin(session, row, now):
            yield row


def do_due(session: Session, press: Press, now: datetime) -> list[Notice]:
    """
    Put the questions that have got a place, and end what nobody can agree to any more; return what is told.

    Who agreed hears that there was no answer: at the same moment, and in the same words, whether the other side said
    nothing or said no.
    """
    notices: list[Notice] = []
    one_at_a_time(session)
    for row in _ready(session, now):
        notices += put_question(session, press, row, now)
    over = select_rows(Introduction).where(*_untold(), col(Introduction.expires_at) <= now)
    rows = session.exec(over.order_by(col(Introduction.id)).with_for_update(skip_locked=True)).all()
    for row in rows:
        row.over_at = now
        session.add(row)
        agreeing = select(GRANTS.c.participant_id).where(
            GRANTS.c.introduction_id == row.id, GRANTS.c.what == AGREED, GRANTS.c.withdrawn_at.is_(None)
        )
        for one in session.execute(agreeing).scalars().all():
            ended = seen(session, (row,), one, now)[0]
            notices.append(Notice(one, say("introduction/no_answer", introduced=ended)))
    session.flush()
    return notices
