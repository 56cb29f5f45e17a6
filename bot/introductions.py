"""
Who is introduced to whom, and what each side lets the other see.

Something of a person is shown to the other side only while both agree to the introduction and that person has ticked
it. Whoever is asked and does not want to is not told from whoever has not answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from sqlalchemy import Boolean, Column, false, or_, select, update
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot.commands import Command
from bot.dialogue import say
from bot.errors import Refused
from bot.introduction_commands import (
    AgreeIntroduction,
    AllIntroductions,
    DeclineIntroduction,
    Introduced,
    MyIntroductions,
    Pair,
    Reveals,
    Standing,
    State,
)
from bot.notices import Notice
from bot.numbers import named, numbered
from bot.participants import ADDRESSES
from bot.store import COUNTING, Participant
from knowledge.forum import Forum

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.records import Records

VALID = timedelta(days=3)
"""How long both sides may take to agree."""
VALID_TODAY = timedelta(hours=3)
"""How long they may take while the forum is on."""
AGREED = "introduction"
"""What is given by whoever agrees, besides what they let the other side see."""
REVEALS: frozenset[str] = frozenset(get_args(Reveals))
MUTUAL = frozenset({"email"})
"""What is shown only where both let it be seen: nobody is left with an address given and none received."""


class Introduction(SQLModel, table=True):
    """
    Two participants could be introduced *about* a need, an offer or an entry of the catalogue; times are the forum's.

    The secretariat has *proposed* it where neither asked for it. *asked_of* is whose *about* is, *fits* what the other
    side brings, empty where that is nothing of theirs. The sides that were not the first to agree know of it from
    *begun_at*; it needs both before *expires_at*; *introduced_at* is when both had agreed for the first time. At
    *over_at* it ended, or the end of its time was told.
    """

    __table_args__: ClassVar[Any] = COUNTING
    id: int | None = Field(default=None, primary_key=True)
    about: str
    fits: str = ""
    asked_by: int | None = Field(default=None, foreign_key="participant.id")
    asked_of: int | None = Field(default=None, foreign_key="participant.id")
    proposed: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    asked_at: datetime
    begun_at: datetime | None = None
    expires_at: datetime
    introduced_at: datetime | None = None
    over_at: datetime | None = None


class IntroductionSide(SQLModel, table=True):
    """
    One of the two; *declined_at* is when they said no, and nobody else sees it.

    *unanswered* counts what they wrote to the other since the other wrote to them.
    """

    __tablename__ = "introduction_side"
    introduction_id: int = Field(primary_key=True, foreign_key="introduction.id")
    participant_id: int = Field(primary_key=True, foreign_key="participant.id", index=True)
    declined_at: datetime | None = None
    unanswered: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class IntroductionGrant(SQLModel, table=True):
    """A side agreed, or let the other see *what*, until *withdrawn_at*."""

    __tablename__ = "introduction_grant"
    id: int | None = Field(default=None, primary_key=True)
    introduction_id: int = Field(foreign_key="introduction.id", index=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    what: str
    given_at: datetime
    withdrawn_at: datetime | None = None


GRANTS: Any = IntroductionGrant.__table__  # type: ignore[attr-defined]
SIDES: Any = IntroductionSide.__table__  # type: ignore[attr-defined]
INTRODUCTIONS: Any = Introduction.__table__  # type: ignore[attr-defined]


def number_of(row_id: int) -> str:
    """Return the number people see: `I-0003`."""
    return numbered("I", row_id)


def end_of(forum: Forum, now: datetime) -> datetime:
    """Return until when both sides can agree to what begins *now*."""
    today = now.astimezone(forum.time_zone).date()
    return now + (VALID_TODAY if forum.starts <= today <= forum.ends else VALID)


def agree(records: Records, command: AgreeIntroduction) -> Introduced:
    """Keep what the actor gives, and since when both agree; then the other side is told who they are."""
    check_fields(command.fields)
    row = held(records, command.number)
    if _seen_one(records, row).state == "over":
        raise Refused(f"the introduction {command.number} is over")
    return agreed(records, row, command.fields)


def agreed(records: Records, row: Introduction, fields: Collection[str]) -> Introduced:
    """Let the actor agree to *row* and show *fields*; tell the other side once both have agreed."""
    before = _shown_to_others(records, row)
    had_offered = "email" in _seen_one(records, row).given
    _give(records, row, {AGREED, *fields})
    _say_no(records, row, None)
    fresh = row.introduced_at is None and len(_agreeing(records.session, row)) > 1
    if fresh:
        row.introduced_at = records.now
        records.session.add(row)
        records.session.flush()
    for one in others(records, row):
        told = seen(records.session, (row,), one, records.now)[0]
        if told.state != "introduced":
            continue
        if fresh or told.shown != before.get(one):
            records.notices.append(Notice(one, say("introduction/introduced", introduced=told, fresh=fresh)))
        elif "email" in fields and not had_offered:
            records.notices.append(Notice(one, say("introduction/email_offered", introduced=told)))
    return _seen_one(records, row)


def _shown_to_others(records: Records, row: Introduction) -> dict[int, Mapping[str, str]]:
    return {one: seen(records.session, (row,), one, records.now)[0].shown for one in others(records, row)}


def decline(records: Records, command: DeclineIntroduction) -> Introduced:
    """Take back all that the actor gave; who was introduced to them is told that it has ended."""
    row = held(records, command.number)
    ends = _seen_one(records, row).state == "introduced"
    _give(records, row, ())
    _say_no(records, row, records.now)
    if ends:
        end(records, row, "introduction/ended")
    return _seen_one(records, row)


def end(records: Records, row: Introduction, template: str, **values: Any) -> None:
    """End *row* for good and have the sides but the actor told with *template*, as far as they know of it."""
    row.over_at = records.now
    records.session.add(row)
    records.session.flush()
    tell_others(records, row, template, **values)


def tell_others(records: Records, row: Introduction, template: str, **values: Any) -> None:
    """Have the sides of *row* but the actor told with *template*; not who was never asked, or said no."""
    agreeing = _agreeing(records.session, row)
    declined = select(SIDES.c.participant_id).where(
        SIDES.c.introduction_id == row.id, SIDES.c.declined_at.is_not(None)
    )
    refused = set(records.session.execute(declined).scalars())
    for one in others(records, row):
        if one in agreeing or (row.begun_at is not None and one not in refused):
            told = seen(records.session, (row,), one, records.now)[0]
            records.notices.append(Notice(one, say(template, introduced=told, **values)))


def end_with(records: Records, number: str, *, met: bool = False) -> None:
    """
    Tell those who were asked or introduced about the need or offer *number* that it was taken back.

    Where it is *met*, only who is asked is told: who knows one another may be who has met it.
    """
    about = or_(col(Introduction.about) == number, col(Introduction.fits) == number)
    rows = records.session.exec(select_rows(Introduction).where(about, col(Introduction.over_at).is_(None)))
    for row in rows.all():
        if row.introduced_at is None and row.expires_at > records.now:
            end(records, row, "introduction/withdrawn", statement=number, met=met)
        elif row.introduced_at is not None and not met:
            # Who knows one another goes on as long as both like.
            tell_others(records, row, "introduction/withdrawn", statement=number, met=False)


def leave_all(records: Records) -> None:
    """Have those who were introduced to the actor, who goes, told that it has ended."""
    theirs = select(SIDES.c.introduction_id).where(SIDES.c.participant_id == records.actor_id)
    known = select_rows(Introduction).where(
        col(Introduction.id).in_(theirs),
        col(Introduction.introduced_at).is_not(None),
        col(Introduction.over_at).is_(None),
    )
    for row in records.session.exec(known.order_by(col(Introduction.id))).all():
        end(records, row, "introduction/ended")


def mine(records: Records, _command: MyIntroductions) -> tuple[Introduced, ...]:
    """Read what the actor may see of each that they know of."""
    theirs = select(SIDES.c.introduction_id).where(SIDES.c.participant_id == records.actor_id)
    known = col(Introduction.begun_at).is_not(None) | (col(Introduction.asked_by) == records.actor_id)
    rows = records.session.exec(
        select_rows(Introduction)
        .where(col(Introduction.id).in_(theirs), known)
        .order_by(col(Introduction.id))
    ).all()
    return seen(records.session, rows, records.actor_id, records.now)


def everybody_s(records: Records, _command: AllIntroductions) -> tuple[Pair, ...]:
    """Read how far each has come."""
    rows = records.session.exec(select_rows(Introduction).order_by(col(Introduction.id).desc())).all()
    return tuple(
        Pair(number_of(row.id or 0), row.about, row.fits, row.proposed, _standing(row, records.now))
        for row in rows
    )


def _standing(row: Introduction, now: datetime) -> Standing:
    if row.introduced_at is not None:
        return "introduced" if row.over_at is None else "over"
    if row.over_at is not None or now >= row.expires_at:
        return "over"
    return "waits" if row.begun_at is None else "asked"


def introduced(desk: Desk, number: str) -> list[int]:
    """
    Return both sides of an introduction of the actor's that both agreed to; nobody else changes it meanwhile.

    Raises Refused where it is not the actor's, or they are not introduced.
    """
    row = _held(desk.session, desk.own, number)
    if seen(desk.session, (row,), desk.own, desk.now)[0].state != "introduced":
        raise Refused(f"the two of {number} are not introduced")
    return sorted(_agreeing(desk.session, row))


def both_of(session: Session, number: str) -> list[int]:
    """Return both sides of an introduction that both agreed to; raises Refused where it is none."""
    row_id = named("I", number)
    row = session.get(Introduction, row_id) if row_id is not None else None
    people = sorted(_agreeing(session, row)) if row is not None else []
    if row is None or row.introduced_at is None or row.over_at is not None or len(people) < 2:
        raise Refused(f"the two of {number} are not introduced")
    return people


def shown_to(
    session: Session, numbers: Iterable[str | None], reader: int | None, now: datetime
) -> dict[str, Mapping[str, str]]:
    """Map each of the introductions in *numbers* that are *reader*'s to what the other side lets them see."""
    ids = [row_id for number in numbers if number and (row_id := named("I", number)) is not None]
    mine = select(SIDES.c.introduction_id).where(
        SIDES.c.participant_id == reader, SIDES.c.introduction_id.in_(ids)
    )
    rows = session.exec(select_rows(Introduction).where(col(Introduction.id).in_(mine))).all()
    found = seen(session, rows, reader, now) if reader is not None else ()
    return {one.number: one.shown for one in found}


def seen(
    session: Session, rows: Iterable[Introduction], reader: int, now: datetime
) -> tuple[Introduced, ...]:
    """Return what *reader*, one side of each of *rows*, may see of them at the forum's time *now*."""
    rows = tuple(rows)
    ids = [row.id for row in rows]
    given: defaultdict[int | None, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    open_ones = select(GRANTS).where(GRANTS.c.introduction_id.in_(ids), GRANTS.c.withdrawn_at.is_(None))
    for grant in session.execute(open_ones):
        given[grant.introduction_id][grant.participant_id].add(grant.what)
    declined = select(SIDES.c.introduction_id).where(
        SIDES.c.introduction_id.in_(ids), SIDES.c.participant_id == reader, SIDES.c.declined_at.is_not(None)
    )
    refused = set(session.execute(declined).scalars())
    return tuple(_seen(session, row, reader, given[row.id], row.id in refused, now) for row in rows)


def _seen(
    session: Session,
    row: Introduction,
    reader: int,
    given: Mapping[int, Collection[str]],
    declined: bool,
    now: datetime,
) -> Introduced:
    own = given.get(reader, ())
    others = {side: what for side, what in given.items() if side != reader and AGREED in what}
    both = AGREED in own and bool(others)
    shown: dict[str, str] = {}
    for side, what in others.items() if both else ():
        shown |= values_of(session, side, set(what) - (MUTUAL - set(own)))
    brings = (row.about, row.fits) if row.asked_of == reader else (row.fits, row.about)
    return Introduced(
        number_of(row.id or 0),
        _state(row, both=both, agreed=AGREED in own, declined=declined, now=now),
        row.expires_at,
        *brings,
        asks=row.asked_by == reader,
        proposed=row.proposed,
        given=tuple(sorted(REVEALS & set(own))),
        shown=shown,
    )


def _state(row: Introduction, *, both: bool, agreed: bool, declined: bool, now: datetime) -> State:
    if both:
        return "introduced"
    if row.introduced_at is not None or row.over_at is not None or now >= row.expires_at:
        return "over"
    if declined:
        return "declined"
    return "waiting" if agreed else "asked"


def values_of(session: Session, participant: int, what: Collection[str]) -> dict[str, str]:
    """Return what of the row of *participant* stands under the names in *what*, where there is something."""
    person = session.get_one(Participant, participant)
    values = {name: getattr(person, name) for name in REVEALS - {"channel"}}
    if "channel" in what:
        linked = select(ADDRESSES.c.channel).where(ADDRESSES.c.participant_id == participant)
        channels = session.execute(linked.order_by(ADDRESSES.c.channel)).scalars().all()
        values["channel"] = person.preferred_channel or next(iter(channels), None)
    return {name: value for name in sorted(REVEALS & set(what)) if (value := values[name])}


def check_fields(fields: Collection[str]) -> None:
    """Raise Refused where one of *fields* is nothing that can be shown."""
    if wrong := set(fields) - REVEALS:
        raise Refused(f"{', '.join(sorted(wrong))} cannot be shown; one of: {', '.join(sorted(REVEALS))}")


def held(records: Records, number: str) -> Introduction:
    """Return the actor's introduction, which nobody else changes meanwhile; raises Refused when there is none."""
    return _held(records.session, records.actor_id, number)


def _held(session: Session, own: int, number: str) -> Introduction:
    row_id = named("I", number)
    side = session.get(IntroductionSide, (row_id, own)) if row_id is not None else None
    if side is None:
        raise Refused(f"there is no introduction {number}")
    row = session.get_one(Introduction, row_id, with_for_update=True, populate_existing=True)
    if row.begun_at is None and row.asked_by != own:
        raise Refused(f"there is no introduction {number}")  # they have not been asked yet
    return row


def others(records: Records, row: Introduction) -> list[int]:
    """Return the sides of *row* but the actor."""
    sides = select(SIDES.c.participant_id).where(SIDES.c.introduction_id == row.id)
    return [one for one in records.session.execute(sides).scalars() if one != records.actor.id]


def _agreeing(session: Session, row: Introduction) -> list[int]:
    agreed = select(GRANTS.c.participant_id).where(
        GRANTS.c.introduction_id == row.id, GRANTS.c.what == AGREED, GRANTS.c.withdrawn_at.is_(None)
    )
    return list(session.execute(agreed).scalars())


def _give(records: Records, row: Introduction, wanted: Collection[str]) -> None:
    """Let the actor give what is *wanted* and nothing else; what they gave before is kept with its end."""
    session, own = records.session, records.actor_id
    mine = (GRANTS.c.introduction_id == row.id) & (GRANTS.c.participant_id == own)
    open_ones = mine & GRANTS.c.withdrawn_at.is_(None)
    session.execute(
        update(GRANTS).where(open_ones, GRANTS.c.what.not_in(sorted(wanted))).values(withdrawn_at=records.now)
    )
    given = set(session.execute(select(GRANTS.c.what).where(open_ones)).scalars())
    for what in sorted(set(wanted) - given):
        grant = IntroductionGrant(
            introduction_id=row.id or 0, participant_id=own, what=what, given_at=records.now
        )
        session.add(grant)
    session.flush()


def _say_no(records: Records, row: Introduction, at: datetime | None) -> None:
    mine = (SIDES.c.introduction_id == row.id) & (SIDES.c.participant_id == records.actor_id)
    records.session.execute(update(SIDES).where(mine).values(declined_at=at))


def _seen_one(records: Records, row: Introduction) -> Introduced:
    return seen(records.session, (row,), records.actor_id, records.now)[0]


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    AgreeIntroduction: agree,
    DeclineIntroduction: decline,
    MyIntroductions: mine,
    AllIntroductions: everybody_s,
}
"""What carries each of these commands out."""
