"""What a need, an offer, a provider or a practice is to the matcher: texts and facets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["need", "offer", "provider", "practice"]

# Regions that hold every asker of the forum.
EVERYWHERE = frozenset({"global", "asia_pacific"})


@dataclass(frozen=True, slots=True)
class Profile:
    """
    One side of a match.

    An empty facet means "not said", never "none": it neither helps nor excludes.
    """

    id: str
    kind: Kind
    texts: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Field ("name", "summary") to text, in any language."""
    country: str | None = None
    """Who asks or offers, as ISO3; None for a multilateral body."""
    countries: frozenset[str] = frozenset()
    """Partners of a practice, beneficiaries of a need."""
    model_countries: frozenset[str] = frozenset()
    """Countries whose experience a need asks for by name."""
    themes: tuple[str, ...] = ()
    """The main one first."""
    sdgs: frozenset[int] = frozenset()
    modalities: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    """Where a need comes from, or which regions a provider serves."""
    groups: frozenset[str] = frozenset()
    """LDC, LLDC, SIDS: which a need's country is in, or which an offer is for."""
    roles: frozenset[str] = frozenset()
    """provider, recipient, facilitator, financier."""
    languages: frozenset[str] = frozenset()
    """Working languages, as two letters."""
    providers: tuple[str, ...] = ()
    """Ids of those who carried a practice out or make an offer."""
    replicated: bool = False
    """Whether a practice is known to have been taken up elsewhere."""
    verified: bool = True
    """False where a row is general knowledge that nobody checked against a source."""
