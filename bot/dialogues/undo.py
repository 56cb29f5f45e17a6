"""Taking back what was sent a moment ago."""

from collections.abc import Callable

from bot.announcement_commands import FindLatest, Progress
from bot.broadcasts import read_number
from bot.commands import OwnStatements, Statement, Withdraw
from bot.dialogue import Dialogue, Move, Turn, finish, hand_over, perform, say
from bot.rights import may

SECONDS = 60
"""Written on the button: longer waiting lets others see what may still vanish."""


def undo(turn: Turn) -> Move:
    """Take back an officer's own announcement that leaves about now, else the need or offer, unless it is too late."""
    number = str(turn.slots.get("number", "")).strip().upper()
    if may(turn.person.role, "broadcast") and number.startswith("B-"):
        return hand_over("announcement", text=f"{read_number(number)} undo")
    if may(turn.person.role, "broadcast") and not number:
        return perform(FindLatest(turn.slots.get("shown")), _found)
    return _statement(turn)


def _found(turn: Turn, latest: Progress | None) -> Move:
    if latest is None:
        return _statement(turn)
    if turn.slots.get("cancelled"):
        # The draft was meant, or perhaps this, as long as nobody has it yet.
        held = latest.state in ("awaiting", "held")
        return finish(say("announcement/progress", progress=latest)) if held else finish()
    return hand_over("announcement", text=f"{latest.number} undo")


def _statement(turn: Turn) -> Move:
    """Withdraw the need or offer; "cancel", with nothing to end, is no wish to withdraw one."""
    match turn.slots.get("cancelled"):
        case True:
            return finish()
        case False:
            return finish(say("shared/nothing_to_cancel"))
    number = str(turn.slots.get("number", "")).strip().upper()
    return perform(Withdraw(number, within_seconds=SECONDS), _told(number))


def _told(number: str) -> Callable[[Turn, bool], Move]:
    def then(_turn: Turn, done: bool) -> Move:
        return (
            finish(say("undo/undone", edit=True, number=number))
            if done
            else perform(OwnStatements(), why_not)
        )

    def why_not(_turn: Turn, statements: tuple[Statement, ...]) -> Move:
        there = not number or any(statement.number == number for statement in statements)
        return finish(say("undo/too_late" if there else "matches/nothing", number=number))

    return then


UNDO = Dialogue("undo", undo)
