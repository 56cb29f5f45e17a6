"""Which button of the card on show is meant by what somebody types: its number, its label, or nearly its label."""

import re
from collections.abc import Collection

from bot.conversation import Conversation
from bot.messages import Choice
from matching.names import Names
from matching.text import normalise

SHORT = 4
"""Characters below which a word is near to everything, and never corrected."""
LIKE, MISTYPED = 85.0, 80.0
"""Scores from which words are taken for a label: where words of one's own are awaited, and where only labels are."""
A_SLIP = 60.0
"""The score from which a word may be another one mistyped, where the words around it are the same."""


def whole_label(text: str, conversation: Conversation) -> Choice | None:
    """Return the choice whose number or whole label was typed, None when none was."""
    frame, word = conversation.frame, normalise(text) or text
    waiting = (conversation.shown, frame.shown if frame else None)
    for shown in (*waiting, *reversed(conversation.beside)):
        if shown is None:
            continue
        numbered = shown in waiting and text.isdecimal() and len(text) <= 2
        if numbered and (choice := shown.choice(int(text) - 1)):
            return choice
        for choice in shown.choices:
            if normalise(choice.label) == word:
                return choice
    return None


def agreement(conversation: Conversation, consents: Collection[str]) -> Choice | None:
    """Return the choice of the card on show whose label begins with a "yes"; None where there is none, or several."""
    frame = conversation.frame
    shown = frame.shown if frame else conversation.shown
    choices = [one for one in shown.choices if _first_word(one.label) in consents] if shown else []
    return choices[0] if len(choices) == 1 else None


def _first_word(label: str) -> str:
    words = re.split(r"[\s,，：:]", label.strip(), maxsplit=1)[0]
    return normalise(words) or words


def near_label(text: str, conversation: Conversation, awaited: bool) -> Choice | None:
    """Return the choice of the waiting card that *text* mistypes; *awaited* says whether words of one's own are."""
    frame = conversation.frame
    shown = frame.shown if frame and frame.shown else conversation.shown
    if shown is None or len(text) < SHORT:
        return None
    labels = Names({str(number): [choice.label] for number, choice in enumerate(shown.choices)})
    hits = labels.closest(text, limit=1, cutoff=LIKE if awaited else MISTYPED)
    near = [shown.choices[int(hit.key)] for hit in hits]
    return next((choice for choice in near if _differs_by_a_slip(text, choice.label)), None)


def _differs_by_a_slip(text: str, label: str) -> bool:
    """Tell whether what *text* has instead of words of *label* is those words mistyped, and not another name."""
    said, shown = ((normalise(words) or words).split() for words in (text, label))
    other = " ".join(word for word in said if word not in shown)
    meant = " ".join(word for word in shown if word not in said)
    return not other or not meant or bool(Names({"meant": [meant]}).closest(other, limit=1, cutoff=A_SLIP))
