"""
A partner offers a pair what it lacks; both of the pair answer, and three yes bring all three together.

The pair learns who the partner is, and the partner who the pair is, only once all agreed. Whoever says no, takes it
back or lets the time pass is not told from the others: it ends for all in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast

from sqlalchemy import Boolean, Column, and_, false, func, or_, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot import gaps, introductions
from bot.commands import Command
from bot.dialogue import Saying, say
from bot.errors import Refused
from bot.gaps import GAPS, GapAnswer, GapRow, gap_number, id_of, levels, names_given, one_at_a_time
from bot.introductions import AGREED, GRANTS, INTRODUCTIONS, end_of, values_of
from bot.invitations import ASKING_AT_ONCE
from bot.join_commands import (
    AnswerThird,
    AskThird,
    MyThirds,
    OfferToJoin,
    OfferWaits,
    Part,
    ReplyToPair,
    Third,
    WithdrawToJoin,
)
from bot.meeting_slots import free, offered
from bot.notices import Notice
from bot.numbers import named, numbered
from bot.open_gaps import GapTold, one_shown
from bot.participants import keep_everybody
from bot.relaying import UNANSWERED, mask
from bot.store import COUNTING
from knowledge.snapshot import Snapshot

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.records import Records

WAITING = 3
"""Offers that wait for one pair at a time."""
ALL = 3
"""Those who have to agree."""
LONGEST = 600
"""Characters of what is offered, and of its conditions."""
KNOWN_BY = frozenset({"name", "position", "organisation", "country"})
"""What a partner who offers lets the pair see of themselves, once all agreed."""


class JoinOffer(SQLModel, table=True):
    """A partner offered to join a pair; times are the forum's. All agreed at *joined_at*; it ended at *over_at*."""

    __tablename__ = "join_offer"
    __table_args__: ClassVar[Any] = COUNTING
    id: int | None = Field(default=None, primary_key=True)
    gap_id: int = Field(foreign_key="gap.id", index=True)
    made_at: datetime
    expires_at: datetime
    joined_at: datetime | None = None
    over_at: datetime | None = None


class JoinSide(SQLModel, table=True):
    """
    One of the three; *agreed* is None before their answer. *gives*, *conditions* and *call* are the partner's.

    *unanswered* counts the questions that they put since the partner answered.
    """

    __tablename__ = "join_side"
    offer_id: int = Field(primary_key=True, foreign_key="join_offer.id")
    participant_id: int = Field(primary_key=True, foreign_key="participant.id", index=True)
    part: str
    agreed: bool | None = None
    gives: str = ""
    conditions: str = ""
    call: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    unanswered: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


JOINS: Any = JoinOffer.__table__  # type: ignore[attr-defined]
SIDES: Any = JoinSide.__table__  # type: ignore[attr-defined]


def number_of(row: JoinOffer) -> str:
    """Return the number by which the pair knows it: `J-0003`."""
    return numbered("J", row.id)


# The partner


def offer(records: Records, command: OfferToJoin) -> Third:
    """Put the offer to both of the pair."""
    keep_everybody(records.session)
    one_at_a_time(records.session)
    if records.actor.unmatched or not records.actor.confirmed:
        raise Refused(f"nothing can be offered to {command.gap}")
    gap = one_shown(records.session, command.gap).row
    _check_places(records, gap)
    row = JoinOffer(
        gap_id=id_of(gap), made_at=records.now, expires_at=end_of(records.press.know.forum, records.now)
    )
    records.session.add(row)
    records.session.flush()
    texts = {"gives": mask(command.gives[:LONGEST]), "conditions": mask(command.conditions[:LONGEST])}
    records.session.add(_side(row, records.actor_id, "partner", agreed=True, call=command.call, **texts))
    for answer in _pair(records.session, gap):
        records.session.add(_side(row, answer.participant_id, "receives" if answer.receives else "provides"))
    records.session.flush()
    for side in _sides(records.session, row):
        if side.part != "partner":
            _tell(records, side.participant_id, "join/asked", row)
    return _seen(records.session, row, records.actor_id)


def _check_places(records: Records, gap: GapRow) -> None:
    """Raise Refused where the pair, or the partner, has as many offers as one may."""
    mine = and_(SIDES.c.offer_id == JOINS.c.id, SIDES.c.participant_id == records.actor_id)
    earlier = select(JOINS.c.over_at, SIDES.c.agreed).join(SIDES, mine).where(JOINS.c.gap_id == gap.id)
    if any(over is None or agreed for over, agreed in records.session.execute(earlier)):
        raise OfferWaits(f"an offer to {gap_number(gap)} was made")
    waiting = (
        select(func.count()).select_from(JOINS).where(JOINS.c.over_at.is_(None), JOINS.c.joined_at.is_(None))
    )
    of_gap = records.session.execute(waiting.where(JOINS.c.gap_id == gap.id)).scalar_one()
    own = records.session.execute(
        waiting.where(
            JOINS.c.id.in_(select(SIDES.c.offer_id).where(SIDES.c.participant_id == records.actor_id))
        )
    ).scalar_one()
    if of_gap >= WAITING or own >= ASKING_AT_ONCE:
        raise Refused(f"{gap_number(gap)} takes no offer just now")


def _side(row: JoinOffer, participant: int, part: Part, **values: Any) -> JoinSide:
    assert row.id is not None  # noqa: S101 - kept
    return JoinSide(offer_id=row.id, participant_id=participant, part=part, **values)


def _pair(session: Session, gap: GapRow) -> list[GapAnswer]:
    query = select_rows(GapAnswer).where(col(GapAnswer.gap_id) == gap.id)
    return list(session.exec(query.order_by(col(GapAnswer.participant_id))))


def withdraw(records: Records, command: WithdrawToJoin) -> Third:
    """End the actor's own offer; the pair hears no more than that nothing comes of it."""
    row, own = _own_offer(records, command.gap)
    own.agreed = False
    records.session.add(own)
    records.notices += end(records.session, row, records.now, by=records.actor_id)
    return _seen(records.session, row, records.actor_id)


def _own_offer(records: Records, gap: str) -> tuple[JoinOffer, JoinSide]:
    one_at_a_time(records.session)
    mine = and_(SIDES.c.offer_id == JOINS.c.id, SIDES.c.participant_id == records.actor_id)
    query = (
        select_rows(JoinOffer)
        .join(JoinSide, mine)
        .where(
            col(JoinOffer.gap_id) == named("G", gap),
            col(JoinOffer.over_at).is_(None),
            SIDES.c.part == "partner",
        )
    )
    row = records.session.exec(query).first()
    if row is None:
        raise Refused(f"no offer of yours to {gap} goes on")
    return row, records.session.get_one(JoinSide, (row.id, records.actor_id))


def reply(records: Records, command: ReplyToPair) -> str:
    """Pass the answer on; the questions before it count as answered."""
    row, _ = _own_offer(records, command.gap)
    side = next((one for one in _sides(records.session, row) if one.part == command.to), None)
    if side is None or side.part == "partner" or not side.unanswered:
        raise Refused("nobody asked")
    side.unanswered = 0
    records.session.add(side)
    records.session.flush()
    text = mask(command.text)
    _tell(records, side.participant_id, "join/replied", row, text=text)
    return text


# The pair


def answer(records: Records, command: AnswerThird) -> Third:
    """Keep the answer: with three yes all are brought together, with one no it ends."""
    keep_everybody(records.session)
    row, own = _of_pair(records, command.number)
    own.agreed = command.agrees
    records.session.add(own)
    records.session.flush()
    if not command.agrees:
        records.notices += end(records.session, row, records.now, by=records.actor_id)
    elif row.joined_at is None and all(side.agreed for side in _sides(records.session, row)):
        row.joined_at = records.now
        records.session.add(row)
        records.session.flush()
        for side in _sides(records.session, row):
            if side.participant_id != records.actor_id:
                _tell(records, side.participant_id, "join/joined", row, slots=True)
    return _with_slots(records, row, _seen(records.session, row, records.actor_id))


def ask(records: Records, command: AskThird) -> str:
    """Pass the question on to the partner; only so many before an answer."""
    row, own = _of_pair(records, command.number)
    if row.joined_at is not None or own.unanswered >= UNANSWERED:
        raise Refused("they answer first")
    own.unanswered += 1
    records.session.add(own)
    records.session.flush()
    text, part = mask(command.text), own.part
    partner = next(side for side in _sides(records.session, row) if side.part == "partner")
    _tell(records, partner.participant_id, "join/question_heard", row, text=text, by=part)
    return text


def _of_pair(records: Records, number: str) -> tuple[JoinOffer, JoinSide]:
    """Return an offer that waits for the actor, one of the pair; nobody else changes it meanwhile."""
    one_at_a_time(records.session)
    row_id = named("J", number)
    own = records.session.get(JoinSide, (row_id, records.actor_id)) if row_id is not None else None
    row = records.session.get(JoinOffer, row_id, with_for_update=True) if own is not None else None
    if row is None or own is None or own.part == "partner":
        raise Refused(f"there is no offer {number}")
    if state_of(records.session, row, records.now) == "over":
        raise Refused(f"the offer {number} is over")
    return row, own


# What all three see


def mine(records: Records, _command: MyThirds) -> tuple[Third, ...]:
    """Read what the actor has to do with."""
    session, own = records.session, records.actor_id
    theirs = select(SIDES.c.offer_id).where(SIDES.c.participant_id == own)
    rows = session.exec(
        select_rows(JoinOffer).where(col(JoinOffer.id).in_(theirs)).order_by(col(JoinOffer.id))
    )
    found = ((row, _seen(session, row, own)) for row in rows.all())
    return tuple(_with_slots(records, row, one) for row, one in found)


def state_of(session: Session, row: JoinOffer, now: datetime | None = None) -> Any:
    """Return where *row* stands; before all agreed it needs time, and a pair that lets itself be seen."""
    sides = _sides(session, row)
    gap = session.get_one(GapRow, row.gap_id)
    if row.over_at is not None or len(sides) < ALL or not _introduced(session, gap):
        return "over"
    if row.joined_at is not None:
        return "joined"
    late = now is not None and now >= row.expires_at
    return "over" if late or not levels(session, [gap]) else "waiting"


def _introduced(session: Session, gap: GapRow) -> bool:
    agreeing = (
        select(func.count())
        .select_from(GRANTS)
        .join(INTRODUCTIONS, INTRODUCTIONS.c.id == GRANTS.c.introduction_id)
    )
    found = agreeing.where(
        GRANTS.c.introduction_id == gap.introduction_id,
        GRANTS.c.what == AGREED,
        GRANTS.c.withdrawn_at.is_(None),
        INTRODUCTIONS.c.over_at.is_(None),
    )
    return int(session.execute(found).scalar_one()) > 1


def _sides(session: Session, row: JoinOffer) -> list[JoinSide]:
    query = select_rows(JoinSide).where(col(JoinSide.offer_id) == row.id)
    return list(session.exec(query.order_by(col(JoinSide.participant_id))))


def _seen(session: Session, row: JoinOffer, reader: int) -> Third:
    """Return *row* as *reader*, one of the three, sees it."""
    sides = {side.participant_id: side for side in _sides(session, row)}
    own, state = sides[reader], state_of(session, row)
    gap = session.get_one(GapRow, row.gap_id)
    partner = next((side for side in sides.values() if side.part == "partner"), None)
    shows = _shown(session, gap, sides.values(), reader) if state == "joined" else {}
    return Third(
        number=number_of(row),
        gap=gap_number(gap),
        part=cast("Part", own.part),
        state=state,
        expires_at=row.expires_at,
        gives=partner.gives if partner else "",
        conditions=partner.conditions if partner else "",
        call=bool(partner and partner.call),
        agreed=own.agreed,
        introduction="" if own.part == "partner" else introductions.number_of(gap.introduction_id),
        others={cast("Part", sides[one].part): shown for one, shown in shows.items()},
    )


def _shown(
    session: Session, gap: GapRow, sides: Iterable[JoinSide], reader: int
) -> dict[int, Mapping[str, str]]:
    """Map the two others of those who joined to what they let *reader* see."""
    given = names_given(session, (gap.introduction_id,))
    return {
        side.participant_id: values_of(
            session,
            side.participant_id,
            KNOWN_BY if side.part == "partner" else given.get((gap.introduction_id, side.participant_id), ()),
        )
        for side in sides
        if side.participant_id != reader
    }


def shown_to(
    session: Session, numbers: Iterable[str | None], reader: int | None
) -> dict[str, Mapping[int, Mapping[str, str]]]:
    """Map each of the offers in *numbers* that *reader* joined to what the two others let them see, by their rows."""
    found: dict[str, Mapping[int, Mapping[str, str]]] = {}
    for number in {number for number in numbers if number}:
        row_id = named("J", number)
        row = session.get(JoinOffer, row_id) if row_id is not None else None
        sides = _sides(session, row) if row is not None else []
        if row is None or reader is None or reader not in {side.participant_id for side in sides}:
            continue
        if state_of(session, row) == "joined":
            found[number] = _shown(session, session.get_one(GapRow, row.gap_id), sides, reader)
    return found


def joined(desk: Desk, number: str) -> list[int]:
    """Return the three of an offer of the actor's that all agreed to; raises Refused where it is none."""
    people = three_of(desk.session, number)
    if desk.own not in people:
        raise Refused(f"the three of {number} did not agree to meet")
    return people


def three_of(session: Session, number: str) -> list[int]:
    """Return the three of an offer that all agreed to; raises Refused where it is none."""
    row_id = named("J", number)
    row = session.get(JoinOffer, row_id, with_for_update=True) if row_id is not None else None
    if row is None or state_of(session, row) != "joined":
        raise Refused(f"the three of {number} did not agree to meet")
    return [side.participant_id for side in _sides(session, row)]


def _with_slots(records: Records, row: JoinOffer, found: Third) -> Third:
    """Return *found* with when all three could meet next, where they agreed."""
    if found.state != "joined":
        return found
    people = [side.participant_id for side in _sides(records.session, row)]
    return replace(found, slots=nearest(records.session, records.press.know, people, records.now))


def nearest(session: Session, know: Snapshot, people: list[int], now: datetime) -> Any:
    """Return the first slot at which all of *people* are free and a place has seats for them."""
    return offered(free(session, know, people, now), 1)


def _tell(
    records: Records, to: int, template: str, row: JoinOffer, *, slots: bool = False, **values: Any
) -> None:
    third = _seen(records.session, row, to)
    third = _with_slots(records, row, third) if slots else third
    records.notices.append(Notice(to, say(template, third=third, **values)))


# How it ends


def end(session: Session, row: JoinOffer, now: datetime, by: int | None = None) -> list[Notice]:
    """End *row* and return what the others than *by* are told: the same, whatever the reason."""
    row.over_at = now
    session.add(row)
    for side in _sides(session, row):
        if side.part == "partner":
            _hide(session, row, side, now)
    session.flush()
    others = (side for side in _sides(session, row) if side.participant_id != by)
    return [Notice(side.participant_id, _ended(session, row, side)) for side in others]


def _hide(session: Session, row: JoinOffer, partner: JoinSide, now: datetime) -> None:
    """Show the gap to the partner no more, who offered and got no yes; whoever took it back may offer anew."""
    if partner.agreed is False:
        return
    kept = session.get(GapTold, (row.gap_id, partner.participant_id))
    kept = kept or GapTold(gap_id=row.gap_id, participant_id=partner.participant_id, told_at=now, until=now)
    kept.passed_at = now
    session.add(kept)


def _ended(session: Session, row: JoinOffer, side: JoinSide) -> Saying:
    third = _seen(session, row, side.participant_id)
    if side.part == "partner":
        return say("join/goes_on", third=third)
    gap = session.get_one(GapRow, row.gap_id)
    unchanged = _introduced(session, gap)
    need, offered_ = gaps.numbers_of(gap)
    own, theirs = (need, offered_) if side.part == "receives" else (offered_, need)
    return say("join/not_held", third=third, own=own, theirs=theirs, unchanged=unchanged)


def to_end(session: Session, now: datetime) -> list[JoinOffer]:
    """Return the offers that are over and of which nobody was told: by their time, or because the pair is no more."""
    sides = select(func.count()).where(SIDES.c.offer_id == JOINS.c.id).scalar_subquery()
    parted = or_(sides < ALL, INTRODUCTIONS.c.over_at.is_not(None))
    going = (
        select_rows(JoinOffer)
        .join(GapRow, GAPS.c.id == JOINS.c.gap_id)
        .join(introductions.Introduction, INTRODUCTIONS.c.id == GAPS.c.introduction_id)
        .where(JOINS.c.over_at.is_(None), or_(JOINS.c.joined_at.is_(None), parted))
    )
    rows = session.exec(going.order_by(JOINS.c.id)).all()
    return [row for row in rows if state_of(session, row, now) == "over"]


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    OfferToJoin: offer,
    WithdrawToJoin: withdraw,
    ReplyToPair: reply,
    AnswerThird: answer,
    AskThird: ask,
    MyThirds: mine,
}
"""What carries each of these commands out."""
