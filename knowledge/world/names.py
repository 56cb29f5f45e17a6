"""The names that countries and territories go by, in many languages."""

import csv
import pickle
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any

from babel import localedata

from knowledge.packaged import packaged
from knowledge.world import french
from matching.names import Names, Wording
from matching.text import normalise

MAIN_LOCALES = frozenset({"en", "fr", "ru", "zh", "th", "id", "hi"})
SHORT = 4
LONGEST_ACRONYM = 6
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_LETTERED = re.compile("[A-ZА-Я]")


@dataclass(frozen=True, slots=True)
class Territory:
    """A country or territory as the United Nations lists it."""

    iso3: str
    iso2: str
    names: Mapping[str, str]
    """Maps a language to its United Nations name; empty where there is none."""
    capital: str


@cache
def territories() -> Mapping[str, Territory]:
    """Return all countries and territories by ISO3, in the order of their codes."""
    rows = csv.DictReader(_text("countries.csv").splitlines())
    return {
        row["iso3"]: Territory(
            row["iso3"],
            row["iso2"],
            {lang: row[f"name_{lang}"] for lang in ("en", "fr", "ru", "zh") if row[f"name_{lang}"]},
            row["capital"],
        )
        for row in rows
    }


def iso3_of(code: str) -> str | None:
    """Return the ISO 3166 code of three letters for *code* of three or two, in capitals or not; None for any other."""
    return _codes().get(code.upper())


@cache
def _codes() -> Mapping[str, str]:
    return {code: place.iso3 for place in territories().values() for code in (place.iso3, place.iso2) if code}


def _words(table: str) -> Any:
    return packaged("knowledge.world", "aliases.yaml")[table]


def _own(table: str) -> Mapping[str, Sequence[str]]:
    given: Mapping[str, Sequence[str]] = _words(table)
    return given


def aliases() -> Mapping[str, Sequence[str]]:
    """Map ISO3 to further names, those in use beside the official ones."""
    return _own("aliases")


def people() -> Mapping[str, Sequence[str]]:
    """Map ISO3 to the words for its people and for what is theirs, French ones in their four forms."""
    found: dict[str, list[str]] = {}
    for lang, given in packaged("knowledge.world", "people.yaml").items():
        for iso3, words in given.items():
            forms = chain.from_iterable(map(french.forms, words)) if lang == "fr" else words
            found.setdefault(iso3, []).extend(forms)
    return found


def ambiguous() -> Mapping[str, Sequence[str]]:
    """Map a name that several countries go by to their ISO3."""
    return _own("ambiguous")


def capitals() -> Mapping[str, str]:
    """Map ISO3 to its capital."""
    return {place.iso3: place.capital for place in territories().values() if place.capital}


def cities() -> Mapping[str, Sequence[str]]:
    """Map ISO3 to its great cities and regions, as they are written in several languages."""
    given: Mapping[str, Sequence[str]] = packaged("knowledge.world", "cities.yaml")
    return given


def groups() -> Sequence[Mapping[str, Any]]:
    """Return the groups of countries: each its `names` and its `countries`, or their `groups` and `subregion`."""
    found: Sequence[Mapping[str, Any]] = packaged("knowledge.world", "groups.yaml")["groups"]
    return found


def givers() -> Sequence[str]:
    """Return the ISO3 of those in the region that rather give than need, where nothing says which."""
    found: Sequence[str] = packaged("knowledge.world", "groups.yaml")["givers"]
    return found


def in_text(kind: str) -> Sequence[str]:
    """Return the words of that *kind* among those that within a text are more, or less, than names."""
    return _own("words_that_are_names")[kind]


@cache
def not_telling() -> frozenset[str]:
    """Return the names, normalised, that within a text rather mean something else."""
    return frozenset(map(normalise, in_text("in_text")))


def names_in_text() -> Mapping[str, Sequence[str]]:
    """Map ISO3 to its names in the languages in which needs are written, beside those of the United Nations."""
    named = [_cldr(locale) for locale in _words("text_locales")]
    return {
        iso3: [
            name for names in named if len(name := names.get(place.iso2, "")) > SHORT or not name.isascii()
        ]
        for iso3, place in territories().items()
    }


def united_nations_names(iso3: str) -> Mapping[str, str]:
    """Map a language to the name the United Nations give to *iso3*; empty when they give none."""
    place = territories().get(iso3)
    return place.names if place is not None else {}


def country_names(own: Mapping[str, Sequence[str]]) -> Names:
    """
    Return what finds a country or territory of the world by any name, ISO3 keys.

    *own* are further names by ISO3, such as a pack's. A name that two countries go by in two
    languages stays with the one that the official or own names give it to, or the earlier
    language; those in `ambiguous` are kept for all that they may mean, and those of `nobody` for none.
    """
    claimed: dict[str, str] = {}
    fuzzy: dict[str, list[str]] = {iso3: [] for iso3 in territories()}
    exact: dict[str, list[str]] = {}
    for iso3, name, is_fuzzy in _in_order(own):
        normal = normalise(name)
        if normal not in claimed:
            claimed[normal] = iso3
            (fuzzy if is_fuzzy else exact).setdefault(iso3, []).append(normal)
    return Names(
        fuzzy,
        ambiguous=ambiguous(),
        exact_only=exact,
        nobody=_words("nobody"),
        wording=Wording(_own("same"), _words("weak")),
    )


def _in_order(own: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, bool]]:
    """Yield every name with its ISO3 and whether it may be mistyped, the weightiest first."""
    words = frozenset(_words("words_that_are_names")["as_code"])
    for iso3, place in territories().items():
        yield from ((iso3, name, True) for name in place.names.values())
        if iso3 not in words:
            yield iso3, iso3, False
    for table in (own, aliases()):
        yield from ((iso3, name, not _is_acronym(name)) for iso3, given in table.items() for name in given)
    for locale in _words("locales"):
        named = _cldr(locale)
        shapes = ("{}", *_own("affixed").get(locale, ()))
        for iso3, place in territories().items():
            name = named.get(place.iso2, "")
            # Words of fifty languages in Latin letters come near to everyday words of another.
            is_fuzzy = locale in MAIN_LOCALES or not _LATIN.match(name)
            if name and (is_fuzzy or not _is_short(name)):
                yield from ((iso3, shape.format(name), is_fuzzy) for shape in shapes)


def _cldr(locale: str) -> Mapping[str, str]:
    """
    Return what CLDR calls the territories in *locale*, by their two letters.

    Read from the one file: as a Locale, Babel would merge and keep all that it knows of fifty languages.
    """
    with Path(localedata.resolve_locale_filename(locale)).open("rb") as file:
        named: Mapping[str, str] = pickle.load(file)["territories"]  # noqa: S301 - Babel's own data
    return named


def _is_acronym(name: str) -> bool:
    return name.isupper() and len(name) <= LONGEST_ACRONYM and bool(_LETTERED.match(name))


def _is_short(name: str) -> bool:
    """Say whether a name is so short that words of other languages come near: "Toko" is Togo."""
    return name.isascii() and len(name) <= SHORT


def _text(name: str) -> str:
    return resources.files("knowledge.world").joinpath(name).read_text(encoding="utf-8")
