"""Words of somebody who needs help this minute, told from those that only speak of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from knowledge.packaged import packaged
from knowledge.phrases import UNSPACED
from matching.text import normalise

LONGEST = 120
"""Characters above which nobody is in such a hurry."""


def emergency_in(text: str) -> str | None:
    """
    Return the key of the entry that *text* cries for, `first_aid` or `emergency`; None where it tells of no emergency.

    It has to say nothing else: whoever trains doctors, or needs ambulances for a country, does.
    """
    if len(text) > LONGEST:
        return None
    words = normalise(text)
    for key, cry in _cries():
        left, found = cry.subn(" ", words)
        if found and all(len(word) == 1 or word.isdecimal() for word in _beside().sub(" ", left).split()):
            return key  # a letter or a number that is left names a room or a floor
    return None


@cache
def _cries() -> tuple[tuple[str, re.Pattern[str]], ...]:
    entries: Mapping[str, Mapping[str, Sequence[str]]] = packaged("knowledge", "emergencies.yaml")["entries"]
    return tuple(
        (key, _any_of(word for said in by_language.values() for word in said))
        for key, by_language in entries.items()
    )


@cache
def _beside() -> re.Pattern[str]:
    lists: Sequence[Sequence[str]] = packaged("knowledge", "emergencies.yaml")["beside"]
    return _any_of(word for words in lists for word in words)


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return what finds any of *phrases*, the longest first: whole words, but where a script has no spaces."""
    known = sorted({normalise(str(phrase)) for phrase in phrases}, key=len, reverse=True)
    unspaced = re.compile(f"[{UNSPACED}]")
    within = "|".join(re.escape(one) for one in known if unspaced.match(one))
    apart = "|".join(re.escape(one) for one in known if not unspaced.match(one))
    return re.compile(rf"(?:{within})|\b(?:{apart})\b" if within else rf"\b(?:{apart})\b")
