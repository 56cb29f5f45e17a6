"""Which moment is meant: "14:15", "tomorrow 8 h", "quarter past two", "13 September", "in 20 minutes"."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from knowledge.packaged import packaged

EARLIEST = 7
"""An hour before it that does not say which half of the day it is in belongs to the afternoon."""
NOON = 12
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BESIDE = re.compile(r"^[\s,;:·\-–—]+|[\s,;:·\-–—]+$")
ISO = re.compile(r"\b(20\d\d)-(\d{1,2})-(\d{1,2})(?:t|\b)")
NUMERIC = re.compile(r"(?<![\d:])(\d{1,2})[/.](\d{1,2})(?:[/.](20\d\d))?(?![\d:])(?!\s?h\b)")
DIGITS = re.compile(
    r"(?<![\d:/.])(\d{1,2})\s?(?:[:h]|ч(?!\w)|[时点](?!半|一刻))\s?(\d{2})?分?(?![\d:a-zа-я])"
    r"|(?<![\d:/.])(\d{4})\s?(?:hrs|hours)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """
    What was read out of some words.

    *days* are the days that may be meant, more than one where that is open, none where no day was named. *at* is the
    time of day, None where none was named; it is *exact* when it was written in digits that leave nothing open.
    *moment* is set where the words give the moment itself. *rest* is what stands beside day and time.
    """

    days: tuple[date, ...] = ()
    at: time | None = None
    exact: bool = True
    moment: datetime | None = None
    rest: str = ""

    @property
    def nothing(self) -> bool:
        """Tell whether neither a day nor a time was named."""
        return not self.days and self.at is None and self.moment is None


def heard(text: str, now: datetime) -> Heard:
    """Return the day and the time that *text* names; *now* is the moment in the zone that is meant."""
    plain = unicodedata.normalize("NFKC", text)
    words = _Words.of_the_language()
    for unit, pattern in words.after:
        if found := pattern.search(plain):
            moment = (now + int(found["number"]) * unit).replace(second=0, microsecond=0)
            return Heard(moment=moment, exact=False, rest=_without(plain, found))
    days, plain = _days(plain, now.date(), words)
    at, exact, plain = _time(plain, words)
    if at == time.max:  # 24:00 is the first moment of the next day
        days = tuple(day + DAY for day in days or (now.date(),))
        at, exact = time(0), False
    return Heard(days, at, exact, rest=plain)


def _without(text: str, found: re.Match[str]) -> str:
    left = f"{text[: found.start()].rstrip()} {text[found.end() :].lstrip()}"
    return BESIDE.sub("", left)


# Days


def _days(text: str, today: date, words: "_Words") -> tuple[tuple[date, ...], str]:
    if found := ISO.search(text.lower()):
        day = _date(int(found[1]), int(found[2]), int(found[3]))
        return (day,) if day else (), _without(text, found)
    if found := words.month.search(text):
        number = words.months[(found["name"] or found["first"] or "").casefold() or int(found["yue"])]
        day = _date(today.year, number, int(found["day"] or found["after"] or found["ri"]))
        if day is not None:
            return (day,), _without(text, found)
    if found := NUMERIC.search(text):
        days = _both_ways(int(found[1]), int(found[2]), int(found[3] or 0), today)
        if days:
            return days, _without(text, found)
    if found := words.day.search(text):
        return (today + words.days[found[0].casefold()] * DAY,), _without(text, found)
    if found := words.weekday.search(text):
        ahead = (words.weekdays[found[0].casefold()] - today.weekday()) % 7
        return (today + ahead * DAY,), _without(text, found)
    return (), BESIDE.sub("", text)


def _both_ways(first: int, second: int, year: int, today: date) -> tuple[date, ...]:
    """Return the dates that "03/10" may be, the day first as most of the world writes it."""
    ways = ((first, second), (second, first))
    found = (_date(year or today.year, month, day) for day, month in ways)
    return tuple(dict.fromkeys(day for day in found if day is not None))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


# Times of the day


def _time(text: str, words: "_Words") -> tuple[time | None, bool, str]:
    """Return the time, whether it is exact, and the rest; 24:00 is `time.max`."""
    for minutes, pattern in words.phrases:
        if found := pattern.search(text):
            hour = words.hours.get(found["hour"].casefold()) or int(found["hour"])
            rest = _without(text, found)
            half, rest = _half_of_day(rest, words)
            minutes_of_day = (_in_day(hour, half) * 60 + minutes) % (24 * 60)
            return time(*divmod(minutes_of_day, 60)), False, rest
    if found := DIGITS.search(text):
        return _in_digits(found, text, words)
    if found := words.half_hour.search(text):
        half, _ = _half_of_day(found["half"], words)
        at = time(_in_day(int(found["hour"]) % NOON, half))
        return at, True, _without(text, found)
    for pattern, at in ((words.noon, time(NOON)), (words.midnight, time.max)):
        if found := pattern.search(text):
            return at, at != time.max, _without(text, found)
    return None, True, text


def _in_digits(found: re.Match[str], text: str, words: "_Words") -> tuple[time | None, bool, str]:
    written = found[3]
    hour = int(written[:2]) if written else int(found[1])
    minute = int(written[2:]) if written else int(found[2] or 0)
    half, rest = _half_of_day(_without(text, found), words)
    if (hour, minute) == (24, 0):
        return time.max, False, rest
    if hour > 23 or minute > 59 or (half and hour > NOON):
        return None, True, rest
    if half:
        return time(_in_day(hour % NOON, half), minute), True, rest
    sure = found[0].startswith("0") or hour >= EARLIEST
    return time(hour if sure else _in_day(hour, ""), minute), sure, rest


def _half_of_day(text: str, words: "_Words") -> tuple[str, str]:
    for half, pattern in (("am", words.before_noon), ("pm", words.after_noon)):
        if found := pattern.search(text):
            return half, _without(text, found)
    return "", text


def _in_day(hour: int, half: str) -> int:
    """Return the hour of the day; without a *half* that was said the one at which people are awake."""
    if half == "pm" or (not half and 0 < hour < EARLIEST):
        return hour % NOON + NOON
    return hour


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of `clock.yaml`, ready to be searched for."""

    days: Mapping[str, int]
    day: re.Pattern[str]
    weekdays: Mapping[str, int]
    weekday: re.Pattern[str]
    months: Mapping[str | int, int]
    month: re.Pattern[str]
    hours: Mapping[str, int]
    phrases: tuple[tuple[int, re.Pattern[str]], ...]
    after: tuple[tuple[timedelta, re.Pattern[str]], ...]
    noon: re.Pattern[str]
    midnight: re.Pattern[str]
    before_noon: re.Pattern[str]
    after_noon: re.Pattern[str]
    half_hour: re.Pattern[str]

    @staticmethod
    @cache
    def of_the_language() -> "_Words":
        """Return them; they are read once."""
        raw = packaged("knowledge", "clock.yaml")
        months = {
            name: number
            for names in packaged("knowledge", "cues.yaml")["months"].values()
            for number, all_names in enumerate(names, start=1)
            for name in all_names
        }
        named = _any(months)
        days = {word: number for number, names in raw["days"].items() for word in names}
        weekdays = {word: number for number, names in enumerate(raw["weekdays"]) for word in names}
        hours = {word: number for number, names in raw["hours"].items() for word in names}
        hour = rf"(?P<hour>{_any(hours)}|(?<!\d)(?:1[0-2]|[1-9]))"
        halves = _any((*raw["before_noon"], *raw["after_noon"]))
        return _Words(
            days,
            _whole(_any(days)),
            weekdays,
            _whole(_any(weekdays)),
            {**months, **{number: number for number in range(1, 13)}},
            re.compile(
                rf"(?<!\d)(?P<day>[0-3]?\d)(?:st|nd|rd|th|er)? ?(?:of )?(?P<name>{named})(?!\w)"
                rf"|(?<!\w)(?P<first>{named}) (?P<after>[0-3]?\d)(?!\d|[:h])"
                r"|(?<!\d)(?P<yue>1[0-2]|[1-9])月(?P<ri>[0-3]?\d)[日号]?",
                re.IGNORECASE,
            ),
            hours,
            tuple(
                (phrase["minutes"], _whole(says.replace("{hour}", hour)))
                for phrase in raw["phrases"]
                for says in phrase["says"]
            ),
            tuple(
                (unit, _whole(says.replace("{number}", r"(?P<number>\d{1,3})")))
                for name, unit in (("minutes", MINUTE), ("hours", HOUR))
                for says in raw["after"][name]
            ),
            _whole(_any(raw["noon"])),
            _whole(_any(raw["midnight"])),
            _whole(_any(raw["before_noon"])),
            _whole(_any(raw["after_noon"])),
            _whole(rf"(?<!\d)(?P<hour>1[0-2]|[1-9])\s?(?P<half>{halves})"),
        )


def _any(words: Iterable[Any]) -> str:
    """Return a pattern for any of the *words*, the longest first."""
    return "|".join(map(re.escape, sorted(map(str, words), key=lambda word: (-len(word), word))))


def _whole(pattern: str) -> re.Pattern[str]:
    """Return *pattern* where it is not a part of a longer word; Chinese writes words together."""
    return re.compile(rf"(?<![a-zà-ÿа-яё])(?:{pattern})(?![a-zà-ÿа-яё])", re.IGNORECASE)
