"""Being forgotten: what it changes, two confirmations, and nothing left; and stopping, which deletes nothing."""

from datetime import datetime, timedelta
from typing import Any

from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.forgetting import Going
from bot.privacy_commands import Forget, Stop, WhatGoes
from matching.text import normalise

CONFIRMING = ("DELETE", "SUPPRIMER", "УДАЛИТЬ", "删除")
"""What is to be typed, in each language; any of them counts."""
WORDS = frozenset(normalise(word) for word in CONFIRMING)
PATIENCE = timedelta(minutes=5)


def ask(turn: Turn) -> Move:
    """Say what deleting changes, and ask whether it is to be; a form that was sent has said and asked it already."""
    if turn.slots.get("submitted") and is_confirmed(turn.slots.get("word", "")):
        return _forget()
    return perform(WhatGoes(), lambda turn, going: go(turn, SURE, **told(going)))


def what_goes(_turn: Turn) -> Move:
    """Say what deleting would change, and ask nothing."""
    return perform(WhatGoes(), lambda _turn, going: finish(say("forgetme/what", asks=False, **told(going))))


def told(going: Going) -> dict[str, Any]:
    """Return what is said of *going*."""
    return {
        "stays": list(going.stays),
        "goes": list(going.goes),
        "channels": list(going.channels),
        "country": going.country,
        "listed": going.listed,
        "meetings": [[starts.isoformat(), place] for starts, place in going.meetings],
    }


def ask_sure(turn: Turn) -> Saying:
    """Return what deleting changes, with the choice."""
    names = ("stays", "goes", "channels", "country", "listed")
    slots: dict[str, Any] = {name: turn.slots.get(name) for name in names}
    slots["meetings"] = turn.slots.get("meetings", ())
    return say("forgetme/what", asks=True, **slots)


def hear_sure(turn: Turn) -> Move:
    """Have the word typed, or leave everything as it is."""
    if turn.choice == "delete":
        return go(turn, TYPED, asked_at=turn.now.isoformat())
    return finish(say("forgetme/kept", edit=True))


def ask_typed(_turn: Turn) -> Saying:
    """Ask for the word."""
    return say("forgetme/type", edit=True)


def hear_typed(turn: Turn) -> Move:
    """Forget the person when the word comes in time."""
    if turn.choice == "keep":
        return finish(say("forgetme/kept", edit=True))
    if turn.now - datetime.fromisoformat(turn.slots["asked_at"]) > PATIENCE:
        return finish(say("forgetme/too_late"))
    if not is_confirmed(turn.text):
        return go(turn, TYPED, asks=say("forgetme/again"))
    return _forget()


def is_confirmed(text: str) -> bool:
    """Tell whether *text* is the word."""
    return normalise(text) in WORDS


def _forget() -> Move:
    return perform(Forget(), lambda _turn, _: finish(say("forgetme/done")))


def stop(_turn: Turn) -> Move:
    """Send nothing more here."""
    return perform(Stop(), lambda turn, _: finish(say("stop/stopped", confirmed=turn.person.confirmed)))


SURE = Step("sure", ask_sure, hear_sure, free=False)
TYPED = Step("typed", ask_typed, hear_typed)
FORGETME = Dialogue("forgetme", ask, (SURE, TYPED))
STOP = Dialogue("stop", stop)
