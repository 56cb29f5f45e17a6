"""What somebody looks for in the catalogue, as the words after a command: so that each filter is one tap."""

from dataclasses import dataclass, replace
from typing import Any

from knowledge.seeking import Kind, Sought, in_words
from knowledge.snapshot import Snapshot

SHOWN = 4
"""Hits on one card."""
FILTERS = ("theme", "form", "country")
COMMANDS: dict[Kind, str] = {"provider": "/providers", "practice": "/practices"}


@dataclass(frozen=True, slots=True)
class Look:
    """A look into the catalogue: what is *sought*, from which hit on, and *by* which filter one is about to choose."""

    sought: Sought
    start: int = 0
    by: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is asked for."""
        wanted = self.sought
        return not (wanted.text or wanted.theme or wanted.form or wanted.country)

    @property
    def command(self) -> str:
        """Return the command that looks once more."""
        wanted = self.sought
        named = {"theme": wanted.theme, "form": wanted.form, "country": wanted.country, "by": self.by}
        parts = [f"{name}={value}" for name, value in named.items() if value]
        parts += [f"from={self.start}"] if self.start else []
        return " ".join([COMMANDS[wanted.kind], *parts, *wanted.text.split()])

    def further(self) -> "Look":
        """Return the look at the next hits."""
        return replace(self, start=self.start + SHOWN)

    def choosing(self, by: str) -> "Look":
        """Return the look at the values of a filter."""
        return replace(self, by=by, start=0)

    def where(self, name: str, value: str) -> "Look":
        """Return the look with another value of a filter; an empty one takes it away."""
        filters: dict[str, Any] = {name: value}
        return replace(self, sought=replace(self.sought, **filters), start=0, by="")


def read(kind: Kind, words: str, know: Snapshot) -> Look:
    """Return the look that *words* ask for, such as `theme=energy from=4 solar pumps`; what nobody knows is a word."""
    known = {
        "theme": know.vocabulary.themes,
        "form": know.vocabulary.modalities,
        "country": know.vocabulary.countries,
        "by": dict.fromkeys(FILTERS),
    }
    values: dict[str, str] = {}
    free: list[str] = []
    for word in words.split():
        name, _, value = word.partition("=")
        is_place = name == "from" and value.isdecimal() and len(value) < len("1000")
        if is_place or value in known.get(name, ()):
            values[name] = value
        else:
            free.append(word)
    given: dict[str, Any] = {name: values[name] for name in FILTERS if name in values}
    text = " ".join(free)
    # Words that came with a filter were read before.
    wanted = replace(Sought(kind, text) if values else in_words(kind, text, know), **given)
    return Look(wanted, int(values.get("from", 0)), values.get("by", ""))
