"""What a pair lacks, how far it lets partners see that, and what partners do with it; see `bot.commands`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from bot.commands import Command

Shows = Literal["no", "gap", "names"]
"""How far one of a pair lets partners see what is lacking, the narrowest first."""
SHOWS: tuple[Shows, ...] = get_args(Shows)
LackKind = Literal[
    "travel",
    "equipment_inkind",
    "financing",
    "places",
    "training",
    "expert_deployment",
    "study_visit",
    "scholarship",
    "technology_transfer",
    "stated",
]
"""What can be lacking: a form of the vocabulary, travel, places for more people, or what one of the pair wrote."""
COUNTLESS = frozenset({"financing", "equipment_inkind", "technology_transfer"})
"""Forms that are not for so many people."""


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is lacking: *words* are those of the pair, *people* for how many it is, None where unknown."""

    kind: LackKind
    words: str = ""
    people: int | None = None


@dataclass(frozen=True, slots=True)
class PairGap:
    """
    What a pair lacks, as one of the two sees it; *number* is that of their introduction.

    *shows* is the reader's own answer, None before it; *shown* is how far partners see it now, which is "no" until
    both have answered, whatever the other did. *names* are the fields that "our names" would show of the reader.
    """

    number: str
    own: str
    theirs: str
    lacks: tuple[Lack, ...]
    shows: Shows | None = None
    shown: Shows = "no"
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GapSide:
    """
    One of a pair as a partner may see them: *region* and *groups* are ids of the vocabulary, None and empty if unknown.

    *names* maps what they let be seen to its value, empty as long as they are not to be named.
    """

    role: str
    region: str | None = None
    groups: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenGap:
    """
    What a pair lacks, as a partner sees it; *number* is such as `G-0003`, and nobody else's number stands beside it.

    *has* are the forms that the pair has already, *people* how many the need is for.
    """

    number: str
    themes: tuple[str, ...]
    lacks: tuple[Lack, ...]
    receiving: GapSide
    providing: GapSide
    has: tuple[str, ...] = ()
    people: int | None = None
    urgency: str | None = None
    deadline: str | None = None


@dataclass(frozen=True, slots=True)
class ReadGap(Command):
    """
    Read what is lacking between the two of an introduction. Gives the PairGap.

    Raises Refused where they are not introduced, or not about a need and an offer.
    """

    action = "show_gap"
    number: str


@dataclass(frozen=True, slots=True)
class ShowGap(Command):
    """
    Let partners see what is lacking, as far as the other side lets them too; other *lacks* have to be agreed to anew.

    Gives the PairGap. Raises Refused as ReadGap does, and where nothing is lacking that could be shown.
    """

    action = "show_gap"
    number: str
    shows: Shows
    lacks: tuple[Lack, ...] | None = None


@dataclass(frozen=True, slots=True)
class FindGaps(Command):
    """Read what pairs lack that the actor may see, in the order of the numbers. Gives a tuple of OpenGap."""

    action = "read_gaps"


@dataclass(frozen=True, slots=True)
class PassGap(Command):
    """Be shown a gap no longer: it is not the actor's field. Gives nothing; raises Refused where there is none."""

    action = "read_gaps"
    number: str
