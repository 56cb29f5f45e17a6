"""An announcement while it is drafted: kept in the slots as JSON, and put together when it is previewed or sent."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.broadcasts import Announcement, Audience, Change, Kind
from bot.composing import TEMPLATES, Slot, Words
from bot.dialogue import Move, Saying, Step, Turn, go, say
from knowledge.forum import Session
from knowledge.snapshot import Snapshot

CHANGES = frozenset({"room_change", "time_change", "delay", "cancellation"})
"""Templates that say what becomes of a session, and do it."""
Changes = Mapping[str, Any]
"""What an answer changes in the slots; None instead where it was not understood."""
OF_ITS_TIME = frozenset({"time_passed", "use_by_too_early"})
"""Reasons for a refusal that another time mends."""
USE_BY = timedelta(minutes=15)
"""How long after its time a reminder is still of use."""


def fresh(kind: Kind = "announcement") -> dict[str, Any]:
    """Return the slots of a draft about which nothing is known yet."""
    return {
        "kind": kind,
        "audience": None,
        "narrow": None,
        "template": None,
        "slots": {},
        "texts": {},
        "own": False,
        "about": None,
        "at": None,
        "use_by": None,
        "confirmable": False,
        "again": False,
        "corrects": None,
        "asking": None,
        "open": None,
        "wrong": None,
        "preview": None,
        "counts": {},
    }


def of(announcement: Announcement) -> dict[str, Any]:
    """Return the slots of a draft that says what *announcement* says."""
    words = announcement.words
    followed = next(iter(announcement.audience.followers), None)
    return {
        **fresh(announcement.kind),
        "audience": announcement.audience.to_json(),
        "template": words.template,
        "slots": dict(words.slots),
        "texts": dict(words.texts),
        "own": words.template is None,
        "about": words.session or words.slots.get("session") or followed,
        "confirmable": announcement.confirmable,
        "use_by": announcement.use_by.isoformat() if announcement.use_by else None,
    }


def step(
    name: str,
    ask: Callable[[Turn], Saying],
    hear: Callable[[Turn], Changes | None],
    go_on: Callable[..., Move],
    *,
    free: bool,
) -> Step:
    """Return a step whose answer changes the draft, which then goes on; what is not understood is asked again."""

    def hear_and_go_on(turn: Turn) -> Move:
        changes = hear(turn)
        return go(turn, this, say("shared/not_understood")) if changes is None else go_on(turn, **changes)

    this = Step(name, ask, hear_and_go_on, free)
    return this


def audience(slots: Mapping[str, Any]) -> Audience:
    """Return whom the draft is for."""
    return Audience.from_json(slots["audience"] or {})


def words(slots: Mapping[str, Any]) -> Words:
    """Return what the draft says."""
    template = slots["template"]
    # Only own text is about a session by itself; a template has a slot for it.
    about = slots["about"] if template is None else None
    return Words(template, slots["slots"], slots["texts"], about)


def announcement(slots: Mapping[str, Any], know: Snapshot) -> Announcement:
    """Return the announcement as it would be sent now."""
    said = words(slots)
    at, use_by = _moment(slots["at"]), _moment(slots["use_by"])
    if slots["kind"] == "reminder" and at is not None:
        use_by = at + USE_BY
    return Announcement(
        words=said,
        audience=audience(slots),
        kind="safety" if said.is_safety else slots["kind"],
        starts_at=at,
        use_by=use_by,
        confirmable=slots["confirmable"],
        change=change(slots, know),
        again=slots["again"],
    )


def change(slots: Mapping[str, Any], know: Snapshot) -> Change | None:
    """Return what becomes of the session; None where the draft only tells something."""
    template, given = slots["template"], slots["slots"]
    session = session_of(given.get("session"), know)
    if template not in CHANGES or session is None:
        return None
    if template == "cancellation":
        return Change(session.id, cancelled=True)
    start = _moment(given.get("time"))
    if template == "delay":
        start = session.starts + timedelta(minutes=int(given["minutes"]))
    room = given.get("room")
    return Change(session.id, room=room if room != session.room else None, start=start)


def session_of(id_: object, know: Snapshot) -> Session | None:
    """Return the session with that id, None when the programme has none."""
    return next((session for session in know.programme if session.id == id_), None)


def missing(slots: Mapping[str, Any]) -> Slot | None:
    """Return the part of the template that has to be asked for next, None when nothing is."""
    template = TEMPLATES.get(slots["template"] or "")
    if template is None:
        return None
    for slot in template.slots:
        if slot.name == slots["asking"] or (
            slots["asking"] is None and slot.required and slot.name not in slots["slots"]
        ):
            return slot
    return None


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
