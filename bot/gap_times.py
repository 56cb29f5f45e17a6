"""What happens to gaps by itself: both of a pair are asked, partners are told, and what is over ends."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, or_, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot import joining, open_gaps
from bot.dialogue import say
from bot.gaps import ANSWERS, GAPS, GapAnswer, GapRow, begin, one_at_a_time, seen
from bot.introductions import AGREED, GRANTS, INTRODUCTIONS, Introduction
from bot.invitations import is_silent
from bot.notices import Notice, notify
from bot.participants import MAY_BE_MATCHED, PEOPLE
from bot.prepared import Prepared
from bot.store import STATEMENTS

if TYPE_CHECKING:
    from bot.desk import Press


def do_due(session: Session, press: Press, now: datetime) -> None:
    """Begin, end, ask and tell what there is."""
    one_at_a_time(session)
    for introduction in session.exec(_not_begun()).all():
        begin(session, introduction, press.know, now)
    for row in session.exec(_over()).all():
        row.over_at = now
        session.add(row)
    session.flush()
    notices = [notice for row in joining.to_end(session, now) for notice in joining.end(session, row, now)]
    notices += [_asked(session, one, now) for one in _to_ask(session, now)]
    notify(session, press, [*notices, *open_gaps.tell(session, press, now)], now)


def _not_begun() -> Any:
    """Return the query for the introductions of a need and an offer that both agreed to and that have no gap yet."""
    one = INTRODUCTIONS.c
    both = or_(
        one.about.like("N-%") & one.fits.like("O-%"),
        one.about.like("O-%") & one.fits.like("N-%"),
    )
    has_one = exists().where(GAPS.c.introduction_id == one.id)
    query = select_rows(Introduction).where(both, one.introduced_at.is_not(None), one.over_at.is_(None))
    return query.where(~has_one).order_by(one.id)


def _over() -> Any:
    """Return the query for gaps whose two are introduced no more, or whose need or offer was taken back."""
    agreeing = (
        select(func.count())
        .where(
            GRANTS.c.introduction_id == GAPS.c.introduction_id,
            GRANTS.c.what == AGREED,
            GRANTS.c.withdrawn_at.is_(None),
        )
        .scalar_subquery()
    )
    ended = exists().where(INTRODUCTIONS.c.id == GAPS.c.introduction_id, INTRODUCTIONS.c.over_at.is_not(None))
    open_ones = []
    for kind, column in (("need", GAPS.c.need_id), ("offer", GAPS.c.offer_id)):
        table: Any = STATEMENTS[kind].__table__  # type: ignore[index, attr-defined]
        open_ones.append(exists().where(table.c.id == column, table.c.withdrawn_at.is_(None)))
    gone = or_(ended, agreeing < 2, *(~one for one in open_ones))
    return select_rows(GapRow).where(col(GapRow.over_at).is_(None), gone).order_by(col(GapRow.id))


NOT_BEGUN, OVER = (Prepared(query.with_only_columns(1).limit(1)) for query in (_not_begun(), _over()))
OPEN, JOINING = (
    Prepared(select(table.c.id).where(table.c.over_at.is_(None)).limit(1)) for table in (GAPS, joining.JOINS)
)


def next_due(session: Session, now: datetime) -> datetime | None:
    """Return *now* where there is something to do, None where there is not."""
    if NOT_BEGUN.rows(session, {}):
        return now
    if OPEN.rows(session, {}) and _has_news(session, now):
        return now
    return now if JOINING.rows(session, {}) and joining.to_end(session, now) else None


def _has_news(session: Session, now: datetime) -> bool:
    """Tell whether something that is lacking is over, or somebody is to be asked or told of it."""
    if OVER.rows(session, {}) or _to_ask(session, now):
        return True
    return next(open_gaps.to_tell(session, now), None) is not None


def _to_ask(session: Session, now: datetime) -> list[GapAnswer]:
    """
    Return who is to be asked now about a gap that is stated: nobody by themselves as long as there is no partner.

    Who wants quiet is asked when it is over.
    """
    other = ANSWERS.alias("other")
    answered = exists().where(
        other.c.gap_id == ANSWERS.c.gap_id,
        other.c.shows.in_(("gap", "names")),
        other.c.participant_id != ANSWERS.c.participant_id,
    )
    query = (
        select_rows(GapAnswer)
        .join(GapRow, GAPS.c.id == ANSWERS.c.gap_id)
        .join(PEOPLE, PEOPLE.c.id == ANSWERS.c.participant_id)
        .where(GAPS.c.over_at.is_(None), ANSWERS.c.asked_at.is_(None), ANSWERS.c.shows.is_(None))
        .where(MAY_BE_MATCHED, ~is_silent(now))
        .order_by(ANSWERS.c.gap_id, ANSWERS.c.participant_id)
    )
    waiting = session.execute(query.add_columns(GAPS.c.lacks, answered.label("answered"))).all()
    stated: list[tuple[GapAnswer, bool]] = [(one, by_other) for one, lacks, by_other in waiting if lacks]
    if stated and open_gaps.there_are_partners(session, now):
        return [one for one, _ in stated]
    return [one for one, by_other in stated if by_other]


def _asked(session: Session, one: GapAnswer, now: datetime) -> Notice:
    one.asked_at = now
    session.add(one)
    session.flush()
    gap = seen(session, session.get_one(GapRow, one.gap_id), one.participant_id)
    return Notice(one.participant_id, say("gap/asked", gap=gap, steps=False))
