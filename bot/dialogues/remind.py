"""The secretariat schedules a reminder: "14:15 group photo at the main stairs"."""

from datetime import datetime, time, timedelta
from typing import Any

from bot.announcement_commands import Announce, Announced, Conflict, FindConflict
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.dialogues import drafts
from bot.dialogues.announce_audience import audience_steps, to_whom
from bot.dialogues.announce_words import ask_slot, by_language, hear_slot
from bot.dialogues.announcement import outcome
from bot.dialogues.drafts import Changes
from bot.dialogues.previews import write_out
from bot.dialogues.reminder_words import names_an_audience, topic_of
from bot.dialogues.times import At, Open, ask_time, beside, hear_time, passed, read_time
from bot.errors import Refused
from bot.messages import COLONS
from bot.rights import may
from knowledge.forum import Session

BEFORE = timedelta(minutes=10)
ROUND = timedelta(minutes=15)


def begin(turn: Turn) -> Move:
    """Read the time and the words that came along; ask for what is missing."""
    if not may(turn.person.role, "broadcast"):
        return finish(say("announce/only_secretariat"))
    words = str(turn.slots.get("text") or "").strip()
    settled = {"audience": {}, "topic": "", "said": words}
    turn = turn.with_slots({**drafts.fresh("reminder"), **settled})
    turn = turn.with_slots({**turn.slots, **_worded(turn, beside(turn, words))})
    return _with_time(turn, read_time(turn, words)) if words else go(turn, WHEN)


def _with_time(turn: Turn, found: At | Open) -> Move:
    if isinstance(found, At):
        return go_on(turn, at=found.moment.isoformat())
    return go(turn, WHEN, open=found.slots())


def go_on(turn: Turn, **changes: Any) -> Move:
    """Ask for what is missing next, else show the draft."""
    turn = turn.with_slots({**turn.slots, **changes})
    if turn.slots["audience"] is None:
        return to_whom(turn, WHOM)
    if turn.slots["at"] is None or turn.slots["asking"] == "at":
        return go(turn, WHEN)
    if not turn.slots["topic"]:
        return go(turn, TOPIC)
    said = _said(turn, _at(turn))
    turn = turn.with_slots({**turn.slots, **said})
    if drafts.missing(turn.slots) is not None:
        return go(turn, SLOT)
    return look_ahead(turn)


def _said(turn: Turn, at: datetime) -> dict[str, Any]:
    """Return the slots of the words: a template where they are no more than it says, else the words themselves."""
    words = turn.slots["topic"]
    topic = topic_of(words, turn.know)
    session = _session_meant(turn, words)
    if session is not None and session.starts > at and (topic is None or topic.place is None):
        minutes = -((at - session.starts) // timedelta(minutes=1))
        slots = {"session": session.id, "minutes": minutes, "place": session.room}
        return {"template": "reminder", "slots": slots, "texts": {}, "about": session.id}
    if topic is None:
        return {"template": None, "slots": {}, "texts": by_language(words), "own": True}
    place = topic.place or turn.slots["slots"].get("place")
    slots = {"time": at.isoformat(), **({"place": place} if place else {})}
    return {"template": topic.template, "slots": slots, "texts": {}, "own": False}


def _session_meant(turn: Turn, words: str) -> Session | None:
    hits = turn.know.session_names.closest(words, limit=1, cutoff=95)
    return drafts.session_of(hits[0].key, turn.know) if hits else None


# What is against its time


def look_ahead(turn: Turn) -> Move:
    """Ask about the time where something is against it, else show the draft."""
    at = _at(turn)

    def found(_turn: Turn, conflict: Conflict) -> Move:
        kept = {
            "begins": conflict.quiet.begins.isoformat() if conflict.quiet else None,
            "ends": conflict.ends.isoformat(),
            "sessions": list(conflict.sessions),
            "silent": conflict.silent,
            "free": conflict.free.isoformat() if conflict.free else None,
        }
        asks = conflict.quiet or (conflict.silent and turn.slots.get("accepted") != turn.slots["at"])
        return go(turn, CONFLICT, conflict=kept) if asks else show_draft(_with(turn, conflict=kept))

    return perform(FindConflict(drafts.audience(turn.slots), at), found)


def ask_conflict(turn: Turn) -> Saying:
    """Say what is against the time, and offer another one."""
    found, zone = turn.slots["conflict"], turn.know.forum.time_zone
    at, ends = (datetime.fromisoformat(one).astimezone(zone) for one in (turn.slots["at"], found["ends"]))
    begins = time.fromisoformat(found["begins"]) if found["begins"] else None
    return say(
        "remind/conflict",
        edit=True,
        at=at,
        begins=datetime.combine(at.date(), begins, zone) if begins else None,
        ends=ends,
        sessions=[drafts.session_of(one, turn.know) for one in found["sessions"]],
        silent=found["silent"],
        free=datetime.fromisoformat(found["free"]) if found["free"] else None,
    )


def hear_conflict(turn: Turn) -> Changes | None:
    """Keep the time, or take another one."""
    match turn.choice:
        case "ok":
            return {"accepted": turn.slots["at"]}
        case "when":
            return {"asking": "at", "open": None}
        case str(moment):
            return {"at": moment}
        case _:
            return None


# The draft


def show_draft(turn: Turn) -> Move:
    """Have the reminder written out for its readers, and show it."""
    return write_out(
        drafts.announcement(turn.slots, turn.know),
        lambda _turn, preview: go(turn, DRAFT, preview=preview),
        refused=lambda _turn, why: _mend(turn, why),
    )


def _mend(turn: Turn, why: Refused) -> Move:
    """Say why it cannot be sent, and ask at once for another time or text."""
    told = say("announce/refused", edit=True, reasons=why.reasons)
    if any(reason.name in drafts.OF_ITS_TIME for reason in why.reasons):
        return go(turn, WHEN, told, asking="at", open=None)
    return go(turn, TOPIC, told)


def ask_draft(turn: Turn) -> Saying:
    """Show the draft as people would read it."""
    slots = turn.slots
    at = datetime.fromisoformat(slots["at"])
    followed = next(iter(slots["audience"].get("followers", ())), None)
    return say(
        "remind/draft",
        edit=True,
        at=at,
        today=turn.today,
        wait=at - turn.now,
        colon=COLONS.get(turn.person.lang, ": "),
        audience=slots["audience"],
        session=drafts.session_of(followed, turn.know),
        during=[one for one in turn.know.programme.now(at) if not one.is_pause][:1],
        silent=slots["conflict"]["silent"],
        rehearsal=turn.rehearsal,
        **slots["preview"],
    )


def _at(turn: Turn) -> datetime:
    return datetime.fromisoformat(turn.slots["at"])


def hear_draft(turn: Turn) -> Move:
    """Schedule it, or change a part of it."""
    match turn.choice:
        case "schedule" if _at(turn) <= turn.now:
            return go(turn, WHEN, asking="at", open=passed(turn, _at(turn)).slots())
        case "schedule":
            return schedule(turn)
        case "when":
            return go(turn, WHEN, asking="at", open=None)
        case "whom":
            return go_on(turn, audience=None, narrow=None)
        case "text" | "part":
            return go(turn, TOPIC)
        case _:
            return go(turn, DRAFT)


def _with(turn: Turn, **changes: Any) -> Turn:
    return turn.with_slots({**turn.slots, **changes})


def schedule(turn: Turn) -> Move:
    """Have it kept until its time."""

    def kept(turn: Turn, announced: Announced) -> Move:
        if not announced.fresh:
            return finish(say("announcement/known", edit=True, number=announced.number))
        return finish(outcome(announced, turn))

    return perform(Announce(drafts.announcement(turn.slots, turn.know)), kept, refused=_mend)


# Its time and its words


def ask_when(turn: Turn) -> Saying:
    """Ask for the time; ten minutes before the next session, and round ones, are offered."""
    zone = turn.know.forum.time_zone
    now = turn.now.astimezone(zone)
    offered: dict[datetime, Session | None] = {}
    for session in turn.know.programme.next(turn.now)[:1]:
        offered[session.starts.astimezone(zone) - BEFORE] = session
    past = timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    offered.setdefault(now - past + 2 * ROUND, None)
    return ask_time(turn, {moment: session for moment, session in offered.items() if moment > now})


def hear_when(turn: Turn) -> Changes:
    """Take the time; an answer that names only the day or the hour changes only that."""
    before = datetime.fromisoformat(turn.slots["at"]) if turn.slots["at"] else None
    match hear_time(turn, *((before.date(), before.time()) if before else ())):
        case At(moment):
            said = _worded(turn, beside(turn, turn.slots["said"], moment)) if turn.slots.get("said") else {}
            return {"at": moment.isoformat(), "asking": None, "open": None, "said": "", **said}
        case Open() as doubt:
            return {"open": doubt.slots(), "asking": "at"}
        case _:
            return {"open": None, "asking": "at"}


def ask_topic(turn: Turn) -> Saying:
    """Ask what people are to be reminded of."""
    return say("remind/topic", edit=True)


def hear_topic(turn: Turn) -> Changes | None:
    """Take the words."""
    return _worded(turn, turn.text.strip()) if turn.text.strip() else None


def _worded(turn: Turn, words: str) -> Changes:
    """Return what *words* settle; where they say for whom they are, it has to be chosen whom that means."""
    audience = None if names_an_audience(words, turn.know) else turn.slots["audience"]
    return {"topic": words, "slots": {}, "audience": audience}


WHOM = audience_steps(go_on)
WHEN = drafts.step("when", ask_when, hear_when, go_on, free=True)
TOPIC = drafts.step("topic", ask_topic, hear_topic, go_on, free=True)
SLOT = drafts.step("slot", ask_slot, hear_slot, go_on, free=True)
CONFLICT = drafts.step("conflict", ask_conflict, hear_conflict, go_on, free=False)
DRAFT = Step("draft", ask_draft, hear_draft, free=False)

REMIND = Dialogue("remind", begin, (*WHOM.values(), WHEN, TOPIC, SLOT, CONFLICT, DRAFT), kept=True)
