"""What the assistant can do."""

from bot.dialogue import Dialogue, Move, Turn, finish, say
from bot.rights import may


def show(turn: Turn) -> Move:
    """Show the menu."""
    return finish(
        say(
            "menu/menu",
            states=may(turn.person.role, "state_need"),
            secretariat=may(turn.person.role, "read_questions"),
        )
    )


MENU = Dialogue("menu", show, public=True)
