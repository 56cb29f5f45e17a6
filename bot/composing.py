"""Writes an announcement out for its reader: a template or own text, what stands under it, and its buttons."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.compositions import TEMPLATES, Slot, SlotKind, Template, Words, moment, session_called
from bot.dialogue import Saying, say
from bot.errors import Refused
from bot.markup import plain
from bot.messages import Attachment, Card
from bot.own_text import PERSONAL, read
from bot.proofreading import checked
from bot.reasons import because
from bot.wording import Wording, as_value
from knowledge.forum import Room, Session
from knowledge.sessions import COLON
from knowledge.snapshot import Snapshot
from knowledge.vocabulary import Localised

__all__ = [
    "TEMPLATES",
    "Reader",
    "Slot",
    "SlotKind",
    "Template",
    "Words",
    "card",
    "checked",
    "is_personal",
    "marked_as_test",
    "nudge",
]

LONGEST_NAME = 80
MINUTE = timedelta(minutes=1)
Writer = Callable[[Saying, str], Card]


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads it: their language, and what own text may say of them; None where it is not known."""

    lang: str
    name: str | None = None
    country: str | None = None
    role: str = "visitor"


def is_personal(words: Words) -> bool:
    """Tell whether readers of one language may read different words, so that each needs a card of their own."""
    return any(set(PERSONAL) & set(read(text).fields) for text in words.texts.values())


def card(
    words: Words,
    reader: Reader,
    know: Snapshot,
    wording: Wording,
    ref: str,
    *,
    number: str | None = None,
    confirmable: bool = False,
    corrected: datetime | None = None,
    withdrawn: datetime | None = None,
    late: timedelta | None = None,
    attachment: Attachment | None = None,
    safety: bool = False,
    rehearsal: bool = False,
) -> Card:
    """
    Return what *reader* sees of *words* that were checked; in English, and it says so, where their language has none.

    *confirmable* gives the button OK, once the announcement has its *number*. *corrected* and *withdrawn* are when
    that was done, *late* is by how much a reminder comes after its time. A *safety* message says that the assistant is
    not the building's alarm. Raises Refused when the session or a room is no longer in the programme.
    """

    def write(saying: Saying, lang: str) -> Card:
        return wording.card(saying, lang, ref, know)

    if withdrawn is not None:
        return write(say("broadcast/withdrawn", at=withdrawn), reader.lang)
    values = _values(words, know)
    late_by = -(-late // MINUTE) if late else 0
    frame = say(
        "broadcast/frame",
        room=_room_meant(words, values),
        number=number if confirmable else None,
        alarm=safety and words.template is None,
        english=words.template is None and reader.lang not in words.texts,
        partly_english=any(reader.lang not in text.languages for text in values["free"]),
        corrected=corrected,
        late_by=late_by,
        programme=values["session"] is not None,
        rehearsal=rehearsal,
    )
    if words.template is None:
        content = _own_words(words, reader, values, write)
    else:
        content = write(say(f"broadcast/{words.template}", **values, late_by=late_by), reader.lang)
    around = write(frame, reader.lang)
    return replace(content, choices=around.choices, note=around.note, attachment=attachment)


def nudge(words: Words, reader: Reader, know: Snapshot, wording: Wording, ref: str, *, number: str) -> Card:
    """Return what asks *reader* once to confirm that they have read *words*, which it repeats, with the button OK."""
    said = card(words, reader, know, wording, ref, number=number, confirmable=True)
    return _under_a_heading("broadcast/nudge", said, know, wording)


def marked_as_test(said: Card, know: Snapshot, wording: Wording) -> Card:
    """Return *said* as whoever wrote it gets it first: it begins with a line by which nobody takes it for sent."""
    return _under_a_heading("broadcast/test", said, know, wording)


def _under_a_heading(template: str, said: Card, know: Snapshot, wording: Wording) -> Card:
    """Return *said* with the heading of *template* above its own one."""
    around = say(template, heading=as_value(said.heading), body=as_value(said.body))
    whole = wording.card(around, said.lang, said.ref, know)
    return replace(said, heading=whole.heading, body=whole.body)


def _own_words(words: Words, reader: Reader, values: Mapping[str, Any], write: Writer) -> Card:
    lang = reader.lang if reader.lang in words.texts else "en"
    found = read(words.texts[lang])
    if found.problems:
        raise Refused(*(problem.within(lang) for problem in found.problems))
    name = " ".join((reader.name or "").split())[:LONGEST_NAME]
    fields = say(
        "broadcast/values",
        name=name,
        country=reader.country,
        role=reader.role,
        session=values["session"],
        room=values["room"],
    )
    # The fields are said in the language of the text, so that no sentence mixes two.
    known = {part.label: plain(part.value) for part in write(fields, lang).fields}
    body = as_value(found.written({**known, "role_id": reader.role}))
    return write(say("broadcast/announcement", text=body, translated=True), reader.lang)


def _values(words: Words, know: Snapshot) -> dict[str, Any]:
    """
    Return the slots as templates take them, None for those that are empty.

    With them go the *session*, how it is called in *short*, and *free*, the slots that hold free words. Own
    text has the session's *room*.
    """
    template = TEMPLATES.get(str(words.template))
    session = session_called(words.session, know) if words.session else None
    if template is None:
        return {"session": session, "room": know.rooms.get(session.room) if session else None, "free": []}
    values = {slot.name: _value(slot, words.slots.get(slot.name), know) for slot in template.slots}
    session = session or values.get("session")
    free = [value for value in values.values() if isinstance(value, Localised)]
    return {**values, "session": session, "short": _short(session, know) if session else None, "free": free}


def _value(slot: Slot, value: Any, know: Snapshot) -> Any:
    match slot.kind:
        case _ if value is None:
            return None
        case "session":
            return session_called(value, know)
        case "room":
            return _room(value, know)
        case "time":
            return moment(value)
        case "minutes" | "url":
            return value
        case "place" if isinstance(value, str) and value in know.rooms:
            return know.rooms[value]
    return Localised({"en": value} if isinstance(value, str) else value)


def _room(id_: Any, know: Snapshot) -> Room:
    room: Room | None = know.rooms.get(id_)
    if room is None:
        gone = f"room {id_} is not in the programme any more; announce it with another one"
        raise Refused(because("room_gone", gone))
    return room


def _room_meant(words: Words, values: Mapping[str, Any]) -> Room | None:
    """Return the room to which people would want the way, None when the words name none."""
    if words.template is None and not any(
        "session.room" in read(text).fields for text in words.texts.values()
    ):
        return None
    named = (values.get("room"), values.get("place"))
    return next((place for place in named if isinstance(place, Room)), None)


def _short(session: Session, know: Snapshot) -> Localised:
    """Return what a session is called in a sentence: "Session 3", where no other one begins so, else its title."""
    texts = {}
    for lang, title in session.title.items():
        first = COLON.split(title)[0].strip()
        others = [other.title.in_(lang) for other in know.programme if other.id != session.id]
        texts[lang] = title if any(COLON.split(other)[0].strip() == first for other in others) else first
    return Localised(texts)
