"""Telling of a good practice, from free words to the secretariat, which reads it before others find it."""

from functools import partial
from typing import Any

from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.dialogues.countries import all_read
from bot.dialogues.themes import meant_theme
from bot.practice_commands import (
    CheckPractice,
    Decided,
    MyPractices,
    RefusePractice,
    SubmitPractice,
    Submitted,
    WaitingPractices,
    WithdrawPractice,
)
from bot.practices import LONGEST, LONGEST_TITLE
from bot.rights import may
from knowledge.contacts import MASK, mask_contacts

FEW_CHARACTERS = 20
SHOWN = 8
NAMED = 8
"""Countries that a text may name; with more it means a region, in all of which hardly anything was done."""
TITLE = 80
"""Letters of a title that is taken from the text."""


def begin(turn: Turn) -> Move:
    """Show what one told of, or begin: "P-0003" shows that one, "P-0003 withdraw" takes it back, other words tell."""
    if not may(turn.person.role, "submit_practice") or not turn.person.confirmed:
        return finish(say("shared/not_allowed", registered=turn.person.confirmed))
    words = str(turn.slots.get("text") or "").strip()
    number, action = (*words.upper().split(), "", "")[:2]
    if words.casefold() == "new":
        return go(turn.with_slots({}), TEXT)
    if number.startswith("P-") and action == "WITHDRAW":
        return perform(WithdrawPractice(number), partial(_withdrawn, number))
    if words and not number.startswith("P-"):
        return take_text(turn.with_slots({}), words)
    return perform(MyPractices(), partial(_mine, number))


def _mine(number: str, turn: Turn, found: tuple[Submitted, ...]) -> Move:
    one = next((one for one in found if one.number == number), None)
    if one is not None:
        return finish(say("practice/mine", submitted=one))
    if number:
        return finish(say("practice/gone", number=number[:12]))
    return finish(say("practice/list", found=found[:SHOWN], checks=False)) if found else go(turn, TEXT)


def _withdrawn(number: str, _turn: Turn, done: bool) -> Move:
    return finish(say("practice/withdrawn" if done else "practice/gone", edit=done, number=number[:12]))


# The words


def ask_text(turn: Turn) -> Saying:
    """Ask what was done."""
    return say("practice/text", text=turn.slots.get("text") or "", masked=turn.slots.get("masked") or [])


def hear_text(turn: Turn) -> Move:
    """Take it."""
    return take_text(turn, turn.text)


def take_text(turn: Turn, text: str) -> Move:
    """Read title, theme, form and countries out of *text*, with telephone numbers and addresses taken out."""
    masked = mask_contacts(text[:LONGEST])
    hidden = sorted(masked.kinds)
    if len(masked.text.replace(MASK, " ").strip()) < FEW_CHARACTERS:
        return go(turn, TEXT, masked=hidden)
    if turn.slots.get("text"):
        return go_on(turn, text=masked.text, masked=hidden)
    read = turn.know.understand(masked.text, turn.person.lang)
    own = [turn.person.country] if turn.person.country else []
    members = turn.know.vocabulary.countries
    named = [iso3 for iso3 in read.countries if iso3 in members]
    says: dict[str, Any] = {
        "title": title_of(masked.text),
        "theme": next(iter(read.themes), ""),
        "form": next(iter(read.modalities), ""),
        "countries": named if 0 < len(named) <= NAMED else own,
    }
    return go_on(turn, text=masked.text, masked=hidden, **says)


def title_of(text: str) -> str:
    """Return the first sentence of *text*, cut between two words where it is long."""
    first = " ".join(text.split())
    for mark in (". ", "。", "! ", "? ", "; "):
        first = first.split(mark)[0]
    if len(first) <= TITLE:
        return first.rstrip(".")
    cut = first[: TITLE - 1]
    return (cut.rpartition(" ")[0] or cut) + "…"


def go_on(turn: Turn, **changes: Any) -> Move:
    """Ask for what is still open, else show the draft."""
    slots = {**turn.slots, **changes}
    turn = turn.with_slots(slots)
    if "notes" not in slots:
        return go(turn, NOTES)
    if not slots["theme"]:
        return go(turn, THEME)
    return go(turn, SUMMARY if slots["form"] else FORM)


def ask_notes(turn: Turn) -> Saying:
    """Ask what it takes to do it elsewhere."""
    return say("practice/notes", masked=turn.slots.get("masked") or [])


def hear_notes(turn: Turn) -> Move:
    """Take it; nobody has to say it."""
    if turn.choice == "skip":
        return go_on(turn, notes="", masked=[])
    if not turn.text.strip():
        return go(turn, NOTES)
    masked = mask_contacts(turn.text[:LONGEST])
    return go_on(turn, notes=masked.text, masked=sorted(masked.kinds))


def ask_title(turn: Turn) -> Saying:
    """Ask for another title."""
    return say("practice/title", title=turn.slots["title"])


def hear_title(turn: Turn) -> Move:
    """Take it."""
    title = mask_contacts(" ".join(turn.text.split())[:LONGEST_TITLE]).text
    return go_on(turn, title=title) if title else go(turn, TITLE_WORDS)


# What it is about


def ask_theme(turn: Turn) -> Saying:
    """Offer the themes."""
    return say("statement/theme", edit=True, themes=list(turn.know.vocabulary.themes), all=True, alone=False)


def hear_theme(turn: Turn) -> Move:
    """Keep the one that was chosen or named."""
    theme = meant_theme(turn)
    return go(turn, THEME, say("shared/not_understood")) if theme is None else go_on(turn, theme=theme)


def ask_form(turn: Turn) -> Saying:
    """Offer the forms of cooperation."""
    return say("practice/form", edit=True, forms=list(turn.know.vocabulary.modalities))


def hear_form(turn: Turn) -> Move:
    """Keep the one that was chosen."""
    return go_on(turn, form=turn.choice) if turn.choice in turn.know.vocabulary.modalities else go(turn, FORM)


def ask_countries(turn: Turn) -> Saying:
    """Ask where it was done."""
    slots = turn.slots
    return say(
        "practice/countries",
        edit=True,
        chosen=slots.get("countries") or [],
        unread=slots.get("unread") or [],
    )


def hear_countries(turn: Turn) -> Move:
    """Take the members that are named, in the place of those before; what is not read is asked again."""
    if turn.choice == "done":
        return go_on(turn, unread=[])
    names, unread = all_read(turn.text, turn.know.vocabulary)
    sure = list(dict.fromkeys(name.members[0] for name in names if name.sure))
    if not sure or unread or len(sure) < len(names):
        kept = sure or turn.slots.get("countries") or []
        return go(turn, COUNTRIES, countries=kept, unread=list(unread) or [turn.text[:TITLE]])
    return go_on(turn, countries=sure, unread=[])


# The draft


def ask_summary(turn: Turn) -> Saying:
    """Show it as others would find it."""
    draft = {name: turn.slots[name] for name in ("title", "text", "notes", "theme", "form", "countries")}
    return say(
        "practice/summary",
        edit=True,
        draft=draft,
        masked=turn.slots.get("masked") or [],
        private_sector=turn.person.role == "private_sector",
    )


def hear_summary(turn: Turn) -> Move:
    """Send it to the secretariat, or change a part of it."""
    slots = {**turn.slots, "masked": []}
    match turn.choice:
        case "send":
            parts = {name: slots[name] for name in ("title", "text", "notes", "theme", "form")}
            return perform(SubmitPractice(**parts, countries=tuple(slots["countries"])), _sent)
        case str(name) if name in PARTS:
            return go(turn.with_slots(slots), PARTS[name])
        case _:
            return go(turn.with_slots(slots), SUMMARY)


def _sent(_turn: Turn, submitted: Submitted) -> Move:
    return finish(say("practice/sent", edit=True, submitted=submitted))


# What the secretariat reads


def check(turn: Turn) -> Move:
    """Publish or refuse: "P-0003 publish"; with the number alone show that one, with nothing what waits."""
    if not may(turn.person.role, "check_practice"):
        return finish(say("shared/only_secretariat"))
    number, action = (*str(turn.slots.get("text") or "").upper().split(), "", "")[:2]
    if action == "PUBLISH":
        return perform(CheckPractice(number), partial(_decided, number))
    if action == "REFUSE":
        return go(turn.with_slots({}), REASON, number=number)
    return perform(WaitingPractices(), partial(_waiting, number))


def _waiting(number: str, _turn: Turn, found: tuple[Submitted, ...]) -> Move:
    one = next((one for one in found if one.number == number), None)
    if one is not None:
        return finish(say("practice/check", submitted=one))
    return finish(say("practice/list", found=found[:SHOWN], checks=True))


def ask_reason(turn: Turn) -> Saying:
    """Ask what its author is to read."""
    return say("practice/reason", number=turn.slots["number"])


def hear_reason(turn: Turn) -> Move:
    """Refuse it for that reason."""
    number = turn.slots["number"]
    if not turn.text.strip():
        return go(turn, REASON)
    return perform(RefusePractice(number, turn.text.strip()), partial(_decided, number))


def _decided(number: str, _turn: Turn, decided: Decided) -> Move:
    if decided.submitted is None:
        return finish(say("practice/gone", number=number[:12]))
    return finish(say("practice/decided", edit=True, submitted=decided.submitted, fresh=decided.fresh))


TEXT = Step("text", ask_text, hear_text)
NOTES = Step("notes", ask_notes, hear_notes)
TITLE_WORDS = Step("title", ask_title, hear_title)
THEME = Step("theme", ask_theme, hear_theme)
FORM = Step("form", ask_form, hear_form, free=False)
COUNTRIES = Step("countries", ask_countries, hear_countries)
SUMMARY = Step("summary", ask_summary, hear_summary, free=False)
REASON = Step("reason", ask_reason, hear_reason)
PARTS = {
    "title": TITLE_WORDS,
    "text": TEXT,
    "notes": NOTES,
    "theme": THEME,
    "form": FORM,
    "countries": COUNTRIES,
}
"""Maps what may be changed to the step that changes it."""
PRACTICE = Dialogue("practice", begin, (TEXT, NOTES, TITLE_WORDS, THEME, FORM, COUNTRIES, SUMMARY), kept=True)
CHECK_PRACTICE = Dialogue("checkpractice", check, (REASON,))
