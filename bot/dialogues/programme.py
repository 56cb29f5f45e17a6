"""What is on now, and the day's programme."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial

from bot.commands import Followed, MyFollowing
from bot.dialogue import Dialogue, Move, Turn, finish, hand_over, perform, say
from bot.meeting_commands import Meeting, MyMeetings
from knowledge.days import day_in
from knowledge.forum import Programme, Session
from knowledge.sessions import session_asked


def show_now(turn: Turn) -> Move:
    """Show the sessions that run and the next ones, and the participant's own next meeting."""
    return _now(turn, ()) if turn.public else perform(MyMeetings(), _now)


def _now(turn: Turn, meetings: tuple[Meeting, ...]) -> Move:
    programme = turn.know.programme
    upcoming = programme.next(turn.now)
    now = say(
        "programme/now",
        running=programme.now(turn.now),
        upcoming=upcoming,
        phase=phase(turn),
        today=bool(upcoming) and upcoming[0].starts.date() == today(turn),
        meeting=next(iter(_on(turn, meetings, today(turn), turn.now)), None),
        rehearsal=turn.rehearsal,
    )
    return finish(now)


def show_agenda(turn: Turn) -> Move:
    """Show the session that was named, else the programme of the day named, of today, or of the next that has one."""
    if session_asked(words := str(turn.slots.get("text") or ""), turn.know.programme):
        return hand_over("where", text=words, named=None)
    if turn.public:
        return _agenda((), turn, ())
    return perform(MyFollowing(), lambda _turn, mine: perform(MyMeetings(), partial(_agenda, mine)))


def _agenda(mine: tuple[Followed, ...], turn: Turn, meetings: tuple[Meeting, ...]) -> Move:
    programme = turn.know.programme
    day = _day_named(turn) or _day_of_interest(programme, today(turn))
    sessions = programme.day(day) if day else ()
    days = sorted({session.starts.date() for session in programme})
    return finish(
        say(
            "programme/agenda",
            day=day,
            sessions=sessions,
            days=[other for other in days if other != day],
            now=turn.now,
            following=frozenset(followed.session for followed in mine),
            meetings=_on(turn, meetings, day),
            rehearsal=turn.rehearsal,
        )
    )


def _on(
    turn: Turn, meetings: Iterable[Meeting], day: date | None, after: datetime | None = None
) -> list[Meeting]:
    """Return those booked on *day*, in their order; only those that end *after* a moment where it is given."""
    zone = turn.know.forum.time_zone
    booked = [(one.slot.starts, one.slot.ends, one) for one in meetings if one.state == "booked" and one.slot]
    return [
        one
        for starts, ends, one in sorted(booked, key=lambda found: found[:2])
        if starts.astimezone(zone).date() == day and (after is None or ends > after)
    ]


def phase(turn: Turn) -> str:
    """Return where the forum stands: `unpublished`, `before`, `during` or `over`."""
    sessions: tuple[Session, ...] = turn.know.programme.sessions
    if not sessions:
        return "unpublished"
    if turn.now < sessions[0].starts:
        return "before"
    return "over" if turn.now >= max(session.ends for session in sessions) else "during"


def today(turn: Turn) -> date:
    """Return the day at the forum's place."""
    return turn.now.astimezone(turn.know.forum.time_zone).date()


def _day_named(turn: Turn) -> date | None:
    words = str(turn.slots.get("day") or turn.slots.get("text") or "")
    try:
        return date.fromisoformat(words)
    except ValueError:
        return day_in(words, today(turn))


def _day_of_interest(programme: Programme, today: date) -> date | None:
    """Return the first day from *today* on that has sessions, else the last one; None without any."""
    days = sorted({session.starts.date() for session in programme})
    return next((day for day in days if day >= today), days[-1] if days else None)


NOW = Dialogue("now", show_now, public=True, answers=True)
AGENDA = Dialogue("agenda", show_agenda, public=True, answers=True)
