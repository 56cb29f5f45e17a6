"""Which countries a text speaks of: those that are to benefit, and those to learn from."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from knowledge.packaged import packaged
from knowledge.phrases import Found, Phrases, units
from knowledge.vocabulary import Vocabulary
from knowledge.world import names as world
from knowledge.world.russian import cases

# How many words may stand between a cue and the country it speaks of.
NEAR_BEFORE = 2
NEAR_RECIPIENT = 4
# How many words before "from" those stand for whom it is: "scholarships for young engineers from Bhutan".
FOR_WHOM = 8
JOINING = frozenset({"and", "or", "et", "ou", "и", "или", "和", "与", "及", "以及", "dan", "và", "และ", "और"})
ARTICLES = frozenset({"the", "la", "le", "les", "l"})
# The key of names within longer ones that speak of no country ("Indian Ocean").
ELSEWHERE = ""


class Places:
    """Finds countries by their names in many languages, by people, by capital and by groups of them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._members = frozenset(vocabulary.countries)
        self._groups = {f"group {number}": group for number, group in enumerate(_groups(vocabulary))}
        groups = {key: names for key, (names, _) in self._groups.items()}
        nowhere = {ELSEWHERE: world.in_text("elsewhere")}
        self._countries = Phrases({**nowhere, **groups, **_names(vocabulary)}, mends=True)
        self._people = {tuple(units(word)) for given in world.people().values() for word in given}
        self._languages = {unit for word in world.in_text("language") for unit in units(word)}
        self._organisations = {unit for word in world.in_text("organisation") for unit in units(word)}
        cues = packaged("knowledge", "places.yaml")
        self._cues = {name: _spelt(cues[name]) for name in cues.keys() - {"model"}}
        self._cues |= {name: _spelt(cues["model"][name]) for name in ("before", "beside", "after")}

    def read(self, text: str, *, offers: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """
        Return the countries that are to benefit and those to learn from, in the text's order.

        In an offer a country counts as benefiting only where the text says "for" it: otherwise
        it is the one that offers.
        """
        parts = units(text)
        found = [hit for hit in self._countries.find(text) if self._is_meant(parts, hit)]
        benefit: dict[str, None] = {}
        models: dict[str, None] = {}
        was_model = was_market = False
        for place, hit in enumerate(found):
            between = parts[found[place - 1].end : hit.start] if place else ["."]
            goes_on = not between or _joins(between)
            # An article alone begins something new as often as it goes on: "comme au Viet Nam, le Laos ...".
            follows = goes_on or (len(between) == 1 and between[0] in ARTICLES)
            was_market = self._is_said(parts, hit, "market", NEAR_BEFORE) or (goes_on and was_market)
            was_model = not was_market and (self._is_model(parts, hit, offers) or (goes_on and was_model))
            if was_model:
                models |= dict.fromkeys(self._keys(hit))
            elif not was_market and (not offers or follows or self._is_for(parts, hit)):
                benefit |= dict.fromkeys(self._keys(hit))
        return tuple(benefit), tuple(iso3 for iso3 in models if iso3 not in benefit)

    def _is_meant(self, parts: Sequence[str], hit: Found) -> bool:
        """Say whether *hit* is neither another name, nor a language, nor an organisation called after a group."""
        following = parts[hit.end] if hit.end < len(parts) else ""
        if ELSEWHERE in hit.keys:
            return False
        if following in self._languages and tuple(units(hit.phrase)) in self._people:
            return False
        return not (following in self._organisations and hit.keys[0] in self._groups)

    def _is_model(self, parts: Sequence[str], hit: Found, offers: bool) -> bool:
        if self._is_said(parts, hit, "speaker", NEAR_BEFORE):
            return False
        # Who offers places to nurses "from Fiji" does not want to learn from it.
        if offers and any(self._is_said(parts, hit, cue, 1) for cue in ("origin", "for")):
            return False
        if self._is_said(parts, hit, "before", NEAR_BEFORE) or self._is_said(parts, hit, "beside", 1):
            return True
        if self._is_said(parts, hit, "source", NEAR_BEFORE):
            return not self._is_said(parts, hit, "recipient", FOR_WHOM)
        at = hit.end + (parts[hit.end : hit.end + 1] in (["s"], ["的"]))
        return self._is_followed(parts, at, "after")

    def _is_for(self, parts: Sequence[str], hit: Found) -> bool:
        if self._is_said(parts, hit, "speaker", NEAR_BEFORE):
            return False
        if any(self._is_said(parts, hit, cue, NEAR_BEFORE) for cue in ("for", "origin")):
            return True
        return self._is_said(parts, hit, "recipient", NEAR_RECIPIENT) or self._is_followed(
            parts, hit.end, "for_after"
        )

    def _is_followed(self, parts: Sequence[str], at: int, cue: str) -> bool:
        return any(tuple(parts[at : at + len(shape)]) == shape for shape in self._cues[cue])

    def _is_said(self, parts: Sequence[str], hit: Found, cue: str, near: int) -> bool:
        """Say whether a cue ends less than *near* words before *hit*."""
        before = parts[: hit.start]
        return any(
            tuple(before[len(before) - gap - len(shape) : len(before) - gap]) == shape
            for shape in self._cues[cue]
            for gap in range(near)
            if len(before) - gap - len(shape) >= 0
        )

    def _keys(self, hit: Found) -> tuple[str, ...]:
        """Return a group's countries, or the first member that a name may mean, or the first of all."""
        if hit.keys[0] in self._groups:
            return self._groups[hit.keys[0]][1]
        members = tuple(key for key in hit.keys if key in self._members)
        return (members or hit.keys)[:1]


def _joins(between: Sequence[str]) -> bool:
    """Say whether what stands between two names is "and" or "or", a little word besides or not."""
    joining = [unit for unit in between if unit in JOINING]
    return (bool(joining) and len(between) <= 2) or "".join(between) in JOINING


def _spelt(by_language: Mapping[str, Sequence[str]]) -> set[tuple[str, ...]]:
    return {tuple(units(str(cue))) for cues in by_language.values() for cue in cues}


def _groups(vocabulary: Vocabulary) -> Iterable[tuple[Sequence[str], tuple[str, ...]]]:
    """Yield each group's names and its countries, as ISO3."""
    for group in world.groups():
        yield group["names"], tuple(group.get("countries") or _in_group(group, vocabulary))


def _in_group(group: Mapping[str, Any], vocabulary: Vocabulary) -> Iterable[str]:
    for iso3, country in vocabulary.countries.items():
        if country.groups.issuperset(group["groups"]) and group.get("subregion") in (None, country.subregion):
            yield iso3


def _names(vocabulary: Vocabulary) -> dict[str, list[str]]:
    """Map ISO3 to its names; the members first, so that a shared name means the member."""
    names: dict[str, list[str]] = {
        iso3: [*country.name.values(), *country.aliases] for iso3, country in vocabulary.countries.items()
    }
    for iso3, place in world.territories().items():
        names.setdefault(iso3, []).extend((*place.names.values(), *cases(place.names.get("ru", ""))))
    for table in (world.aliases(), world.people(), world.cities(), world.names_in_text()):
        for iso3, given in table.items():
            names.setdefault(iso3, []).extend(map(str, given))
    for iso3, capital in world.capitals().items():
        names.setdefault(iso3, []).append(capital)
    return {
        iso3: [name for name in dict.fromkeys(given) if _is_telling(name)] for iso3, given in names.items()
    }


def _is_telling(name: str) -> bool:
    """Say whether a name is safe to be found within a text: "US" is also a word."""
    if name.casefold() in world.not_telling():
        return False
    return len(name) > 3 or not name.isascii() or name in {"PNG", "RMI", "FSM", "ROK", "USA", "UAE", "Lao"}
