"""The question for a moment, and what is asked back when the answer leaves something open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.dialogue import Saying, Turn, say
from knowledge.forum import Session
from knowledge.moments import Heard, heard

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class At:
    """The moment that was named, in the forum's zone."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Open:
    """
    What the next asking has to settle.

    *kind* is `read_as`, `which_day`, `which_time`, `passed` or `unclear`; *moments* are those that may
    be meant, the likeliest first.
    """

    kind: str
    moments: tuple[datetime, ...] = ()
    text: str = ""

    def slots(self) -> dict[str, Any]:
        """Return this as slots."""
        return {
            "kind": self.kind,
            "moments": [moment.isoformat() for moment in self.moments],
            "text": self.text,
        }


def ask_time(
    turn: Turn, offered: Mapping[datetime, Session | None] | None = None, *, optional: bool = False
) -> Saying:
    """
    Return the question for a moment, or the one that settles what was heard.

    *offered* are likely ones, each with the session that it is ten minutes before, None where it is only a round one.
    """
    doubt: Mapping[str, Any] = turn.slots.get("open") or {}
    moments = [datetime.fromisoformat(moment) for moment in doubt.get("moments", ())]
    forum = turn.know.forum
    return say(
        "when/ask",
        edit=True,
        kind=doubt.get("kind"),
        moments=moments,
        text=doubt.get("text", ""),
        offered=offered or {},
        optional=optional,
        today=turn.today,
        tomorrow=turn.today + DAY,
        example=_example(turn),
        forum_day=forum.starts if forum.starts == forum.ends else None,
    )


def hear_time(turn: Turn, day: date | None = None, at: time | None = None) -> At | Open | None:
    """
    Return the moment that is meant, or what is still open; None when another one is to be typed.

    *day* and *at* are what was settled before: an answer that names only the other half changes only that.
    """
    if turn.choice is not None:
        try:
            return At(datetime.fromisoformat(turn.choice))
        except ValueError:
            return None
    return read_time(turn, turn.text, day, at)


def read_time(turn: Turn, text: str, day: date | None = None, at: time | None = None) -> At | Open:
    """Return the moment that *text* names, or what is open about it."""
    zone = turn.know.forum.time_zone
    now = turn.now.astimezone(zone)
    found = heard(text, now)
    if found.no_such_day:
        return Open("unclear", text=found.no_such_day)
    if found.other is not None:
        two = tuple(_moment_of(one, now, day) for one in (found, found.other))
        return Open("which_time", tuple(one for one in two if one > now))
    if found.moment is not None:
        return Open("read_as", (found.moment,))
    if found.nothing or (found.at is None and at is None):
        return Open("unclear", text=text[:40])
    time_of_day = found.at if found.at is not None else at
    assert time_of_day is not None  # noqa: S101 - one of them was there
    days = found.days or (day or now.date(),)
    moments = tuple(datetime.combine(one, time_of_day, zone) for one in days)
    if len(moments) > 1:
        return Open("which_day", (datetime.combine(_forum_day(turn, now), time_of_day, zone), *moments))
    if moments[0] <= now:
        return passed(turn, moments[0])
    exact = found.exact and (not found.days or _in_forum(turn, days[0]))
    return At(moments[0]) if exact else Open("read_as", moments)


def passed(turn: Turn, moment: datetime) -> Open:
    """Return the question about a *moment* that is over: whether tomorrow's is meant."""
    zone = turn.know.forum.time_zone
    local = moment.astimezone(zone)
    return Open("passed", (local, datetime.combine(turn.today + DAY, local.time(), zone)))


def beside(turn: Turn, text: str, moment: datetime | None = None) -> str:
    """Return what *text* says beside its time; where it has two, beside the one that *moment* is."""
    found = heard(text, turn.now.astimezone(turn.know.forum.time_zone))
    other = found.other
    return other.rest if other and moment and other.at == moment.time() else found.rest


def _moment_of(found: Heard, now: datetime, day: date | None) -> datetime:
    """Return the likeliest moment of a time that was *found* beside another one."""
    if found.moment is not None:
        return found.moment
    return datetime.combine((*found.days, day or now.date())[0], found.at or time(), now.tzinfo)


def _forum_day(turn: Turn, now: datetime) -> date:
    """Return the day of the forum that is next, or its last one."""
    return min(max(now.date(), turn.know.forum.starts), turn.know.forum.ends)


def _in_forum(turn: Turn, day: date) -> bool:
    return bool(turn.know.forum.starts <= day <= turn.know.forum.ends)


def _example(turn: Turn) -> datetime:
    """Return a time worth naming as an example: a quarter of an hour that is not far ahead."""
    now = turn.now.astimezone(turn.know.forum.time_zone)
    hour = now.replace(minute=15, second=0, microsecond=0) + timedelta(hours=1)
    return hour if hour.date() == now.date() else now.replace(minute=15)
