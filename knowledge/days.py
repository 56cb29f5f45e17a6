"""Days that are told from today: "agenda tomorrow"."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache

from knowledge.packaged import packaged
from knowledge.phrases import UNSPACED
from matching.text import normalise


def day_in(text: str, today: date) -> date | None:
    """Return the day that *text* names by how far it is from *today*, None where it names none."""
    words = normalise(text)
    found = next((days for days, said in _said() if said.search(words)), None)
    return None if found is None else today + timedelta(days=found)


@cache
def _said() -> tuple[tuple[int, re.Pattern[str]], ...]:
    """Return the days from today, the farthest first: "the day after tomorrow" speaks of tomorrow too."""
    days: Mapping[int, Sequence[str]] = packaged("knowledge", "days.yaml")["days"]
    ordered = sorted(days.items(), key=lambda day: -abs(day[0]))
    return tuple((far, re.compile("|".join(map(_whole, words)))) for far, words in ordered)


def _whole(word: str) -> str:
    known = normalise(str(word))
    return known if re.match(f"[{UNSPACED}]", known) else rf"\b{known}\b"
