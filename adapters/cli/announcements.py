"""What the options of `saphan broadcast` ask for, put together as an announcement; every mistake is told at once."""

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.cli.typed import Typed, moment, pair

if TYPE_CHECKING:
    from bot.broadcasts import Announcement, Audience, Change
    from bot.composing import Words
    from bot.messages import Attachment
    from knowledge.snapshot import Snapshot

Listed = Sequence[str] | None
"""Values of an option that may be repeated; None when it was not given."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as they were typed."""

    text: Listed = None
    template: str | None = None
    slot: Listed = None
    session: str | None = None
    role: Listed = None
    country: Listed = None
    region: Listed = None
    language: Listed = None
    channel: Listed = None
    follower_of: Listed = None
    theme: Listed = None
    person: Sequence[int] | None = None
    unconfirmed: str | None = None
    without_role: Listed = None
    without_country: Listed = None
    without_person: Sequence[int] | None = None
    at: str | None = None
    use_by: str | None = None
    confirm: bool = False
    reminder: bool = False
    attach: Path | None = None
    describe: str | None = None
    change_room: str | None = None
    change_start: str | None = None
    change_end: str | None = None
    now: bool = False
    again: bool = False


def announcement(asked: Asked, know: "Snapshot") -> "Announcement":
    """Return the announcement that was asked for; raises Refused with all that is wrong, a line each."""
    from bot.broadcasts import Announcement

    typed = Typed()
    said: Words | None = typed.read(words, asked, know)
    starts_at = typed.read(moment, asked.at, "--at", know)
    use_by = typed.read(moment, asked.use_by, "--use-by", know)
    attached = typed.read(attachment, asked.attach, asked.describe)
    becomes = typed.read(change, asked, said, know)
    if asked.now and asked.at:
        typed.note("--now and --at exclude each other; leave one of them out")
    typed.check()
    assert said is not None  # noqa: S101 - checked
    return Announcement(
        words=said,
        audience=audience(asked),
        kind="safety" if said.is_safety else "reminder" if asked.reminder else "announcement",
        starts_at=starts_at,
        use_by=use_by,
        confirmable=asked.confirm,
        change=becomes,
        attachment=attached,
        now=asked.now,
        again=asked.again,
    )


def audience(asked: Asked) -> "Audience":
    """Return whom it is for."""
    from bot.broadcasts import Audience

    return Audience(
        roles=frozenset(asked.role or ()),
        countries=_upper(asked.country),
        languages=frozenset(asked.language or ()),
        channels=frozenset(asked.channel or ()),
        regions=_upper(asked.region),
        followers=frozenset(asked.follower_of or ()),
        themes=frozenset(asked.theme or ()),
        people=frozenset(asked.person or ()),
        confirmed_not=asked.unconfirmed,
        without_roles=frozenset(asked.without_role or ()),
        without_countries=_upper(asked.without_country),
        without_people=frozenset(asked.without_person or ()),
    )


def _upper(values: Listed) -> frozenset[str]:
    return frozenset(value.upper() for value in values or ())


def words(asked: Asked, know: "Snapshot") -> "Words":
    """Return what it says: own texts by their languages, or a template with its slots."""
    from bot.composing import TEMPLATES, Words
    from bot.errors import Refused

    if asked.text and asked.template:
        raise Refused("--text and --template exclude each other; a template says it in every language")
    if asked.template is None:
        if not asked.text:
            raise Refused(f"say what: --text en=... or --template NAME; one of: {', '.join(TEMPLATES)}")
        if asked.slot:
            raise Refused("--slot belongs to a template; own text has none")
        return Words(texts=dict(pair(text, "--text en=...") for text in asked.text), session=asked.session)
    if asked.template not in TEMPLATES:
        raise Refused(f"“{asked.template}” is not a template; one of: {', '.join(TEMPLATES)}")
    return Words(asked.template, _slots(asked, know))


def _slots(asked: Asked, know: "Snapshot") -> dict[str, Any]:
    """Return the slots as JSON values; `title.fr=...` is the French of the slot `title`."""
    from bot.composing import TEMPLATES
    from bot.errors import Refused

    template = TEMPLATES[str(asked.template)]
    kinds = {slot.name: slot.kind for slot in template.slots}
    slots: dict[str, Any] = {"session": asked.session} if asked.session and "session" in kinds else {}
    for text in asked.slot or ():
        name, value = pair(text, "--slot room=room-d")
        name, _, lang = name.partition(".")
        if name not in kinds:
            raise Refused(f"{template.name} has no slot “{name}”; it has: {', '.join(kinds)}")
        if lang:
            before = slots.get(name, {})
            slots[name] = {**(before if isinstance(before, dict) else {"en": before}), lang: value}
        elif kinds[name] == "time":
            at = moment(value, f"--slot {name}", know)
            slots[name] = at.isoformat() if at else None
        elif kinds[name] == "minutes":
            slots[name] = _minutes(value)
        else:
            slots[name] = {**slots[name], "en": value} if isinstance(slots.get(name), dict) else value
    return slots


def _minutes(value: str) -> int:
    from bot.errors import Refused

    if not (value.isascii() and value.isdecimal()):
        raise Refused(f"“{value}” is not a number of minutes; write --slot minutes=15")
    return int(value)


def attachment(file: Path | None, description: str | None) -> "Attachment | None":
    """Return the file with what it shows in words, None when none was named."""
    from bot.errors import Refused
    from bot.messages import Attachment

    if file is None:
        if description:
            raise Refused("--describe belongs to a file; add --attach FILE")
        return None
    if not (description or "").strip():
        raise Refused(f"say what {file.name} shows or holds: --describe TEXT; not everyone can see it")
    try:
        content = file.read_bytes()
    except OSError as exc:
        raise Refused(f"{file} cannot be read: {exc.strerror}") from None
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Attachment(file.name, kind, content, str(description).strip())


def change(asked: Asked, said: "Words | None", know: "Snapshot") -> "Change | None":
    """Return what becomes of the session: as the template says it, or as the options do beside own text."""
    from bot.broadcasts import Change
    from bot.dialogues import drafts
    from bot.errors import Refused

    room = asked.change_room
    start = moment(asked.change_start, "--change-start", know)
    end = moment(asked.change_end, "--change-end", know)
    session = asked.session or (said.slots.get("session") if said else None)
    if room or start or end:
        if session is None:
            raise Refused("--change-room, --change-start and --change-end need the session: --session s3")
        return Change(str(session), room, start, end)
    if said is None or not {"session", *_needed(said)} <= set(said.slots):
        return None  # what is missing is told with the words
    return drafts.change({"template": said.template, "slots": said.slots}, know)


def _needed(said: "Words") -> set[str]:
    from bot.composing import TEMPLATES

    template = TEMPLATES.get(said.template or "")
    return {slot.name for slot in template.slots if slot.required} if template else set()
