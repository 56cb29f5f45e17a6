"""What is kept for how long after the forum, and the purge that takes the rest away."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import JSON, Column, String, cast, delete, func, select, true, update
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot import audit, forgetting, tally
from bot.adaptations import ROWS as ADAPTATIONS
from bot.audiences import CONFIRMATIONS
from bot.circulars import CIRCULARS, REPLIES
from bot.database import leave_no_trace
from bot.desk import Press
from bot.forgetting import DELIVERIES, EVENTS, INBOX
from bot.gaps import ANSWERS as GAP_ANSWERS
from bot.gaps import GAPS
from bot.group_chats import CHATS
from bot.group_news import WORDS
from bot.groups import PLACES
from bot.introductions import GRANTS, INTRODUCTIONS, SIDES
from bot.joining import JOINS
from bot.joining import SIDES as JOIN_SIDES
from bot.joint_needs import REFUSED
from bot.meeting_slots import PERSONS
from bot.meeting_slots import PLACES as TABLES
from bot.meetings import MEETINGS
from bot.meetings import SIDES as MEETING_SIDES
from bot.need_groups import GROUPS as NEED_GROUPS
from bot.need_groups import NEEDS
from bot.open_gaps import TOLD
from bot.participants import CONVERSATIONS, PEOPLE, Actor, hold, hold_everybody
from bot.practices import PRACTICES
from bot.prepared import Prepared
from bot.profiles import PROFILES
from bot.projects import PROJECTS
from bot.projects import SIDES as PROJECT_SIDES
from bot.rights import SECRETARIAT
from bot.store import STATEMENTS, QueuedQuestion
from bot.surveys import ANSWERS, RESPONSES
from bot.tombstones import STONES
from knowledge.forum import Forum

DAY = timedelta(days=1)
EVERY = DAY
"""Between two purges."""
REPORTS = 400
"""Reports that are kept."""
QUESTIONS: Any = QueuedQuestion.__table__  # type: ignore[attr-defined]
LINKS = "link_request"

Counts = Mapping[str, Mapping[str, int]]


class PurgeReport(SQLModel, table=True):
    """
    What a purge took away, by kind and table, or why it was *refused*; *at* is the forum's time.

    Refused or not, it tells when the last one was.
    """

    __tablename__ = "purge_report"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    refused: str | None = None
    counts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


REPORT: Any = PurgeReport.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Purged:
    """
    What a purge took away, or would: *counts* maps each kind whose time has come to the rows by their table.

    *until* maps each kind of the pack to the moment up to which nothing of it is touched. *refused* says in one clause
    why nothing was done, None where it was.
    """

    counts: Counts = field(default_factory=dict)
    until: Mapping[str, datetime] = field(default_factory=dict)
    refused: str | None = None


def purge(
    session: Session, press: Press, now: datetime, *, by: int | str = audit.ASSISTANT, dry_run: bool = False
) -> Purged:
    """
    Take away what is kept no longer and return the report of it, which is kept too; a *dry_run* only counts.

    Nothing of a kind goes before the pack's days after the forum are over; from then on all that is older than so many
    days goes. Refuses while the sample pack or a rehearsal clock is in use: neither has the real forum's dates.
    """
    forum = press.know.forum
    until = {kind: end_of(forum, kind) for kind in forum.retention}
    refused = refusal(press)
    if refused is not None:
        if not dry_run:
            _keep(session, now, {}, refused)
        return Purged({}, until, refused)
    machine = now - press.ahead
    over = {
        kind: now - timedelta(days=forum.retention[kind])
        for kind in PURGES
        if kind in until and until[kind] <= now
    }
    if not dry_run:
        leave_no_trace(session)
        _hold(session, over)
    counts = {kind: PURGES[kind](session, before, machine, dry_run) for kind, before in over.items()}
    found = {kind: {name: n for name, n in tables.items() if n} for kind, tables in counts.items()}
    found = {kind: tables for kind, tables in found.items() if tables}
    if not dry_run:
        _keep(session, now, found, None)
        if found:
            audit.record(session, by, "purge", machine, details=found)
    return Purged(found, until)


def refusal(press: Press) -> str | None:
    """Return why nothing may be purged now, None where it may."""
    forum = press.know.forum
    if forum.sample_programme or forum.sample_rooms:
        return "the sample pack is in use, whose dates are not those of a forum to come"
    if press.ahead:
        return "a rehearsal clock is in use"
    return None


def end_of(forum: Forum, kind: str) -> datetime:
    """Return the moment from which rows of *kind* are taken away: the end of the day that the privacy page names."""
    last = forum.ends + timedelta(days=forum.retention[kind])
    return datetime.combine(last + DAY, time(), forum.time_zone)


LAST_PURGE = Prepared(select(func.max(REPORT.c.at)))
FIRST_CAME = Prepared(select(func.min(PEOPLE.c.created_at)))


def next_purge(session: Session, _now: datetime) -> datetime | None:
    """Return when the next purge is due: a day after the last one, or after the first participant came."""
    last: datetime | None = LAST_PURGE.scalar(session)
    if last is None:
        last = FIRST_CAME.scalar(session)
    return None if last is None else last + EVERY


def purge_due(session: Session, press: Press, now: datetime) -> None:
    """Purge, as every day; what is counted within an hour is of no use after one day, whatever the pack says."""
    tally.expire(session, now - press.ahead - DAY)
    purge(session, press, now)


def _hold(session: Session, over: Mapping[str, datetime]) -> None:
    """Wait until nobody who is about to go is in a turn, and nothing is written about many; before any row changes."""
    if "participants" in over:
        who = select(PEOPLE.c.id).where(_old(over["participants"])).order_by(PEOPLE.c.confirmed, PEOPLE.c.id)
        for own in session.execute(who).scalars().all():
            hold(session, own)
    hold_everybody(session)


def _keep(session: Session, now: datetime, counts: Counts, refused: str | None) -> None:
    session.add(PurgeReport(at=now, counts=dict(counts), refused=refused))
    session.flush()
    kept = select_rows(PurgeReport.id).order_by(col(PurgeReport.id).desc()).limit(REPORTS)
    session.execute(delete(PurgeReport).where(col(PurgeReport.id).not_in(kept)))


def _swept(session: Session, sweeps: Iterator[tuple[Any, Any]], dry_run: bool) -> dict[str, int]:
    """Delete, or with *dry_run* count, the rows of each table that its condition names; return how many."""
    counts: dict[str, int] = {}
    for table, old in sweeps:
        if dry_run:
            number = session.execute(select(func.count()).select_from(table).where(old)).scalar_one()
        else:
            gone: Any = session.execute(delete(table).where(old))
            number = gone.rowcount
        counts[table.name] = counts.get(table.name, 0) + int(number)
    return counts


def _messages(session: Session, before: datetime, _machine: datetime, dry_run: bool) -> dict[str, int]:
    """Take away what was said and sent: messages, questions, conversations, and that they were heard."""
    old = (DELIVERIES.c.created_at < before) & DELIVERIES.c.settled_at.is_not(None)
    if not dry_run:
        rows = select(DELIVERIES.c.id).where(old)
        session.execute(update(DELIVERIES).where(DELIVERIES.c.corrects_id.in_(rows)).values(corrects_id=None))

    def sweeps() -> Iterator[tuple[Any, Any]]:
        yield EVENTS, EVENTS.c.delivery_id.in_(select(DELIVERIES.c.id).where(old))
        yield DELIVERIES, old
        yield INBOX, (INBOX.c.received_at < before) & INBOX.c.done_at.is_not(None)
        yield CONVERSATIONS, CONVERSATIONS.c.updated_at < before
        yield QUESTIONS, QUESTIONS.c.asked_at < before
        yield CONFIRMATIONS, CONFIRMATIONS.c.at < before

    return _swept(session, sweeps(), dry_run)


def _links(session: Session, before: datetime, machine: datetime, dry_run: bool) -> dict[str, int]:
    """Take away links and codes that are over, and the files in which people took their data along."""
    copies = (DELIVERIES.c.kind == "reply") & (DELIVERIES.c.created_at < before)
    copies &= cast(DELIVERIES.c.card, String).contains('"attachment"')
    found = session.execute(select(DELIVERIES.c.id, DELIVERIES.c.card).where(copies)).all()
    for row, card in found if not dry_run else ():
        bare = {name: value for name, value in card.items() if name != "attachment"}
        session.execute(update(DELIVERIES).where(DELIVERIES.c.id == row).values(card=bare))
    links = SQLModel.metadata.tables.get(LINKS)
    over = iter([(links, links.c.expires_at < machine - DAY)] if links is not None else [])
    return {"copies": len(found), **_swept(session, over, dry_run)}


def _statements(session: Session, before: datetime, _machine: datetime, dry_run: bool) -> dict[str, int]:
    """Take away needs and offers, introductions and meetings that came of them, circulars, who was in which group."""
    tables: list[Any] = [model.__table__ for model in STATEMENTS.values()]  # type: ignore[attr-defined]

    def sweeps() -> Iterator[tuple[Any, Any]]:
        yield NEED_GROUPS, NEED_GROUPS.c.need_id.in_(select(NEEDS.c.id).where(NEEDS.c.created_at < before))
        yield from ((table, table.c.created_at < before) for table in tables)
        yield ADAPTATIONS, ADAPTATIONS.c.begun_at < before
        yield PROFILES, PROFILES.c.changed_at < before
        yield PRACTICES, PRACTICES.c.created_at < before
        yield ANSWERS, ANSWERS.c.answered_at < before
        yield RESPONSES, RESPONSES.c.begun_at < before
        old = INTRODUCTIONS.c.asked_at < before
        rows = select(INTRODUCTIONS.c.id).where(old)
        gaps = select(GAPS.c.id).where(GAPS.c.introduction_id.in_(rows))
        joins = select(JOINS.c.id).where(JOINS.c.gap_id.in_(gaps))
        yield JOIN_SIDES, JOIN_SIDES.c.offer_id.in_(joins)
        yield from ((table, table.c.gap_id.in_(gaps)) for table in (JOINS, TOLD, GAP_ANSWERS))
        yield from ((table, table.c.introduction_id.in_(rows)) for table in (GAPS, GRANTS, SIDES))
        yield INTRODUCTIONS, old
        projects = PROJECTS.c.asked_at < before
        yield PROJECT_SIDES, PROJECT_SIDES.c.project_id.in_(select(PROJECTS.c.id).where(projects))
        yield PROJECTS, projects
        yield REFUSED, REFUSED.c.at < before
        before_it = CIRCULARS.c.created_at < before
        yield REPLIES, REPLIES.c.circular_id.in_(select(CIRCULARS.c.id).where(before_it))
        yield CIRCULARS, before_it
        yield WORDS, WORDS.c.written_at < before
        yield PLACES, PLACES.c.since < before
        yield CHATS, CHATS.c.tied_at < before
        meetings = select(MEETINGS.c.id).where(MEETINGS.c.changed_at < before)
        yield from ((table, table.c.meeting_id.in_(meetings)) for table in (TABLES, PERSONS, MEETING_SIDES))
        yield MEETINGS, MEETINGS.c.changed_at < before

    return _swept(session, sweeps(), dry_run)


def _people(session: Session, before: datetime, machine: datetime, dry_run: bool) -> dict[str, int]:
    """
    Forget everybody but the secretariat; nobody of them leaves a tombstone.

    No list of this forum comes any more, and the next forum asks anew: those that are there go too.
    """
    columns = (PEOPLE.c.id, PEOPLE.c.role, PEOPLE.c.name, PEOPLE.c.email)
    found = session.execute(select(*columns).where(_old(before)).order_by(PEOPLE.c.id)).all()
    for own, role, name, email in found if not dry_run else ():
        gone = Actor(id=own, role=role, name=name, email=email)
        forgetting.forget(session, gone, machine, by=audit.ASSISTANT)
    stones = _swept(session, iter([(STONES, true())]), dry_run)
    return {PEOPLE.name: len(found), **stones}


def _old(before: datetime) -> Any:
    return (PEOPLE.c.created_at < before) & PEOPLE.c.role.not_in(sorted(SECRETARIAT))


def _audit(session: Session, before: datetime, machine: datetime, dry_run: bool) -> dict[str, int]:
    if dry_run:
        old = select(func.count()).select_from(audit.ENTRIES).where(audit.ENTRIES.c.at < before)
        return {audit.ENTRIES.name: int(session.execute(old).scalar_one())}
    return {audit.ENTRIES.name: audit.purge(session, before, machine)}


PURGES: Mapping[str, Any] = {
    "messages": _messages,
    "links": _links,
    "needs_and_offers": _statements,
    "participants": _people,
    "audit": _audit,
}
"""Maps each kind that a pack may give days for to what takes it away."""
