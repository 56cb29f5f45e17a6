"""Telephone numbers and e-mail addresses, hidden before anyone else sees a text."""

import re
from dataclasses import dataclass
from typing import Literal

Contact = Literal["telephone", "email"]
MASK = "[…]"

EMAIL = re.compile(
    r"[\w.+'-]+\s?(?:@|＠|\(at\)|\[at\]|\{at\})\s?[\w-]+(?:\s?(?:\.|\(dot\)|\[dot\])\s?[\w-]+)+",
    re.IGNORECASE,
)
# A run of digits with what people put between them.
NUMBER = re.compile(
    r"(?P<plus>[+＋]|\b00)?(?<![\w.,/])[(\[]?\d(?:[\d()\[\]\-‐‑–. \u00a0\u202f]{4,24})\d(?![\w/])"
)
CUE = re.compile(
    r"(?:tel|téléph|phone|call|mobile|cell|whats\s?app|viber|fax|signal|line|тел|моб|звон|ватсап|电话|手机|微信|致电|โทร)\w*"
    r"[\s.:：№#]*(?:is|me|at|on|au|number|no|по|номер\w*|号码|号|是|为)?[\s.:：]*$",
    re.IGNORECASE,
)
DATE = re.compile(r"(?:19|20)\d\d[-. ]\d\d?[-. ]\d\d?(?:[ T]\d\d?)?|\d\d?[-. ]\d\d?[-. ](?:19|20)?\d\d")
YEARS = re.compile(r"(?:19|20)\d\d(?:\s?[-–. ]\s?(?:19|20)\d\d)+")
GROUPED = re.compile(r"[1-9]\d{0,2}(?:[. \u00a0\u202f]\d{3})+")
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
    if match["plus"] or announced:
        return digits >= (LEAST_DIGITS - 2 if announced else LEAST_DIGITS)
    if any(form.fullmatch(written) for form in (DATE, YEARS, GROUPED)):
        return False
    return digits >= LEAST_DIGITS_BARE or (digits == LEAST_DIGITS and not written.isdecimal())
