"""The way to a room: the one that was named, or the one where the next session is."""

from datetime import timedelta

from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, say
from bot.dialogues.programme import phase, today
from knowledge.answers import Answer
from knowledge.forum import Entry, Room, Session
from knowledge.sessions import session_asked

SOON = timedelta(minutes=30)
ELSEWHERE = "elsewhere"
"""The word before a room's id in the command of the button "I am somewhere else"; without one, it is asked which."""
FROM = "from"
"""The word before the ids of two rooms: the way from the one to the other."""


def show_way(turn: Turn) -> Move:
    """Show the way to the room that was named; without one, to the session that people are looking for."""
    words = str(turn.slots.get("text") or "").strip()
    match words.split():
        case [first, *target] if first == ELSEWHERE:
            return _from_elsewhere(turn, " ".join(target))
        case [first, place, target] if first == FROM and {place, target} <= turn.know.rooms.keys():
            return finish(_from(turn, turn.know.rooms[place], turn.know.rooms[target]))
    if room := turn.know.rooms.get(str(turn.slots.get("room"))):
        return finish(_way_to(turn, room))
    if named := turn.slots.get("named"):
        return _named(turn, str(named))
    if asked := session_asked(words, turn.know.programme):
        return finish(_way_to(turn, turn.know.rooms[asked.session.room], asked.session, when=asked.when))
    # Only a command leaves the room's name to us; a whole question was already searched for one.
    if words and "named" not in turn.slots:
        return _named(turn, words)
    return _to_session(turn)


def _named(turn: Turn, name: str) -> Move:
    hits = turn.know.room_names.closest(name, limit=1)
    if hits:
        room = turn.know.rooms[hits[0].key]
        way = _way_to(turn, room)
        exactly = hits[0].score >= 100
        return finish(way) if exactly else finish(_read_as(turn, name, room), way)
    found = turn.know.answers.ask(name, turn.person.lang)
    if isinstance(found, Answer) and isinstance(found.entry, Entry):
        return hand_over("ask", question=name)
    return finish(say("where/no_room", named=name[:40], rooms=tuple(turn.know.rooms.values())))


def _to_session(turn: Turn) -> Move:
    sessions = looked_for(turn)
    rooms = dict.fromkeys(session.room for session in sessions)
    if len(rooms) > 1:
        return finish(say("where/which", sessions=sessions, place=None))
    for session in sessions:
        return finish(_way_to(turn, turn.know.rooms[session.room], session))
    return finish(say("where/nothing_on", phase=phase(turn), rooms=tuple(turn.know.rooms.values())))


def looked_for(turn: Turn) -> tuple[Session, ...]:
    """Return the sessions that somebody who is lost now means: what runs, what starts soon, else what comes next."""
    programme = turn.know.programme
    running = programme.now(turn.now)
    upcoming = programme.next(turn.now)
    working = tuple(session for session in running if not session.is_pause)
    soon = tuple(session for session in upcoming if session.starts - turn.now <= SOON)
    return working or soon or running or upcoming


def _way_to(turn: Turn, room: Room, session: Session | None = None, *, when: bool = False) -> Saying:
    """Return the way, with the session that is next there; its time comes first where *when* was asked."""
    if session is not None and session.cancelled:
        return say("where/cancelled", session=session, rehearsal=turn.rehearsal)
    session = session or _next_in(turn, room)
    moved = turn.know.programme.moved_from(room.id)
    wait = session.starts - turn.now if session else timedelta()
    return say(
        "where/room",
        room=room,
        when=when,
        session=session,
        over=session is not None and session.ends <= turn.now,
        is_on=session is not None and session.is_on(turn.now),
        minutes=_minutes(wait) if timedelta() < wait <= SOON else None,
        today=session is not None and session.starts.date() == today(turn),
        moved=[other for other in moved if other.ends > turn.now and other != session],
        remindable=session is not None and session.starts > turn.now,
        rehearsal=turn.rehearsal,
    )


def _minutes(wait: timedelta) -> int:
    """Return the whole minutes of *wait*, rounded up: nobody is told "in 0 minutes"."""
    return -(-wait // timedelta(minutes=1))


def _next_in(turn: Turn, room: Room) -> Session | None:
    sessions: tuple[Session, ...] = turn.know.programme.in_room(room.id)
    return next((session for session in sessions if session.ends > turn.now), None)


def _read_as(turn: Turn, heard: str, room: Room) -> Saying:
    return say("shared/read_as", heard=heard, meant=room.name.in_(turn.person.lang))


# I am somewhere else


def _from_elsewhere(turn: Turn, target: str) -> Move:
    if target and target not in turn.know.rooms:
        return hand_over("where")
    return go(turn, PLACE, target=target, lost=False, unknown=None)


def ask_place(turn: Turn) -> Saying:
    """Ask where the person is; again, more gently, when they do not know."""
    if turn.slots.get("lost"):
        return say("where/lost", edit=True, contacts=turn.know.forum.contacts)
    others = [room for room in turn.know.rooms.values() if room.id != turn.slots["target"]]
    return say("where/place", rooms=others, unknown=turn.slots.get("unknown"))


def hear_place(turn: Turn) -> Move:
    """Show the way from the place that was named."""
    if turn.choice == "unknown":
        return go(turn, PLACE, lost=True)
    hits = turn.know.room_names.closest(turn.choice or turn.text, limit=1)
    target = turn.know.rooms.get(turn.slots["target"])
    if target is None and turn.slots["target"]:
        return hand_over("where")
    if not hits:
        return go(turn, PLACE, lost=False, unknown=turn.text[:40])
    place = turn.know.rooms[hits[0].key]
    way = _from(turn, place, target) if target else say("where/which", sessions=looked_for(turn), place=place)
    exactly = hits[0].score >= 100
    return finish(way) if exactly else finish(_read_as(turn, turn.text, place), way)


def _from(turn: Turn, place: Room, target: Room) -> Saying:
    return say("where/from_place", edit=True, room=target, place=place, start=_start(turn))


def _start(turn: Turn) -> Room | None:
    """Return the room from which all ways are described, None when the pack has no such room."""
    room: Room | None = turn.know.rooms.get("registration")
    return room


PLACE = Step("place", ask_place, hear_place)
WHERE = Dialogue("where", show_way, (PLACE,), public=True, answers=True)
