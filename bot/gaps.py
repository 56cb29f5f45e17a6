"""
What a pair lacks, and how far both let financing partners see it.

Nothing is seen before both have said so, and never more than the narrower of both answers. Neither learns what the
other answered: only what partners see by now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast

from sqlalchemy import JSON, Column, and_, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot import introductions
from bot.commands import Command, Statement
from bot.database import lock
from bot.dialogue import say
from bot.errors import Refused
from bot.gap_commands import COUNTLESS, SHOWS, Lack, LackKind, PairGap, ReadGap, ShowGap, Shows
from bot.introductions import AGREED, GRANTS, INTRODUCTIONS, Introduction
from bot.invitations import brought
from bot.notices import Notice
from bot.numbers import numbered
from bot.participants import MAY_BE_MATCHED, PEOPLE, keep_everybody
from bot.store import COUNTING, STATEMENTS, number_of, row_of
from knowledge.contacts import mask_contacts
from knowledge.lacking import mask_money
from knowledge.snapshot import Snapshot

if TYPE_CHECKING:
    from bot.records import Records

BROUGHT: tuple[LackKind, ...] = (
    *("training", "expert_deployment", "study_visit", "scholarship", "technology_transfer"),
    *("financing", "equipment_inkind"),
)
"""Forms that a third can bring; what two do with one another is none of them."""
LONGEST, MOST = 120, 6
"""Characters of one thing that is lacking, and how many of them are kept."""
UNSEEN = frozenset({"email", "channel"})
"""What is never shown to partners, even where the two show it to one another."""


class GapRow(SQLModel, table=True):
    """
    What the two of an introduction lack: the need and the offer by their rows, *lacks* as JSON.

    Times are the forum's; at *over_at* it ended for good.
    """

    __tablename__ = "gap"
    __table_args__: ClassVar[Any] = COUNTING
    id: int | None = Field(default=None, primary_key=True)
    introduction_id: int = Field(foreign_key="introduction.id", unique=True)
    need_id: int
    offer_id: int
    lacks: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    begun_at: datetime
    over_at: datetime | None = None


class GapAnswer(SQLModel, table=True):
    """One of the two: asked at *asked_at*, None before; *shows* is how far they let it be seen, None before that."""

    __tablename__ = "gap_answer"
    gap_id: int = Field(primary_key=True, foreign_key="gap.id")
    participant_id: int = Field(primary_key=True, foreign_key="participant.id", index=True)
    receives: bool
    asked_at: datetime | None = None
    shows: str | None = None
    answered_at: datetime | None = None


GAPS: Any = GapRow.__table__  # type: ignore[attr-defined]
ANSWERS: Any = GapAnswer.__table__  # type: ignore[attr-defined]


def one_at_a_time(session: Session) -> None:
    """Let nobody else begin or end a gap, or an offer to join one, until the transaction of *session* ends."""
    lock(session, "gaps")


# What is lacking


def lacks_of(need: Statement, offer: Statement, know: Snapshot) -> tuple[Lack, ...]:
    """Return what *need* asks for that *offer* does not give, as far as their words and their forms tell."""
    asked, given = know.understand.taken(need.text), know.understand.taken(offer.text)
    found: list[Lack] = []
    if asked.travel and not given.travel:
        found.append(Lack("travel", people=need.people))
    if asked.things and not given.things:
        found += [Lack("equipment_inkind", words=thing) for thing in asked.things]
    missing = [kind for kind in BROUGHT if kind in need.modalities and kind not in offer.modalities]
    there = {lack.kind for lack in found}
    found += [
        Lack(kind, people=None if kind in COUNTLESS else need.people) for kind in missing if kind not in there
    ]
    if need.people and offer.people and need.people > offer.people:
        found.append(Lack("places", people=need.people - offer.people))
    return tuple(found[:MOST])


def cleaned(lacks: Iterable[Lack]) -> tuple[Lack, ...]:
    """Return *lacks* as they may be shown: no contacts and no amounts of money, none that is empty."""
    kept = (Lack(one.kind, _clean(one.words), one.people) for one in lacks)
    return tuple(dict.fromkeys(one for one in kept if one.words or one.kind != "stated"))[:MOST]


def _clean(words: str) -> str:
    return mask_money(mask_contacts(" ".join(words.split())).text)[:LONGEST].strip()


def lacks_in(row: GapRow) -> tuple[Lack, ...]:
    """Return what *row* keeps."""
    return tuple(Lack(**one) for one in row.lacks)


def keep_lacks(row: GapRow, lacks: Iterable[Lack]) -> None:
    """Keep *lacks* in *row*."""
    row.lacks = [asdict(one) for one in lacks]


# The two


def pair_in(row: Introduction) -> tuple[int, int] | None:
    """Return the rows of the need and of the offer that *row* is about; None where it is not about both."""
    places = dict(place for place in (row_of(row.about), row_of(row.fits)) if place is not None)
    return (places["need"], places["offer"]) if len(places) == len(STATEMENTS) else None


def begin(session: Session, introduction: Introduction, know: Snapshot, now: datetime) -> GapRow | None:
    """Keep what the two of *introduction*, who are introduced, lack; None where that is of no need and offer."""
    pair = pair_in(introduction)
    if pair is None:
        return None
    numbers = (number_of("need", pair[0]), number_of("offer", pair[1]))
    need, offer = brought(session, numbers[0]), brought(session, numbers[1])
    lacks = lacks_of(need, offer, know) if need and offer else ()
    row = GapRow(
        introduction_id=introduction.id or 0, need_id=pair[0], offer_id=pair[1], lacks=[], begun_at=now
    )
    keep_lacks(row, cleaned(lacks))
    session.add(row)
    session.flush()
    receiver_is_asked = row_of(introduction.about) == ("need", pair[0])
    sides = select(introductions.SIDES.c.participant_id).where(
        introductions.SIDES.c.introduction_id == introduction.id
    )
    for side in session.execute(sides).scalars().all():
        receives = (side == introduction.asked_of) == receiver_is_asked
        session.add(GapAnswer(gap_id=id_of(row), participant_id=side, receives=receives))
    session.flush()
    return row


def id_of(row: GapRow) -> int:
    """Return the id of a row that was kept."""
    assert row.id is not None  # noqa: S101 - kept
    return row.id


def gap_number(row: GapRow) -> str:
    """Return the number by which partners know it: `G-0003`."""
    return numbered("G", row.id)


def numbers_of(row: GapRow) -> tuple[str, str]:
    """Return the numbers of the need and of the offer."""
    return number_of("need", row.need_id), number_of("offer", row.offer_id)


def read(records: Records, command: ReadGap) -> PairGap:
    """Read it as the actor, one of the two, sees it."""
    return seen(records.session, _held(records, command.number), records.actor_id)


def show(records: Records, command: ShowGap) -> PairGap:
    """Keep the actor's answer; the other is asked anew where something else is said to be lacking."""
    if command.shows not in SHOWS:
        raise Refused(f"{command.shows} is no answer; one of: {', '.join(SHOWS)}")
    keep_everybody(records.session)
    row = _held(records, command.number)
    own, other = _answers(records, row)
    lacks = lacks_in(row) if command.lacks is None else cleaned(command.lacks)
    if not lacks and command.shows != "no":
        raise Refused("nothing is said to be lacking")
    before = level(records.session, row)
    if lacks != lacks_in(row) and command.shows != "no":
        keep_lacks(row, lacks)
        if other is not None and other.shows != "no":
            other.asked_at = other.shows = None
            records.session.add(other)
    own.shows, own.answered_at = command.shows, records.now
    own.asked_at = own.asked_at or records.now
    records.session.add_all((row, own))
    records.session.flush()
    if other is not None and before == "no" and level(records.session, row) != "no":
        told = seen(records.session, row, other.participant_id)
        records.notices.append(Notice(other.participant_id, say("gap/state", gap=told, fresh=True)))
    return seen(records.session, row, records.actor_id)


def _held(records: Records, number: str) -> GapRow:
    """Return what the two of an introduction of the actor's lack; nobody else changes it meanwhile."""
    one_at_a_time(records.session)
    introductions.introduced(records.desk, number)
    introduction = introductions.held(records, number)
    mine = select_rows(GapRow).where(col(GapRow.introduction_id) == introduction.id)
    row = records.session.exec(mine.with_for_update()).first()
    row = row or begin(records.session, introduction, records.press.know, records.now)
    if row is None or row.over_at is not None:
        raise Refused(f"{number} is about no need and offer that are open")
    return row


def _answers(records: Records, row: GapRow) -> tuple[GapAnswer, GapAnswer | None]:
    theirs = select_rows(GapAnswer).where(col(GapAnswer.gap_id) == row.id)
    found = {one.participant_id: one for one in records.session.exec(theirs).all()}
    own = found.pop(records.actor_id)
    return own, next(iter(found.values()), None)


def seen(session: Session, row: GapRow, reader: int) -> PairGap:
    """Return *row* as *reader*, one of the two, sees it."""
    answer = session.get_one(GapAnswer, (row.id, reader))
    own, theirs = numbers_of(row) if answer.receives else reversed(numbers_of(row))
    given = names_given(session, (row.introduction_id,)).get((row.introduction_id, reader), ())
    return PairGap(
        number=introductions.number_of(row.introduction_id),
        own=own,
        theirs=theirs,
        lacks=lacks_in(row),
        shows=cast("Shows | None", answer.shows),
        shown=level(session, row),
        names=tuple(introductions.values_of(session, reader, given)),
    )


# How far it is seen


def level(session: Session, row: GapRow) -> Shows:
    """Return how far partners see *row* now."""
    return levels(session, [row]).get(id_of(row), "no")


def levels(session: Session, rows: Sequence[GapRow]) -> dict[int, Shows]:
    """
    Map those of *rows* that partners see to how far: the narrower of what both let be seen.

    Both have to be introduced still, to be known, and not to object to matching.
    """
    ids = [id_of(row) for row in rows if row.over_at is None]
    agrees = and_(
        GRANTS.c.introduction_id == GAPS.c.introduction_id,
        GRANTS.c.participant_id == ANSWERS.c.participant_id,
        GRANTS.c.what == AGREED,
        GRANTS.c.withdrawn_at.is_(None),
    )
    query = (
        select(ANSWERS.c.gap_id, ANSWERS.c.shows)
        .join(GAPS, GAPS.c.id == ANSWERS.c.gap_id)
        .join(INTRODUCTIONS, INTRODUCTIONS.c.id == GAPS.c.introduction_id)
        .join(GRANTS, agrees)
        .join(PEOPLE, PEOPLE.c.id == ANSWERS.c.participant_id)
        .where(ANSWERS.c.gap_id.in_(ids), INTRODUCTIONS.c.over_at.is_(None))
        .where(MAY_BE_MATCHED)
    )
    given: dict[int, list[Shows]] = {}
    for gap, shows in session.execute(query) if ids else ():
        given.setdefault(gap, []).append(shows or "no")
    both = {gap: min(answers, key=SHOWS.index) for gap, answers in given.items() if len(answers) > 1}
    return {gap: shown for gap, shown in both.items() if shown != "no"}


def names_given(session: Session, ids: Iterable[int]) -> dict[tuple[int, int], set[str]]:
    """Map each of the introductions *ids* and its sides to the names that this side shows to the other one now."""
    open_ones = select(GRANTS.c.introduction_id, GRANTS.c.participant_id, GRANTS.c.what).where(
        GRANTS.c.introduction_id.in_(list(ids)),
        GRANTS.c.withdrawn_at.is_(None),
        GRANTS.c.what.in_(sorted(introductions.REVEALS - UNSEEN)),
    )
    found: dict[tuple[int, int], set[str]] = {}
    for introduction, side, what in session.execute(open_ones):
        found.setdefault((introduction, side), set()).add(what)
    return found


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {ReadGap: read, ShowGap: show}
"""What carries each of these commands out."""
