"""The tables of providers and good practices, checked against the vocabulary."""

from collections.abc import Mapping

from knowledge.catalogue import Practice, Provider
from knowledge.loaders.csv import records, unique
from knowledge.loaders.fields import Fields
from knowledge.problems import Findings
from knowledge.vocabulary import Vocabulary

PROVIDERS = "catalogue/providers.csv"
PRACTICES = "catalogue/good_practices.csv"
FILES = (PROVIDERS, PRACTICES)

KINDS = ("national_agency", "un_entity", "centre", "fund", "bank", "private")
ROLES = ("provider", "recipient", "financier", "facilitator")
CONFIDENCES = ("verified", "background")

PROVIDER_COLUMNS = (
    "id",
    "name",
    "acronym",
    "aliases",
    "country_iso3",
    "kind",
    "roles",
    "themes",
    "sdgs",
    "modalities",
    "regions_served",
    "programme_names",
    "website",
    "summary",
    "source_url",
    "confidence",
)
PRACTICE_COLUMNS = (
    "id",
    "title",
    "provider_ids",
    "partner_countries_iso3",
    "theme",
    "sdgs",
    "modality",
    "year_from",
    "year_to",
    "summary",
    "replication_notes",
    "source_url",
    "confidence",
)


def providers(files: Mapping[str, bytes], found: Findings, words: Vocabulary) -> dict[str, Provider]:
    """Return the providers by id, in the order of the table."""
    seen: dict[str, int | None] = {}
    table: dict[str, Provider] = {}
    content = files.get(PROVIDERS)
    for fields in records(PROVIDERS, content, found, columns=PROVIDER_COLUMNS):
        provider = _provider(fields, words)
        if unique(fields, "id", provider.id, seen):
            table[provider.id] = provider
    return table


def practices(
    files: Mapping[str, bytes],
    found: Findings,
    words: Vocabulary,
    known: Mapping[str, Provider],
) -> dict[str, Practice]:
    """Return the good practices by id, in the order of the table."""
    seen: dict[str, int | None] = {}
    table: dict[str, Practice] = {}
    content = files.get(PRACTICES)
    rows = records(PRACTICES, content, found, columns=PRACTICE_COLUMNS, may_be_empty=True)
    for fields in rows:
        practice = _practice(fields, words, known)
        if unique(fields, "id", practice.id, seen):
            table[practice.id] = practice
    return table


def _provider(fields: Fields, words: Vocabulary) -> Provider:
    return Provider(
        id=fields.id(),
        name=fields.text("name"),
        acronym=fields.optional("acronym"),
        aliases=fields.items("aliases"),
        country=fields.maybe_one_of("country_iso3", words.countries, "the code of a member"),
        kind=fields.one_of("kind", KINDS, "a kind of provider"),
        roles=fields.some_of("roles", ROLES, "a role"),
        themes=fields.some_of("themes", words.themes, "a theme"),
        sdgs=fields.numbers_of("sdgs", words.sdgs, "a goal"),
        modalities=fields.some_of("modalities", words.modalities, "a form of cooperation"),
        regions=fields.some_of("regions_served", words.regions, "a region"),
        programmes=fields.items("programme_names"),
        website=fields.address("website"),
        summary=fields.text("summary"),
        source_url=fields.address("source_url"),
        verified=_is_verified(fields),
    )


def _practice(fields: Fields, words: Vocabulary, known: Mapping[str, Provider]) -> Practice:
    members = words.countries
    return Practice(
        id=fields.id(),
        title=fields.text("title"),
        providers=fields.some_of("provider_ids", known, "the id of a provider"),
        partner_countries=fields.some_of("partner_countries_iso3", members, "the code of a member"),
        theme=fields.one_of("theme", words.themes, "a theme"),
        sdgs=fields.numbers_of("sdgs", words.sdgs, "a goal"),
        modality=fields.one_of("modality", words.modalities, "a form of cooperation"),
        years=_years(fields),
        summary=fields.text("summary"),
        replication_notes=fields.optional("replication_notes"),
        source_url=fields.address("source_url"),
        verified=_is_verified(fields),
    )


def _is_verified(fields: Fields) -> bool:
    """Say whether a source was read for the row, which then must name it."""
    verified = fields.one_of("confidence", CONFIDENCES, "a degree of confidence") == "verified"
    if verified and not fields.optional("source_url"):
        right = "name the page that was read, or write background under confidence"
        fields.wrong("source_url", "a verified row has no source", right)
    return verified


def _years(fields: Fields) -> tuple[int | None, int | None]:
    first = fields.maybe_integer("year_from", 1945, 2100)
    last = fields.maybe_integer("year_to", 1945, 2100)
    if first is not None and last is not None and last < first:
        fields.wrong("year_to", f"{last} is before {first}", "it must not be before year_from")
    return first, last
