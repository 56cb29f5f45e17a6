"""The words that the forum counts in: countries, themes, goals, forms of cooperation, regions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from knowledge.world import names as world
from matching.names import Names

LANGUAGES = ("en", "fr", "ru", "zh")


class Localised(Mapping[str, str]):
    """One text in several languages, never changed once made."""

    __slots__ = ("_texts",)

    def __init__(self, texts: Mapping[str, str] | None = None, /, **more: str) -> None:
        self._texts = {**(texts or {}), **more}

    def __getitem__(self, lang: str) -> str:
        return self._texts[lang]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __hash__(self) -> int:
        return hash(frozenset(self._texts.items()))

    def __repr__(self) -> str:
        return f"Localised({self._texts!r})"

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages this text is written in."""
        return tuple(self._texts)

    def in_(self, lang: str | None) -> str:
        """Return the text in *lang*, else in English, else in whatever there is."""
        texts = self._texts
        found = texts.get(lang or "") or texts.get("en")
        return found if found is not None else next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True)
class Country:
    """A member or associate member of the commission."""

    iso3: str
    name: Localised
    """The United Nations names, the only ones to be shown."""
    aliases: tuple[str, ...]
    """Every other name it goes by, for recognising only."""
    membership: Literal["member", "associate"]
    subregion: str
    """Id of a region; empty for members outside the region."""
    groups: frozenset[str]
    """LDC, LLDC, SIDS."""
    in_region: bool


@dataclass(frozen=True, slots=True)
class Theme:
    """A field of cooperation."""

    id: str
    name: Localised
    seed: bool
    """Named by the member States themselves at the roundtable of March 2022."""
    sdgs: tuple[int, ...]
    synonyms: Mapping[str, tuple[str, ...]] = field(hash=False)
    """Maps a language to words that point to this theme."""


@dataclass(frozen=True, slots=True)
class Modality:
    """A form that cooperation takes."""

    id: str
    name: Localised
    synonyms: Mapping[str, tuple[str, ...]] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Sdg:
    """One of the Sustainable Development Goals."""

    number: int
    name: Localised
    keywords: Mapping[str, tuple[str, ...]] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the world that a provider serves."""

    id: str
    name: Localised
    kind: str


@dataclass(frozen=True, slots=True)
class Sector:
    """A purpose code of the Development Assistance Committee (attribution: IATI Standard)."""

    code: str
    level: int
    parent: str | None
    name: Localised


@dataclass(frozen=True)
class Vocabulary:
    """All of the above, each by its id, in the order of the pack's files."""

    countries: Mapping[str, Country] = field(default_factory=dict)
    themes: Mapping[str, Theme] = field(default_factory=dict)
    modalities: Mapping[str, Modality] = field(default_factory=dict)
    sdgs: Mapping[int, Sdg] = field(default_factory=dict)
    regions: Mapping[str, Region] = field(default_factory=dict)
    sectors: Mapping[str, Sector] = field(default_factory=dict)

    @cached_property
    def country_names(self) -> Names:
        """
        All countries and territories of the world by every name they go by, ISO3 keys.

        Built when first asked for, since it reads the names in some forty languages.
        """
        return world.country_names(
            {iso3: (*c.name.values(), *c.aliases) for iso3, c in self.countries.items()}
        )

    def world_name(self, iso3: str, lang: str | None) -> str:
        """
        Return the name to show for a country: the United Nations name, else its code.

        A member's name is the pack's; other names come from the list in `world`. A territory
        for which the United Nations gives no name is shown by its code: naming it is not
        for an assistant.
        """
        country = self.countries.get(iso3)
        name = country.name if country else Localised(world.united_nations_names(iso3))
        return name.in_(lang) or iso3

    def is_member(self, iso3: str) -> bool:
        """Say whether *iso3* is a member or associate member of the commission."""
        return iso3 in self.countries
