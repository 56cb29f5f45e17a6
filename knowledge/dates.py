"""By when something is wanted: "by March 2027" is 2027-03, "by March" the next March there is."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from matching.text import normalise

YEAR = re.compile(r"(?<!\d)20[2-9]\d(?!\d)")
NUMERIC = re.compile(
    r"(?<!\d)(?:(?P<y1>20[2-9]\d)\s?[-/.年]\s?(?P<m1>0?[1-9]|1[0-2])(?!\d)|"
    r"(?:[0-3]?\d[./-])?(?P<m2>0?[1-9]|1[0-2])[./-](?P<y2>20[2-9]\d)(?!\d))"
)
# The Thai calendar is 543 years ahead.
THAI = re.compile("[\u0e00-\u0e7f]")
THAI_YEAR = re.compile(r"(?<!\d)25[6-9]\d(?!\d)")
THAI_ERA = 543
HAN_NUMBER = re.compile("[一二两三四五六七八九十]{1,3}(?=个?[月周年季]|星期)")
HAN_DIGITS = dict(zip("一二三四五六七八九", "123456789", strict=True)) | {"两": "2"}
# Letters that a name must not be a part of; Chinese and Thai write words together.
LETTER = "a-zа-я"
NEAR = 3
"""How many words before a date may say that it is a deadline."""
AFTER = 12
"""How many signs behind a date may say so."""
MONTHS_IN_A_YEAR, MONTHS_IN_A_QUARTER = 12, 3


class Dates:
    """Finds a deadline; months and the words around them come from the cues."""

    def __init__(self, cues: Mapping[str, Any]) -> None:
        self._months = {
            normalise(name): number
            for months in cues["months"].values()
            for number, names in enumerate(months, start=1)
            for name in names
        }
        words = cues["deadline"]
        self._until, self._since = _plain(cues["until"]), _plain(cues["since"])
        self._until_after = tuple(_plain(words["until_after"]))
        self._next_year = _any(words["next_year"])
        self._month = re.compile(
            rf"(?:(?<!\d)(?P<day>[0-3]?\d) ?(?:st|nd|rd|th|er|го)? ?(?:of|de)? ?)?"
            rf"(?<![{LETTER}])(?:(?P<name>{_names(self._months)})(?![{LETTER}])"
            rf"|thang (?P<thang>1[0-2]|[1-9])(?!\d)|(?<!\d)(?P<yue>1[0-2]|[1-9]) ?月)"
        )
        self._quarter = re.compile(
            rf"(?<![{LETTER}])(?:[qт] ?(?P<letter>[1-4])|(?P<word>{_names(words['quarters'])}) "
            rf"(?:{_names(words['quarter'])})|第?(?P<ji>[1-4]) ?季度?)(?!\d)"
        )
        self._quarters = {normalise(name): number for name, number in words["quarters"].items()}
        self._ends = [
            (_any(phrases), int(years)) for years, phrases in sorted(words["year_end"].items(), reverse=True)
        ]
        self._month_ends = [(_any(phrases), int(months)) for months, phrases in words["month_end"].items()]
        self._numbers = {normalise(str(word)): int(number) for word, number in cues["numbers"].items()}
        self._units = {normalise(name): days for days, names in words["units"].items() for name in names}
        unit, number = _names(self._units), rf"\d{{1,2}}|{_names(self._numbers)}"
        self._within = re.compile(
            rf"(?<![{LETTER}])(?:{_names(words['within'])}) ?(?:(?P<before>{number}) ?)?(?:{_names(words['next'])})? ?"
            rf"(?P<unit>{unit})(?![{LETTER}])"
        )
        self._inside = re.compile(
            rf"(?P<before>{number}) ?个? ?(?P<unit>{unit}) ?(?:{_names(words['inside'])})"
        )

    def deadline(self, text: str, today: date | None) -> str | None:
        """
        Return year and month by which something is wanted, or None.

        *today* tells the next June; without it only what has its year is told.
        """
        plain = _common_era(_with_digits(unicodedata.normalize("NFKC", text).casefold()))
        numeric = self._numeric(plain)
        words = normalise(plain)
        return (
            self._in_quarter(words, today)
            or numeric
            or self._in_month(words, today)
            or (self._in_so_long(words, today) if today else None)
            or self._in_year(words)
            or (self._at_end(words, today) if today else None)
        )

    def _in_quarter(self, text: str, today: date | None) -> str | None:
        found = self._quarter.search(text)
        if found is None:
            return None
        number = int(found["letter"] or found["ji"] or 0) or self._quarters[found["word"]]
        year = self._year_near(text, found) or _next(number * MONTHS_IN_A_QUARTER, today)
        return _written(year, number * MONTHS_IN_A_QUARTER)

    def _numeric(self, text: str) -> str | None:
        for found in NUMERIC.finditer(text):
            if not self._is_past(text[: found.start()]):
                return _written(int(found["y1"] or found["y2"]), int(found["m1"] or found["m2"]))
        return None

    def _in_month(self, text: str, today: date | None) -> str | None:
        """Return a month that has its year, its day, or a word that makes it a deadline."""
        for found in self._month.finditer(text):
            before, after = text[: found.start()], text[found.end() : found.end() + AFTER]
            if self._is_past(before):
                continue
            month = self._months[found["name"]] if found["name"] else int(found["thang"] or found["yue"])
            year = self._year_near(text, found)
            if today and self._next_year.search(before[-AFTER:] + after):
                year = today.year + 1
            if year or found["day"] or self._is_until(before) or self._is_until_after(after):
                return _written(year or _next(month, today), month)
        return None

    def _in_so_long(self, text: str, today: date) -> str | None:
        """Return what "within three months" comes to."""
        found = self._inside.search(text) or self._within.search(text)
        if found is None:
            return None
        written = found["before"] or "1"
        number = int(written) if written.isdecimal() else self._numbers[written]
        end = today + timedelta(days=number * self._units[found["unit"]])
        return _written(end.year, end.month)

    def _in_year(self, text: str) -> str | None:
        """Return the last month of a year named alone, when words say that it is a deadline."""
        for found in YEAR.finditer(text):
            before = text[: found.start()]
            after = text[found.end() :][:AFTER].removeprefix("年").strip()
            if (self._is_until(before) or self._is_until_after(after)) and not self._is_past(before):
                return _written(int(found.group()), MONTHS_IN_A_YEAR)
        return None

    def _at_end(self, text: str, today: date) -> str | None:
        for phrases, years in self._ends:
            if phrases.search(text):
                return _written(today.year + years, MONTHS_IN_A_YEAR)
        for phrases, months in self._month_ends:
            if phrases.search(text):
                return _after(today, months)
        return None

    def _year_near(self, text: str, found: re.Match[str]) -> int | None:
        """Return the year right behind what was *found*, or right before it as in Chinese."""
        near = YEAR.search(text[found.end() : found.end() + AFTER]) or YEAR.search(text[: found.start()][-6:])
        return int(near.group()) if near is not None else None

    def _is_until(self, before: str) -> bool:
        return not self._until.isdisjoint(before.split()[-NEAR:]) or before.rstrip().endswith(
            tuple(word for word in self._until if THAI.match(word))
        )

    def _is_until_after(self, after: str) -> bool:
        return after.lstrip(" 份0123456789日号底末初中旬").startswith(self._until_after) or after.startswith(
            "底"
        )

    def _is_past(self, before: str) -> bool:
        """Say whether the words before a date say that something began or happens then."""
        near = normalise(before).split()[-NEAR:]
        return self._until.isdisjoint(near) and not self._since.isdisjoint(near)


def _written(year: int | None, month: int) -> str | None:
    return f"{year}-{month:02}" if year else None


def _next(month: int, today: date | None) -> int | None:
    """Return the year of the next such *month*, the present one is still to end; None without *today*."""
    return today.year + (month < today.month) if today else None


def _after(today: date, months: int) -> str | None:
    passed = today.year * MONTHS_IN_A_YEAR + today.month - 1 + months
    return _written(passed // MONTHS_IN_A_YEAR, passed % MONTHS_IN_A_YEAR + 1)


def _common_era(text: str) -> str:
    """Return *text* with its Thai years as others count them."""
    if THAI.search(text) is None:
        return text
    return THAI_YEAR.sub(lambda year: str(int(year.group()) - THAI_ERA), text)


def _with_digits(text: str) -> str:
    """Return *text* with digits for the Chinese numbers of months, weeks and years."""

    def digits(match: re.Match[str]) -> str:
        tens, ten, ones = match.group().partition("十")
        if not ten:
            return "".join(HAN_DIGITS[sign] for sign in tens if sign in HAN_DIGITS)
        return str(int(HAN_DIGITS.get(tens, "1")) * 10 + int(HAN_DIGITS.get(ones, "0")))

    return HAN_NUMBER.sub(digits, text)


def _plain(words: Iterable[object]) -> frozenset[str]:
    return frozenset(normalise(str(word)) for word in words)


def _names(words: Iterable[object]) -> str:
    """Return a pattern for any of the *words*, the longest first."""
    return "|".join(map(re.escape, sorted(_plain(words), key=lambda word: (-len(word), word))))


def _any(phrases: Iterable[object]) -> re.Pattern[str]:
    return re.compile(rf"(?<![{LETTER}])(?:{_names(phrases)})(?![{LETTER}])")
