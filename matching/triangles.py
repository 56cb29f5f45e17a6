"""Triangular cooperation: who could do what a need asks for, and who else could pay for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from matching.partners import Partners, Reason, Suggestion
from matching.profiles import Kind, Profile

Missing = Literal["no_provider", "no_financier"]

# What each leg gives to the score of the whole, and what it adds that both did such a thing before.
# Not measured: there are no labelled triangles. Doing comes before paying.
_PROVIDER_SHARE, _FINANCIER_SHARE = 0.6, 0.4
_TOGETHER: Final = 10.0
_FINANCING = frozenset({"financing"})
_GIVERS: frozenset[Kind] = frozenset({"provider", "offer"})
_PAYERS: frozenset[Kind] = frozenset({"provider"})
# Some of them are the provider itself or of its country.
_FINANCIERS_TRIED = 12


@dataclass(frozen=True, slots=True)
class Triangle:
    """
    A provider and a financier for one need; each leg carries its own score and reasons.

    `reasons` are those of the pair: "together" (ids of practices of both, with points), and
    "same_country" or "same_organisation" (no points) where nobody else fits the second leg.
    """

    provider: Suggestion | None
    financier: Suggestion | None
    score: float
    """0 to 100; a missing leg gives nothing."""
    reasons: tuple[Reason, ...] = ()

    @property
    def missing(self) -> tuple[Missing, ...]:
        """The legs that nobody fits."""
        no_provider: tuple[Missing, ...] = ("no_provider",) if self.provider is None else ()
        return (*no_provider, "no_financier") if self.financier is None else no_provider


class Triangles:
    """
    Profiles given, to be brought together by twos for a need.

    A provider is an offer, or a body whose roles include "provider" or are not said. A financier
    has the role "financier". *subregions* is that of `Partners`.
    """

    def __init__(self, given: Iterable[Profile], *, subregions: Mapping[str, str] | None = None) -> None:
        self._profiles = {profile.id: profile for profile in given}
        profiles = self._profiles.values()
        self._practices = [profile for profile in profiles if profile.kind == "practice"]
        self._providers = Partners(filter(_provides, profiles), subregions=subregions)
        self._financiers = Partners(filter(_finances, profiles), subregions=subregions)

    def suggest(self, wanted: Profile, *, limit: int = 3) -> list[Triangle]:
        """
        Return triangles for the need *wanted*, best first, each provider once, at most *limit*.

        The financier is of another country than the provider where one fits; the provider itself
        comes last. Where nobody fits one leg, the other stands alone; where nobody fits either,
        there is no triangle. Equal scores keep the order of ids.
        """
        providers = self._providers.suggest(wanted, limit=2 * limit, kinds=_GIVERS)
        financiers = self._able_to_pay(wanted)
        if not providers:
            alone = (Triangle(None, found, _score(None, found)) for found in financiers)
            return list(alone)[:limit]
        triangles = [self._closed(provider, financiers, wanted) for provider in providers]
        triangles.sort(key=lambda triangle: -triangle.score)
        return triangles[:limit]

    def _able_to_pay(self, wanted: Profile) -> list[Suggestion]:
        """Return who finances what *wanted* is about, whomever it wants to learn from."""
        money = replace(wanted, modalities=_FINANCING, model_countries=frozenset())
        found = self._financiers.suggest(money, limit=_FINANCIERS_TRIED, kinds=_PAYERS)
        return [financier for financier in found if _shares_theme(wanted, self._profiles[financier.id])]

    def _closed(self, provider: Suggestion, financiers: Sequence[Suggestion], wanted: Profile) -> Triangle:
        """Return the best triangle on *provider*: from elsewhere, of its country, or itself."""
        by_distance: dict[str, list[Triangle]] = {}
        for financier in financiers:
            nearness = self._nearness(provider, financier)
            by_distance.setdefault(nearness, []).append(self._pair(provider, financier, nearness, wanted))
        for nearness in ("", "same_country", "same_organisation"):
            if nearness in by_distance:
                return max(by_distance[nearness], key=lambda triangle: triangle.score)
        return Triangle(provider, None, _score(provider, None))

    def _pair(self, provider: Suggestion, financier: Suggestion, nearness: str, wanted: Profile) -> Triangle:
        reasons = [Reason(nearness, (), 0.0)] if nearness else []
        points = 0.0
        together = self._practices_of_both(provider, financier, wanted)
        if together and nearness != "same_organisation":
            points = _TOGETHER
            reasons.insert(0, Reason("together", together, points))
        return Triangle(provider, financier, _score(provider, financier, points), tuple(reasons))

    def _nearness(self, provider: Suggestion, financier: Suggestion) -> str:
        first, second = self._profiles[provider.id], self._profiles[financier.id]
        if second.id in (first.id, *first.providers):
            return "same_organisation"
        is_neighbour = first.country is not None and first.country == second.country
        return "same_country" if is_neighbour else ""

    def _practices_of_both(
        self, provider: Suggestion, financier: Suggestion, wanted: Profile
    ) -> tuple[str, ...]:
        """Return the ids of practices on a theme of *wanted* that both took part in."""
        first = self._profiles[provider.id]
        able = {first.id, *first.providers}
        return tuple(
            practice.id
            for practice in self._practices
            if financier.id in practice.providers
            and not able.isdisjoint(practice.providers)
            and _shares_theme(wanted, practice)
        )


def _provides(profile: Profile) -> bool:
    """Say whether *profile* may be a provider; practices are kept as their evidence."""
    return profile.kind != "provider" or not profile.roles or "provider" in profile.roles


def _finances(profile: Profile) -> bool:
    return profile.kind == "practice" or "financier" in profile.roles


def _shares_theme(wanted: Profile, profile: Profile) -> bool:
    """Say whether both are about one theme, as far as both say."""
    return not wanted.themes or not profile.themes or not set(wanted.themes).isdisjoint(profile.themes)


def _score(provider: Suggestion | None, financier: Suggestion | None, points: float = 0.0) -> float:
    score = points
    if provider is not None:
        score += _PROVIDER_SHARE * provider.score
    if financier is not None:
        score += _FINANCIER_SHARE * financier.score
    return round(min(score, 100.0), 2)
