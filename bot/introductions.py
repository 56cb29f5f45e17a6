"""
Who is introduced to whom, and what each side lets the other see.

Something of a person is shown to the other side only while both agree to the introduction and that person has ticked
it. Whoever is asked and does not want to is not told from whoever has not answered.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, get_args

from sqlalchemy import func, select, update
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot.commands import Command
from bot.desk import Desk
from bot.errors import Refused
from bot.introduction_commands import (
    AgreeIntroduction,
    AskIntroduction,
    DeclineIntroduction,
    Introduced,
    MyIntroductions,
    OfferIntroduction,
    Reveals,
    State,
)
from bot.live import live
from bot.participants import ADDRESSES, keep_everybody
from bot.store import STATEMENTS, Participant, row_of, to_number

VALID = timedelta(days=3)
"""How long both sides may take to agree."""
AGREED = "introduction"
"""What is given by whoever agrees, besides what they let the other side see."""
REVEALS: frozenset[str] = frozenset(get_args(Reveals))


class Introduction(SQLModel, table=True):
    """
    Two participants could be introduced *about* a need, an offer or an entry of the catalogue; times are the forum's.

    It needs both before *expires_at*; *introduced_at* is when both had agreed for the first time.
    """

    id: int | None = Field(default=None, primary_key=True)
    about: str
    asked_by: int | None = Field(default=None, foreign_key="participant.id")
    asked_at: datetime
    expires_at: datetime
    introduced_at: datetime | None = None


class IntroductionSide(SQLModel, table=True):
    """One of the two; *declined_at* is when they said no, and nobody else sees it."""

    __tablename__ = "introduction_side"
    introduction_id: int = Field(primary_key=True, foreign_key="introduction.id")
    participant_id: int = Field(primary_key=True, foreign_key="participant.id", index=True)
    declined_at: datetime | None = None


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
    return f"I-{row_id:04d}"


def ask(desk: Desk, command: AskIntroduction) -> Introduced:
    """Ask the author, if the actor may read the words of what they sent."""
    _check(command.fields)
    # Whom it is about must not be taken away before it is written.
    keep_everybody(desk.session)
    author = _author(desk, command.about)
    own = desk.own
    about = command.about.strip().upper()
    row = _open_one(desk, about, own, author) or _begin(desk, about, own, author, own)
    return _agreed(desk, row, command.fields)


def offer(desk: Desk, command: OfferIntroduction) -> str:
    """Ask both; neither has agreed yet."""
    keep_everybody(desk.session)
    one, other = command.one, command.other
    if one == other or not (_is_registered(desk.session, one) and _is_registered(desk.session, other)):
        raise Refused("an introduction needs two people who are registered and do not object to matching")
    row = _open_one(desk, command.about, one, other)
    row = row or _begin(desk, command.about, one, other, desk.actor.id)
    return number_of(row.id or 0)


def agree(desk: Desk, command: AgreeIntroduction) -> Introduced:
    """Keep what the actor gives, and since when both agree."""
    _check(command.fields)
    row = _held(desk, command.number)
    if _seen_one(desk, row).state == "over":
        raise Refused(f"the introduction {command.number} is over")
    return _agreed(desk, row, command.fields)


def _agreed(desk: Desk, row: Introduction, fields: Collection[str]) -> Introduced:
    _give(desk, row, {AGREED, *fields})
    _say_no(desk, row, None)
    if row.introduced_at is None and len(_agreeing(desk.session, row)) > 1:
        row.introduced_at = desk.now
        desk.session.add(row)
        desk.session.flush()
    return _seen_one(desk, row)


def decline(desk: Desk, command: DeclineIntroduction) -> Introduced:
    """Take back all that the actor gave."""
    row = _held(desk, command.number)
    _give(desk, row, ())
    _say_no(desk, row, desk.now)
    return _seen_one(desk, row)


def mine(desk: Desk, _command: MyIntroductions) -> tuple[Introduced, ...]:
    """Read what the actor may see of each."""
    theirs = select(SIDES.c.introduction_id).where(SIDES.c.participant_id == desk.own)
    rows = desk.session.exec(
        select_rows(Introduction).where(col(Introduction.id).in_(theirs)).order_by(col(Introduction.id))
    ).all()
    return seen(desk.session, rows, desk.own, desk.now)


def introduced(desk: Desk, number: str) -> list[int]:
    """
    Return both sides of an introduction of the actor's that both agreed to; nobody else changes it meanwhile.

    Raises Refused where it is not the actor's, or they are not introduced.
    """
    row = _held(desk, number)
    if _seen_one(desk, row).state != "introduced":
        raise Refused(f"the two of {number} are not introduced")
    return sorted(_agreeing(desk.session, row))


def shown_to(
    session: Session, numbers: Iterable[str | None], reader: int | None, now: datetime
) -> dict[str, Mapping[str, str]]:
    """Map each of the introductions in *numbers* that are *reader*'s to what the other side lets them see."""
    ids = [row_id for number in numbers if number and (row_id := _id_of(number)) is not None]
    mine = select(SIDES.c.introduction_id).where(
        SIDES.c.participant_id == reader, SIDES.c.introduction_id.in_(ids)
    )
    rows = session.exec(select_rows(Introduction).where(col(Introduction.id).in_(mine))).all()
    found = seen(session, rows, reader, now) if reader is not None else ()
    return {one.number: one.shown for one in found}


def _id_of(number: str) -> int | None:
    letter, _, digits = number.strip().upper().partition("-")
    return to_number(digits) if letter == "I" else None


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
        shown |= _values(session, side, what)
    return Introduced(
        number_of(row.id or 0),
        row.about,
        _state(row, both=both, agreed=AGREED in own, declined=declined, now=now),
        row.expires_at,
        tuple(sorted(REVEALS & set(own))),
        shown,
    )


def _state(row: Introduction, *, both: bool, agreed: bool, declined: bool, now: datetime) -> State:
    if both:
        return "introduced"
    if row.introduced_at is not None or now >= row.expires_at:
        return "over"
    if declined:
        return "declined"
    return "waiting" if agreed else "asked"


def _values(session: Session, participant: int, what: Collection[str]) -> dict[str, str]:
    """Return what of the row of *participant* stands under the names in *what*."""
    person = session.get_one(Participant, participant)
    values = {name: getattr(person, name) for name in REVEALS - {"channel"}}
    if "channel" in what:
        linked = select(ADDRESSES.c.channel).where(ADDRESSES.c.participant_id == participant)
        channels = session.execute(linked.order_by(ADDRESSES.c.channel)).scalars().all()
        values["channel"] = person.preferred_channel or next(iter(channels), None)
    return {name: value for name in sorted(REVEALS & set(what)) if (value := values[name])}


def _check(fields: Collection[str]) -> None:
    if wrong := set(fields) - REVEALS:
        raise Refused(f"{', '.join(sorted(wrong))} cannot be shown; one of: {', '.join(sorted(REVEALS))}")


def _author(desk: Desk, number: str) -> int:
    """Return whose the need or offer is; raises Refused where the actor may not read it or nobody can be asked."""
    place = row_of(number)
    found = live(desk.session, place[0], desk.actor) if place else ()
    readable = {one.statement.number for one in found if one.quoted and not one.own}
    row = desk.session.get(STATEMENTS[place[0]], place[1]) if place else None
    author = row.participant_id if row is not None else None
    if number.strip().upper() not in readable or not desk.actor.confirmed:
        author = None
    if author is None or not _is_registered(desk.session, author):
        raise Refused(f"nobody can be asked about {number}")
    return author


def _is_registered(session: Session, participant: int) -> bool:
    row = session.get(Participant, participant)
    return row is not None and row.confirmed and not row.unmatched


def _open_one(desk: Desk, about: str, one: int, other: int) -> Introduction | None:
    """Return the introduction of both about the same that can still come about, None when there is none."""
    both = (
        select(SIDES.c.introduction_id)
        .where(SIDES.c.participant_id.in_((one, other)))
        .group_by(SIDES.c.introduction_id)
        .having(func.count() > 1)
    )
    waiting = select_rows(Introduction).where(
        col(Introduction.id).in_(both),
        col(Introduction.about) == about,
        col(Introduction.introduced_at).is_(None),
        col(Introduction.expires_at) > desk.now,
    )
    return desk.session.exec(waiting.with_for_update()).first()


def _begin(desk: Desk, about: str, one: int, other: int, asked_by: int | None) -> Introduction:
    row = Introduction(about=about, asked_by=asked_by, asked_at=desk.now, expires_at=desk.now + VALID)
    desk.session.add(row)
    desk.session.flush()
    for side in (one, other):
        desk.session.add(IntroductionSide(introduction_id=row.id or 0, participant_id=side))
    desk.session.flush()
    return row


def _held(desk: Desk, number: str) -> Introduction:
    """Return the actor's introduction, which nobody else changes meanwhile; raises Refused when there is none."""
    row_id = _id_of(number)
    side = desk.session.get(IntroductionSide, (row_id, desk.own)) if row_id is not None else None
    if side is None:
        raise Refused(f"there is no introduction {number}")
    return desk.session.get_one(Introduction, row_id, with_for_update=True, populate_existing=True)


def _agreeing(session: Session, row: Introduction) -> list[int]:
    agreed = select(GRANTS.c.participant_id).where(
        GRANTS.c.introduction_id == row.id, GRANTS.c.what == AGREED, GRANTS.c.withdrawn_at.is_(None)
    )
    return list(session.execute(agreed).scalars())


def _give(desk: Desk, row: Introduction, wanted: Collection[str]) -> None:
    """Let the actor give what is *wanted* and nothing else; what they gave before is kept with its end."""
    session, own = desk.session, desk.own
    mine = (GRANTS.c.introduction_id == row.id) & (GRANTS.c.participant_id == own)
    open_ones = mine & GRANTS.c.withdrawn_at.is_(None)
    session.execute(
        update(GRANTS).where(open_ones, GRANTS.c.what.not_in(sorted(wanted))).values(withdrawn_at=desk.now)
    )
    given = set(session.execute(select(GRANTS.c.what).where(open_ones)).scalars())
    for what in sorted(set(wanted) - given):
        grant = IntroductionGrant(
            introduction_id=row.id or 0, participant_id=own, what=what, given_at=desk.now
        )
        session.add(grant)
    session.flush()


def _say_no(desk: Desk, row: Introduction, at: datetime | None) -> None:
    mine = (SIDES.c.introduction_id == row.id) & (SIDES.c.participant_id == desk.own)
    desk.session.execute(update(SIDES).where(mine).values(declined_at=at))


def _seen_one(desk: Desk, row: Introduction) -> Introduced:
    return seen(desk.session, (row,), desk.own, desk.now)[0]


WORK: Mapping[type[Command], Callable[[Desk, Any], Any]] = {
    AskIntroduction: ask,
    OfferIntroduction: offer,
    AgreeIntroduction: agree,
    DeclineIntroduction: decline,
    MyIntroductions: mine,
}
"""What carries each of these commands out."""
