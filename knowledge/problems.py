"""
What is wrong with a pack, told so that whoever edits it can put it right.

    Exception
      PackRefused     the pack holds problems; nothing was taken in
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from matching.names import closest

NAMED = 8
"""How many valid values a message names when none is close."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one file: where it stands, what is wrong and what would be right."""

    file: str
    row: int | None
    """As a spreadsheet counts (the header is row 1); the line, in a file that has no rows."""
    column: str | None
    wrong: str
    right: str

    def __str__(self) -> str:
        table = self.file.lower().endswith((".csv", ".xlsx"))
        row, column = ("row", "column") if table else ("line", "field")
        place = [self.file]
        if self.row is not None:
            place.append(f"{row} {self.row}")
        if self.column is not None:
            place.append(f"{column} {self.column}")
        return f"{', '.join(place)}: {self.wrong}; {self.right}"


class PackRefused(Exception):
    """The pack was not taken in, because of the problems it carries."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__("\n".join([f"nothing was taken in: {count}", *map(str, self.problems)]))


class Findings:
    """The problems found so far in one run over a pack."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._problems)

    def __len__(self) -> int:
        return len(self._problems)

    def add(self, file: str, row: int | None, column: str | None, *, wrong: str, right: str) -> None:
        """Note one more problem."""
        self._problems.append(Problem(file, row, column, wrong, right))

    def refuse_any(self) -> None:
        """Raise PackRefused when anything was found."""
        if self._problems:
            raise PackRefused(self._problems)


def instead(value: str, allowed: Sequence[str]) -> str:
    """Say which of the *allowed* values *value* was probably meant to be, or name some."""
    near = closest(value, {name: [name] for name in allowed}, limit=1, cutoff=60.0)
    if near:
        return f"did you mean {quoted(near[0].key)}?"
    if not allowed:
        return "there is none yet to choose from"
    some = ", ".join(allowed[:NAMED])
    return f"use one of {some}" + (", ..." if len(allowed) > NAMED else "")


def quoted(value: str) -> str:
    """Return *value* in quotation marks, cut where a message would grow too long."""
    return f"“{value if len(value) <= 60 else value[:59] + '…'}”"
