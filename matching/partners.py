"""Suggests who can help with a need, or whom an offer can help, and says why and why not."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from matching.eligibility import kept_out
from matching.evidence import POINTS, SUBSTANCE, beneficiaries, most, shares, text_of, total
from matching.facets import Given, Mask
from matching.postings import Floats
from matching.profiles import EVERYWHERE, Kind, Profile
from matching.search import best_places

# What nobody has checked counts by this much less.
_UNVERIFIED_SHARE = 0.6
# Less than this share of the best fit in words is no common subject.
_SOME = 0.15
_HALF = 0.5
_LEAST_POINTS = 0.5
_SHOWN_WORDS = 5
_SHOWN_PRACTICES = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """
    One part of a score: what was found (`values`) and the points it gave (`weight`).

    `kind` is a part of `evidence.POINTS`, or "unverified", whose points are negative. From
    `Partners.why_not` it is one of "own_country", "recipient_only", "region_not_served",
    "other_kind", "itself" (kept out, 100 points), or "no_theme", "no_text" and so on with the
    points that were missed and, as values, what was looked for.
    """

    kind: str
    values: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A profile that fits, its score from 0 to 100, and why, the strongest reason first."""

    id: str
    kind: Kind
    score: float
    reasons: tuple[Reason, ...]
    verified: bool = True


class Partners:
    """
    Profiles given, to be suggested to whoever wants something of them.

    *subregions* maps a country's ISO3 to the id of its subregion, as in the profiles' regions.
    """

    def __init__(self, given: Iterable[Profile], *, subregions: Mapping[str, str] | None = None) -> None:
        self._given = Given(given, subregions or {})

    def suggest(
        self, wanted: Profile, *, limit: int = 5, kinds: Collection[Kind] | None = None
    ) -> list[Suggestion]:
        """
        Return who fits *wanted*, best first, at most *limit*; equal scores in the order of ids.

        Without *kinds* a need gets providers, practices and offers, and anything else needs.
        Profiles that nobody verified get less and say so.
        """
        given = self._given
        parts = shares(wanted, given)
        allowed = given.everyone()
        for mask in kept_out(wanted, given, kinds).values():
            allowed &= ~mask
        scores = self._scores(parts) * (allowed & _has_substance(parts, allowed))
        return [
            self._suggestion(wanted, parts, place, float(scores[place]))
            for place in best_places(scores, limit)
        ]

    def why_not(self, wanted: Profile, id: str) -> tuple[Reason, ...]:  # noqa: A002
        """
        Return what kept the profile *id* out of the suggestions or low, the worst first.

        Empty when it fits in every way. An id that was not given raises KeyError.
        """
        given = self._given
        place = given.places[id]
        out = [
            Reason(kind, _excluded(kind, wanted, given.profiles[place]), 100.0)
            for kind, mask in kept_out(wanted, given, None).items()
            if mask[place]
        ]
        low = self._missed(wanted, shares(wanted, given), place)
        return (*out, *sorted(low, key=_strongest))

    def _scores(self, parts: Mapping[str, Floats]) -> Floats:
        trust = np.where(self._given.verified, 1.0, _UNVERIFIED_SHARE)
        return np.round(100 * total(parts, len(self._given)) * trust, 2)

    def _suggestion(
        self, wanted: Profile, parts: Mapping[str, Floats], place: int, score: float
    ) -> Suggestion:
        profile = self._given.profiles[place]
        reasons = [
            Reason(part, self._found(part, wanted, parts, place), points)
            for part, share in parts.items()
            if (points := _points(part, float(share[place]), parts)) >= _LEAST_POINTS
        ]
        if not profile.verified:
            lost = score / _UNVERIFIED_SHARE - score
            reasons.append(Reason("unverified", (), -round(lost, 2)))
        ordered = tuple(sorted(reasons, key=_strongest))
        return Suggestion(profile.id, profile.kind, score, ordered, profile.verified)

    def _missed(self, wanted: Profile, parts: Mapping[str, Floats], place: int) -> list[Reason]:
        missed = [
            Reason(f"no_{part}", _asked(part, wanted), _points(part, 1 - float(share[place]), parts))
            for part, share in parts.items()
            if share[place] < _HALF
        ]
        if not self._given.profiles[place].verified:
            missed.append(Reason("unverified", (), 100 * round(1 - _UNVERIFIED_SHARE, 2)))
        return missed

    def _found(self, part: str, wanted: Profile, parts: Mapping[str, Floats], place: int) -> tuple[str, ...]:
        """Return what the two sides have in common in *part*."""
        if part == "text":
            return tuple(self._given.texts.shared(text_of(wanted), place, limit=_SHOWN_WORDS))
        if part == "practice":
            return self._evidence_of(place, parts)
        return _common(part, wanted, self._given, place)

    def _evidence_of(self, place: int, parts: Mapping[str, Floats]) -> tuple[str, ...]:
        """Return the ids of the practices that speak most for the profile at *place*."""
        given = self._given
        fits = total({p: s for p, s in parts.items() if p in SUBSTANCE}, len(given))
        own = given.practices[given.carriers == place]
        ranked = sorted((int(practice) for practice in own), key=lambda p: (-fits[p], p))
        return tuple(given.profiles[practice].id for practice in ranked[:_SHOWN_PRACTICES])


def _strongest(reason: Reason) -> tuple[float, str]:
    return -reason.weight, reason.kind


def _points(part: str, share: float, parts: Iterable[str]) -> float:
    return round(100 * POINTS[part] * share / most(parts), 2)


def _has_substance(parts: Mapping[str, Floats], everyone: Mask) -> Mask:
    """Return who shares a subject with the wanted; all where the wanted names none."""
    said = [parts[part] for part in SUBSTANCE if part in parts]
    if not said:
        return np.ones_like(everyone)
    return np.asarray(np.max(said, axis=0) > _SOME)


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


def _asked(part: str, wanted: Profile) -> tuple[str, ...]:
    return tuple(str(value) for value in _ASKED[part](wanted)) if part in _ASKED else ()


def _common(part: str, wanted: Profile, given: Given, place: int) -> tuple[str, ...]:
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


def _excluded(kind: str, wanted: Profile, profile: Profile) -> tuple[str, ...]:
    """Return the facts behind a reason to keep *profile* out."""
    facts: Mapping[str, Iterable[str]] = {
        "own_country": (wanted.country or "",),
        "recipient_only": sorted(profile.roles),
        "region_not_served": sorted(profile.regions),
        "other_kind": (profile.kind,),
    }
    return tuple(facts.get(kind, ()))
