"""The words that steer a conversation, and those that open one, ready for look-up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.dialogues import OPENINGS
from knowledge.packaged import packaged
from matching.names import Names
from matching.text import normalise

STEERING = ("cancel", "back", "repeat", "continue", "resume")
"""What the router knows besides the commands that open a dialogue."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The dialogue that a command opens, and the slot that takes the words after it."""

    dialogue: str
    slot: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """
    The words that steer, ready for look-up: exact ones by their normal form, commands by name.

    *numbers* maps the letter of a number to what shows it, *leads* the words that open something with those after them.
    """

    universal: Mapping[str, str]
    remarks: Mapping[str, str]
    personal: frozenset[str]
    dialogues: Mapping[str, str]
    commands: Mapping[str, Opening]
    consents: frozenset[str]
    numbers: Mapping[str, Opening]
    leads: Mapping[str, Opening]
    universal_names: Names = field(repr=False)
    dialogue_names: Names = field(repr=False)
    command_names: Names = field(repr=False)

    @classmethod
    def read(cls) -> "Words":
        """Return the words of `bot/words.yaml`, and those that open a dialogue."""
        raw = packaged("bot", "words.yaml")
        opening = {name: opens["words"] for name, opens in OPENINGS.items() if "words" in opens}
        commands = {
            command: Opening(name, slot)
            for name, opens in OPENINGS.items()
            for command, slot in opens.get("commands", {}).items()
        }
        remarks = _by_word(raw["remarks"])
        return cls(
            _by_word(raw["universal"]),
            remarks,
            frozenset(normalise(word) for word in raw["personal"]),
            _by_word(opening),
            commands,
            frozenset(word for word, meant in remarks.items() if meant == "consent"),
            {letter: Opening(name, slot) for letter, name, slot in _slots("numbers")},
            {normalise(lead) or lead: Opening(name, slot) for lead, name, slot in _slots("leads")},
            Names({word: [word] for words in raw["universal"].values() for word in words}),
            Names(opening),
            Names({name: [name] for name in (*commands, *STEERING)}),
        )


def _slots(kind: str) -> Iterator[tuple[str, str, str]]:
    """Return what of that *kind* opens which dialogue, and the slot that takes the number, or the words after it."""
    for name, opens in OPENINGS.items():
        for slot, given in opens.get(kind, {}).items():
            for one in given:
                yield one, name, slot


def _by_word(words: Mapping[str, list[str]]) -> dict[str, str]:
    return {normalise(word) or word: name for name, synonyms in words.items() for word in synonyms}
