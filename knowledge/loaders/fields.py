"""The values of one record, whatever its format, read with a problem noted for each that is wrong."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from knowledge.problems import Findings, instead, quoted
from knowledge.vocabulary import LANGUAGES, Localised

T = TypeVar("T")

ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
ADDRESS = re.compile(r"https?://[^\s/?#]+\.[^\s/?#]+(?:[/?#]\S*)?", re.IGNORECASE)
DEGREES = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,15})?", re.ASCII)
YES_NO = {"yes": True, "true": True, "no": False, "false": False}
NEUTRAL_DAY = date(2000, 1, 1)
NEUTRAL_MOMENT = datetime(2000, 1, 1, tzinfo=ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class Fields:
    """
    One record of text values.

    Every reading method gives a value of its type in any case, a neutral one where the text
    is wrong: the problem is noted, the rest of the record can still be checked, and nothing
    that was built along the way leaves the loader.
    """

    file: str
    values: Mapping[str, str]
    found: Findings
    row: int | None
    """The record's place, for formats in which all its values share one."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """The place of each value, for formats in which they differ."""
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The lists, for formats that have them; elsewhere a list is text with semicolons."""

    def wrong(self, column: str, wrong: str, right: str) -> None:
        """Note a problem with the value in *column*."""
        self.found.add(self.file, self._place(column), column, wrong=wrong, right=right)

    def text(self, column: str) -> str:
        """Return the text in *column*, which must not be empty."""
        value = self.optional(column)
        if not value:
            self.wrong(column, "it is empty", "it must be filled in")
        return value

    def optional(self, column: str) -> str:
        """Return the text in *column*, empty when there is none."""
        return self.values.get(column, "").strip()

    def id(self, column: str = "id") -> str:
        """Return an identifier: lower-case words joined by - or _."""
        value = self.text(column)
        if value and not ID.fullmatch(value):
            right = "use lower-case letters and digits joined by “-” or “_”"
            self.wrong(column, f"{quoted(value)} is not an identifier", right)
        return value

    def items(self, column: str) -> tuple[str, ...]:
        """Return the parts of a list, each once."""
        parts = self.lists.get(column) or self.optional(column).split(";")
        return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))

    def one_of(self, column: str, allowed: Collection[str], what: str) -> str:
        """Return a value that must be one of *allowed*; *what* names such a value."""
        value = self.text(column)
        if value and value not in allowed:
            self.unknown(column, value, allowed, what)
        return value

    def maybe_one_of(self, column: str, allowed: Collection[str], what: str) -> str | None:
        """Return a value that must be one of *allowed*, or None when there is none."""
        return self.one_of(column, allowed, what) if self.optional(column) else None

    def some_of(self, column: str, allowed: Collection[str], what: str) -> tuple[str, ...]:
        """Return the parts of a list that must all be among *allowed*."""
        items = self.items(column)
        for item in items:
            if item not in allowed:
                self.unknown(column, item, allowed, what)
        return items

    def unknown(self, column: str, value: str, allowed: Collection[str], what: str) -> None:
        """
        Note that *value* is not *what*, with the nearest value that is.

        Where nothing is allowed its table is missing or empty, which was noted already.
        """
        if allowed:
            self.wrong(column, f"{quoted(value)} is not {what}", instead(value, list(allowed)))

    def numbers_of(self, column: str, allowed: Collection[int], what: str) -> tuple[int, ...]:
        """Return the numbers of a list that must all be among *allowed*."""
        items = self.some_of(column, [str(number) for number in allowed], what)
        return tuple(int(item) for item in items if item.isdecimal())

    def integer(self, column: str, least: int = 0, most: int = 10**6) -> int:
        """Return a whole number from *least* to *most*."""
        return self._parsed(
            column,
            lambda value: _within(int(value), least, most),
            least,
            "a whole number that fits here",
            f"write one from {least} to {most}",
        )

    def maybe_integer(self, column: str, least: int, most: int) -> int | None:
        """Return a whole number, or None when there is none."""
        return self.integer(column, least, most) if self.optional(column) else None

    def degrees(self, column: str, most: int) -> float:
        """Return decimal degrees, at *most* so many to either side of zero."""
        return self._parsed(
            column,
            lambda value: _degrees(value, most),
            0.0,
            f"a number of degrees from -{most} to {most}",
            "write it as a decimal number, such as -12.345",
        )

    def flag(self, column: str) -> bool:
        """Return a yes or a no."""
        return self._parsed(
            column, lambda value: YES_NO[value.lower()], False, "yes or no", "write yes or no"
        )

    def day(self, column: str) -> date:
        """Return a calendar day."""
        return self._parsed(column, date.fromisoformat, NEUTRAL_DAY, "a date", "write it like 2022-09-13")

    def moment(self, column: str, zone: ZoneInfo) -> datetime:
        """Return a date and time of day, taken to be in *zone* when it names no other."""
        return self._parsed(
            column,
            lambda value: _in_zone(value, zone),
            NEUTRAL_MOMENT,
            "a date with a time",
            "write it like 2022-09-13T09:00",
        )

    def address(self, column: str) -> str:
        """Return a web address, empty when there is none."""
        value = self.optional(column)
        if value and not ADDRESS.fullmatch(value):
            right = "write it like https://www.example.org/page"
            self.wrong(column, f"{quoted(value)} is not a web address", right)
        return value

    def localised(self, columns: str, langs: Collection[str] = LANGUAGES) -> Localised:
        """Return a text in all of *langs*; *columns* is like "name_{}", {} for the language."""
        return Localised({lang: self.text(columns.format(lang)) for lang in langs})

    def words(self, columns: str) -> Mapping[str, tuple[str, ...]]:
        """Return the list of each language; *columns* as above."""
        return {lang: self.items(columns.format(lang)) for lang in LANGUAGES}

    def _place(self, column: str) -> int | None:
        """Return where *column* stands, or where its like do when it is missing."""
        group = column.rpartition(".")[0] + "."
        of_group = (row for name, row in self.rows.items() if name.startswith(group))
        return self.rows.get(column) or next(of_group, self.row)

    def _parsed(self, column: str, parse: Callable[[str], T], neutral: T, what: str, right: str) -> T:
        value = self.text(column)
        if not value:
            return neutral
        try:
            return parse(value)
        except (ValueError, KeyError):
            self.wrong(column, f"{quoted(value)} is not {what}", right)
            return neutral


def _within(number: int, least: int, most: int) -> int:
    if not least <= number <= most:
        raise ValueError(number)
    return number


def _degrees(value: str, most: int) -> float:
    # float() would take "nan", "1e1" and "1_0" as well.
    if not DEGREES.fullmatch(value) or abs(float(value)) > most:
        raise ValueError(value)
    return float(value)


def _in_zone(value: str, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(value)
    if "T" not in value.upper() and " " not in value:
        raise ValueError(value)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
