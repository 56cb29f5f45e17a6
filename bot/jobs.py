"""What happens by itself: found in the database when its time has come, and done in one transaction each."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import and_, case, func, or_, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot import (
    adaptations,
    announcing,
    circular_times,
    following,
    gap_times,
    group_digest,
    invitations,
    ledger,
    meeting_moves,
    meeting_times,
    need_groups,
    outcomes,
    profiles,
    projects,
    reminders,
    retention,
    steering,
    unsent,
)
from bot.announcement_commands import ReadProgress
from bot.audiences import DELIVERIES
from bot.broadcasts import Rules
from bot.changes import Overlay
from bot.clock import Clock
from bot.database import Store
from bot.desk import BROADCASTS, Desk, Press, number_of
from bot.dialogue import Saying, say
from bot.notices import Notice, notify
from bot.participants import Actor, keep_everybody
from bot.prepared import Prepared
from bot.rights import SECRETARIAT
from bot.snapshots import Snapshots
from bot.store import Broadcast, Participant
from bot.wording import Wording
from knowledge.snapshot import Snapshot

log = structlog.get_logger()
T = TypeVar("T")

LOOK = 1.0
"""Seconds between two looks at what is due: another process may have written it."""
AGAIN = 0.02
"""Seconds until the next look where something was just done: there may be more of it."""
REPORT = timedelta(seconds=5)
"""The time between two looks whether an announcement has left."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds after which a job that failed is tried again; twice as many each time, up to the longest."""


@dataclass(frozen=True, slots=True)
class Job:
    """
    Something that happens by itself.

    *next* gives the forum's time at which there is something to do, None when nothing waits. *do* does what is due at
    that time in the session's transaction, a limited amount of it; several processes may call it at once. What
    *takes_away* people holds them by itself, in the order of `bot.participants.hold`.
    """

    name: str
    next: Callable[[Session, datetime], datetime | None]
    do: Callable[[Session, Press, datetime], None]
    takes_away: bool = False


def _waits() -> Any:
    return or_(BROADCASTS.c.state == "held", BROADCASTS.c.state == "awaiting")


BEGINS = case((BROADCASTS.c.state == "held", BROADCASTS.c.starts_at), else_=BROADCASTS.c.use_by)
NEXT = Prepared(select(func.min(BEGINS)).where(_waits()))


def next_announcement(session: Session, _now: datetime) -> datetime | None:
    """Return when the next announcement begins, or is too late while it waits for approval."""
    found: datetime | None = NEXT.scalar(session)
    return found


def begin_due(session: Session, press: Press, now: datetime) -> None:
    """Let the first announcement go whose time has come; one that is too late ends, and the secretariat is told."""
    too_late = BROADCASTS.c.use_by <= now
    due = or_(and_(BROADCASTS.c.state == "held", BROADCASTS.c.starts_at <= now), too_late)
    first = select_rows(Broadcast).where(_waits(), due).order_by(col(Broadcast.starts_at), col(Broadcast.id))
    row = session.exec(first.limit(1).with_for_update(skip_locked=True)).first()
    if row is None:
        return
    if row.use_by is not None and row.use_by <= now:
        if announcing.give_up(session, row, now):
            tell_secretariat(
                session, press, now, say("broadcast/not_begun", number=number_of(row), until=row.use_by)
            )
    elif not announcing.begin(session, row, press, now) and row.state == "cancelled":
        tell_secretariat(session, press, now, say("broadcast/not_begun", number=number_of(row), until=None))


def _unreported() -> tuple[Any, ...]:
    made_in_a_chat = BROADCASTS.c.created_by.is_not(None)
    return BROADCASTS.c.state == "running", made_in_a_chat, BROADCASTS.c.reported_at.is_(None)


def _leaving() -> Any:
    """Return what makes an announcement one of which something is about to leave; what was put off does not count."""
    mine = (DELIVERIES.c.broadcast_id == BROADCASTS.c.id) & DELIVERIES.c.settled_at.is_(None)
    return select(DELIVERIES.c.id).where(mine, DELIVERIES.c.not_before.is_(None)).exists()


UNREPORTED = Prepared(select(BROADCASTS.c.id).where(*_unreported()).limit(1))
UNREPORTED_OVER = Prepared(select(BROADCASTS.c.id).where(*_unreported(), ~_leaving()).limit(1))


def next_report(session: Session, now: datetime) -> datetime | None:
    """Return when to look whether an announcement that an officer made in a chat has left as a whole."""
    if not UNREPORTED.rows(session, {}):
        return None
    return now if UNREPORTED_OVER.rows(session, {}) else now + REPORT


def report_over(session: Session, press: Press, now: datetime) -> None:
    """Tell the officer of the first announcement that has left as a whole how many it has reached."""
    over = select_rows(Broadcast).where(*_unreported(), ~_leaving()).order_by(col(Broadcast.id))
    row = session.exec(over.limit(1).with_for_update(skip_locked=True)).first()
    if row is None or row.created_by is None:
        return
    row.reported_at = now
    session.add(row)
    desk = Desk(session, press, Actor(row.created_by, role="admin"), now)
    (progress,) = steering.read_progress(desk, ReadProgress(number_of(row)))
    told = Notice(row.created_by, say("announcement/progress", edit=False, progress=progress))
    notify(session, press, [told], now)


def remind(session: Session, press: Press, now: datetime) -> None:
    """Remind those who follow a session; what came too late is told to the secretariat in one message."""
    # What has just moved is no longer due.
    following.recompute(session, press.know, now)
    done = reminders.remind_due(session, press, now)
    if done.missed:
        programme = press.know.programme
        titles = [(about.title, done.missed[about.id]) for about in programme if about.id in done.missed]
        count = sum(done.missed.values())
        told = tell_secretariat(session, press, now, say("reminders/missed", count=count, sessions=titles))
        log.warning("reminders_missed", count=count, sessions=sorted(done.missed), told=told)


def tell_secretariat(session: Session, press: Press, now: datetime, saying: Saying) -> int:
    """Queue *saying* for everyone of the secretariat who can be reached, and return how many that are."""
    staff = select_rows(Participant.id).where(col(Participant.role).in_(SECRETARIAT))
    notices = [Notice(officer, saying) for officer in session.exec(staff) if officer is not None]
    return len(notify(session, press, notices, now))


def introduce(session: Session, press: Press, now: datetime) -> None:
    """Ask who can be asked by now, and tell who waits when the time of an introduction is over."""
    notify(session, press, invitations.do_due(session, press, now), now)


def end_farewells(session: Session, _press: Press, now: datetime) -> None:
    """Delete the last messages to people who are not known any more."""
    ledger.end_farewells(session, now)


def catch_up(session: Session, press: Press, now: datetime) -> tuple[int, int]:
    """Bring reminders and meetings in line with the programme; return how many sessions and meetings have moved."""
    return following.recompute(session, press.know, now), meeting_moves.make_way(session, press, now)


JOBS = (
    Job("announce", next_announcement, begin_due),
    Job("report", next_report, report_over),
    Job("remind", reminders.next_due, remind),
    Job("meetings", meeting_times.next_due, meeting_times.do_due),
    Job("introduce", invitations.next_due, introduce),
    Job("gaps", gap_times.next_due, gap_times.do_due),
    Job("retention", retention.next_purge, retention.purge_due, takes_away=True),
    Job("adaptations", adaptations.next_due, adaptations.ask_how_far),
    Job("outcomes", outcomes.next_due, outcomes.ask_how_far),
    Job("profiles", profiles.next_due, profiles.ask_again),
    Job("circulars", circular_times.next_due, circular_times.do_due),
    Job("need groups", need_groups.next_due, need_groups.take_in),
    Job("projects", projects.next_due, projects.do_due),
    Job("groups", group_digest.next_digest, group_digest.send_digest),
    Job("unsent", unsent.next_due, unsent.tell),
    Job("farewell", lambda session, _now: ledger.farewell_over(session), end_farewells),
)
"""All that happens by itself."""


class Jobs:
    """
    Does what is due until cancelled: on SQLite in the one process that serves.

    A job that fails is tried again after 1, 2, 4 ... seconds; the
    others go on.
    """

    def __init__(
        self,
        store: Store,
        snapshots: Snapshots,
        wording: Wording,
        clock: Clock,
        rules: Rules | None = None,
        jobs: Sequence[Job] = JOBS,
    ) -> None:
        self._store = store
        self._snapshots = snapshots
        self._wording = wording
        self._clock = clock
        self._rules = rules or Rules()
        self._jobs = jobs
        self._overlay = Overlay()
        self._programme: Snapshot | None = None
        self._failed: dict[str, tuple[int, float]] = {}

    async def run(self) -> None:
        """Do what is due when its time has come, until cancelled."""
        while True:
            wait = await self.round()
            await asyncio.sleep(wait)

    async def all_due(self) -> None:
        """Do everything that is due now."""
        while await self.round() <= AGAIN:
            pass

    async def next_due(self) -> datetime | None:
        """Return the machine's time at which the next thing is due, None when nothing waits."""
        now = self._clock.now()
        waiting = await asyncio.to_thread(
            self._store.read, lambda session: [job.next(session, now) for job in self._jobs]
        )
        return min((at - self._clock.offset for at in waiting if at is not None), default=None)

    async def round(self) -> float:
        """Do what is due now and return after how many seconds to look again."""
        wait = await self._tried("recompute", self._catch_up)
        for job in self._jobs:
            wait = min(wait, await self._tried(job.name, partial(self._done, job)))
        return wait

    async def _tried(self, name: str, work: Callable[[], Awaitable[float]]) -> float:
        """Return what *work* returns, unless it fails, or has failed a moment ago."""
        clock = asyncio.get_running_loop().time
        failures, until = self._failed.get(name, (0, 0.0))
        if clock() < until:
            return LOOK
        try:
            wait = await work()
        except Exception:
            pause = min(FIRST_PAUSE * 2**failures, LONGEST_PAUSE)
            self._failed[name] = failures + 1, clock() + pause
            log.exception("job_failed", job=name, again_in=pause)
            return LOOK
        self._failed.pop(name, None)
        return wait

    async def _done(self, job: Job) -> float:
        """Do what is due of *job* and return how many seconds remain until its next time."""
        now = self._clock.now()
        at = await asyncio.to_thread(self._store.read, lambda session: job.next(session, now))
        if at is None:
            return LOOK
        if at > now:
            return (at - now).total_seconds()
        await self._written(partial(self._do, job))
        return AGAIN

    def _do(self, job: Job, session: Session) -> None:
        # Nobody is taken away while something is written about many; whoever takes them away waits for that first.
        if not job.takes_away:
            keep_everybody(session)
        job.do(session, self._press(session), self._clock.now())

    async def _catch_up(self) -> float:
        """Bring the reminders in line with the programme when it has changed, or was not looked at since the start."""
        know = (await asyncio.to_thread(self._store.read, self._press)).know
        if know is not self._programme:
            now = self._clock.now()
            moved, meetings = await self._written(
                lambda session: catch_up(session, self._press(session), now)
            )
            self._programme = know
            if moved or meetings:
                log.info("programme_followed", sessions=moved, meetings=meetings)
        return LOOK

    async def _written(self, work: Callable[[Session], T]) -> T:
        return await asyncio.wrap_future(self._store.write(work))

    def _press(self, session: Session) -> Press:
        know = self._overlay.of(session, self._snapshots.current)
        return Press(know, self._wording, self._rules, self._clock.offset)
