"""Who offers what, and what has been done before: providers and good practices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from matching.names import Names
from matching.partners import Partners
from matching.profiles import Profile


@dataclass(frozen=True, slots=True)
class Provider:
    """A body that gives, finances or arranges cooperation, or receives it for its country."""

    id: str
    name: str
    acronym: str
    aliases: tuple[str, ...]
    country: str | None
    """ISO3 of the member whose government runs it; None for multilateral bodies."""
    kind: str
    roles: tuple[str, ...]
    themes: tuple[str, ...]
    sdgs: tuple[int, ...]
    modalities: tuple[str, ...]
    regions: tuple[str, ...]
    programmes: tuple[str, ...]
    website: str
    summary: str
    source_url: str
    """Empty where nothing was read: then it is not verified."""
    verified: bool


@dataclass(frozen=True, slots=True)
class Teller:
    """Whose delegate told of a practice: a country's ISO3, or an organisation; *private* is the private sector."""

    country: str | None = None
    organisation: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Practice:
    """Something that was done and may be done again elsewhere."""

    id: str
    title: str
    providers: tuple[str, ...]
    """Ids of providers."""
    partner_countries: tuple[str, ...]
    """ISO3; empty when it is open to many or not said."""
    theme: str
    sdgs: tuple[int, ...]
    modality: str
    years: tuple[int | None, int | None]
    """First and last; None where not known, or still running."""
    summary: str
    replication_notes: str
    source_url: str
    verified: bool
    told_by: Teller | None = None
    """None for what stands in the pack."""

    @property
    def has_contact(self) -> bool:
        """Tell whether it says who did it, or who told of it."""
        return bool(self.told_by or self.providers)


@dataclass(frozen=True)
class Catalogue:
    """The providers and practices of a pack, each by id."""

    providers: Mapping[str, Provider] = field(default_factory=dict)
    practices: Mapping[str, Practice] = field(default_factory=dict)
    subregions: Mapping[str, str] = field(default_factory=dict)
    """Maps a country's ISO3 to the id of its subregion."""

    @cached_property
    def organisation_names(self) -> Names:
        """The providers by every name they go by."""
        return Names({provider.id: names_of(provider) for provider in self.providers.values()})

    @cached_property
    def partners(self) -> Partners:
        """What finds partners among the providers and practices."""
        return self.partners_with(())

    def partners_with(self, offers: Iterable[Profile]) -> Partners:
        """Return what finds partners among the providers, the practices and *offers*."""
        return Partners([*self.profiles(), *offers], subregions=self.subregions)

    def with_practices(self, practices: Iterable[Practice]) -> "Catalogue":
        """Return the same with *practices* besides, found at once; what was built is shared."""
        added = {practice.id: practice for practice in practices}
        other = replace(self, practices={**self.practices, **added})
        built = {name: vars(self)[name] for name in ("organisation_names",) if name in vars(self)}
        partners = self.partners.with_(profile_of(practice) for practice in added.values())
        vars(other).update(built, partners=partners)
        return other

    def profiles(self) -> tuple[Profile, ...]:
        """Return all providers and practices as the matcher sees them."""
        items: list[Provider | Practice] = [*self.providers.values(), *self.practices.values()]
        return tuple(profile_of(item) for item in items)

    def profile_of(self, item: Provider | Practice) -> Profile:
        """Return a provider or practice as the matcher sees it."""
        return profile_of(item)


def names_of(provider: Provider) -> tuple[str, ...]:
    """Return all names a provider goes by, the full one first."""
    names = (provider.name, provider.acronym, provider.id, *provider.aliases)
    return tuple(dict.fromkeys(name for name in names if name))


def profile_of(item: Provider | Practice) -> Profile:
    """Return a provider or practice as the matcher sees it."""
    return _of_provider(item) if isinstance(item, Provider) else _of_practice(item)


def _of_provider(provider: Provider) -> Profile:
    return Profile(
        id=provider.id,
        kind="provider",
        texts={
            "name": " ".join(names_of(provider)),
            "programmes": " ".join(provider.programmes),
            "summary": provider.summary,
        },
        country=provider.country,
        themes=provider.themes,
        sdgs=frozenset(provider.sdgs),
        modalities=frozenset(provider.modalities),
        regions=frozenset(provider.regions),
        roles=frozenset(provider.roles),
        verified=provider.verified,
    )


def _of_practice(practice: Practice) -> Profile:
    return Profile(
        id=practice.id,
        kind="practice",
        texts={
            "name": practice.title,
            "summary": practice.summary,
            "replication": practice.replication_notes,
        },
        countries=frozenset(practice.partner_countries),
        themes=(practice.theme,),
        sdgs=frozenset(practice.sdgs),
        modalities=frozenset((practice.modality,)),
        providers=practice.providers,
        replicated=bool(practice.replication_notes),
        verified=practice.verified,
    )
