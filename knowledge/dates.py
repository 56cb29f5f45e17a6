"""By when something is wanted: "by March 2027" is 2027-03."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from matching.text import normalise

WORD = re.compile(r"\d+|[^\W\d_]+")
YEAR = re.compile(r"(?:20[2-9]\d)")
NUMERIC = re.compile(
    r"(?<!\d)(?:(?P<y1>20[2-9]\d)\s?[-/.年]\s?(?P<m1>0?[1-9]|1[0-2])(?!\d)|"
    r"(?:[0-3]?\d[./-])?(?P<m2>0?[1-9]|1[0-2])[./-](?P<y2>20[2-9]\d)(?!\d))"
)
QUARTER = re.compile(
    r"\b(?:q|т)\s?([1-4])\s*(20[2-9]\d)|"
    r"\b([1-4])\s?(?:кв\w*|st quarter|nd quarter|rd quarter|th quarter)\W+(20[2-9]\d)|"
    r"(20[2-9]\d)年?第?([一二三四1-4])季度",
    re.IGNORECASE,
)
HAN = {"一": 1, "二": 2, "三": 3, "四": 4}
NEAR = 3
"""How many words before a date may say that it is a deadline."""


class Dates:
    """Finds a deadline; months and the words around them come from the cues."""

    def __init__(self, cues: Mapping[str, Any]) -> None:
        self._months = {
            normalise(name): number
            for months in cues["months"].values()
            for number, names in enumerate(months, start=1)
            for name in names
        }
        self._until = frozenset(normalise(str(word)) for word in cues["until"])
        self._since = frozenset(normalise(str(word)) for word in cues["since"])
        self._year_end = [normalise(str(phrase)) for phrase in cues["year_end"]]

    def deadline(self, text: str) -> str | None:
        """Return year and month by which something is wanted, or None."""
        plain = unicodedata.normalize("NFKC", text).casefold()
        return self._quarter(plain) or self._numeric(plain) or self._named_month(plain) or self._year(plain)

    def _quarter(self, text: str) -> str | None:
        found = QUARTER.search(text)
        if found is None:
            return None
        first, second, third, fourth, year, quarter = found.groups()
        number = HAN.get(quarter or "") or int(quarter or first or third)
        return f"{second or fourth or year}-{3 * number:02}"

    def _numeric(self, text: str) -> str | None:
        for found in NUMERIC.finditer(text):
            if not self._is_past(text[: found.start()]):
                year, month = found["y1"] or found["y2"], found["m1"] or found["m2"]
                return f"{year}-{int(month):02}"
        return None

    def _named_month(self, text: str) -> str | None:
        words = [normalise(word) for word in WORD.findall(text)]
        for place, word in enumerate(words):
            month = self._months.get(word)
            year = next((w for w in words[place + 1 : place + 3] if YEAR.fullmatch(w)), None)
            if month and year and not self._is_past(" ".join(words[:place])):
                return f"{year}-{month:02}"
        return None

    def _year(self, text: str) -> str | None:
        """Return the last month of a year named alone, when words say that it is a deadline."""
        for found in YEAR.finditer(text):
            before = normalise(text[: found.start()]).split()[-NEAR:]
            after = normalise(text[found.end() :])[:4].replace("年", "", 1).strip()
            until = not self._until.isdisjoint(before) or after.startswith(("前", "之前", "底", "年底"))
            if until and not self._is_past(" ".join(before), ("since", "depuis", "from", "自")):
                return f"{found.group()}-12"
        return None

    def _is_past(self, before: str, words: tuple[str, ...] = ()) -> bool:
        """Say whether the words before a date say that something began then."""
        near = normalise(before).split()[-NEAR:]
        if not self._until.isdisjoint(near):
            return False
        return not (frozenset(words) or self._since).isdisjoint(near)
