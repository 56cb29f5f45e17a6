"""Working groups under the forum: what everybody may read of one, and what its members may."""

import re
from dataclasses import dataclass

from knowledge.vocabulary import Localised

MEETS = re.compile(
    r"\bwhen\b.*\b(?:we|groups?)\b.*\bmeet|\bmeeting of (?:our|the|my) (?:working )?group"
    r"|\bquand\b.*(?:nous réunissons|se réuni\w*|notre réunion|la réunion du groupe)"
    r"|когда\b.*(?:мы (?:встреча|собира)|групп\w* (?:встреча|собира|заседа)|наше заседание|заседание групп)"
    r"|(?:我们|工作组).*(?:什么时候|何时|几点).*(?:开会|会议)|什么时候.*工作组.*会",
    re.IGNORECASE,
)
"""Asks when a working group meets."""


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
