"""What partners look for in a need or an offer, added in one line once it is sent."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from bot.commands import ReplaceText, Statement
from bot.delegation_commands import AddWords, Changed, Item, OurStatements
from bot.dialogue import Dialogue, Move, Saying, Slots, Step, Turn, finish, go, perform, say
from bot.dialogues.link import NO, YES
from bot.gap_commands import COUNTLESS
from bot.numbers import DIGITS, spelt
from bot.rights import may
from knowledge.contacts import MASK, mask_contacts
from knowledge.headcount import YEARS
from knowledge.understand import Understanding
from matching.text import normalise

COUNTED = re.compile(r"(\d{1,6})\s*[,;，；、]")
"""A number that begins the line and counts nothing by name: the answer to "how many"."""

AGREEING = YES | {"ok", "okay", "d'accord", "ок", "хорошо", "好", "好的"}
"""What says nothing of a need or an offer."""


def begin(turn: Turn) -> Move:
    """Add to the one that is named, else to the newest of their own: "N-0012"; "N-0012 out 3 40" takes a line out."""
    if not may(turn.person.role, "change_own"):
        return finish(say("shared/not_allowed", registered=turn.person.confirmed))
    number, *asked = str(turn.slots.get("number") or "").split() or [""]
    match asked:
        case ["out", edition, length] if all(
            one.isdecimal() and len(one) <= DIGITS for one in (edition, length)
        ):
            return perform(OurStatements(), partial(_take_out, spelt(number), int(edition), int(length)))
        case _:
            return perform(OurStatements(), partial(_found, spelt(number)))


def _found(number: str, _turn: Turn, items: tuple[Item, ...]) -> Move:
    item = _named(number, items) if number else next((one for one in items if one.own), None)
    if item is None:
        return finish(say("matches/nothing", number=number))
    sent = item.statement
    return Move(
        to=TEXT, slots={"number": sent.number, "kind": sent.kind, "text": sent.text, "missing": missing(sent)}
    )


def _named(number: str, items: tuple[Item, ...]) -> Item | None:
    return next((one for one in items if one.statement.number == number), None)


def missing(sent: Statement) -> list[str]:
    """Return which of the facts that partners look for are not there; nobody is counted where only things are meant."""
    counts = not sent.modalities or not COUNTLESS.issuperset(sent.modalities)
    sought = ("themes", "modalities", *(("people",) if counts else ()), "deadline")
    return [name for name in sought if not getattr(sent, name)]


# The line


def ask_text(turn: Turn) -> Saying:
    """Say what is missing and ask for it."""
    return _ask(turn.slots)


def _ask(slots: Slots, masked: Sequence[str] = (), bare: str = "") -> Saying:
    return say(
        "details/text",
        number=slots["number"],
        kind=slots["kind"],
        text=slots["text"],
        missing=slots["missing"],
        masked=list(masked),
        bare=bare,
    )


def hear_text(turn: Turn) -> Move:
    """Add the line, without the contacts that stand in it, to the words as they are by now."""
    if normalise(turn.text) in NO:
        return finish(say("edited/left", number=turn.slots["number"]))
    masked = mask_contacts(turn.text.strip())
    hidden = sorted(masked.kinds)
    said = normalise(masked.text.replace(MASK, " "))
    if not said or said.isdecimal():
        # Whoever reads a number alone cannot tell of what.
        return go(turn, TEXT, asks=_ask(turn.slots, hidden, said))
    return perform(OurStatements(turn.slots["kind"]), partial(_add, masked.text, hidden))


def _add(line: str, hidden: Sequence[str], turn: Turn, items: tuple[Item, ...]) -> Move:
    item = _named(turn.slots["number"], items)
    if item is None:
        return finish(say("edited/gone", number=turn.slots["number"]))
    return perform(addition(turn, item.statement, line), partial(_added, item.statement, line, hidden))


def addition(turn: Turn, sent: Statement, line: str) -> AddWords:
    """
    Return the command that adds *line* to what was *sent*, and what it says.

    A number and a date are the line's own, and win over those of before. The rest is read together with the words that
    it belongs to; a form counts that it names by itself, too. A theme that was chosen stays; whom an offer is for was
    asked, so that a place in the line does not narrow it.
    """
    alone, together = _read(turn, line), _read(turn, f"{sent.text}\n{line}")
    return AddWords(
        sent.number,
        line,
        people=alone.people or (_counted(line) if "people" in missing(sent) else None),
        deadline=alone.deadline,
        urgency=alone.urgency,
        modalities=tuple(form for form in together.modalities if form in alone.modalities),
        countries=_needed(turn, together) if sent.kind == "need" else (),
        themes=() if sent.themes else together.themes,
    )


def _read(turn: Turn, text: str) -> Understanding:
    return turn.know.understand(text, turn.person.lang, turn.today)


def _needed(turn: Turn, read: Understanding) -> tuple[str, ...]:
    return tuple(iso3 for iso3 in read.countries if iso3 in turn.know.vocabulary.countries)


def _counted(line: str) -> int | None:
    found = COUNTED.match(line)
    count = int(found[1]) if found else 0
    return count if count and count not in YEARS else None


def _added(before: Statement, line: str, hidden: Sequence[str], _turn: Turn, changed: Changed) -> Move:
    """Show what was understood."""
    item = changed.item
    if item is None:
        return finish(say("edited/gone", number=before.number))
    learnt = [name for name in LEARNT if getattr(item.statement, name) != getattr(before, name)]
    told: Mapping[str, Any] = {"item": item, "learnt": learnt, "missing": missing(item.statement)}
    return finish(say("details/added", **told, length=len(line), masked=list(hidden)))


# Taking it out again


def _take_out(number: str, edition: int, length: int, turn: Turn, items: tuple[Item, ...]) -> Move:
    """Take the last line out, unless the words have changed since it was added."""
    item = _named(number, items)
    if item is None:
        return finish(say("edited/gone", number=number))
    text = item.statement.text
    if item.edition != edition or not 0 < length < len(text) - 1 or text[-length - 1] != "\n":
        return finish(say("ours/item", item=item, before=True, reviews=False))
    command = removal(turn, item.statement, text[: -length - 1], text[-length:], edition)
    return perform(command, partial(_taken_out, number))


def removal(turn: Turn, sent: Statement, rest: str, line: str, edition: int) -> ReplaceText:
    """Return the command that leaves *rest* of what was *sent*, without what only *line* says."""
    alone, left = _read(turn, line), _read(turn, rest)
    says = alone.people or _counted(line)
    gone = {*alone.modalities} - {*left.modalities}
    away = {*_needed(turn, alone)} - {*_needed(turn, left)} if sent.kind == "need" else set()
    return ReplaceText(
        sent.number,
        rest,
        edition,
        people=left.people if sent.people == says else sent.people,
        deadline=left.deadline if sent.deadline == alone.deadline else sent.deadline,
        urgency=left.urgency if sent.urgency == alone.urgency else sent.urgency,
        modalities=tuple(form for form in sent.modalities if form not in gone),
        countries=tuple(iso3 for iso3 in sent.countries if iso3 not in away),
    )


def _taken_out(number: str, _turn: Turn, changed: Changed) -> Move:
    if changed.item is None:
        return finish(say("edited/gone", number=number))
    if not changed.done:
        return finish(say("ours/item", item=changed.item, before=True, reviews=False))
    return finish(say("ours/changed", edit=True, item=changed.item, masked=[]))


LEARNT = ("themes", "modalities", "people", "countries", "deadline", "urgency")
"""What a line may tell."""
TEXT = Step(
    *("text", ask_text, hear_text),
    reads=lambda text: normalise(text) not in AGREEING,
    passing=True,
    patient=True,
)
DETAILS = Dialogue("details", begin, (TEXT,))
