"""A message that was edited after it was read: what was sent from it can be replaced, a question is answered anew."""

from dataclasses import replace

from bot.commands import FindSent, ReplaceText
from bot.delegation_commands import Changed, Item
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, perform, say
from knowledge.contacts import mask_contacts


def look(turn: Turn) -> Move:
    """Find out whether a need or an offer was sent from the message."""
    return perform(FindSent(str(turn.slots.get("message", ""))), decide)


def decide(turn: Turn, sent: Item | None) -> Move:
    """Ask what is to become of the sent one; answer what was a question; say that the rest changes nothing."""
    if sent is not None:
        return _ask(turn, sent)
    if turn.slots.get("asks"):
        return hand_over(turn.slots["asks"], say("shared/edited_question"), **turn.slots["with"])
    return finish(say("shared/edit_ignored"))


def _ask(turn: Turn, sent: Item) -> Move:
    masked = mask_contacts(str(turn.slots.get("text", "")))
    return go(
        turn,
        REPLACE,
        number=sent.statement.number,
        edition=sent.edition,
        present=sent.statement.text if sent.by_another else "",
        text=masked.text,
        masked=sorted(masked.kinds),
    )


def ask_replace(turn: Turn) -> Saying:
    """Ask whether the new words take the place of the old ones."""
    slots = turn.slots
    return say(
        "edited/sent",
        number=slots["number"],
        text=slots["text"],
        present=slots.get("present") or "",
        masked=slots.get("masked") or [],
    )


def hear_replace(turn: Turn) -> Move:
    """Replace the text, or leave it."""
    number = str(turn.slots["number"])
    if turn.edited:
        masked = mask_contacts(turn.text)
        return go(turn, REPLACE, text=masked.text, masked=sorted(masked.kinds))
    match turn.choice:
        case "replace":
            text, edition = str(turn.slots["text"]), int(turn.slots.get("edition") or 1)
            return perform(replacement(turn, number, text, edition), told)
        case "leave":
            return finish(say("edited/left", edit=True, number=number))
        case _:
            return go(turn, REPLACE)


def replacement(turn: Turn, number: str, text: str, edition: int) -> ReplaceText:
    """
    Return the command that gives *number* the words *text*, without contacts, if it still stands in its *edition*.

    What the words say of numbers and dates goes with them; the theme stays as it was chosen.
    """
    read = turn.know.understand(text, turn.person.lang, turn.today)
    return ReplaceText(number, text, edition, read.people, read.deadline, read.urgency)


def told(turn: Turn, changed: Changed) -> Move:
    """Say whether the text was replaced; when somebody else was first, show both."""
    number = str(turn.slots["number"])
    if changed.done:
        return finish(say("edited/replaced", edit=True, number=number))
    if changed.item is not None:
        return _ask(turn, replace(changed.item, by_another=True))
    return finish(say("edited/gone", number=number))


REPLACE = Step("replace", ask_replace, hear_replace, free=False)
EDITED = Dialogue("edited", look, (REPLACE,), public=True)
