"""Taking back what was sent a moment ago."""

from collections.abc import Callable

from bot.commands import OwnStatements, Statement, Withdraw
from bot.dialogue import Dialogue, Move, Turn, finish, perform, say

SECONDS = 60
"""Written on the button: longer waiting lets others see what may still vanish."""


def undo(turn: Turn) -> Move:
    """Withdraw the need or offer, unless it is too late."""
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
