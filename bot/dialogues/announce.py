"""The secretariat announces something: to whom, what, a preview in every language, and then it is held for a while."""

from datetime import datetime
from typing import Any

from bot.announcement_commands import (
    Announce,
    Announced,
    Correct,
    Corrected,
    ReadAnnouncement,
    TestSend,
)
from bot.broadcasts import Announcement, BeingChanged, read_number
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.dialogues import drafts
from bot.dialogues.announce_audience import audience_steps, to_whom
from bot.dialogues.announce_words import (
    ask_part,
    ask_slot,
    ask_text,
    ask_what,
    hear_part,
    hear_slot,
    hear_text,
    hear_what,
)
from bot.dialogues.announcement import outcome
from bot.dialogues.drafts import Changes
from bot.dialogues.previews import write_out
from bot.dialogues.times import At, Open, ask_time, hear_time
from bot.errors import Refused
from bot.reasons import Reason
from bot.rights import may


def begin(turn: Turn) -> Move:
    """Take up an announcement that was stopped, or ask for a new one."""
    if not may(turn.person.role, "broadcast"):
        return finish(say("announce/only_secretariat"))
    given = turn.slots
    number = read_number(str(given.get("number") or given.get("corrects") or ""))
    if number:
        corrects = number if given.get("corrects") else None
        return perform(ReadAnnouncement(number), lambda turn, found: _taken_up(turn, number, found, corrects))
    return go_on(turn.with_slots(drafts.fresh()))


def _taken_up(turn: Turn, number: str, found: Announcement | None, corrects: str | None) -> Move:
    if found is None:
        return finish(say("announcement/unknown", number=number))
    turn = turn.with_slots({**drafts.of(found), "corrects": corrects})
    return go(turn, PART)


def go_on(turn: Turn, **changes: Any) -> Move:
    """Ask for what is missing next, else show the preview."""
    turn = turn.with_slots({**turn.slots, **changes})
    slots = turn.slots
    if slots["audience"] is None:
        return to_whom(turn, WHOM)
    if slots["asking"] == "at":
        return go(turn, WHEN)
    if slots["template"] is None and (slots["asking"] == "text" or not slots["texts"]):
        return go(turn, TEXT if slots["own"] else WHAT)
    return go(turn, SLOT) if drafts.missing(slots) is not None else show_preview(turn)


# The preview


def show_preview(turn: Turn) -> Move:
    """Have the announcement written out for its readers, and show it."""
    turn = turn.with_slots({**turn.slots, "wrong": None, "asking": None, "open": None})
    return write_out(
        drafts.announcement(turn.slots, turn.know),
        lambda _turn, preview: go(turn, PREVIEW, preview=preview),
        refused=lambda _turn, why: _refused(turn, why),
    )


def _refused(turn: Turn, why: Refused) -> Move:
    if isinstance(why, BeingChanged):
        busy = say(
            "announcement/busy",
            edit=True,
            number=why.number,
            officer=why.officer,
            session=drafts.session_of(turn.slots["slots"].get("session"), turn.know),
            seconds=max(0, round(why.left.total_seconds())),
        )
        return go(turn, PREVIEW, asks=busy)
    return _mend(turn, why.reasons)


def _mend(turn: Turn, reasons: tuple[Reason, ...]) -> Move:
    """Say why it cannot be sent, and ask at once for the part that is wrong; for which one, where that is not clear."""
    told = say("announce/refused", edit=True, reasons=reasons)
    slot = next((reason.values["slot"] for reason in reasons if "slot" in reason.values), None)
    if turn.slots["template"] is None and any("lang" in reason.values for reason in reasons):
        return go(turn, TEXT, told, asking="text")
    if slot is not None:
        return go(turn, SLOT, told, asking=slot)
    if any(reason.name in drafts.OF_ITS_TIME for reason in reasons):
        return go(turn, WHEN, told, asking="at", open=None)
    return go(turn, PART, told)


def ask_preview(turn: Turn) -> Saying:
    """Show the announcement as people would read it, and how many they are."""
    slots = turn.slots
    said = drafts.words(slots)
    return say(
        "announce/preview",
        edit=True,
        audience=slots["audience"],
        session=drafts.session_of(slots["about"], turn.know),
        at=datetime.fromisoformat(slots["at"]) if slots["at"] else None,
        confirmable=slots["confirmable"],
        safety=said.is_safety,
        corrects=slots["corrects"],
        rehearsal=turn.rehearsal,
        **slots["preview"],
    )


def hear_preview(turn: Turn) -> Move:
    """Send it, change it, or show it to the officer first."""
    safety = drafts.words(turn.slots).is_safety
    match turn.choice:
        case "send" if safety and not turn.slots["corrects"]:
            return go(turn, CONFIRM)
        case "send":
            return send(turn)
        case "me":
            return _test(turn)
        case "part":
            return go(turn, PART)
        case "at":
            return go(turn, WHEN, asking="at", open=None)
        case "confirm":
            return show_preview(_with(turn, confirmable=not turn.slots["confirmable"]))
        case "again":
            return send(_with(turn, again=True))
        case _:
            return go(turn, PREVIEW)


def _with(turn: Turn, **changes: Any) -> Turn:
    return turn.with_slots({**turn.slots, **changes})


def _test(turn: Turn) -> Move:
    return perform(
        TestSend(drafts.announcement(turn.slots, turn.know)),
        lambda _turn, count: go(turn, PREVIEW, say("announce/sent_to_me", count=count)),
        refused=lambda _turn, why: _refused(turn, why),
    )


def send(turn: Turn) -> Move:
    """Have the announcement kept; it is held for half a minute, or until its time."""
    if turn.slots["corrects"]:
        return _correct(turn, turn.slots["corrects"])
    return perform(
        Announce(drafts.announcement(turn.slots, turn.know)),
        lambda _turn, announced: _sent(turn, announced),
        refused=lambda _turn, why: _refused(turn, why),
    )


def _sent(turn: Turn, announced: Announced) -> Move:
    if not announced.fresh:
        known = say("announcement/known", edit=True, number=announced.number)
        return go(turn, PREVIEW, asks=known)
    return finish(outcome(announced, turn))


def _correct(turn: Turn, number: str) -> Move:
    announcement = drafts.announcement(turn.slots, turn.know)

    def told(_turn: Turn, corrected: Corrected) -> Move:
        return finish(say("announcement/corrected", edit=True, number=number, corrected=corrected))

    return perform(
        Correct(number, announcement.words, announcement.change),
        told,
        refused=lambda _turn, why: _refused(turn, why),
    )


# What leaves at once


def ask_confirm(turn: Turn) -> Saying:
    """Ask once more before a safety message leaves, which nobody can call back."""
    return say("announce/confirm", edit=True, people=(turn.slots["preview"] or {}).get("people", 0))


def hear_confirm(turn: Turn) -> Move:
    """Send it now, or not."""
    return send(turn) if turn.choice == "now" else go(turn, CONFIRM)


# When


def ask_when(turn: Turn) -> Saying:
    """Ask when it is to leave."""
    return ask_time(turn, optional=True)


def hear_when(turn: Turn) -> Changes | None:
    """Take the time."""
    if turn.choice == "skip":
        return {"at": None, "asking": None, "open": None}
    match hear_time(turn):
        case At(moment):
            return {"at": moment.isoformat(), "asking": None, "open": None}
        case Open() as doubt:
            return {"open": doubt.slots()}
        case _:
            return {"open": None}


WHOM = audience_steps(go_on)
WHAT = drafts.step("what", ask_what, hear_what, go_on, free=False)
TEXT = drafts.step("text", ask_text, hear_text, go_on, free=True)
SLOT = drafts.step("slot", ask_slot, hear_slot, go_on, free=True)
PART = drafts.step("part", ask_part, hear_part, go_on, free=False)
WHEN = drafts.step("when", ask_when, hear_when, go_on, free=True)
PREVIEW = Step("preview", ask_preview, hear_preview, free=False)
CONFIRM = Step("confirm", ask_confirm, hear_confirm, free=False)

STEPS = (*WHOM.values(), WHAT, TEXT, SLOT, PART, WHEN, PREVIEW, CONFIRM)
ANNOUNCE = Dialogue("announce", begin, STEPS, kept=True)
