"""What a need takes besides its forms: travel, and things by their number; and amounts of money, hidden."""

import re
from dataclasses import dataclass
from functools import cache

from knowledge.contacts import MASK
from knowledge.packaged import packaged
from matching.text import normalise

MOST = 4
"""Things that are told of one text."""
WORDS = 3
"""Words of a thing: "6 small solar refrigerators"."""
LONGEST = 60
COUNTED = re.compile(r"(?<![\w.,/-])(\d{1,5})\s+((?:[^\W\d_][\w'’-]*\s*){1,8})")
COUNTED_HAN = re.compile(
    r"\d{1,5}\s*[台辆套件部艘架副批]\s*[\u4e00-\u9fff]{1,10}?(?=[和与及以、，。；,;]|用于|给|$|\s)"
)
AMOUNT = r"\d(?:[\d.,\u00a0\u202f ]*\d)?"
SCALE = (
    r"(?:k|m|bn|thousands?|millions?|billions?|mille|milliards?|тыс\w*\.?|млн\.?|миллион\w*|млрд\.?|миллиард\w*)"
    r"(?!\w)|[千万亿]+"
)
MONEY = re.compile(
    rf"(?:[$€£¥₽฿]|\b(?:usd|eur|gbp|cny|rub|thb|us\$))\s?{AMOUNT}(?:\s?(?:{SCALE}))?"
    rf"|(?<!\w){AMOUNT}\s?(?:(?:{SCALE})\s?)*(?:de\s|d['’]|of\s)?"
    r"(?:[$€£¥₽฿]|(?:us\s)?dollars?\b|euros?\b|usd\b|eur\b|baht\b|yuan\b|roubles?\b|rubles?\b"
    r"|доллар\w*|долл\b\.?|евро\b|рубл\w*|руб\b\.?|美元|欧元|人民币|泰铢|元)",
    re.IGNORECASE,
)
"""A currency with a number before or behind it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a text says that it takes: *travel*, and *things* as they were written, such as "6 refrigerators"."""

    travel: bool = False
    things: tuple[str, ...] = ()


def taken(text: str) -> Taken:
    """Return what *text* names of travel and of counted things, at most MOST of these; people are no things."""
    words = f" {normalise(text)} "
    travel = any(f" {word} " in words or (_is_unspaced(word) and word in text) for word in _travel())
    return Taken(travel, tuple(dict.fromkeys(_things(text)))[:MOST])


def mask_money(text: str) -> str:
    """Return *text* with "[…]" for every amount of money."""
    return MONEY.sub(MASK, text)


def _things(text: str) -> list[str]:
    found = [(match.start(), match[0]) for match in COUNTED_HAN.finditer(text)]
    for match in COUNTED.finditer(text):
        thing = _thing(match[2].split())
        if thing:
            found.append((match.start(), f"{match[1]} {thing}"[:LONGEST]))
    return [thing for _, thing in sorted(found)]


def _thing(words: list[str]) -> str:
    """Return the words of a thing up to the first that does not belong to it; empty where it is none."""
    kept: list[str] = []
    for word in words[: WORDS + 1]:
        if normalise(word) in _apart():
            break
        kept.append(word)
    if not kept or len(kept) > WORDS or normalise(kept[0]) in _units() or normalise(kept[-1]) in _units():
        return ""
    return " ".join(kept)


def _is_unspaced(word: str) -> bool:
    return not word.isascii() and re.match("[\u0e00-\u0e7f\u3400-\u9fff]", word) is not None


@cache
def _travel() -> tuple[str, ...]:
    return tuple(
        normalise(str(word)) or str(word) for word in packaged("knowledge", "lacking.yaml")["travel"]
    )


@cache
def _apart() -> frozenset[str]:
    return _normal("apart")


@cache
def _units() -> frozenset[str]:
    return _normal("units")


def _normal(name: str) -> frozenset[str]:
    return frozenset(normalise(str(word)) for word in packaged("knowledge", "lacking.yaml")[name])
