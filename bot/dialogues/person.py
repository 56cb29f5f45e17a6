"""Talking to a person: a message that the secretariat reads and answers."""

from bot.commands import AskSecretariat
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say


def begin(turn: Turn) -> Move:
    """Pass on the words that came along, or ask for them."""
    text = str(turn.slots.get("text", "")).strip()
    return _pass_on(text) if text else go(turn, MESSAGE)


def ask_message(turn: Turn) -> Saying:
    """Ask for the message, and show the contacts that are published."""
    return say("person/ask", contacts=turn.know.forum.contacts)


def hear_message(turn: Turn) -> Move:
    """Pass it on."""
    return _pass_on(turn.text) if turn.text else go(turn, MESSAGE)


def _pass_on(text: str) -> Move:
    return perform(
        AskSecretariat(text), lambda _turn, number: finish(say("person/passed_on", edit=True, number=number))
    )


MESSAGE = Step("message", ask_message, hear_message)
PERSON = Dialogue("person", begin, (MESSAGE,))
