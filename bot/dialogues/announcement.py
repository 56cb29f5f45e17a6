"""An announcement that was sent: stopped, let go, corrected, taken back, approved, and how far it has come."""

from collections.abc import Callable, Mapping
from functools import partial

from bot.announcement_commands import (
    Announced,
    Approve,
    Cancel,
    ConfirmRead,
    Corrected,
    Missing,
    Nudge,
    Pause,
    Progress,
    ReadAnnouncement,
    ReadProgress,
    ResendUnknown,
    Resume,
    Retract,
    RetryFailed,
    SendNow,
    ToTelephone,
    Unconfirmed,
    Undo,
)
from bot.broadcasts import HOLD, Announcement, Contact, read_number
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, perform, say
from bot.errors import Refused
from bot.rights import may

LISTED = 5
NAMED = 15
"""People whose names fit into one message."""


def steer(turn: Turn) -> Move:
    """Do with the announcement what was asked: "B-0003 undo"; without a word, show how it stands."""
    if not may(turn.person.role, "broadcast"):
        return finish(say("announce/only_secretariat"))
    number, _, action = str(turn.slots.get("text") or "").strip().partition(" ")
    if not number:
        return perform(ReadProgress(), _listed)
    return ACTIONS.get(action.strip().lower(), show)(read_number(number))


def outcome(announced: Announced, turn: Turn) -> Saying:
    """Return what is said of an announcement that was kept a moment ago."""
    number, people = announced.number, announced.recipients
    match announced.state:
        case "awaiting":
            return say("announcement/awaiting", edit=True, number=number, people=people)
        case "held":
            wait = announced.starts_at - turn.now
            if wait > HOLD:
                local = announced.starts_at.astimezone(turn.know.forum.time_zone)
                today = local.date() == turn.today
                return say("announcement/scheduled", edit=True, number=number, at=local, today=today)
            return say("announcement/held", edit=True, number=number, seconds=round(wait.total_seconds()))
        case _:
            return say("announcement/leaving", edit=True, number=number, people=people)


def show(number: str) -> Move:
    """Show how it stands."""
    return perform(ReadProgress(number), partial(_shown, number))


def _shown(number: str, _turn: Turn, found: tuple[Progress, ...]) -> Move:
    if not found:
        return finish(say("announcement/unknown", number=number))
    return finish(say("announcement/progress", edit=True, progress=found[0]))


def _listed(_turn: Turn, found: tuple[Progress, ...]) -> Move:
    return finish(say("announcement/list", announcements=found[:LISTED]))


def _refused(number: str) -> Callable[[Turn, Refused], Move]:
    return lambda _turn, why: finish(say("announcement/refused", number=number, reasons=why.reasons))


def undo(number: str) -> Move:
    """Take it back before it leaves."""

    def read(_turn: Turn, found: Announcement | None) -> Move:
        change = found.change if found else None
        return perform(Undo(number), lambda _turn, done: stopped(done, change), refused=_refused(number))

    def stopped(done: bool, change: object) -> Move:
        if not done:
            return _has_left(number)
        return finish(say("announcement/stopped", edit=True, number=number, change=change))

    return perform(ReadAnnouncement(number), read)


def change(number: str) -> Move:
    """Take it back before its time, and write it anew."""

    def taken_back(_turn: Turn, done: bool) -> Move:
        return edit(number) if done else _has_left(number)

    return perform(Undo(number), taken_back, refused=_refused(number))


def _has_left(number: str) -> Move:
    """Offer to take back what can no longer be undone."""
    return _make_sure(number, "withdraw", late=True)


def discard(number: str) -> Move:
    """Leave it stopped, and be done."""
    return finish(say("announcement/discarded", edit=True, number=number))


def send_now(number: str) -> Move:
    """Let it leave at once."""
    return perform(SendNow(number), lambda _turn, _done: show(number), refused=_refused(number))


def approve(number: str) -> Move:
    """Let it go as the second officer."""

    def told(turn: Turn, announced: Announced) -> Move:
        return finish(outcome(announced, turn)) if announced.fresh else show(number)

    return perform(Approve(number), told, refused=_refused(number))


def pause(number: str) -> Move:
    """Let nothing more leave for now."""
    return perform(Pause(number), lambda _turn, _: show(number), refused=_refused(number))


def resume(number: str) -> Move:
    """Let it go on."""
    return perform(Resume(number), lambda _turn, _: show(number), refused=_refused(number))


def stop(number: str) -> Move:
    """Let nothing more leave, for good, once the officer is sure."""
    return _make_sure(number, "stop")


def _stopped(number: str) -> Move:
    return perform(Cancel(number), lambda _turn, _: show(number), refused=_refused(number))


def edit(number: str) -> Move:
    """Write it anew from what it said."""
    return hand_over("announce", number=number)


def correct(number: str) -> Move:
    """Give it other words."""
    return hand_over("announce", corrects=number)


def withdraw(number: str) -> Move:
    """Take it back from everyone who has it, once the officer is sure."""
    return _make_sure(number, "withdraw")


def _withdrawn(number: str) -> Move:
    def told(turn: Turn, corrected: Corrected) -> Move:
        return finish(
            say("announcement/withdrawn", edit=True, number=number, corrected=corrected, at=turn.now)
        )

    return perform(Retract(number), told, refused=_refused(number))


def _make_sure(number: str, action: str, *, late: bool = False) -> Move:
    """Ask before what cannot be undone; what has not left is just undone, what is over is only shown."""

    def asked(turn: Turn, found: tuple[Progress, ...]) -> Move:
        if not found:
            return finish(say("announcement/unknown", number=number))
        (progress,) = found
        if progress.state in ("awaiting", "held"):
            return undo(number)
        if progress.state not in STEERABLE[action] or (action == "stop" and not progress.waiting):
            return _shown(number, turn, found)
        there = sum(progress.states.get(state, 0) for state in ("sent", "sending"))
        people = there if action == "withdraw" else progress.waiting
        return go(turn, SURE, number=number, action=action, people=people, late=late)

    return perform(ReadProgress(number), asked)


def ask_sure(turn: Turn) -> Saying:
    """Ask whether it is to be stopped or taken back."""
    asked = {name: turn.slots[name] for name in ("number", "action", "people", "late")}
    return say("announcement/sure", edit=True, **asked)


def hear_sure(turn: Turn) -> Move:
    """Do it, or leave it as it is."""
    number = str(turn.slots["number"])
    match turn.choice:
        case "withdraw":
            return _withdrawn(number)
        case "stop":
            return _stopped(number)
        case "keep":
            return show(number)
        case _:
            return go(turn, SURE)


SURE = Step("sure", ask_sure, hear_sure, free=False)
STEERABLE: Mapping[str, tuple[str, ...]] = {
    "stop": ("running", "paused"),
    "withdraw": ("running", "paused", "cancelled"),
}
"""Maps what the officer has to be sure of to the states in which it can be done."""


def missing(number: str) -> Move:
    """Name those it did not reach."""

    def told(_turn: Turn, people: tuple[Missing, ...]) -> Move:
        unknown = sum(one.state == "unknown" for one in people)
        failed = sum(one.state == "failed" for one in people)
        return finish(
            say(
                "announcement/missing",
                number=number,
                people=people[:NAMED],
                more=max(0, len(people) - NAMED),
                unknown=unknown,
                failed=failed,
            )
        )

    return perform(ToTelephone(number), told, refused=_refused(number))


def unconfirmed(number: str) -> Move:
    """Name those who have not confirmed it."""

    def told(_turn: Turn, people: tuple[Contact, ...]) -> Move:
        shown, more = people[:NAMED], max(0, len(people) - NAMED)
        return finish(say("announcement/unconfirmed", number=number, people=shown, more=more))

    return perform(Unconfirmed(number), told, refused=_refused(number))


def resend(number: str) -> Move:
    """Send again what may not have arrived."""
    return _again(number, ResendUnknown(number))


def retry(number: str) -> Move:
    """Try again what failed."""
    return _again(number, RetryFailed(number))


def _again(number: str, command: ResendUnknown | RetryFailed) -> Move:
    return perform(
        command,
        lambda _turn, count: finish(say("announcement/again", number=number, count=count)),
        refused=_refused(number),
    )


def nudge(number: str) -> Move:
    """Ask those once more who have not confirmed it."""

    def told(_turn: Turn, announced: Announced) -> Move:
        return finish(say("announcement/nudged", number=number, announced=announced))

    return perform(Nudge(number), told, refused=_refused(number))


def confirm_read(turn: Turn) -> Move:
    """Note that the participant has read an announcement."""
    number = read_number(str(turn.slots.get("number") or ""))
    return perform(
        ConfirmRead(number),
        lambda _turn, known: finish(say("broadcast/confirmed" if known else "announcement/not_yours")),
        refused=lambda _turn, _why: finish(say("announcement/not_yours")),
    )


ACTIONS: Mapping[str, Callable[[str], Move]] = {
    "undo": undo,
    "change": change,
    "discard": discard,
    "now": send_now,
    "approve": approve,
    "pause": pause,
    "resume": resume,
    "stop": stop,
    "edit": edit,
    "correct": correct,
    "withdraw": withdraw,
    "missing": missing,
    "unconfirmed": unconfirmed,
    "resend": resend,
    "retry": retry,
    "nudge": nudge,
}
"""Maps the word behind an announcement's number to what it does."""

ANNOUNCEMENT = Dialogue("announcement", steer, (SURE,))
OK = Dialogue("ok", confirm_read)
