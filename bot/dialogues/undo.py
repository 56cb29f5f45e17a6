"""Taking back what was sent a moment ago."""

from bot.commands import Withdraw
from bot.dialogue import Dialogue, Move, Turn, finish, perform, say

SECONDS = 60
"""Written on the button: longer waiting lets others see what may still vanish."""


def undo(turn: Turn) -> Move:
    """Withdraw the need or offer, unless it is too late."""
    number = str(turn.slots.get("number", "")).strip().upper()
    return perform(
        Withdraw(number, within_seconds=SECONDS),
        lambda _turn, done: finish(
            say("undo/undone", edit=True, number=number) if done else say("undo/too_late", number=number)
        ),
    )


UNDO = Dialogue("undo", undo)
