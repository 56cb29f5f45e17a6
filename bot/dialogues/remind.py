"""The secretariat schedules a reminder: "14:15 group photo at the main stairs"."""

from datetime import datetime, timedelta
from typing import Any

from bot.announcement_commands import Announce, Announced, FindReach
from bot.broadcasts import Reach
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.dialogues import drafts
from bot.dialogues.announce_audience import audience_steps, to_whom
from bot.dialogues.announce_words import ask_slot, by_language, hear_slot
from bot.dialogues.announcement import outcome
from bot.dialogues.drafts import Changes
from bot.dialogues.reminder_words import names_an_audience, topic_of
from bot.dialogues.times import At, Open, ask_time, beside, hear_time, read_time
from bot.errors import Refused
from bot.rights import SECRETARIAT
from knowledge.forum import Session

BEFORE = timedelta(minutes=10)
ROUND = timedelta(minutes=15)


def begin(turn: Turn) -> Move:
    """Read the time and the words that came along; ask for what is missing."""
    if turn.person.role not in SECRETARIAT:
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
    said = _said(turn, datetime.fromisoformat(turn.slots["at"]))
    turn = turn.with_slots({**turn.slots, **said})
    if drafts.missing(turn.slots) is not None:
        return go(turn, SLOT)
    return perform(FindReach(drafts.audience(turn.slots)), lambda _turn, reach: _counted(turn, reach))


def _counted(turn: Turn, reach: Reach) -> Move:
    return go(turn, DRAFT, counts={**turn.slots["counts"], "people": reach.recipients})


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


# The draft


def ask_draft(turn: Turn) -> Saying:
    """Show the draft."""
    at = datetime.fromisoformat(turn.slots["at"])
    announcement = drafts.announcement(turn.slots, turn.know)
    during = [one for one in turn.know.programme.now(at) if one.kind in ("plenary", "session")]
    return say(
        "remind/draft",
        edit=True,
        at=at,
        today=turn.today,
        wait=at - turn.now,
        people=turn.slots["counts"]["people"],
        audience=turn.slots["audience"],
        session=drafts.session_of(turn.slots["about"], turn.know),
        template=announcement.words.template,
        texts=announcement.words.texts,
        during=during[:1],
        use_by=announcement.use_by,
        rehearsal=turn.rehearsal,
    )


def hear_draft(turn: Turn) -> Move:
    """Schedule it, or change a part of it."""
    match turn.choice:
        case "schedule":
            return schedule(turn)
        case "when":
            return go(turn, WHEN, asking="at", open=None)
        case "whom":
            return go_on(turn, audience=None, narrow=None)
        case "text":
            return go(turn, TOPIC)
        case _:
            return go(turn, DRAFT)


def schedule(turn: Turn) -> Move:
    """Have it kept until its time."""

    def kept(turn: Turn, announced: Announced) -> Move:
        if not announced.fresh:
            return finish(say("announcement/known", edit=True, number=announced.number))
        return finish(outcome(announced, turn))

    def refused(turn: Turn, why: Refused) -> Move:
        return go(turn, DRAFT, asks=say("announce/refused", edit=True, reason=str(why)))

    return perform(Announce(drafts.announcement(turn.slots, turn.know)), kept, refused=refused)


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
DRAFT = Step("draft", ask_draft, hear_draft, free=False)

REMIND = Dialogue("remind", begin, (*WHOM.values(), WHEN, TOPIC, SLOT, DRAFT), kept=True)
