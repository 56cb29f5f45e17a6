"""Finds all that is wrong with an announcement's words before anything is queued, and fills in what follows."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.broadcasts import LONGEST
from bot.compositions import TEMPLATES, Slot, SlotKind, Template, Words, moment, session_called
from bot.errors import Refused
from bot.own_text import OF_SESSION, Problem, is_writable, read
from bot.reasons import Reason, because
from bot.rights import ROLES
from knowledge.forum import Session
from knowledge.snapshot import Snapshot
from knowledge.vocabulary import LANGUAGES

LONGEST_SLOT = 500
"""Characters of the words in a slot, in each language."""
MOST_MINUTES = 24 * 60
MINUTE = timedelta(minutes=1)


def checked(words: Words, know: Snapshot) -> Words:
    """
    Return *words* ready to be said at any later time, with what the programme says now filled in.

    So "it was Room B" stays true when the programme has Room D. Raises Refused with all that is wrong, a line each.
    Words that were checked come back as they are.
    """
    find = _wrong_in_texts if words.template is None else _wrong_in_template
    wrong: list[str | Reason] = list(find(words, know))
    if words.session is not None and (unknown := _wrong_session(words.session, know)):
        wrong.append(unknown.at("session: "))
    if wrong:
        raise Refused(*wrong)
    return words if words.template is None else _completed(words, know)


def _wrong_in_texts(words: Words, know: Snapshot) -> Iterator[str | Reason]:
    if words.slots:
        yield "own text has no slots; leave them out, or name a template"
    if "en" not in words.texts:
        none = "en: the English text is missing; it stands in for the languages without one"
        yield because("english_missing", none, lang="en")
    for lang, text in words.texts.items():
        if lang not in LANGUAGES:
            yield f"{lang}: “{lang}” is not a language; one of: {', '.join(LANGUAGES)}"
        elif not text.strip():
            yield because(
                "empty", f"{lang}: the text is empty; write it, or leave the language out", lang=lang
            )
        else:
            yield from (wrong.within(lang) for wrong in _wrong_in_text(text, lang, words.session, know))


def _wrong_in_text(text: str, lang: str, session: str | None, know: Snapshot) -> Iterator[Problem]:
    found = read(text)
    yield from found.problems
    for name, line in found.fields.items():
        if name in OF_SESSION and session is None:
            none = f"“{name}” needs a session; say which session the announcement is about"
            yield Problem(line, because("needs_session", none, field=name))
    for line, name, value in found.compared:
        if wrong := _wrong_comparison(name, value, lang, know):
            yield Problem(line, wrong)
    if not found.problems and not found.says_something:
        nothing = "for some readers nothing is left of the text; say something to everyone, or add {% else %}"
        yield Problem(1, because("nothing_left", nothing))
    # A field of the session counts as 100 characters, which is more than rooms and times have.
    if not found.problems and (length := found.longest(_titles(session, lang, know))) > LONGEST:
        long = f"the text may have {length} characters; {LONGEST} is the most"
        yield Problem(1, because("too_long", long, length=length, most=LONGEST))


def _wrong_comparison(name: str, value: str, lang: str, know: Snapshot) -> Reason | None:
    """Return why a comparison can never be true, None when it can."""
    if name == "role" and value not in ROLES:
        roles = ", ".join(ROLES)
        return because("no_role", f"“{value}” is not a role; one of: {roles}", heard=value, roles=roles)
    if name != "country":
        return None
    names = {know.vocabulary.world_name(iso3, lang) for iso3 in know.vocabulary.countries}
    if value in names:
        return None
    hits = know.vocabulary.country_names.closest(value, limit=1)
    meant = know.vocabulary.world_name(hits[0].key, lang) if hits else None
    if value == meant:
        return None
    right = f"it is written {meant}" if meant else "use its United Nations name"
    wrong = f"“{value}” is not how a country is written here; {right}"
    return because("no_country", wrong, heard=value, meant=meant)


def _titles(session: str | None, lang: str, know: Snapshot) -> dict[str, str]:
    return next(({"session.title": one.title.in_(lang)} for one in know.programme if one.id == session), {})


def _wrong_in_template(words: Words, know: Snapshot) -> Iterator[str | Reason]:
    template = TEMPLATES.get(str(words.template))
    if template is None:
        yield f"“{words.template}” is not a template; one of: {', '.join(TEMPLATES)}"
        return
    if words.texts:
        yield f"the template {template.name} has its own words; leave the texts out, or the template"
    known = {slot.name: slot for slot in template.slots}
    for name in words.slots:
        if name not in known:
            yield f"slot {name}: {template.name} has no such slot; it has: {', '.join(known)}"
    wrong = False
    for slot in template.slots:
        for reason in _wrong_in_slot(slot, words.slots.get(slot.name), know):
            wrong = True
            yield reason.at(f"slot {slot.name}: ", slot=slot.name)
    if not wrong:
        yield from _wrong_together(words, template)


def _wrong_in_slot(slot: Slot, value: Any, know: Snapshot) -> Iterator[Reason]:
    """Yield what is wrong with *value* and what would be right."""
    right = _RIGHT[slot.kind]
    named = slot.kind == "place" and isinstance(value, str) and value in know.rooms
    if value is None and slot.required:
        yield because("missing", f"it is missing; {right}")
    elif value is not None and slot.kind in ("text", "place") and not named:
        yield from _wrong_in_words(value)
    elif value is not None and (wrong := _wrong_value(slot, value, right, know)):
        yield wrong


def _wrong_value(slot: Slot, value: Any, right: str, know: Snapshot) -> Reason | None:
    """Return what is wrong with *value*, which is not in words, None when nothing is."""
    match slot.kind:
        case "session":
            return _wrong_session(value, know)
        case "room":
            known = isinstance(value, str) and value in know.rooms
            return None if known else _not_one_of(value, "room", know.rooms)
        case "time":
            return None if moment(value) else _wrong(value, "a time", right)
        case "minutes":
            counts = type(value) is int and 1 <= value <= MOST_MINUTES
            return None if counts else _wrong(value, "a number of minutes", right)
        case "url":
            return None if _is_address(value) else _wrong(value, "a web address", right)
    return None


def _wrong(value: Any, what: str, right: str) -> Reason:
    return because("wrong", f"“{value}” is not {what}; {right}", heard=str(value))


_RIGHT: Mapping[SlotKind, str] = {
    "session": "give a session's id, such as s3",
    "room": "give a room's id, such as room-d",
    "time": "give it with its zone, such as 2022-09-13T14:30+07:00",
    "minutes": f"give a whole number from 1 to {MOST_MINUTES}",
    "text": "give the words in English, or in English and other languages",
    "place": "give a room's id, or words in English or in English and other languages",
    "url": "give it whole, such as https://example.org/page",
}


def _wrong_in_words(value: Any) -> Iterator[Reason]:
    texts = {"en": value} if isinstance(value, str) else value
    if not isinstance(texts, Mapping) or "en" not in texts:
        yield because("english_missing", f"the English words are missing; {_RIGHT['text']}")
        return
    for lang, text in texts.items():
        if lang not in LANGUAGES:
            yield _wrong(lang, "a language", f"one of: {', '.join(LANGUAGES)}")
        elif not text.strip():
            yield because("empty", f"the words in {lang} are empty; write them, or leave the language out")
        elif (length := len(text)) > LONGEST_SLOT:
            long = f"the words in {lang} have {length} characters; {LONGEST_SLOT} is the most"
            yield because("too_long", long, length=length, most=LONGEST_SLOT)
        elif not is_writable(text):
            yield because("unshown_sign", f"a sign of the words in {lang} cannot be shown; type them again")


def _wrong_together(words: Words, template: Template) -> Iterator[str | Reason]:
    slots = words.slots
    session = slots.get("session")
    if words.session is not None and session is not None and words.session != session:
        yield f"slot session: it is {session}, and the announcement is about {words.session}; name one"
    if template.name == "reminder" and session is None and slots.get("what") is None:
        none = "slot what: it is missing; say of what this reminds, or name a session"
        yield because("missing", none, slot="what")
    if template.name == "room_change" and slots.get("before") == slots.get("room"):
        same = "slot before: it is the new room; name the room where people would look, or leave it out"
        yield because("same_room", same, slot="before")
    begins, ends = moment(slots.get("time")), moment(slots.get("until"))
    if begins and ends and ends <= begins:
        early = "slot until: it is not after the beginning; give a later time"
        yield because("ends_too_early", early, slot="until")


def _wrong_session(value: Any, know: Snapshot) -> Reason | None:
    ids = [session.id for session in know.programme]
    return None if value in ids else _not_one_of(value, "session", ids)


def _not_one_of(value: Any, what: str, allowed: Any) -> Reason:
    listed = ", ".join(list(allowed)[:20]) + (" ..." if len(allowed) > 20 else "")
    return _wrong(value, f"a {what}", f"one of: {listed}")


def _is_address(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > LONGEST_SLOT or any(sign.isspace() for sign in value):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and is_writable(value)
    except ValueError:
        return False


def _completed(words: Words, know: Snapshot) -> Words:
    """Return *words* with what follows from the session, as the programme has it now."""
    slots = {name: value for name, value in words.slots.items() if value is not None}
    session = session_called(slots["session"], know) if "session" in slots else None
    if session is None:
        return replace(words, slots=slots)
    follows = _following(str(words.template), session, slots)
    named = {slot.name for slot in TEMPLATES[str(words.template)].slots}
    filled = {name: value for name, value in follows.items() if name in named and value is not None}
    return replace(words, slots={**filled, **slots}, session=session.id)


def _following(template: str, session: Session, slots: Mapping[str, Any]) -> dict[str, Any]:
    starts = session.starts.isoformat()
    if template == "delay":
        # The minutes count from the time that the programme has.
        later = session.starts + slots["minutes"] * MINUTE
        return {"time": later.isoformat(), "room": session.room}
    return {
        "time": starts,
        "was": starts,
        "room": session.room,
        "place": session.room,
        "before": session.room if session.room != slots.get("room") else None,
    }
