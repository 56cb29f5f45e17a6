"""One's own profile in the network of providers: listed only on one's own wish, kept current, taken out at once."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.dialogues.countries import all_read
from bot.profile_commands import (
    CheckProfile,
    ConfirmProfile,
    KeepProfile,
    Listed,
    MyProfile,
    Profile,
    SeenBy,
    UncheckedProfiles,
    WithdrawProfile,
)
from bot.rights import may
from knowledge.contacts import MASK, mask_contacts

LANGUAGES = ("en", "fr", "ru", "zh", "th", "id", "hi", "vi")
FEW_CHARACTERS = 12
LONGEST = 600
SHOWN = 8
"""Characters of a profile; the rest is cut."""


def begin(turn: Turn) -> Move:
    """Show one's profile, or begin one; "confirm", "change" and "out" act on it."""
    if not may(turn.person.role, "keep_profile"):
        return finish(say("shared/not_allowed", registered=turn.person.confirmed))
    match str(turn.slots.get("word") or "").strip().casefold():
        case "confirm":
            return perform(ConfirmProfile(), _confirmed)
        case "out":
            return perform(WithdrawProfile(), _withdrawn)
        case _:
            return perform(MyProfile(), _open)


def _open(turn: Turn, listed: Listed | None) -> Move:
    if listed is None:
        return go(turn.with_slots({}), TEXT)
    profile = listed.profile
    kept = {
        "number": listed.number,
        "text": profile.text,
        "themes": list(profile.themes),
        "forms": list(profile.forms),
        "countries": list(profile.countries),
        "languages": list(profile.languages),
        "seen_by": profile.seen_by,
        "checked": listed.checked,
    }
    return go(turn.with_slots(kept), SUMMARY)


def _confirmed(turn: Turn, there: bool) -> Move:
    return finish(say("profile/confirmed", edit=True)) if there else go(turn.with_slots({}), TEXT)


def _withdrawn(_turn: Turn, there: bool) -> Move:
    return finish(say("profile/out", edit=True, there=there))


def ask_text(turn: Turn) -> Saying:
    """Ask what they can give."""
    return say("profile/text", text=turn.slots.get("text") or "", masked=turn.slots.get("masked") or [])


def hear_text(turn: Turn) -> Move:
    """Read themes, forms and countries out of the words, with telephone numbers and addresses taken out."""
    masked = mask_contacts(turn.text[:LONGEST])
    hidden = sorted(masked.kinds)
    if len(masked.text.replace(MASK, " ").strip()) < FEW_CHARACTERS:
        return go(turn, TEXT, masked=hidden)
    read = turn.know.understand(masked.text, turn.person.lang)
    members = turn.know.vocabulary.countries
    first = not turn.slots.get("text")
    says: dict[str, Any] = {
        "themes": list(read.themes),
        "forms": list(read.modalities),
        "countries": [iso3 for iso3 in read.countries if iso3 in members],
        "languages": [turn.person.lang],
        "seen_by": "registered",
    }
    return go(turn, SUMMARY, text=masked.text, masked=hidden, changed=True, **(says if first else {}))


def ask_summary(turn: Turn) -> Saying:
    """Show the profile as others would see it."""
    slots = turn.slots
    return say(
        "profile/summary",
        edit=True,
        number=slots.get("number") or "",
        changed=bool(slots.get("changed")),
        checked=bool(slots.get("checked", True)),
        masked=slots.get("masked") or [],
        profile=to_profile(slots),
        role=turn.person.role,
        country=turn.person.country,
        name=turn.person.name,
    )


def hear_summary(turn: Turn) -> Move:
    """Keep it, change a part of it, or take it out."""
    turn = turn.with_slots({**turn.slots, "masked": []})
    match turn.choice:
        case "keep":
            return perform(KeepProfile(to_profile(turn.slots)), _kept)
        case "right":
            return perform(ConfirmProfile(), _confirmed)
        case "out":
            return perform(WithdrawProfile(), _withdrawn)
        case str(name) if name in PARTS:
            return go(turn, PARTS[name])
        case _:
            return go(turn, SUMMARY)


def _kept(_turn: Turn, listed: Listed) -> Move:
    return finish(say("profile/kept", edit=True, listed=listed))


def to_profile(slots: Mapping[str, Any]) -> Profile:
    """Return what the slots hold."""
    return Profile(
        slots["text"],
        tuple(slots.get("themes") or ()),
        tuple(slots.get("forms") or ()),
        tuple(slots.get("countries") or ()),
        tuple(slots.get("languages") or ()),
        cast("SeenBy", slots.get("seen_by") or "registered"),
    )


# Several of a list


def _several(name: str, values: Callable[[Turn], list[str]]) -> Step:
    """Return the step at which each tap puts one of *values* in or takes it out."""

    def ask(turn: Turn) -> Saying:
        return say(
            "profile/several", edit=True, part=name, values=values(turn), chosen=turn.slots.get(name) or []
        )

    def hear(turn: Turn) -> Move:
        chosen = list(turn.slots.get(name) or [])
        if turn.choice == "done":
            return go(turn, SUMMARY)
        if turn.choice not in values(turn):
            return go(turn, step)
        kept = [one for one in values(turn) if (one in chosen) != (one == turn.choice)]
        changes: dict[str, Any] = {name: kept}
        return go(turn, step, changed=True, **changes)

    step = Step(name, ask, hear, free=False)
    return step


# The countries


def ask_countries(turn: Turn) -> Saying:
    """Ask with which countries they can work."""
    chosen, unread = turn.slots.get("countries") or [], turn.slots.get("unread") or []
    return say("profile/countries", edit=True, chosen=chosen, unread=unread)


def hear_countries(turn: Turn) -> Move:
    """Take the names that are those of members; what is not read is asked again."""
    match turn.choice:
        case "any":
            return go(turn, SUMMARY, countries=[], unread=[], changed=True)
        case "done":
            return go(turn, SUMMARY, unread=[])
    names, unread = all_read(turn.text, turn.know.vocabulary)
    open_ones = [name for name in names if not name.sure]
    chosen = [*(turn.slots.get("countries") or []), *(name.members[0] for name in names if name.sure)]
    unread = (
        *unread,
        *(turn.know.vocabulary.world_name(one.members[0], turn.person.lang) for one in open_ones),
    )
    return go(turn, COUNTRIES, countries=list(dict.fromkeys(chosen)), unread=list(unread), changed=True)


def ask_seen_by(_turn: Turn) -> Saying:
    """Ask who may see it."""
    return say("profile/seen_by", edit=True)


def hear_seen_by(turn: Turn) -> Move:
    """Keep who may see it."""
    if turn.choice in ("registered", "governments"):
        return go(turn, SUMMARY, seen_by=turn.choice, changed=True)
    return go(turn, SEEN_BY)


# What the secretariat checks


def check(turn: Turn) -> Move:
    """Show a profile of the private sector to others, or not: "D-0003 show"; else say what waits to be checked."""
    number, action = (*str(turn.slots.get("text") or "").casefold().split(), "", "")[:2]
    if not may(turn.person.role, "check_profile"):
        return finish(say("shared/only_secretariat"))
    if action not in ("show", "hide"):
        return perform(UncheckedProfiles(), partial(_unchecked, number.upper()))
    shown = action == "show"
    return perform(CheckProfile(number, shown), partial(_checked, number, shown))


def _unchecked(number: str, _turn: Turn, found: tuple[Listed, ...]) -> Move:
    one = next((one for one in found if one.number == number), None)
    if one is not None:
        return finish(say("profile/check", listed=one))
    return finish(say("profile/unchecked", found=found[:SHOWN], count=len(found)))


def _checked(number: str, shown: bool, _turn: Turn, listed: Listed | None) -> Move:
    return finish(
        say("profile/decided", edit=True, number=number[:12].upper(), shown=shown, gone=listed is None)
    )


TEXT = Step("text", ask_text, hear_text)
SUMMARY = Step("summary", ask_summary, hear_summary, free=False)
THEMES = _several("themes", lambda turn: list(turn.know.vocabulary.themes))
FORMS = _several("forms", lambda turn: list(turn.know.vocabulary.modalities))
SPOKEN = _several("languages", lambda _turn: list(LANGUAGES))
COUNTRIES = Step("countries", ask_countries, hear_countries)
SEEN_BY = Step("seen_by", ask_seen_by, hear_seen_by, free=False)
PARTS = {
    "text": TEXT,
    "themes": THEMES,
    "forms": FORMS,
    "countries": COUNTRIES,
    "languages": SPOKEN,
    "seen_by": SEEN_BY,
}
"""Maps what may be changed to the step that changes it."""
PROFILE = Dialogue("profile", begin, (TEXT, SUMMARY, THEMES, FORMS, COUNTRIES, SPOKEN, SEEN_BY), kept=True)
CHECK_PROFILE = Dialogue("checkprofile", check)
