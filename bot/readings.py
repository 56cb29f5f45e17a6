"""What the knowledge makes of a message, and what that tells whoever decides what it means for a conversation."""

from dataclasses import dataclass

from bot.dialogue import Saying, say
from knowledge.answers import Answer as Found
from knowledge.answers import Choices as Several
from knowledge.answers import Unknown
from knowledge.understand import Understanding
from matching.names import CERTAIN

URGENT = 80.0
"""The score from which words that a step awaits may ask for help."""
SURELY_ASKED = 98.0
"""The score from which a question about a theme asks us and tells no need: "when is lunch" is no lack of food."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the knowledge makes of a text: worked out before the turn's transaction begins."""

    understood: Understanding
    found: Found | Several | Unknown


def names_a_theme(text: str, reading: Reading | None) -> bool:
    """Tell whether the one word is a theme, and no word mistyped: "cancer" is near to "cancel"."""
    return reading is not None and bool(reading.understood.themes) and " " not in text


def names_something(reading: Reading) -> bool:
    """Tell whether the words are about a theme or a country, or say what is needed or given."""
    understood = reading.understood
    return bool(understood.themes or understood.countries) or understood.kind in ("need", "offer")


def is_urgent(reading: Reading | None) -> bool:
    """Tell whether somebody cries for help: that is answered before anything else."""
    return reading is not None and isinstance(reading.found, Found) and reading.found.urgent


def answers(reading: Reading | None) -> bool:
    """Tell whether the words are a question that has an answer, and nothing that a country may need."""
    if is_urgent(reading):
        return True
    if reading is None or reading.understood.kind != "question":
        return False
    found = reading.found
    return isinstance(found, Found) and (found.score >= SURELY_ASKED or not reading.understood.themes)


def in_need_of_help(reading: Reading | None) -> tuple[Saying, ...]:
    """
    Return the way to help when words that a step awaits sound like somebody who needs it now.

    "We need ambulances" may be a country's need or a cry for one: the step takes the words, help is a tap away.
    """
    match reading.found if reading else None:
        case Found(entry=entry, score=score) if entry is not None:
            likely = entry
        case Several(entries=(likely, *_), scores=(score, *_)):
            pass
        case _:
            return ()
    return (say("shared/help_now", entry=likely),) if likely.sensitive and score >= URGENT else ()


def is_certain(found: Found | Several | Unknown) -> bool:
    """Tell whether the words are a known way to ask."""
    return isinstance(found, Found) and found.score >= CERTAIN
