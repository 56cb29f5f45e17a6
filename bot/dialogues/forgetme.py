"""Being forgotten: what it changes, two confirmations, and nothing left; and stopping, which deletes nothing."""

from collections.abc import Mapping
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
    return perform(WhatGoes(), lambda _turn, going: finish(what(told(going), asks=False)))


def told(going: Going) -> dict[str, Any]:
    """Return what is said of *going*, as JSON values."""
    return {
        "stays": list(going.stays),
        "goes": list(going.goes),
        "channels": list(going.channels),
        "country": going.country,
        "listed": going.listed,
        "meetings": [[starts.isoformat(), place] for starts, place in going.meetings],
        "handed_on": going.handed_on,
    }


def what(said: Mapping[str, Any], *, asks: bool) -> Saying:
    """Return what deleting changes, from what `told` gives; with the choice where it *asks*."""
    names = ("stays", "goes", "channels", "country", "listed")
    values: dict[str, Any] = {name: said.get(name) for name in names}
    values["meetings"] = [(datetime.fromisoformat(at), place) for at, place in said.get("meetings", ())]
    return say("forgetme/what", asks=asks, handed_on=said.get("handed_on", 0), **values)


def ask_sure(turn: Turn) -> Saying:
    """Return what deleting changes, with the choice."""
    return what(turn.slots, asks=True)


def hear_sure(turn: Turn) -> Move:
    """Have the word typed, or leave everything as it is."""
    if turn.choice in ("delete", "hand_on"):
        return go(turn, TYPED, asked_at=turn.now.isoformat(), hands_on=turn.choice == "hand_on")
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
    return _forget(hand_on=bool(turn.slots.get("hands_on")))


def is_confirmed(text: str) -> bool:
    """Tell whether *text* is the word."""
    return normalise(text) in WORDS


def _forget(*, hand_on: bool = False) -> Move:
    return perform(Forget(hand_on), lambda _turn, _: finish(say("forgetme/done")))


def stop(_turn: Turn) -> Move:
    """Send nothing more here."""
    return perform(Stop(), lambda turn, _: finish(say("stop/stopped", confirmed=turn.person.confirmed)))


SURE = Step("sure", ask_sure, hear_sure, free=False)
TYPED = Step("typed", ask_typed, hear_typed)
FORGETME = Dialogue("forgetme", ask, (SURE, TYPED))
STOP = Dialogue("stop", stop)
