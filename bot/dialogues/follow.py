"""Following a session: its changes, and a reminder before it begins."""

from collections.abc import Callable
from datetime import timedelta

from bot.commands import Follow, Followed, MyFollowing, Unfollow
from bot.dialogue import Dialogue, Move, Turn, finish, hand_over, perform, say
from knowledge.forum import Session

MINUTES = (10, 30)
OFFERED = 6
"""Sessions to choose from when none was named."""


def remind_me(turn: Turn) -> Move:
    """Set the reminder that was named, or ask how long before the session it is to come."""
    words = str(turn.slots.get("text") or "").strip()
    named, _, last = words.rpartition(" ")
    if last in ("off", *map(str, MINUTES)) and (session := _named(turn, named)) is not None:
        return _remind(turn, session, last)
    session = _named(turn, words)
    if session is None:
        return _which(turn, words)
    return _too_late(turn, session) or finish(
        say("follow/when", session=session, minutes=_in_time(turn, session), left=_left(turn, session))
    )


def follow(turn: Turn) -> Move:
    """Follow the session that was named, without a reminder."""
    words = str(turn.slots.get("text") or "").strip()
    session = _named(turn, words)
    if session is None:
        return _asked(turn) or _which(turn, words)
    return _too_late(turn, session) or perform(Follow(session.id), _told(session))


def unfollow(turn: Turn) -> Move:
    """Follow the session no longer."""
    session = _named(turn, str(turn.slots.get("text") or "").strip())
    if session is None:
        return _asked(turn) or show_following(turn)
    gone = say("follow/gone", edit=True, session=session)
    return perform(Unfollow(session.id), lambda _turn, _: finish(gone))


def show_following(_turn: Turn) -> Move:
    """Show what the participant follows, in the order of the programme."""
    return perform(MyFollowing(), _show)


def _show(turn: Turn, mine: tuple[Followed, ...]) -> Move:
    by_id = {followed.session: followed for followed in mine}
    shown = [
        (session, by_id[session.id])
        for session in turn.know.programme
        if session.id in by_id and session.ends > turn.now
    ]
    return finish(say("follow/mine", following=shown, today=turn.today))


def _remind(turn: Turn, session: Session, when: str) -> Move:
    if (late := _too_late(turn, session)) is not None:
        return late
    if when != "off":
        return perform(Follow(session.id, int(when)), _told(session))
    return perform(MyFollowing(), lambda _turn, mine: _turn_off(session, mine))


def _turn_off(session: Session, mine: tuple[Followed, ...]) -> Move:
    follows = session.id in {followed.session for followed in mine}
    off = finish(say("follow/off", edit=True, session=session, follows=follows))
    return perform(Follow(session.id), lambda _turn, _: off) if follows else off


def _told(session: Session) -> Callable[[Turn, Followed | None], Move]:
    def then(turn: Turn, followed: Followed | None) -> Move:
        if followed is None:
            return hand_over("following")
        told = say(
            "follow/set",
            edit=True,
            session=session,
            followed=followed,
            minutes=[minutes for minutes in _in_time(turn, session) if minutes != followed.minutes],
            left=_left(turn, session),
        )
        return finish(told)

    return then


def _in_time(turn: Turn, session: Session) -> list[int]:
    """Return the minutes before *session* that are still to come."""
    return [minutes for minutes in MINUTES if session.starts - turn.now > timedelta(minutes=minutes)]


def _left(turn: Turn, session: Session) -> int:
    """Return the whole minutes until *session* begins, rounded up."""
    return -((turn.now - session.starts) // timedelta(minutes=1))


def _too_late(turn: Turn, session: Session) -> Move | None:
    """Return what is said of a session that begins no more, None when it does."""
    if session.cancelled:
        return finish(say("where/cancelled", session=session, rehearsal=turn.rehearsal))
    if session.starts <= turn.now:
        return finish(say("follow/begun", session=session, over=session.ends <= turn.now))
    return None


def _asked(turn: Turn) -> Move | None:
    """Return what a whole sentence asks that only begins like a command; None after a command."""
    question = str(turn.slots.get("question") or "")
    return hand_over("ask", question=question) if question else None


def _which(turn: Turn, words: str) -> Move:
    coming = [
        session for session in turn.know.programme if session.starts > turn.now and not session.cancelled
    ]
    return finish(say("follow/which", unknown=words[:40], sessions=coming[:OFFERED]))


def _named(turn: Turn, words: str) -> Session | None:
    """Return the session with that id, or whose name is closest to *words*; None when none is close."""
    if not words:
        return None
    session = turn.know.programme.get(words)
    if session is not None:
        return session
    hits = turn.know.session_names.closest(words, limit=1)
    return turn.know.programme.get(hits[0].key) if hits else None


REMIND_ME = Dialogue("remindme", remind_me)
FOLLOW = Dialogue("follow", follow)
UNFOLLOW = Dialogue("unfollow", unfollow)
FOLLOWING = Dialogue("following", show_following)
