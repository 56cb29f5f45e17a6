"""What a suggestion says for itself, and what kept another profile out or low: as data, without words."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from matching.evidence import beneficiaries
from matching.facets import Given
from matching.profiles import EVERYWHERE, Profile


@dataclass(frozen=True, slots=True)
class Reason:
    """
    One part of a score: what was found (`values`) and the points it gave (`weight`).

    `kind` is a part of `evidence.POINTS`, or "unverified" or "often_asked" (values: how many
    times today), whose points are negative. From `Partners.why_not` it is one of "own_country",
    "recipient_only", "region_not_served", "other_kind", "itself" (kept out, 100 points), or
    "no_theme", "no_text" and so on with the points that were missed and, as values, what was
    looked for.
    """

    kind: str
    values: tuple[str, ...]
    weight: float


def strongest(reason: Reason) -> tuple[float, str]:
    """Return what reasons are sorted by, the strongest first."""
    return -reason.weight, reason.kind


_ASKED: Mapping[str, Callable[[Profile], Iterable[str | int]]] = {
    "theme": lambda wanted: wanted.themes,
    "country_named": lambda wanted: sorted(wanted.model_countries),
    "worked_with": lambda wanted: sorted(beneficiaries(wanted)),
    "sdg": lambda wanted: sorted(wanted.sdgs),
    "modality": lambda wanted: sorted(wanted.modalities),
    "region": lambda wanted: sorted(wanted.regions),
    "group": lambda wanted: sorted(wanted.groups),
    "language": lambda wanted: sorted(wanted.languages),
}


def asked_for(part: str, wanted: Profile) -> tuple[str, ...]:
    """Return what *wanted* says of *part*."""
    return tuple(str(value) for value in _ASKED[part](wanted)) if part in _ASKED else ()


def common(part: str, wanted: Profile, given: Given, place: int) -> tuple[str, ...]:
    """Return what *wanted* and the profile at *place* have in common in *part*."""
    profile = given.profiles[place]
    if part == "region":
        homes = given.homes_of(wanted) | wanted.regions
        here = homes & (profile.regions | given.homes_of(profile))
        return tuple(sorted(here or profile.regions & EVERYWHERE))
    has: Mapping[str, Collection[str | int]] = {
        "theme": profile.themes,
        "country_named": profile.countries | given.owners_of(profile),
        "worked_with": profile.countries,
        "sdg": profile.sdgs,
        "modality": profile.modalities,
        "group": profile.groups,
        "language": profile.languages,
    }
    if part not in has:
        return ()
    return tuple(str(value) for value in _ASKED[part](wanted) if value in has[part])


def excluded(kind: str, wanted: Profile, profile: Profile) -> tuple[str, ...]:
    """Return the facts behind a reason to keep *profile* out."""
    facts: Mapping[str, Iterable[str]] = {
        "own_country": (wanted.country or "",),
        "recipient_only": sorted(profile.roles),
        "region_not_served": sorted(profile.regions),
        "other_kind": (profile.kind,),
    }
    return tuple(facts.get(kind, ()))
