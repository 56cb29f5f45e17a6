"""What an announcement says: a template and its parts, or the secretariat's own words."""

import re
from datetime import date, time
from typing import Any
from urllib.parse import urlsplit

from bot.composing import TEMPLATES, Slot
from bot.dialogue import Saying, Turn, say
from bot.dialogues import drafts
from bot.dialogues.announce_audience import named_session
from bot.dialogues.drafts import Changes
from bot.dialogues.times import At, Open, ask_time, hear_time
from knowledge.forum import Room, Session
from knowledge.vocabulary import LANGUAGES

OF_SESSION = ("room_change", "time_change", "delay", "cancellation")
OF_THE_DAY = tuple(name for name in TEMPLATES if name not in (*OF_SESSION, "reminder"))
DELAYS = (5, 10, 15, 30)
MOST_MINUTES = 24 * 60
LANGUAGE = re.compile(rf"^\s*({'|'.join(LANGUAGES)})\s*[:：]\s*", re.IGNORECASE | re.MULTILINE)


def ask_what(turn: Turn) -> Saying:
    """Ask what it is about: the templates for a session where one was chosen, else those for everybody."""
    session = drafts.session_of(turn.slots["about"], turn.know)
    everything = turn.slots["narrow"] == "more" or session is None
    return say(
        "announce/what",
        edit=True,
        templates=[*OF_SESSION, *OF_THE_DAY] if everything else OF_SESSION,
        more=not everything,
    )


def hear_what(turn: Turn) -> Changes | None:
    """Take the template, or own words."""
    match turn.choice:
        case "own":
            return {"own": True}
        case "more":
            return {"narrow": "more"}
        case name if name in TEMPLATES:
            template = TEMPLATES[str(name)]
            about = turn.slots["about"] if any(slot.name == "session" for slot in template.slots) else None
            return {"template": name, "slots": {"session": about} if about else {}}
        case _:
            return None


# Own words


def ask_text(turn: Turn) -> Saying:
    """Ask for the words, in English and the other languages."""
    texts = turn.slots["texts"]
    return say(
        "announce/text", edit=True, texts=texts, missing=[lang for lang in LANGUAGES if lang not in texts]
    )


def hear_text(turn: Turn) -> Changes | None:
    """Take the words; new English ones leave none of those that said the older ones in another language."""
    if not turn.text:
        return None
    parts = by_language(turn.text)
    texts = parts if "en" in parts else {**turn.slots["texts"], **parts}
    return {"texts": texts, "asking": None}


def by_language(text: str) -> dict[str, str]:
    """Return the parts of *text* that begin with "fr:" and so on by language; what has no such mark is English."""
    marks = list(LANGUAGE.finditer(text))
    if not marks:
        return {"en": text.strip()}
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    parts = {mark[1].lower(): text[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)}
    if before := text[: marks[0].start()].strip():
        parts = {"en": before, **parts}
    return {lang: part for lang, part in parts.items() if part}


# The parts of a template


def ask_slot(turn: Turn) -> Saying:
    """Ask for the part that is missing."""
    slot = drafts.missing(turn.slots)
    assert slot is not None  # noqa: S101 - the step waits only for one
    session = drafts.session_of(turn.slots["slots"].get("session"), turn.know)
    if slot.kind == "time":
        return ask_time(turn, optional=not slot.required)
    coming = [one for one in turn.know.programme if one.ends > turn.now]
    return say(
        "announce/slot",
        edit=True,
        slot=slot,
        template=turn.slots["template"],
        rooms=_rooms(turn, slot, session)[:12],
        sessions=coming[:8],
        delays=DELAYS,
        wrong=turn.slots["wrong"],
    )


def _rooms(turn: Turn, slot: Slot, session: Session | None) -> list[Room]:
    """Return the rooms that are offered: for a session those in which sessions are held, but not its own."""
    rooms: list[Room] = list(turn.know.rooms.values())
    if slot.kind != "room":
        return rooms
    held = {one.room for one in turn.know.programme if not one.is_pause}
    return [room for room in rooms if room.id in held and not (session and room.id == session.room)]


def hear_slot(turn: Turn) -> Changes | None:
    """Take the part that was asked for."""
    slot = drafts.missing(turn.slots)
    if slot is None:
        return {}
    if turn.choice == "skip" and not slot.required:
        return _with(turn, slot, None)
    if slot.kind == "time":
        return _take_time(turn, slot)
    value = _value(turn, slot)
    return {"wrong": turn.text[:40]} if value is None else _with(turn, slot, value)


def _with(turn: Turn, slot: Slot, value: Any) -> Changes:
    slots = {**turn.slots["slots"], slot.name: value}
    filled = {name: one for name, one in slots.items() if one is not None}
    about = {"about": value} if slot.kind == "session" else {}
    return {"slots": filled, "asking": None, "wrong": None, "open": None, **about}


def _take_time(turn: Turn, slot: Slot) -> Changes:
    session = drafts.session_of(turn.slots["slots"].get("session"), turn.know)
    day: date | None = session.starts.astimezone(turn.know.forum.time_zone).date() if session else None
    at: time | None = session.starts.astimezone(turn.know.forum.time_zone).time() if session else None
    match hear_time(turn, day, at):
        case At(moment):
            return _with(turn, slot, moment.isoformat())
        case Open() as doubt:
            return {"open": doubt.slots()}
        case _:
            return {"open": None}


def _value(turn: Turn, slot: Slot) -> Any:
    """Return what was answered as the slot keeps it, None when it is not of its kind."""
    match slot.kind:
        case "session":
            session = named_session(turn)
            return session.id if session else None
        case "room":
            return _room(turn)
        case "minutes":
            minutes = turn.choice or turn.text.strip().split(" ")[0]
            return int(minutes) if minutes.isdecimal() and 0 < int(minutes) <= MOST_MINUTES else None
        case "place":
            return _room(turn) or _texts(turn.text)
        case "url":
            return turn.text.strip() if _is_address(turn.text.strip()) else None
        case _:
            return _texts(turn.text)


def _room(turn: Turn) -> str | None:
    if turn.choice in turn.know.rooms:
        return turn.choice
    hits = turn.know.room_names.closest(turn.text, limit=1) if turn.text else []
    return hits[0].key if hits else None


def _texts(text: str) -> str | dict[str, str] | None:
    parts = by_language(text)
    if "en" not in parts:
        return None
    return parts if len(parts) > 1 else parts["en"]


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and " " not in text


# What to change


def ask_part(turn: Turn) -> Saying:
    """Ask which part of the draft is to be another one."""
    template = TEMPLATES.get(turn.slots["template"] or "")
    slots = template.slots if template else ()
    return say(
        "announce/part",
        edit=True,
        slots=slots,
        own=turn.slots["template"] is None,
        corrects=turn.slots["corrects"],
    )


def hear_part(turn: Turn) -> Changes | None:
    """Take the part that is to be another one."""
    template = TEMPLATES.get(turn.slots["template"] or "")
    named = {slot.name for slot in template.slots} if template else set()
    match turn.choice:
        case "audience":
            return {"audience": None, "narrow": None}
        case "what":
            return {"template": None, "slots": {}, "texts": {}, "own": False, "narrow": None}
        case "text" if template is None:
            return {"asking": "text"}
        case "at":
            return {"asking": "at"}
        case name if name in named:
            return {"asking": name}
        case _:
            return None
