"""Why a command was refused: in English for the command line, and by name for the sentence that an officer reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Name = Literal[
    # Announcements that are there already
    "unknown",
    "not_running",
    "not_paused",
    "undo_instead",
    "nothing_to_stop",
    "announce_anew",
    "nothing_to_correct",
    "past_use_by",
    "not_out",
    "not_confirmable",
    "own_approval",
    "awaits_approval",
    # What is to be announced, to whom, when
    "audience_unknown",
    "no_safety_message",
    "time_passed",
    "use_by_too_early",
    "attachment_undescribed",
    "attachment_empty",
    "attachment_too_big",
    "no_chat",
    "session_gone",
    "room_gone",
    "cancelled_already",
    "ends_before_it_begins",
    "unchanged",
    # Own text and the words in slots
    "english_missing",
    "empty",
    "too_long",
    "unshown_sign",
    "unreadable",
    "not_possible",
    "not_of_everyone",
    "unknown_mark",
    "misplaced_mark",
    "open_mark",
    "too_many_ifs",
    "too_many_conditions",
    "needs_session",
    "no_role",
    "no_country",
    "nothing_left",
    # Slots
    "missing",
    "wrong",
    "same_room",
    "ends_too_early",
]
"""Whatever an officer may meet in a chat; `bot/templates/announcement/reasons.j2` has a sentence for each."""


@dataclass(frozen=True, slots=True)
class Reason:
    """
    One thing that is wrong.

    *text* says it on the command line, with what would be right. *values* go into the sentence for its *name*, and say
    where it is: `lang` and `line` of own text, or the `slot` of a template.
    """

    name: Name
    text: str
    values: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return self.text

    def at(self, place: str, **values: Any) -> "Reason":
        """Return the reason with its *place* in front of the text, and with more *values*."""
        return replace(self, text=f"{place}{self.text}", values={**self.values, **values})


def because(name: Name, text: str, /, **values: Any) -> Reason:
    """Return the reason of that name."""
    return Reason(name, text, values)
