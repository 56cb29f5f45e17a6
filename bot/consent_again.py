"""Asks people who agreed to earlier words, or to none, for their consent, after the answer to what they wrote."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from bot.consent import is_outdated
from bot.dialogue import Saying, Turn
from bot.engine import Advanced, Engine, Enter
from bot.records import Records

PAUSE = timedelta(hours=24)
"""Until somebody who did not answer is asked again."""


def asked_again(
    engine: Engine, advanced: Advanced, first: Iterable[Saying], turn: Turn, records: Records
) -> Advanced:
    """
    Return *advanced* with the question at its end, where *turn*'s participant is to be asked now.

    Nobody is asked in a group, while something else waits for their answer or is left unfinished, or beside help in an
    emergency (*first* is what was said before *advanced*).
    """
    conversation = advanced.conversation
    asked_at = conversation.consent_asked_at
    if turn.public or records.gone or not is_outdated(records.actor):
        return advanced
    if conversation.frame is not None or conversation.interrupted(turn.now) is not None:
        return advanced
    if (asked_at is not None and turn.now < asked_at + PAUSE) or any(map(_helps, (*first, *advanced.says))):
        return advanced
    enter = Enter("consent", {"again": records.actor.consented is not None})
    asked = engine.advance(conversation, enter, turn, records.perform)
    return Advanced(
        replace(asked.conversation, consent_asked_at=turn.now),
        (*advanced.says, *asked.says),
        len(advanced.says) + (asked.asking or 0),
    )


def _helps(saying: Saying) -> bool:
    """Tell whether *saying* is for somebody who may be in need."""
    entry = saying.values.get("entry")
    return saying.template in ("shared/help_now", "where/lost") or getattr(entry, "sensitive", False)
