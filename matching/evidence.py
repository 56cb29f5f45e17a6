"""What speaks for a profile: shared words and facets, each as a share of a perfect fit."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from matching.facets import Facet, Given, Mask, Rows, positions
from matching.postings import Floats, Weights
from matching.profiles import EVERYWHERE, Profile

# Points of a perfect match. A part counts only where the side that asks says something about it.
# Chosen on one half of the graded needs for development and seen to help the other half as much.
POINTS: Mapping[str, float] = {
    "text": 40,
    "theme": 15,
    "country_named": 15,
    "practice": 30,
    "sdg": 10,
    "modality": 10,
    "region": 6,
    "worked_with": 3,
    "replicated": 2,
    "group": 3,
    "language": 2,
}
# What the two sides are about. Without any of it the rest is no reason to bring them together.
SUBSTANCE = ("text", "theme", "sdg", "country_named")
# The best text counts as a full match only from this score on, so that noise is not stretched.
_FULL_TEXT = 30.0
_MINOR = 0.6
_MANY = 3


def shares(wanted: Profile, given: Given, rows: Rows, text: Weights) -> dict[str, Floats]:
    """
    Return for each part that *wanted* speaks of how well each profile at *rows* fits, 0 to 1.

    *text* tells for all profiles given how well their texts fit.
    """
    found = {part: share(wanted, given, rows) for part, share in _PARTS.items() if is_said(wanted, part)}
    if is_said(wanted, "text"):
        found = {"text": text[rows].astype(np.float64), **found}
    if given.has_practices:
        found["practice"] = _practice(found, given, rows)
        found["replicated"] = given.replicated[rows].astype(np.float64)
    return found


def total(parts: Mapping[str, Floats], count: int) -> Floats:
    """Return the sum of *parts* by their points, 0 to 1, for each of *count* profiles."""
    score, buffer, points = np.zeros(count), np.empty(count), most(parts)
    for part, share in parts.items():
        score += np.multiply(share, POINTS[part] / points, out=buffer)
    return score


def most(parts: Iterable[str]) -> float:
    """Return the points of a perfect fit in *parts*."""
    return sum(POINTS[part] for part in parts) or 1.0


def text_of(profile: Profile) -> str:
    """Return all that *profile* says, to be searched with."""
    return " ".join(profile.texts[field] for field in sorted(profile.texts))


def is_said(wanted: Profile, part: str) -> bool:
    """Return whether *wanted* says anything about *part*."""
    said: Mapping[str, object] = {
        "text": text_of(wanted).strip(),
        "theme": wanted.themes,
        "country_named": wanted.model_countries,
        "sdg": wanted.sdgs,
        "modality": wanted.modalities,
        "region": wanted.country or wanted.regions,
        "worked_with": wanted.country or wanted.countries,
        "group": wanted.groups,
        "language": wanted.languages,
    }
    return bool(said[part])


def text_shares(scores: Sequence[Weights]) -> list[Weights]:
    """Return how well texts fit, 0 to 1, from the *scores* of one query in several indexes."""
    best = max(float(found.max(initial=0.0)) for found in scores)
    return [found * np.float32(1 / max(best, _FULL_TEXT)) for found in scores]


def rough(wanted: Profile, given: Given, text: Weights) -> Weights:
    """Return the points that every profile given gets for what the two sides are about."""
    score = text * np.float32(POINTS["text"])
    for part, facet, values in (
        ("theme", given.themes, wanted.themes),
        ("country_named", given.owners, wanted.model_countries),
        ("sdg", given.sdgs, wanted.sdgs),
    ):
        if values:
            score += facet.any_of(values) * np.float32(POINTS[part])
    return score


def _theme(wanted: Profile, given: Given, rows: Rows) -> Floats:
    """The main theme of both counts in full, any other shared one for less."""
    main = given.main_themes.any_of(wanted.themes[:1], rows)
    return _better(main, given.themes.any_of(wanted.themes, rows))


def _country_named(wanted: Profile, given: Given, rows: Rows) -> Floats:
    owned = given.owners.any_of(wanted.model_countries, rows)
    return _better(owned, given.partners.any_of(wanted.model_countries, rows))


def _worked_with(wanted: Profile, given: Given, rows: Rows) -> Floats:
    return given.partners.any_of(beneficiaries(wanted), rows).astype(np.float64)


def beneficiaries(profile: Profile) -> frozenset[str]:
    """Return the countries that *profile* is for or about."""
    return profile.countries | ({profile.country} if profile.country else frozenset())


def _region(wanted: Profile, given: Given, rows: Rows) -> Floats:
    """One that serves this very region fits better than one that serves all."""
    homes = given.homes_of(wanted) | wanted.regions
    here = given.regions.any_of(homes, rows) | given.homes.any_of(homes, rows)
    return _better(here, given.regions.any_of(EVERYWHERE, rows))


def _better(full: Mask, otherwise: Mask) -> Floats:
    return np.where(full, 1.0, _MINOR * otherwise)


def _overlap(facet: Facet, values: frozenset[str] | frozenset[int], rows: Rows) -> Floats:
    """Return the share of *values* that each row has; three shared are as good as all."""
    return np.minimum(facet.count_of(values, rows) / min(len(values), _MANY), 1)


def _practice(parts: Mapping[str, Floats], given: Given, rows: Rows) -> Floats:
    """A practice or an offer is its own evidence, and a practice that of those who carried it out."""
    fits = total(parts, len(rows))
    result = fits * given.kinds.any_of({"practice", "offer"}, rows)
    practices, carriers = given.carriers.of(rows)
    at, is_compared = positions(carriers, rows)
    np.maximum.at(result, at[is_compared], fits[practices[is_compared]])
    return np.asarray(result, dtype=np.float64)


_PARTS: Mapping[str, Callable[[Profile, Given, Rows], Floats]] = {
    "theme": _theme,
    "country_named": _country_named,
    "sdg": lambda wanted, given, rows: _overlap(given.sdgs, wanted.sdgs, rows),
    "modality": lambda wanted, given, rows: _overlap(given.modalities, wanted.modalities, rows),
    "region": _region,
    "worked_with": _worked_with,
    "group": lambda wanted, given, rows: _overlap(given.groups, wanted.groups, rows),
    "language": lambda wanted, given, rows: given.languages.any_of(wanted.languages, rows).astype(np.float64),
}
