"""Working groups under the forum: what everybody may read of one, and what its members may."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.vocabulary import Localised
from matching.text import normalise

MEETS = re.compile(
    r"\bwhen\b.*\b(?:we|groups?)\b.*\bmeet|\bmeeting of (?:our|the|my) (?:working )?group"
    r"|\bquand\b.*(?:nous réunissons|se réuni\w*|notre réunion|la réunion du groupe)"
    r"|когда\b.*(?:мы (?:встреча|собира)|групп\w* (?:встреча|собира|заседа)|наше заседание|заседание групп)"
    r"|(?:我们|工作组).*(?:什么时候|何时|几点).*(?:开会|会议)|什么时候.*工作组.*会",
    re.IGNORECASE,
)
"""Asks when a working group meets."""
ASIDE = re.compile(r"[(（].*?[)）]")
"""What a name says in brackets, which nobody writes."""


@dataclass(frozen=True, slots=True)
class WorkingGroup:
    """
    A working group; *session* is its first meeting in the programme, None while there is none.

    *public* is for everybody, *for_members* for those whom their focal point has confirmed; None: not published yet.
    """

    id: str
    name: Localised
    theme: str
    session: str | None = None
    public: Localised | None = None
    for_members: Localised | None = None


def meeting_asked(question: str) -> bool:
    """Tell whether *question* asks when a working group meets."""
    return MEETS.search(question) is not None


def named_in(question: str, groups: Iterable[WorkingGroup]) -> list[WorkingGroup]:
    """Return those of *groups* whose whole name stands in *question*, in any of its languages."""
    asked = normalise(question)
    return [group for group in groups if any(_stands_in(name, asked) for name in group.name.values())]


def _stands_in(name: str, asked: str) -> bool:
    """Tell whether *name* stands in *asked*; “group 1” does not stand in “group 10”."""
    words = normalise(ASIDE.sub("", name))
    # Chinese has no spaces between words, so there only a number has to end.
    more = r"\w" if words.isascii() else r"\d"
    return bool(words) and re.search(rf"(?<!{more}){re.escape(words)}(?!{more})", asked) is not None
