"""Writes out what delegates abbreviate, so that a question is compared by what it means."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from knowledge.packaged import packaged
from matching.text import normalise

Words = tuple[str, ...]
HAN = re.compile("[\u4e00-\u9fff]")


def expanded(text: str) -> str:
    """
    Return *text* with its abbreviations written out, in whichever of our languages they are.

    Whole words are looked up, without regard to case, accents and punctuation; in Chinese, which
    writes no spaces, whatever stands between other characters. The rest stays as it was written,
    but for its spaces. Expanding twice changes nothing.
    """
    words = text.split()
    normal = [normalise(word) for word in words]
    written: list[str] = []
    place = 0
    while place < len(words):
        size, long = _longest(normal, place)
        written.append(long or words[place])
        place += size
    return _chinese().sub(lambda short: _long_forms()[(short.group(),)], " ".join(written))


def _longest(normal: Sequence[str], place: int) -> tuple[int, str | None]:
    """Return how many words from *place* on are an abbreviation and of what, or 1 and None."""
    for size in range(min(_most_words(), len(normal) - place), 0, -1):
        long = _long_forms().get(tuple(normal[place : place + size]))
        if long is not None:
            return size, long
    return 1, None


@cache
def _long_forms() -> Mapping[Words, str]:
    """Map each abbreviation, as normalised words, to what it stands for."""
    return {
        tuple(map(normalise, short.split())): long
        for forms in packaged("knowledge", "shorthand.yaml").values()
        for short, long in forms.items()
    }


@cache
def _most_words() -> int:
    return max(map(len, _long_forms()))


@cache
def _chinese() -> re.Pattern[str]:
    shorts = [short for (short, *more) in _long_forms() if not more and HAN.match(short)]
    return re.compile("|".join(sorted(shorts, key=len, reverse=True)))
