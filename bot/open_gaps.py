"""What financing partners see of what pairs lack, and who of them is told of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot.commands import Command, Statement
from bot.dialogue import say
from bot.errors import Refused
from bot.gap_commands import FindGaps, GapSide, OpenGap, PassGap, Shows
from bot.gaps import ANSWERS, GapRow, gap_number, id_of, lacks_in, levels, names_given
from bot.introductions import end_of, values_of
from bot.invitations import MUTED, brought, is_silent
from bot.notices import Notice
from bot.numbers import named
from bot.participants import MAY_BE_MATCHED, PEOPLE
from bot.profiles import PROFILES
from bot.store import Offer, number_of
from knowledge.snapshot import Snapshot

if TYPE_CHECKING:
    from bot.desk import Press
    from bot.records import Records

PARTNER = "partner"
"""The role of those who are told what pairs lack."""
TOLD_AT_ONCE = 3
"""Gaps that one partner is told of within the time of an introduction; what comes besides waits."""
OFFERS: Any = Offer.__table__  # type: ignore[attr-defined]


class GapTold(SQLModel, table=True):
    """A partner was told of a gap; it counts as open for them *until* then. *passed_at*: it is not their field."""

    __tablename__ = "gap_told"
    gap_id: int = Field(primary_key=True, foreign_key="gap.id")
    participant_id: int = Field(primary_key=True, foreign_key="participant.id", index=True)
    told_at: datetime
    until: datetime
    passed_at: datetime | None = None


TOLD: Any = GapTold.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Shown:
    """A gap that partners see, how far, and its themes."""

    row: GapRow
    level: Shows
    need: Statement
    offer: Statement

    @property
    def themes(self) -> tuple[str, ...]:
        """Return the themes of the pair, the need's first."""
        return tuple(dict.fromkeys((*self.need.themes, *self.offer.themes)))


def shown(session: Session) -> list[Shown]:
    """Return the gaps that partners see now, in the order of their numbers."""
    open_ones = select_rows(GapRow).where(col(GapRow.over_at).is_(None)).order_by(col(GapRow.id))
    rows = session.exec(open_ones).all()
    found = levels(session, rows) if rows else {}
    return [one for row in rows if id_of(row) in found and (one := _shown(session, row, found[id_of(row)]))]


def _shown(session: Session, row: GapRow, level: Shows) -> Shown | None:
    need = brought(session, number_of("need", row.need_id))
    offer = brought(session, number_of("offer", row.offer_id))
    return Shown(row, level, need, offer) if need and offer and row.lacks else None


def one_shown(session: Session, number: str) -> Shown:
    """Return the gap with that number; raises Refused where partners do not see it."""
    row_id = named("G", number)
    row = session.get(GapRow, row_id) if row_id is not None else None
    level = levels(session, [row]).get(id_of(row)) if row is not None else None
    found = _shown(session, row, level) if row is not None and level is not None else None
    if found is None:
        raise Refused(f"there is no gap {number}")
    return found


def find(records: Records, _command: FindGaps) -> tuple[OpenGap, ...]:
    """Read those that the actor may see; not what is not their field, nor what they mute."""
    if records.actor.unmatched:
        return ()
    session, own = records.session, records.actor_id
    passed = select(TOLD.c.gap_id).where(TOLD.c.participant_id == own, TOLD.c.passed_at.is_not(None))
    gone = set(session.execute(passed).scalars())
    muted = set(session.execute(select(MUTED.c.theme).where(MUTED.c.participant_id == own)).scalars())
    return tuple(
        as_seen(session, one, records.press.know)
        for one in shown(session)
        if id_of(one.row) not in gone and not _is_muted(one, muted)
    )


def pass_over(records: Records, command: PassGap) -> None:
    """Keep that it is not the actor's field."""
    row = one_shown(records.session, command.number).row
    kept = records.session.get(GapTold, (row.id, records.actor_id))
    kept = kept or GapTold(
        gap_id=id_of(row), participant_id=records.actor_id, told_at=records.now, until=records.now
    )
    kept.passed_at = records.now
    records.session.add(kept)
    records.session.flush()


def _is_muted(one: Shown, muted: set[str]) -> bool:
    return bool(one.themes) and muted >= set(one.themes)


def as_seen(session: Session, one: Shown, know: Snapshot) -> OpenGap:
    """Return *one* as partners see it."""
    sides = {receives: _side(session, one, know, receives=receives) for receives in (True, False)}
    return OpenGap(
        number=gap_number(one.row),
        themes=one.themes,
        lacks=lacks_in(one.row),
        receiving=sides[True],
        providing=sides[False],
        has=tuple(form for form in one.need.modalities if form in one.offer.modalities),
        people=one.need.people,
        urgency=one.need.urgency,
        deadline=one.need.deadline,
    )


def _side(session: Session, one: Shown, know: Snapshot, *, receives: bool) -> GapSide:
    who = select(PEOPLE.c.id, PEOPLE.c.role, PEOPLE.c.country).join(
        ANSWERS, ANSWERS.c.participant_id == PEOPLE.c.id
    )
    mine = who.where(ANSWERS.c.gap_id == one.row.id, ANSWERS.c.receives == receives)
    person = session.execute(mine).first()
    if person is None:
        return GapSide("")
    country = know.vocabulary.countries.get(person.country or "")
    names: Mapping[str, str] = {}
    if one.level == "names":
        introduction = one.row.introduction_id
        given = names_given(session, (introduction,)).get((introduction, person.id), set())
        names = values_of(session, person.id, given)
    return GapSide(
        person.role,
        country.subregion if country else None,
        frozenset(country.groups) if country else frozenset(),
        names,
    )


# Who is told


def to_tell(session: Session, now: datetime) -> Iterator[tuple[Shown, int]]:
    """
    Yield each gap and each partner who is to be told of it now, the oldest gap first.

    They agreed to be known, do not object to matching, are not silent, did not mute its themes, and work on one of
    them; who has said of nothing what they work on is told of all. Nobody is told of more than so many at a time.
    """
    gaps = shown(session)
    if not gaps:
        return
    partners = _partners(session, now)
    told: defaultdict[int, set[int]] = defaultdict(set)
    open_now: defaultdict[int, int] = defaultdict(int)
    seen = {id_of(one.row) for one in gaps}
    for row in session.execute(select(TOLD).where(TOLD.c.participant_id.in_(partners))):
        told[row.participant_id].add(row.gap_id)
        if row.gap_id in seen and row.passed_at is None and row.until > now:
            open_now[row.participant_id] += 1
    muted = _by_person(session, select(MUTED.c.participant_id, MUTED.c.theme))
    fields = _fields(session, partners)
    for one in gaps:
        for partner in partners:
            if id_of(one.row) in told[partner] or open_now[partner] >= TOLD_AT_ONCE:
                continue
            if _is_muted(one, muted[partner]):
                continue
            if one.themes and fields[partner] and not fields[partner] & set(one.themes):
                continue
            open_now[partner] += 1
            yield one, partner


def there_are_partners(session: Session, now: datetime) -> bool:
    """Tell whether anybody could be told of a gap."""
    return bool(_partners(session, now, silent=True))


def _partners(session: Session, now: datetime, *, silent: bool = False) -> list[int]:
    """Return the partners who can be told, by their rows; with *silent* those too who want quiet now."""
    query = select(PEOPLE.c.id).where(PEOPLE.c.role == PARTNER, MAY_BE_MATCHED)
    query = query if silent else query.where(~is_silent(now))
    return list(session.execute(query.order_by(PEOPLE.c.id)).scalars())


def _fields(session: Session, partners: list[int]) -> defaultdict[int, set[str]]:
    """Map each of *partners* to the themes of their profile and of their open offers."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for table, open_ones in ((PROFILES, []), (OFFERS, [OFFERS.c.withdrawn_at.is_(None)])):
        query = select(table.c.participant_id, table.c.details).where(
            table.c.participant_id.in_(partners), *open_ones
        )
        for person, details in session.execute(query):
            found[person].update(details.get("themes") or ())
    return found


def _by_person(session: Session, query: Any) -> defaultdict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for person, what in session.execute(query):
        found[person].add(what)
    return found


def tell(session: Session, press: Press, now: datetime) -> list[Notice]:
    """Keep who is told of which gap, and return what they are told."""
    notices = []
    for one, partner in list(to_tell(session, now)):
        until = end_of(press.know.forum, now)
        session.add(GapTold(gap_id=id_of(one.row), participant_id=partner, told_at=now, until=until))
        notices.append(Notice(partner, say("gaps/told", gap=as_seen(session, one, press.know))))
    session.flush()
    return notices


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {FindGaps: find, PassGap: pass_over}
"""What carries each of these commands out."""
