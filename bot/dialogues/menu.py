"""What the assistant can do."""

from bot.dialogue import Dialogue, Move, Turn, finish, say
from bot.rights import SECRETARIAT


def show(turn: Turn) -> Move:
    """Show the menu."""
    return finish(say("menu/menu", secretariat=turn.person.role in SECRETARIAT))


MENU = Dialogue("menu", show)
