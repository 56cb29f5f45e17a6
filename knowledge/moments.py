"""Which moment is meant: "14:15", "tomorrow 8 h", "quarter past two", "13 September", "in 20 minutes"."""

import re
import string
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from knowledge.packaged import packaged

EARLIEST = 7
"""An hour before it that does not say which half of the day it is in belongs to the afternoon."""
NOON = 12
MONTHS, LONGEST_MONTH = 12, 31
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
READ = "\0"
"""Stands for each character that was read as a part of a day or a time, so that all the others keep their places."""
BESIDE = f"{string.whitespace},;:·-–—"
GAP = rf"[{re.escape(BESIDE)}]"
LEAD = r"(?<!\w)(?:at|on|à|le|в|во|на)\s+|[在于]\s*"
"""A word that belongs to the day or the time behind it."""
BEGINS = re.compile(rf"(?:{GAP}*(?:{LEAD})?{READ}++(?:\.|{GAP})*+)++(?![前后以之])", re.IGNORECASE)
ENDS = re.compile(rf"{READ}(?:\.|{GAP})*$")
LEADS = re.compile(rf"(?:{LEAD})$", re.IGNORECASE)
BOUND = re.compile(
    r"(?<!\w)(?:before|until|till|by|after|since|from|to|till|than|and|or|between|avant|jusqu['’]à|après|dès|de|et|ou|"
    r"до|после|с|к|и|или|не позже|не позднее)\s*$",
    re.IGNORECASE,
)
"""A word that makes no sense without the time behind it."""
ISO = re.compile(r"\b(20\d\d)-(\d{1,2})-(\d{1,2})(?:t|\b)", re.IGNORECASE)
NUMERIC = re.compile(r"(?<![\d:])(\d{1,2})[/.](\d{1,2})(?:[/.](20\d\d))?(?![\d:])(?!\s?h\b)")
DIGITS = re.compile(
    r"(?<![\d:/.])(\d{1,2})\s?(?:[:h]|ч(?!\w)|[时点](?!半|一刻))\s?(\d{2})?分?(?![\da-zа-я]|:\d)"
    r"|(?<![\d:/.])(\d{4})\s?(?:hrs|hours)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """
    What was read out of some words.

    *days* are the days that may be meant, more than one where that is open, none where no day was named. *at* is the
    time of day, None where none was named; it is *exact* when it was written in digits that leave nothing open.
    *moment* is set where the words give the moment itself. *rest* is what stands beside the day and the time where they
    begin or end the words, else all of them. *no_such_day* is a date that no calendar has, such as 31/02, empty without
    one. *other* is what was read as well where a second time is named; of the two, the one that stands first is this.
    """

    days: tuple[date, ...] = ()
    at: time | None = None
    exact: bool = True
    moment: datetime | None = None
    rest: str = ""
    no_such_day: str = ""
    other: "Heard | None" = None

    @property
    def nothing(self) -> bool:
        """Tell whether neither a day nor a time was named."""
        return not self.days and self.at is None and self.moment is None


def heard(text: str, now: datetime) -> Heard:
    """Return the day and the time that *text* names; *now* is the moment in the zone that is meant."""
    text = unicodedata.normalize("NFC", text)
    plain = _folded(text)
    words = _Words.of_the_language()
    for unit, pattern in words.after:
        if found := pattern.search(plain):
            moment = (now + int(found["number"]) * unit).replace(second=0, microsecond=0)
            left = _read(plain, found)
            again = _at(text, left, (), now, words)
            other = again if again.at is not None else None
            return Heard(moment=moment, exact=False, rest=_beside(text, left), other=other)
    if found := _no_such_day(plain, now.date(), words):
        return Heard(no_such_day=text[slice(*found.span())], rest=_beside(text, _read(plain, found)))
    days, left = _days(plain, now.date(), words)
    return _at(text, left, days, now, words)


def _at(text: str, left: str, days: tuple[date, ...], now: datetime, words: "_Words") -> Heard:
    """Return what is heard in *left*, of which the days are read already, with a second time where there is one."""
    at, exact, first = _time(left, words)
    again, exact_too, both = _time(first, words)
    this = _on(days, at, exact, _beside(text, first), now)
    if at is None or again in (None, at):
        return this
    second = "".join(
        READ if one == READ != two else three for one, two, three in zip(both, first, left, strict=True)
    )
    other = _on(days, again, exact_too, _beside(text, second), now)
    if _begin(left, second) < _begin(left, first):
        this, other = other, this
    return replace(this, other=other)


def _begin(left: str, read: str) -> int:
    """Return where *read* begins to differ from *left*."""
    return next(place for place, (one, two) in enumerate(zip(left, read, strict=True)) if one != two)


def _on(days: tuple[date, ...], at: time | None, exact: bool, rest: str, now: datetime) -> Heard:
    if at == time.max:  # 24:00 is the first moment of the next day
        return Heard(tuple(day + DAY for day in days or (now.date(),)), time(0), exact=False, rest=rest)
    return Heard(days, at, exact, rest=rest)


def _folded(text: str) -> str:
    """Return *text* with wide and other forms of a letter as the plain one, each letter where it was."""
    forms = ((letter, unicodedata.normalize("NFKC", letter)) for letter in text.replace(READ, " "))
    return "".join(form if len(form) == 1 else letter for letter, form in forms)


def _read(text: str, found: re.Match[str]) -> str:
    """Return *text* with what was *found* marked as read."""
    start, end = found.span()
    return f"{text[:start]}{READ * (end - start)}{text[end:]}"


def _beside(text: str, read: str) -> str:
    """Return *text* without what was *read* where it begins and ends; what was read in its middle stays."""
    found = BEGINS.match(read)
    start = found.end() if found else 0
    left = read[start:]
    while ENDS.search(left):
        before = left.rstrip(f"{BESIDE}.").rstrip(READ)
        if BOUND.search(before):
            break
        left = LEADS.sub("", before).rstrip(BESIDE)
    end = start + len(left.rstrip(BESIDE))
    return text[start:end][len(left) - len(left.lstrip(BESIDE)) :]


# Days


def _days(text: str, today: date, words: "_Words") -> tuple[tuple[date, ...], str]:
    if found := ISO.search(text):
        day = _date(int(found[1]), int(found[2]), int(found[3]))
        return (day,) if day else (), _read(text, found)
    if found := words.month.search(text):
        day = _of_month(found, today, words)
        if day is not None:
            return (day,), _read(text, found)
    if found := NUMERIC.search(text):
        days = _both_ways(int(found[1]), int(found[2]), int(found[3] or 0), today)
        if days:
            return days, _read(text, found)
    if found := words.day.search(text):
        return (today + words.days[found[0].casefold()] * DAY,), _read(text, found)
    if found := words.weekday.search(text):
        ahead = (words.weekdays[found[0].casefold()] - today.weekday()) % 7
        return (today + ahead * DAY,), _read(text, found)
    return (), text


def _no_such_day(text: str, today: date, words: "_Words") -> re.Match[str] | None:
    """Return where a date stands that is none in any calendar, None without one; "3.50" is not meant as a date."""
    if found := ISO.search(text):
        return None if _date(int(found[1]), int(found[2]), int(found[3])) else found
    if found := words.month.search(text):
        return None if _of_month(found, today, words) else found
    found = NUMERIC.search(text)
    if found is None or _both_ways(int(found[1]), int(found[2]), int(found[3] or 0), today):
        return None
    low, high = sorted((int(found[1]), int(found[2])))
    return found if "/" in found[0] or (low <= MONTHS and high <= LONGEST_MONTH) else None


def _of_month(found: re.Match[str], today: date, words: "_Words") -> date | None:
    number = words.months[(found["name"] or found["first"] or "").casefold() or int(found["yue"])]
    return _date(today.year, number, int(found["day"] or found["after"] or found["ri"]))


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
            half, rest = _half_of_day(text, found, words)
            minutes_of_day = (_in_day(hour, half) * 60 + minutes) % (24 * 60)
            return time(*divmod(minutes_of_day, 60)), False, rest
    if found := DIGITS.search(text):
        return _in_digits(found, text, words)
    if found := words.half_hour.search(text):
        half = "am" if words.before_noon.fullmatch(found["half"]) else "pm"
        at = time(_in_day(int(found["hour"]) % NOON, half))
        return at, True, _read(text, found)
    for pattern, at in ((words.noon, time(NOON)), (words.midnight, time.max)):
        if found := pattern.search(text):
            return at, at != time.max, _read(text, found)
    return None, True, text


def _in_digits(found: re.Match[str], text: str, words: "_Words") -> tuple[time | None, bool, str]:
    written = found[3]
    hour = int(written[:2]) if written else int(found[1])
    minute = int(written[2:]) if written else int(found[2] or 0)
    half, rest = _half_of_day(text, found, words)
    if (hour, minute) == (24, 0):
        return time.max, False, rest
    if hour > 23 or minute > 59 or (half and hour > NOON):
        return None, True, rest
    if half:
        return time(_in_day(hour % NOON, half), minute), True, rest
    sure = found[0].startswith("0") or hour >= EARLIEST
    return time(hour if sure else _in_day(hour, ""), minute), sure, rest


def _half_of_day(text: str, at: re.Match[str], words: "_Words") -> tuple[str, str]:
    """Return the half of the day that is named beside the time *at*, and what is left of *text*."""
    left = _read(text, at)
    for half, pattern in (("am", words.before_noon), ("pm", words.after_noon)):
        for found in pattern.finditer(left):
            between = (
                left[found.end() : at.start()]
                if found.end() <= at.start()
                else left[at.end() : found.start()]
            )
            if LEADS.sub("", between).strip(BESIDE) == "":
                return half, _read(left, found)
    return "", left


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
