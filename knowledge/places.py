"""Which countries a text speaks of: those that are to benefit, and those to learn from."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from knowledge.packaged import packaged
from knowledge.phrases import Found, Phrases, units, words
from knowledge.vocabulary import Country, Vocabulary
from knowledge.world import names as world
from knowledge.world.russian import adjective, cases
from matching.text import normalise

# How many words may stand between a cue and the country it speaks of.
NEAR_BEFORE = 2
NEAR_RECIPIENT = 4
# How many words before "from" those stand for whom it is: "scholarships for young engineers from Bhutan".
FOR_WHOM = 8
JOINING = frozenset({"and", "or", "et", "ou", "и", "или", "和", "与", "及", "以及", "dan", "và", "และ", "और"})
ARTICLES = frozenset({"the", "la", "le", "les", "l"})
# "Training in Thai" ends there or goes on with one of these; "in Thai villages" is about a country.
IN_LANGUAGE = (["in"], ["into"])
BEHIND_LANGUAGE = frozenset(
    {"", "and", "or", "for", "to", "with", "by", "at", "on", "not", "pleas", "is", "as"}
)
HIGHEST = 2
"""The rank of those who rather give than need."""
# Short Russian names are like everyday words without their endings: "Баку" and "баки".
SHORT_RUSSIAN = 4
CYRILLIC = re.compile("[а-я]")
SHORTEST = 3
# The key of names within longer ones that speak of no country ("Indian Ocean").
ELSEWHERE = ""


@dataclass(frozen=True, slots=True)
class _Mention:
    """A country or group that a text speaks of, and as what."""

    countries: tuple[str, ...]
    part: Literal["benefit", "model", "market", "giver"]
    is_said: bool
    """Whether words around it say so."""
    chain: int
    """The same for those that "and" joins."""


class Places:
    """Finds countries by their names in many languages, by people, by city and by groups of them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._members = frozenset(vocabulary.countries)
        self._standing = {iso3: _standing(country) for iso3, country in vocabulary.countries.items()}
        self._groups = {f"group {number}": group for number, group in enumerate(_groups(vocabulary))}
        groups = {key: names for key, (names, _) in self._groups.items()}
        nowhere = {ELSEWHERE: world.in_text("elsewhere")}
        names = {**nowhere, **groups, **_names(vocabulary)}
        self._countries = Phrases(names, mends=True, unrelated=world.in_text("unrelated"))
        self._short = _short_russian_names()
        self._people = {tuple(units(word)) for given in world.people().values() for word in given}
        self._languages = {unit for word in world.in_text("language") for unit in units(word)}
        self._organisations = {unit for word in world.in_text("organisation") for unit in units(word)}
        cues = packaged("knowledge", "places.yaml")
        self._cues = {name: _spelt(cues[name]) for name in cues.keys() - {"model"}}
        self._cues |= {name: _spelt(cues["model"][name]) for name in ("before", "beside", "after")}
        self._longest = {name: max(map(len, shapes)) for name, shapes in self._cues.items()}

    def read(self, text: str, *, offers: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """
        Return the countries that are to benefit and those to learn from, in the text's order.

        In an offer a country counts as benefiting where the text says "for" it, or where another
        country is the one that offers. In a need it is one to learn from where the text says so, or
        where it stands apart from one that is more likely to be in need.
        """
        parts, typed = units(text), words(text)
        found = [hit for hit in self._countries.find(text) if self._is_meant(parts, typed, hit)]
        mentions: list[_Mention] = []
        for place, hit in enumerate(found):
            between = parts[found[place - 1].end : hit.start] if place else ["."]
            mentions.append(self._mention(parts, hit, between, mentions, offers))
        if not offers:
            mentions = [self._by_standing(mention, mentions) for mention in mentions]
        benefit = _named(mentions, "benefit")
        return benefit, tuple(iso3 for iso3 in _named(mentions, "model") if iso3 not in benefit)

    def without(self, text: str, countries: Collection[str]) -> str:
        """Return *text* without the names of *countries*; groups of them and all other words stay as written."""
        named = {
            place
            for hit in self._countries.find(text)
            if not set(countries).isdisjoint(hit.keys)
            for place in range(hit.start, hit.end)
        }
        kept: list[str] = []
        start = 0
        for chunk in text.split():
            written = words(chunk)
            own = set(range(start, start + len(written)))
            left = [word for place, word in enumerate(written, start) if place not in named]
            # What is written without spaces, or with a hyphen, may hold a name beside other words.
            kept.append(chunk if named.isdisjoint(own) else "".join(left))
            start += len(written)
        return " ".join(filter(None, kept))

    def _mention(
        self,
        parts: Sequence[str],
        hit: Found,
        between: Sequence[str],
        before: Sequence[_Mention],
        offers: bool,
    ) -> _Mention:
        """Return what *hit* is mentioned as; *before* are those mentioned before it, *between* what parts them."""
        last = before[-1] if before else None
        goes_on = last is not None and (not between or _joins(between))
        countries = self._keys(hit)
        chain = last.chain + (not goes_on) if last else 0
        if self._is_said(parts, hit, "market", NEAR_BEFORE) or (goes_on and last and last.part == "market"):
            return _Mention(countries, "market", True, chain)
        if self._is_model(parts, hit, offers) or (goes_on and last and last.part == "model"):
            return _Mention(countries, "model", True, chain)
        # An article alone begins something new as often as it goes on: "comme au Viet Nam, le Laos ...".
        follows = goes_on or (len(between) == 1 and between[0] in ARTICLES)
        if offers and not self._is_for(parts, hit) and not (follows and last and last.part == "benefit"):
            # Not next to it: "our Thai partners" are those who offer.
            is_ours = not before and self._is_said(
                parts, replace(hit, start=max(0, hit.start - 1)), "ourselves", hit.start
            )
            gives = not (before or is_ours) or goes_on or self._is_above(countries, before)
            return _Mention(countries, "giver" if gives else "benefit", False, chain)
        is_said = self._is_speaker(parts, hit) or self._is_said(parts, hit, "recipient", NEAR_RECIPIENT)
        return _Mention(countries, "benefit", is_said, chain)

    def _is_above(self, countries: Sequence[str], before: Sequence[_Mention]) -> bool:
        return bool(before) and self._rank(countries) > self._rank(before[0].countries)

    def _by_standing(self, mention: _Mention, mentions: Sequence[_Mention]) -> _Mention:
        """
        Return *mention*, as a model if nothing says what it is and another is more likely to be in need.

        That is one that stands apart from it and has a lower rank, before it or, where the rank of
        *mention* is the highest, behind it.
        """
        rank = self._rank(mention.countries)
        others = [
            self._rank(other.countries)
            for other in mentions
            if other.part == "benefit"
            and other.chain != mention.chain
            and (other.chain < mention.chain or rank == HIGHEST or other.is_said)
        ]
        if mention.part != "benefit" or mention.is_said or not others or min(others) >= rank:
            return mention
        return replace(mention, part="model")

    def _rank(self, countries: Sequence[str]) -> int:
        """Return how much rather *countries* give than need: 0 to HIGHEST."""
        return min((self._standing.get(iso3, HIGHEST) for iso3 in countries), default=HIGHEST)

    def _is_meant(self, parts: Sequence[str], typed: Sequence[str], hit: Found) -> bool:
        """Say whether *hit* is neither another name, nor a language, nor an organisation called after a group."""
        following = parts[hit.end] if hit.end < len(parts) else ""
        if ELSEWHERE in hit.keys or typed[hit.start] not in self._short.get(parts[hit.start], typed):
            return False
        if tuple(units(hit.phrase)) in self._people:
            is_spoken = parts[hit.start - 1 : hit.start] in IN_LANGUAGE and following in BEHIND_LANGUAGE
            if is_spoken or following in self._languages:
                return False
        return not (following in self._organisations and hit.keys[0] in self._groups)

    def _is_model(self, parts: Sequence[str], hit: Found, offers: bool) -> bool:
        if self._is_speaker(parts, hit) or (not offers and self._is_followed(parts, hit.end, "wanting")):
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

    def _is_speaker(self, parts: Sequence[str], hit: Found) -> bool:
        return self._is_said(parts, hit, "speaker", NEAR_BEFORE)

    def _is_for(self, parts: Sequence[str], hit: Found) -> bool:
        if self._is_speaker(parts, hit):
            return False
        if any(self._is_said(parts, hit, cue, NEAR_BEFORE) for cue in ("for", "origin")):
            return True
        return self._is_said(parts, hit, "recipient", NEAR_RECIPIENT) or self._is_followed(
            parts, hit.end, "for_after"
        )

    def _is_followed(self, parts: Sequence[str], at: int, cue: str) -> bool:
        shapes = self._cues[cue]
        return any(tuple(parts[at : at + size]) in shapes for size in range(1, self._longest[cue] + 1))

    def _is_said(self, parts: Sequence[str], hit: Found, cue: str, near: int) -> bool:
        """Say whether a cue ends less than *near* words before *hit*."""
        shapes, longest = self._cues[cue], self._longest[cue]
        ends = range(hit.start, max(0, hit.start - near), -1)
        return any(
            tuple(parts[end - size : end]) in shapes
            for end in ends
            for size in range(1, min(longest, end) + 1)
        )

    def _keys(self, hit: Found) -> tuple[str, ...]:
        """Return a group's countries, or the first member that a name may mean, or the first of all."""
        if hit.keys[0] in self._groups:
            return self._groups[hit.keys[0]][1]
        members = tuple(key for key in hit.keys if key in self._members)
        return (members or hit.keys)[:1]


def _named(mentions: Iterable[_Mention], part: str) -> tuple[str, ...]:
    """Return the countries mentioned as *part*, each once."""
    return tuple(
        dict.fromkeys(iso3 for mention in mentions if mention.part == part for iso3 in mention.countries)
    )


def _standing(country: Country) -> int:
    """Return how much rather a member gives than needs, as far as it can be told at all."""
    if not country.in_region or country.iso3 in world.givers():
        return HIGHEST
    return 0 if country.groups else 1


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
    for iso3, given in world.cities().items():
        names.setdefault(iso3, []).extend(form for city in given for form in (*cases(city), *adjective(city)))
    return {
        iso3: [name for name in dict.fromkeys(given) if _is_telling(name)] for iso3, given in names.items()
    }


def _short_russian_names() -> dict[str, set[str]]:
    """Map what short Russian names are found by to the forms in which they are meant."""
    names = [place.names.get("ru", "") for place in world.territories().values()]
    names.extend(city for given in world.cities().values() for city in given)
    short: dict[str, set[str]] = {}
    for form in (form for name in names for form in (name, *cases(name))):
        parts = units(form)
        if len(parts) == 1 and CYRILLIC.match(parts[0]) and len(parts[0]) <= SHORT_RUSSIAN:
            short.setdefault(parts[0], set()).update(words(form))
    return short


def _is_telling(name: str) -> bool:
    """Say whether a name is safe to be found within a text: "US" is also a word."""
    if normalise(name) in world.not_telling():
        return False
    return len(name) > SHORTEST or not name.isascii() or name in world.in_text("telling")
