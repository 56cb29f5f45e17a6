"""The conversations, one file each, found by themselves; what opens each stands beside it."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules
from typing import Any

from bot.dialogue import Dialogue
from knowledge.packaged import packaged


def _dialogues() -> Iterator[Dialogue]:
    """Return each dialogue once, where it is made: other modules may import it."""
    seen: dict[str, Dialogue] = {}
    for module in iter_modules(__path__):
        for value in vars(import_module(f"{__name__}.{module.name}")).values():
            if not isinstance(value, Dialogue) or seen.get(value.name) is value:
                continue
            if value.name in seen:
                raise ValueError(f"two dialogues are called {value.name}")
            seen[value.name] = value
            yield value


def _openings() -> Iterator[tuple[str, Any]]:
    for file in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            yield from packaged(__name__, file.name).items()


DIALOGUES: Mapping[str, Dialogue] = {dialogue.name: dialogue for dialogue in _dialogues()}
"""Maps the name of a dialogue, as it is kept and routed to, to the dialogue."""
OPENINGS: Mapping[str, Mapping[str, Any]] = dict(_openings())
"""
Maps the name of a dialogue to what opens it: its *words*, and its *commands* with the slot that takes what follows.

A word opens it when it is the whole message; a command is typed with a slash.
"""
