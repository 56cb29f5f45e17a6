"""The tables under catalogue/vocab and the list of members, as a Vocabulary."""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypeVar, cast

from knowledge.loaders.csv import records, unique
from knowledge.loaders.fields import Fields
from knowledge.problems import Findings
from knowledge.vocabulary import (
    LANGUAGES,
    Country,
    Localised,
    Modality,
    Region,
    Sdg,
    Sector,
    Theme,
    Vocabulary,
)

T = TypeVar("T")

MEMBERS = "catalogue/members.csv"
THEMES = "catalogue/vocab/themes.csv"
MODALITIES = "catalogue/vocab/modalities.csv"
SDGS = "catalogue/vocab/sdgs.csv"
REGIONS = "catalogue/vocab/regions.csv"
SECTORS = "catalogue/vocab/dac_sectors.csv"
FILES = (MEMBERS, THEMES, MODALITIES, SDGS, REGIONS, SECTORS)

MEMBERSHIPS = ("member", "associate")
GROUPS = ("LDC", "LLDC", "SIDS")
REGION_KINDS = ("escap_subregion", "whole_region", "other")
NAMES = "name_{}"


def vocabulary(files: Mapping[str, bytes], found: Findings) -> Vocabulary:
    """Return what the six tables hold; what is wrong with them is noted in *found*."""
    regions = _regions(files, found)
    sdgs = _sdgs(files, found)
    return Vocabulary(
        countries=_countries(files, found, regions),
        themes=_themes(files, found, sdgs),
        modalities=_modalities(files, found),
        sdgs=sdgs,
        regions=regions,
        sectors=_sectors(files, found),
    )


def _columns(*columns: str) -> list[str]:
    """Spell out the columns that end in a language."""
    return [c.format(lang) for c in columns for lang in (LANGUAGES if "{}" in c else ("",))]


def _table(rows: Iterable[Fields], key: str, read: Callable[[Fields], tuple[str, T]]) -> dict[str, T]:
    """Return what *read* makes of each row, by the name it gives it."""
    seen: dict[str, int | None] = {}
    table: dict[str, T] = {}
    for fields in rows:
        name, value = read(fields)
        if unique(fields, key, name, seen):
            table[name] = value
    return table


def _regions(files: Mapping[str, bytes], found: Findings) -> dict[str, Region]:
    def region(fields: Fields) -> tuple[str, Region]:
        kind = fields.one_of("type", REGION_KINDS, "a kind of region")
        name = fields.text("id")
        return name, Region(name, fields.localised(NAMES), kind)

    columns = _columns("id", NAMES, "type")
    return _table(records(REGIONS, files.get(REGIONS), found, columns=columns), "id", region)


def _sdgs(files: Mapping[str, bytes], found: Findings) -> dict[int, Sdg]:
    def sdg(fields: Fields) -> tuple[str, Sdg]:
        number = fields.integer("number", 1, 17)
        name = fields.localised("short_name_{}")
        return str(number), Sdg(number, name, fields.words("keywords_{}"))

    columns = _columns("number", "short_name_{}", "keywords_{}")
    table = _table(records(SDGS, files.get(SDGS), found, columns=columns), "number", sdg)
    return {goal.number: goal for goal in table.values()}


def _themes(files: Mapping[str, bytes], found: Findings, sdgs: Mapping[int, Sdg]) -> dict[str, Theme]:
    def theme(fields: Fields) -> tuple[str, Theme]:
        name = fields.id()
        return name, Theme(
            id=name,
            name=fields.localised(NAMES),
            seed=fields.flag("seed_theme"),
            sdgs=fields.numbers_of("sdgs", sdgs, "a goal"),
            synonyms=fields.words("synonyms_{}"),
        )

    columns = _columns("id", NAMES, "seed_theme", "sdgs", "synonyms_{}")
    return _table(records(THEMES, files.get(THEMES), found, columns=columns), "id", theme)


def _modalities(files: Mapping[str, bytes], found: Findings) -> dict[str, Modality]:
    def modality(fields: Fields) -> tuple[str, Modality]:
        name = fields.id()
        return name, Modality(name, fields.localised(NAMES), fields.words("synonyms_{}"))

    columns = _columns("id", NAMES, "synonyms_{}")
    rows = records(MODALITIES, files.get(MODALITIES), found, columns=columns)
    return _table(rows, "id", modality)


def _sectors(files: Mapping[str, bytes], found: Findings) -> dict[str, Sector]:
    def sector(fields: Fields) -> tuple[str, Sector]:
        code = fields.text("code")
        name = fields.localised(NAMES, ("en", "fr"))
        return code, Sector(code, fields.integer("level", 3, 5), fields.optional("parent") or None, name)

    columns = ["code", "level", "parent", "name_en", "name_fr"]
    rows = records(SECTORS, files.get(SECTORS), found, columns=columns, may_be_empty=True)
    return _table(rows, "code", sector)


def _countries(
    files: Mapping[str, bytes], found: Findings, regions: Mapping[str, Region]
) -> dict[str, Country]:
    subregions = [region.id for region in regions.values() if region.kind == "escap_subregion"]
    columns = ["iso3", *_columns(NAMES), "aliases", "membership", "subregion", "groups", "in_region"]
    rows = records(
        MEMBERS,
        files.get(MEMBERS),
        found,
        columns=[*columns, "name_fr_un", "name_ru_un", "name_zh_un"],
        optional=["un_name_differs", "note"],
    )
    return _table(rows, "iso3", lambda fields: _country(fields, subregions))


def _country(fields: Fields, subregions: list[str]) -> tuple[str, Country]:
    iso3 = fields.text("iso3")
    if iso3 and not (len(iso3) == 3 and iso3.isascii() and iso3.isupper()):
        fields.wrong("iso3", f"“{iso3}” is not a country code", "write three capitals, as in FJI")
    others = fields.localised(NAMES)
    names = Localised(
        {"en": others["en"], **{lang: fields.text(f"name_{lang}_un") for lang in LANGUAGES[1:]}}
    )
    aliases = dict.fromkeys((*others.values(), *fields.items("aliases")))
    return iso3, Country(
        iso3=iso3,
        name=names,
        aliases=tuple(aliases),
        membership=_membership(fields),
        subregion=fields.maybe_one_of("subregion", subregions, "a subregion") or "",
        groups=frozenset(fields.some_of("groups", GROUPS, "a group of countries")),
        in_region=fields.flag("in_region"),
    )


def _membership(fields: Fields) -> Literal["member", "associate"]:
    membership = fields.one_of("membership", MEMBERSHIPS, "a kind of membership")
    return cast("Literal['member', 'associate']", membership)
