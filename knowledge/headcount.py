"""How many people a text speaks of: "training for 12 technicians"."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from knowledge.phrases import PIECE
from matching.text import normalise, stem

BETWEEN = 4
"""How many words may stand between the number and whom it counts."""
HAN_BETWEEN = 1
"""The same in signs, where a sign is half a word: "30个人"."""
MOST_PEOPLE = 1_000_000
YEARS = range(1900, 2101)
# Indian vowel signs are marks, which belong to the word that they stand in.
TOKEN = re.compile(
    r"\d+(?:[.,\u00a0\u202f ]\d{3})*(?!\d)|[^\W\d_](?:[^\W\d_]|[\u0900-\u0963])*|[$€£%¥]|[.,;:!?。，；！？।]"
)
ENDS = frozenset(".;:!?。；！？।")
HAN = re.compile("[\u4e00-\u9fff]")
HAN_NUMBER = re.compile("[一二两三四五六七八九十百]+(?=[名位个人千万户组批余多])")
HAN_DIGITS = dict(zip("一二三四五六七八九", range(1, 10), strict=True)) | {"两": 2}
# What is given out by the place: "8个硕士名额".
HAN_PLACES = re.compile(r"(?<=\d)\s*个?[\u4e00-\u9fff]{0,10}?(?:名额|席位|学位|床位)")
# Shorter words have an ending by chance ("users" and "beers").
SHORTEST_BY_ENDING = 6
OF_THEM = frozenset({"of", "au", "aux", "d", "par", "из"})
# One word that stands for those of several words and for those that Thai writes without spaces.
PEOPLE = "people"


class Headcount:
    """Finds the number of people; whom it counts comes from the cues."""

    def __init__(self, cues: Mapping[str, Any]) -> None:
        nouns = {normalise(str(noun)) for given in cues["people"].values() for noun in given}
        numbers = {normalise(str(word)): value for word, value in cues["numbers"].items()}
        self._nouns = frozenset(stem(noun) for noun in nouns if " " not in noun)
        self._things = frozenset(normalise(str(thing)) for thing in cues["things"])
        self._endings = tuple(normalise(str(ending)) for ending in cues["people_endings"])
        self._numbers = {word: value for word, value in numbers.items() if " " not in word}
        self._scales = {normalise(str(word)): value for word, value in cues["scales"].items()}
        self._apart = frozenset(normalise(str(word)) for word in cues["apart"])
        self._groups = frozenset(normalise(str(word)) for word in cues["groups"])
        self._about = _shapes(cues["about"])
        self._trained = _shapes(cues["trained"])
        counters = "|".join(sorted(map(str, cues["people"]["th"]), key=len, reverse=True))
        self._thai = re.compile(rf"(?<=\d)\s*(?:{counters})")
        self._long = _alternatives(noun for noun in nouns if " " in noun)
        self._long_numbers = {word: value for word, value in numbers.items() if " " in word}

    def people(self, text: str) -> int | None:
        """Return the largest number of people that *text* names; None when it names none."""
        tokens = self._tokens(text)
        counts = [self._count(tokens, place) for place in range(len(tokens))]
        return max((count for count in counts if count), default=None)

    def _count(self, tokens: Sequence[str], place: int) -> int | None:
        number, at = self._number_at(tokens, place)
        if number is None or tokens[place - 1 : place] in (["$"], ["€"], ["£"], ["¥"], ["usd"], ["eur"]):
            return None
        if tokens[at : at + 1] and tokens[at] in self._groups:
            return self._of_groups(number, tokens, at + 1)
        noun = self._noun_behind(tokens, at)
        if noun is None:
            return number if self._is_counted_before(tokens, place, at) else None
        is_year = number in YEARS and noun > at
        return number if 0 < number <= MOST_PEOPLE and not is_year else None

    def _of_groups(self, number: int, tokens: Sequence[str], at: int) -> int | None:
        """Return how many are in so many groups, if the number in each is said soon."""
        for place in range(at, min(at + BETWEEN, len(tokens))):
            each, _ = self._number_at(tokens, place)
            if each is not None:
                return number * each
        return None

    def _noun_behind(self, tokens: Sequence[str], at: int) -> int | None:
        """Return the place of the word that says whom a number before *at* counts."""
        for place in range(at, min(at + 1 + BETWEEN, len(tokens))):
            word = tokens[place]
            if self._is_people(word):
                return place
            is_far = place - at >= HAN_BETWEEN and HAN.match(word)
            if is_far or not word[0].isalpha() or word in self._apart or self._number(word) is not None:
                return None
        return None

    def _is_people(self, word: str) -> bool:
        if word in self._things:
            return False
        return stem(word) in self._nouns or (len(word) >= SHORTEST_BY_ENDING and word.endswith(self._endings))

    def _is_counted_before(self, tokens: Sequence[str], place: int, at: int) -> bool:
        """Say whether a number counts those named before it: "at least a dozen", "to train 14 of them"."""
        following = tokens[at] if at < len(tokens) else "."
        before = [word for word in tokens[:place] if word != "a"]
        if following in ENDS | {","}:
            is_theirs = _ends_with(before, self._about | self._trained)
        else:
            is_theirs = (following in self._apart or following in OF_THEM) and _ends_with(
                before, self._trained
            )
        return is_theirs and any(map(self._is_people, before))

    def _number_at(self, tokens: Sequence[str], place: int) -> tuple[int | None, int]:
        """Return the number that begins at *place*, of several words maybe, and where it has ended."""
        if place and self._number(tokens[place - 1]) is not None and not tokens[place - 1].isdecimal():
            return None, place
        number, at = self._number(tokens[place]), place + 1
        while number is not None and at < len(tokens):
            following = self._number(tokens[at])
            if tokens[at] in self._scales:
                number *= self._scales[tokens[at]]
            elif not tokens[at].isdecimal() and following and following < 10 <= number < 100:
                number += following
            else:
                break
            at += 1
        return number, at

    def _number(self, token: str) -> int | None:
        return int(token) if token.isdecimal() else self._numbers.get(token)

    def _tokens(self, text: str) -> list[str]:
        """Return numbers, words, single signs of scripts without spaces, and marks between them."""
        plain = unicodedata.normalize("NFKC", text).casefold()
        plain = HAN_NUMBER.sub(lambda match: str(_han_number(match.group())), plain)
        plain = HAN_PLACES.sub(f" {PEOPLE} ", self._thai.sub(f" {PEOPLE} ", plain))
        found: list[str] = []
        for token in TOKEN.findall(plain):
            if token[0].isalpha():
                for word in normalise(token).split():
                    found.extend(PIECE.findall(word))
            else:
                found.append(re.sub(r"(?<=\d)[.,\s]", "", token))
        return self._shortened(found)

    def _shortened(self, tokens: Sequence[str]) -> list[str]:
        """Return *tokens* with one for each noun or number of several words."""
        joined = self._long.sub(PEOPLE, " ".join(tokens))
        for words, value in self._long_numbers.items():
            joined = re.sub(rf"(?<!\w){words}(?!\w)", str(value), joined)
        return joined.split()


def _shapes(phrases: Iterable[object]) -> set[tuple[str, ...]]:
    return {tuple(normalise(str(phrase)).split()) for phrase in phrases}


def _ends_with(words: Sequence[str], shapes: Iterable[tuple[str, ...]]) -> bool:
    return any(tuple(words[len(words) - len(shape) :]) == shape for shape in shapes)


def _alternatives(phrases: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


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
