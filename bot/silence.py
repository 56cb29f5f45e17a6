"""What is against a reminder at a moment: its readers sleep, or sit in a session and get it without a sound."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import false, func, select

from bot import audiences
from bot.announcement_commands import Conflict, FindConflict
from bot.audiences import ADDRESSES, FOLLOWINGS, PEOPLE, muted
from bot.broadcasts import SOUNDING, Quiet
from bot.desk import Desk, Press
from knowledge.forum import Session
from knowledge.snapshot import Snapshot

ROUND = timedelta(minutes=15)
FURTHEST = 16
"""Rounds before and after a moment at which a better one is looked for: four hours."""


def running(know: Snapshot, at: datetime) -> tuple[Session, ...]:
    """Return the sessions that people sit in at that moment."""
    return tuple(session for session in know.programme.now(at) if not session.is_pause)


def in_session(know: Snapshot, at: datetime) -> Any:
    """Return what makes a participant one who sits in a session at that moment: they follow one that is on."""
    sessions = [session.id for session in running(know, at)]
    if not sessions:
        return false()
    follows = select(FOLLOWINGS.c.session).where(FOLLOWINGS.c.participant_id == PEOPLE.c.id)
    return follows.where(FOLLOWINGS.c.session.in_(sessions)).exists()


def find_conflict(desk: Desk, command: FindConflict) -> Conflict:
    """Find the quiet hours that the moment lies in, and how many sit in a session then and would hear a sound."""
    know, quiet, at = desk.press.know, desk.press.rules.quiet, command.at
    members = audiences.conditions(desk.session, command.audience, know.vocabulary)
    sitting = (
        audiences.reached(command.audience, members)
        .where(ADDRESSES.c.channel.in_(sorted(SOUNDING)), in_session(know, at))
        .where(~muted("reminder", changes=False, now=at))
        .subquery()
    )
    return Conflict(
        quiet=quiet if quiet is not None and _is_quiet(quiet, at, know) else None,
        ends=quiet.after(at, know.forum.time_zone) if quiet is not None else at,
        sessions=tuple(session.id for session in running(know, at)),
        silent=desk.session.execute(select(func.count()).select_from(sitting)).scalar_one(),
        free=next(_free(desk.press, at, desk.now), None),
    )


def _is_quiet(quiet: Quiet, at: datetime, know: Snapshot) -> bool:
    return quiet.after(at, know.forum.time_zone) != at


def _free(press: Press, at: datetime, now: datetime) -> Iterator[datetime]:
    """Yield the round moments near *at* that are still to come, with no session on and nobody asleep, nearest first."""
    know, quiet = press.know, press.rules.quiet
    local = at.astimezone(know.forum.time_zone)
    past = timedelta(minutes=local.minute % 15, seconds=local.second, microseconds=local.microsecond)
    for distance in range(FURTHEST):
        for moment in (local - past - distance * ROUND, local - past + (distance + 1) * ROUND):
            asleep = quiet is not None and _is_quiet(quiet, moment, know)
            if moment > now and not running(know, moment) and not asleep:
                yield moment
