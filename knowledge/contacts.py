"""Telephone numbers and e-mail addresses, hidden before anyone else sees a text."""

import re
from dataclasses import dataclass
from typing import Literal

Contact = Literal["telephone", "email"]
MASK = "[…]"

EMAIL = re.compile(
    r"(?<![\w.+'-])[\w.+'-]++(?:\s?(?:@|＠|\(at\)|\[at\]|\{at\})\s?[\w-]++(?:\s?(?:\.|\(dot\)|\[dot\])\s?[\w-]++)+"
    r"|\sat\s[\w-]++(?:\sdot\s[\w-]++)+)",
    re.IGNORECASE,
)
# A run of digits with what people put between them; not the rest of a code or of a decimal.
NUMBER = re.compile(
    r"(?P<plus>[+＋]|\b00)?(?<![0-9A-Za-z_/])(?<![0-9][.,])(?<![A-Za-z]-)"
    r"[(\[]?\d(?:[\d()\[\]\-‐‑–. \u00a0\u202f]{3,24})\d(?![\dA-Za-z_])(?!/\d{3})"
)
CUE = re.compile(
    r"(?:tel|tél|phone|call|ring|mobile|cell|whats\s?app|viber|fax|signal|line|тел|моб|звон|ватсап"
    r"|电话|手机|微信|致电|โทร|điện thoại|फोन)\w*"
    r"[\s.:：№#]*(?:is|me|at|on|au|number|no|по|номер\w*|号码|号|是|为)?[\s.:：]*$",
    re.IGNORECASE,
)
DATE = re.compile(r"(?:19|20)\d\d[-. ]\d\d?[-. ]\d\d?(?:[ T]\d\d?)?|\d\d?[-. ]\d\d?[-. ](?:19|20)?\d\d")
YEARS = re.compile(r"(?:19|20)\d\d(?:\s?[-–. ]\s?(?:19|20)\d\d)+")
TIMES = re.compile(r"\d\d?\.\d\d\s?[-–]\s?\d\d?\.\d\d")
DECIMAL = re.compile(r"\d{1,3}\.\d+")
GROUPED = re.compile(
    r"[1-9]\d{0,2}(?:[. \u00a0\u202f]\d{3})+(?:\s?[-–]\s?[1-9]\d{0,2}(?:[. \u00a0\u202f]\d{3})+)?"
)
ROUND = re.compile(r"[1-9]\d{0,6}0{3}")
# What makes a number one of money, of a code or of people and things.
BEFORE_OTHERS = re.compile(
    r"(?:[$€£¥฿₹₽]|\b(?:usd|eur|us|codes?|dac|crs|isbn|issn|gps|lat|lon|id|sectors?)|人口)\s?[:#]?\s?$",
    re.IGNORECASE,
)
BEHIND_OTHERS = re.compile(
    r"\s?(?:[$€£¥฿₹₽]|人|名|户|元|美元|吨|棵|(?:usd|eur|euros?|dollars?|baht|people|persons?|households|families|farmers|women|children|"
    r"students|subscribers|users|inhabitants|doses|trees|tonn?e?s?|tons|hectares|ha|km|habitants|personnes|ménages|arbres|"
    r"человек|людей|семей|долларов|тенге|сомов|рублей|тонн|деревьев|гектаров|orang|คน)\b)",
    re.IGNORECASE,
)
LEAST_DIGITS, MOST_DIGITS = 7, 15
LEAST_DIGITS_BARE = 8


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without contacts, and which kinds of contact it had."""

    text: str
    kinds: frozenset[Contact]


def mask_contacts(text: str) -> Masked:
    """Return *text* with "[…]" for every telephone number and e-mail address."""
    kinds: set[Contact] = set()

    def email(match: re.Match[str]) -> str:
        kinds.add("email")
        return MASK

    def number(match: re.Match[str]) -> str:
        if not _is_telephone(match):
            return match.group()
        kinds.add("telephone")
        return MASK

    without = EMAIL.sub(email, text)
    return Masked(NUMBER.sub(number, without), frozenset(kinds))


def _is_telephone(match: re.Match[str]) -> bool:
    """Tell a telephone number from a date, a span of years, an amount of money, a count."""
    written = match.group().strip()
    digits = sum(character.isdecimal() for character in written)
    if not LEAST_DIGITS - 2 <= digits <= MOST_DIGITS:
        return False
    announced = CUE.search(match.string[max(0, match.start() - 30) : match.start()]) is not None
    if match["plus"]:
        return digits >= LEAST_DIGITS
    if BEFORE_OTHERS.search(match.string[: match.start()][-12:]) or BEHIND_OTHERS.match(
        match.string, match.end()
    ):
        return False
    if announced:
        return True
    if any(form.fullmatch(written) for form in (DATE, YEARS, TIMES, DECIMAL, GROUPED, ROUND)):
        return False
    return digits >= LEAST_DIGITS_BARE or (digits == LEAST_DIGITS and not written.isdecimal())
