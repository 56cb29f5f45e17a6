"""What the assistant can do: what is needed most, and the rest behind "More"."""

from bot.dialogue import Dialogue, Move, Turn, finish, hand_over, say
from bot.rights import may


def show(turn: Turn) -> Move:
    """Show the menu, or what else there is."""
    role = turn.person.role
    part = str(turn.slots.get("part") or "").strip()
    if part == "more":
        return finish(
            say(
                "menu/more",
                edit=True,
                introduced=may(role, "ask_introduction"),
                surveyed=bool(turn.know.survey) and may(role, "answer_survey"),
                delegation=may(role, "answer_survey"),
                secretariat=may(role, "read_questions"),
            )
        )
    return finish(
        say(
            "menu/menu",
            edit=part == "back",
            states=may(role, "state_need"),
            meets=may(role, "meet"),
            groups=bool(turn.know.groups),
            partner=may(role, "read_gaps"),
        )
    )


def show_in_private(_turn: Turn) -> Move:
    """Show the menu; whoever asks for this in a group is led to the private chat."""
    return hand_over("menu")


MENU = Dialogue("menu", show, public=True)
PRIVATE = Dialogue("private", show_in_private)
