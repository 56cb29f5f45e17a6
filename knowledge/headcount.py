"""How many people a text speaks of: "training for 12 technicians"."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from knowledge.phrases import PIECE
from matching.text import normalise, stem

BETWEEN = 4
"""How many words may stand between the number and whom it counts."""
HAN_BETWEEN = 1
"""The same in signs, where a sign is half a word: "30个人"."""
MOST_PEOPLE = 1_000_000
YEARS = range(1900, 2101)
TOKEN = re.compile(r"\d+(?:[.,   ]\d{3})*(?!\d)|[^\W\d_]+|[.;:!?。；！？]")
HAN = re.compile("[\u4e00-\u9fff]")
HAN_NUMBER = re.compile("[一二两三四五六七八九十百]+(?=[名位个人千万户])")
HAN_DIGITS = dict(zip("一二三四五六七八九", range(1, 10), strict=True)) | {"两": 2}
SCALES = {"thousand": 1000, "k": 1000, "mille": 1000, "тысяч": 1000, "тыс": 1000, "тысячи": 1000}
SCALES |= {"千": 1000, "万": 10_000, "百": 100, "hundred": 100, "million": 1_000_000}


class Headcount:
    """Finds the number of people; whom it counts comes from the cues."""

    def __init__(self, cues: Mapping[str, Any]) -> None:
        nouns = {str(noun) for given in cues["people"].values() for noun in given}
        self._nouns = frozenset(stem(normalise(noun)) for noun in nouns if " " not in noun)
        self._things = frozenset(map(str, cues["things"]))
        self._numbers = {normalise(word): value for word, value in cues["numbers"].items()}

    def people(self, text: str) -> int | None:
        """Return the largest number of people that *text* names; None when it names none."""
        tokens = _tokens(text)
        counts = [self._count(tokens, place) for place in range(len(tokens))]
        return max((count for count in counts if count), default=None)

    def _count(self, tokens: list[str], place: int) -> int | None:
        number = self._number(tokens[place])
        if number is None:
            return None
        rest = tokens[place + 1 : place + 2 + BETWEEN]
        if rest and rest[0] in SCALES:
            number, rest = number * SCALES[rest[0]], rest[1:]
        for gap, word in enumerate(rest):
            if gap > HAN_BETWEEN and HAN.match(word):
                return None
            if self._number(word) is not None or not word[0].isalnum():
                return None
            if stem(word) in self._nouns and word not in self._things:
                is_year = number in YEARS and word is not rest[0]
                return number if 0 < number <= MOST_PEOPLE and not is_year else None
        return None

    def _number(self, token: str) -> int | None:
        digits = re.sub(r"[.,\s]", "", token)
        return int(digits) if digits.isdecimal() else self._numbers.get(token)


def _tokens(text: str) -> list[str]:
    """Return numbers, words, single signs of scripts without spaces, and ends of sentences."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = HAN_NUMBER.sub(lambda match: str(_han_number(match.group())), plain)
    found: list[str] = []
    for token in TOKEN.findall(plain):
        if token[0].isalpha():
            for word in normalise(token).split():
                found.extend(PIECE.findall(word))
        else:
            found.append(token)
    return found


def _han_number(written: str) -> int:
    """Return what a number below a thousand means: "二十五" is 25, "十二" is 12."""
    total, digit = 0, 0
    for sign in written:
        if sign in HAN_DIGITS:
            digit = HAN_DIGITS[sign]
        else:
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
    return total + digit
