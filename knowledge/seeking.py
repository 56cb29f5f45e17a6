"""Looking in the catalogue: what a question seeks, and who or what fits it."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Literal

from knowledge.catalogue import Practice, Provider
from knowledge.packaged import packaged
from knowledge.snapshot import Snapshot
from matching.partners import Partners, Suggestion
from matching.profiles import EVERYWHERE, Profile

Kind = Literal["provider", "practice"]
LEAST = 0.6
"""The share of the best score from which others are worth showing."""
MOST = 60
"""Hits that are looked at; filters leave less of them."""


@dataclass(frozen=True, slots=True)
class Sought:
    """
    What somebody looks for: *text* in their own words, and what all that is found has to have.

    An empty *theme*, *form* or *country* (ISO3) asks for nothing.
    """

    kind: Kind
    text: str = ""
    theme: str = ""
    form: str = ""
    country: str = ""


def asked_for(question: str) -> tuple[Kind, str, str] | None:
    """
    Return what kind of thing *question* asks for, what is left of its words, and the form that its verb names.

    "Who trains nurses?" gives provider, "nurses" and training. None where the words ask nothing of the catalogue.
    """
    text = " ".join(question.rstrip("?？!. ").split())
    for kind, form, cue in _cues():
        if found := cue.search(text):
            rest = f"{text[: found.start()]} {text[found.end() :]}".strip()
            return (kind, rest, form) if rest else None
    return None


@cache
def _cues() -> tuple[tuple[Kind, str, re.Pattern[str]], ...]:
    cues: Mapping[Kind, Mapping[str, list[str]]] = packaged("knowledge", "seeking.yaml")  # type: ignore[assignment]
    return tuple(
        (kind, form, re.compile(cue, re.IGNORECASE))
        for kind, forms in cues.items()
        for form, written in forms.items()
        for cue in written
    )


def sought(question: str, know: Snapshot) -> Sought | None:
    """Return what *question* looks for in the catalogue; None where it asks something else, or of no subject."""
    asked = asked_for(question)
    if asked is None:
        return None
    kind, rest, form = asked
    read = know.understand(rest)
    if not read.themes and not (read.modalities and read.countries):
        return None
    return replace(in_words(kind, rest, know), form=form if form in know.vocabulary.modalities else "")


def in_words(kind: Kind, text: str, know: Snapshot) -> Sought:
    """Return what *text* looks for: one country that it names is asked for, everything else is only a wish."""
    asked = asked_for(text)
    text = asked[1] if asked is not None else text
    countries = [iso3 for iso3 in know.understand(text).countries if know.vocabulary.is_member(iso3)]
    return Sought(kind, text, country=countries[0] if len(countries) == 1 else "")


def find(wanted: Sought, know: Snapshot, more: tuple[Profile, ...] = ()) -> list[Suggestion]:
    """
    Return what fits *wanted*, best first, in the catalogue and among *more*.

    Those among *more* pass a filter where they say nothing, and come first: they are here and can be met.
    """
    partners = _among(know.catalogue.partners, more) if more else know.catalogue.partners
    besides = {one.id: one for one in more}
    found = [
        one
        for one in partners.suggest(profile_of(wanted, know), limit=MOST, kinds={wanted.kind})
        if (
            _allows(besides[one.id], wanted)
            if one.id in besides
            else passes(entry(one.id, know), wanted, know)
        )
    ]
    if wanted.text:
        fitting = [one for one in found if one.score >= found[0].score * LEAST]
        return sorted(fitting, key=lambda one: one.id not in besides)
    there = {one.id for one in found}
    rest = [one for one in more if one.id not in there and _allows(one, wanted)]
    listed = [Suggestion(one.id, wanted.kind, 0.0, (), one.verified) for one in rest]
    everything = [*found, *listed, *_others(wanted, know, there)]
    return sorted(everything, key=lambda one: not _is_of(one, wanted, besides, know))


def _is_of(one: Suggestion, wanted: Sought, besides: Mapping[str, Profile], know: Snapshot) -> bool:
    """Tell whether *one* is a provider of the country asked for itself, and does not only work with it."""
    item = besides.get(one.id) or know.catalogue.providers.get(one.id)
    return item is not None and bool(wanted.country) and item.country == wanted.country


@lru_cache(maxsize=8)
def _among(partners: Partners, more: tuple[Profile, ...]) -> Partners:
    """Return *partners* with *more* besides; kept, for most turns change nothing."""
    return partners.with_(more)


def _allows(profile: Profile, wanted: Sought) -> bool:
    """Tell whether *profile* says nothing against what *wanted* asks for."""
    if profile.kind != wanted.kind or (
        wanted.theme and profile.themes and wanted.theme not in profile.themes
    ):
        return False
    if wanted.form and profile.modalities and wanted.form not in profile.modalities:
        return False
    return not (wanted.country and profile.countries) or wanted.country in {
        *profile.countries,
        profile.country,
    }


def _others(wanted: Sought, know: Snapshot, found: Collection[str]) -> list[Suggestion]:
    """Return all besides those *found* that have what *wanted* asks for, those of its country first."""
    catalogue = know.catalogue
    items: Iterable[Provider | Practice] = (
        catalogue.providers.values() if wanted.kind == "provider" else catalogue.practices.values()
    )
    rest = [item for item in items if item.id not in found and passes(item, wanted, know)]
    rest.sort(key=lambda item: wanted.country not in places_of(item, know)[:1])
    return [Suggestion(item.id, wanted.kind, 0.0, (), item.verified) for item in rest]


def profile_of(wanted: Sought, know: Snapshot) -> Profile:
    """Return *wanted* as the matcher sees it; nobody's country keeps anybody out."""
    read = know.understand(wanted.text) if wanted.text else None
    themes = tuple(dict.fromkeys([*filter(None, [wanted.theme]), *(read.themes if read else ())]))
    forms = {*filter(None, [wanted.form]), *(read.modalities if read else ())}
    goals = frozenset(read.sdgs) if read else frozenset()
    countries = frozenset(filter(None, [wanted.country])) or frozenset(read.countries if read else ())
    text = know.understand.without_countries(wanted.text, countries) if wanted.text else ""
    texts = {"text": text} if text.strip() else {}
    return Profile(
        "sought", "need", texts, countries=countries, themes=themes, sdgs=goals, modalities=frozenset(forms)
    )


def entry(id_: str, know: Snapshot) -> Provider | Practice | None:
    """Return what the catalogue has under *id_*, None where it stands elsewhere."""
    return know.catalogue.providers.get(id_) or know.catalogue.practices.get(id_)


def passes(item: Provider | Practice | None, wanted: Sought, know: Snapshot) -> bool:
    """Tell whether *item* has all that *wanted* asks for."""
    if item is None:
        return False
    themes = item.themes if isinstance(item, Provider) else (item.theme,)
    forms = item.modalities if isinstance(item, Provider) else (item.modality,)
    if wanted.theme and wanted.theme not in themes:
        return False
    if wanted.form and wanted.form not in forms:
        return False
    return (
        not wanted.country or wanted.country in places_of(item, know) or _is_for(item, wanted.country, know)
    )


def places_of(item: Provider | Practice, know: Snapshot) -> tuple[str, ...]:
    """Return the ISO3 of the countries that *item* names: a provider's own and its partners, or those of a practice."""
    named: list[str | None]
    if isinstance(item, Provider):
        done = [one for one in know.catalogue.practices.values() if item.id in one.providers]
        named = [item.country, *(iso3 for one in done for iso3 in one.partner_countries)]
    else:
        owners = [know.catalogue.providers[id_].country for id_ in item.providers]
        named = [*item.partner_countries, *owners]
    return tuple(dict.fromkeys(iso3 for iso3 in named if iso3))


def _is_for(item: Provider | Practice, country: str, know: Snapshot) -> bool:
    """Tell whether a provider says that it serves the region of *country*, or all."""
    regions = frozenset(item.regions) if isinstance(item, Provider) else frozenset()
    return bool(regions & {know.catalogue.subregions.get(country, ""), *EVERYWHERE} - {""})


def similar(practice: Practice, know: Snapshot, limit: int = 3) -> list[Suggestion]:
    """Return other practices that are like *practice*, best first."""
    wanted = replace(know.catalogue.profile_of(practice), id="like", kind="need", providers=(), country=None)
    wanted = replace(wanted, countries=frozenset())
    found = know.catalogue.partners.suggest(wanted, limit=limit + 1, kinds={"practice"})
    return [one for one in found if one.id != practice.id][:limit]


def countries_like(practice: Practice, country: str, know: Snapshot) -> tuple[str, ...]:
    """
    Return the ISO3 of those who did or took up *practice* and are like *country*, those of both kinds first.

    They lie in the same subregion, or are in the same groups, such as small island States. *country* is not among them.
    """
    known = know.vocabulary.countries
    own = known.get(country)
    if own is None:
        return ()
    shares = {
        iso3: (known[iso3].subregion == own.subregion) + bool(known[iso3].groups & own.groups)
        for iso3 in places_of(practice, know)
        if iso3 in known and iso3 != country
    }
    return tuple(sorted((iso3 for iso3, share in shares.items() if share), key=lambda iso3: -shares[iso3]))
