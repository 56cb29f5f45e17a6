"""What speaks for a profile: shared words and facets, each as a share of a perfect fit."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from matching.facets import Facet, Given, Mask
from matching.postings import Floats
from matching.profiles import EVERYWHERE, Profile

# Points of a perfect match. A part counts only where the side that asks says something about it.
POINTS: Mapping[str, float] = {
    "text": 40,
    "theme": 25,
    "country_named": 15,
    "practice": 10,
    "sdg": 10,
    "modality": 10,
    "region": 6,
    "worked_with": 5,
    "replicated": 4,
    "group": 3,
    "language": 2,
}
# What the two sides are about. Without any of it the rest is no reason to bring them together.
SUBSTANCE = ("text", "theme", "sdg", "country_named")
# The best text counts as a full match only from this score on, so that noise is not stretched.
_FULL_TEXT = 30.0
_MINOR = 0.6
_MANY = 3


def shares(wanted: Profile, given: Given) -> dict[str, Floats]:
    """Return for each part that *wanted* speaks of how well each profile given fits, 0 to 1."""
    found = {part: share(wanted, given) for part, share in _PARTS.items() if _is_said(wanted, part)}
    if len(given.practices):
        found["practice"] = _practice(found, given)
        found["replicated"] = given.replicated.astype(np.float64)
    return found


def total(parts: Mapping[str, Floats], count: int) -> Floats:
    """Return the sum of *parts* by their points, 0 to 1, for each of *count* profiles."""
    score, buffer = np.zeros(count), np.empty(count)
    for part, share in parts.items():
        score += np.multiply(share, POINTS[part] / most(parts), out=buffer)
    return score


def most(parts: Iterable[str]) -> float:
    """Return the points of a perfect fit in *parts*."""
    return sum(POINTS[part] for part in parts) or 1.0


def text_of(profile: Profile) -> str:
    """Return all that *profile* says, to be searched with."""
    return " ".join(profile.texts[field] for field in sorted(profile.texts))


def _is_said(wanted: Profile, part: str) -> bool:
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


def _text(wanted: Profile, given: Given) -> Floats:
    scores = given.texts.scores(text_of(wanted)).astype(np.float64)
    return scores / max(float(scores.max(initial=0.0)), _FULL_TEXT)


def _theme(wanted: Profile, given: Given) -> Floats:
    """The main theme of both counts in full, any other shared one for less."""
    main = given.main_themes.any_of(wanted.themes[:1])
    return _better(main, given.themes.any_of(wanted.themes))


def _country_named(wanted: Profile, given: Given) -> Floats:
    owned = given.owners.any_of(wanted.model_countries)
    took_part = given.partners.any_of(wanted.model_countries)
    return _better(owned, took_part)


def _worked_with(wanted: Profile, given: Given) -> Floats:
    return given.partners.any_of(beneficiaries(wanted)).astype(np.float64)


def beneficiaries(profile: Profile) -> frozenset[str]:
    """Return the countries that *profile* is for or about."""
    return profile.countries | ({profile.country} if profile.country else frozenset())


def _region(wanted: Profile, given: Given) -> Floats:
    """One that serves this very region fits better than one that serves all."""
    homes = given.homes_of(wanted) | wanted.regions
    here = given.regions.any_of(homes) | given.homes.any_of(homes)
    return _better(here, given.regions.any_of(EVERYWHERE))


def _better(full: Mask, otherwise: Mask) -> Floats:
    return np.where(full, 1.0, _MINOR * otherwise)


def _overlap(facet: Facet, values: frozenset[str] | frozenset[int]) -> Floats:
    """Return the share of *values* that each row has; three shared are as good as all."""
    return np.minimum(facet.count_of(values) / min(len(values), _MANY), 1)


def _practice(parts: Mapping[str, Floats], given: Given) -> Floats:
    """A practice is its own evidence, and that of those who carried it out."""
    fits = total(parts, len(given))
    result = fits * given.kinds.any_of({"practice"})
    np.maximum.at(result, given.carriers, fits[given.practices])
    return np.asarray(result, dtype=np.float64)


_PARTS: Mapping[str, Callable[[Profile, Given], Floats]] = {
    "text": _text,
    "theme": _theme,
    "country_named": _country_named,
    "sdg": lambda wanted, given: _overlap(given.sdgs, wanted.sdgs),
    "modality": lambda wanted, given: _overlap(given.modalities, wanted.modalities),
    "region": _region,
    "worked_with": _worked_with,
    "group": lambda wanted, given: _overlap(given.groups, wanted.groups),
    "language": lambda wanted, given: given.languages.any_of(wanted.languages).astype(np.float64),
}
