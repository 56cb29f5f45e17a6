"""Which countries a text speaks of: those that are to benefit, and those to learn from."""

from collections.abc import Mapping, Sequence
from typing import Any

from knowledge.phrases import Found, Phrases, units
from knowledge.vocabulary import Vocabulary
from knowledge.world import names as world
from matching.text import normalise

# How many words may stand between a cue and the country it speaks of.
NEAR_BEFORE = 2
JOINED = frozenset(
    {"and", "or", "et", "ou", "и", "или", "和", "与", "及", "the", "la", "le", "les", "du", "of"}
)


class Places:
    """Finds countries by their names in the four languages, by people and by capital."""

    def __init__(self, vocabulary: Vocabulary, cues: Mapping[str, Any]) -> None:
        self._members = frozenset(vocabulary.countries)
        self._countries = Phrases(_names(vocabulary), mends=True)
        self._cues = {
            "before": _spelt(cues["model"]["before"]),
            "after": _spelt(cues["model"]["after"]),
            "speaker": _spelt(cues["speaker"]),
            "origin": _spelt(cues["origin"]),
            "for": _spelt(cues["for"]),
        }

    def read(self, text: str, *, offers: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """
        Return the countries that are to benefit and those to learn from, in the text's order.

        In an offer a country counts as benefiting only where the text says "for" it: otherwise
        it is the one that offers.
        """
        parts = units(text)
        found = self._countries.find(text)
        benefit: dict[str, None] = {}
        models: dict[str, None] = {}
        was_model = False
        for place, hit in enumerate(found):
            follows = place > 0 and _is_joined(parts[found[place - 1].end : hit.start])
            was_model = self._is_model(parts, hit, offers) or (follows and was_model)
            if was_model:
                models |= dict.fromkeys(self._meant(hit))
            elif not offers or follows or self._is_for(parts, hit):
                benefit |= dict.fromkeys(self._meant(hit))
        return tuple(benefit), tuple(iso3 for iso3 in models if iso3 not in benefit)

    def _is_model(self, parts: Sequence[str], hit: Found, offers: bool) -> bool:
        if self._is_said(parts, hit, "speaker", 1):
            return False
        # Who offers places to nurses "from Fiji" does not want to learn from it.
        if offers and any(self._is_said(parts, hit, cue, 1) for cue in ("origin", "for")):
            return False
        if self._is_said(parts, hit, "before", NEAR_BEFORE):
            return True
        at = hit.end + (parts[hit.end : hit.end + 1] in (["s"], ["的"]))
        return any(tuple(parts[at : at + len(shape)]) == shape for shape in self._cues["after"])

    def _is_for(self, parts: Sequence[str], hit: Found) -> bool:
        return any(self._is_said(parts, hit, cue, NEAR_BEFORE) for cue in ("for", "origin"))

    def _is_said(self, parts: Sequence[str], hit: Found, cue: str, near: int) -> bool:
        """Say whether a cue ends within *near* words before *hit*, no other country between."""
        before = parts[: hit.start]
        return any(
            tuple(before[len(before) - gap - len(shape) : len(before) - gap]) == shape
            for shape in self._cues[cue]
            for gap in range(near)
            if len(before) - gap - len(shape) >= 0
        )

    def _meant(self, hit: Found) -> tuple[str, ...]:
        """Return the members among those a name may mean, or all where none is a member."""
        members = tuple(key for key in hit.keys if key in self._members)
        return (members or hit.keys)[:1]


def _is_joined(between: Sequence[str]) -> bool:
    return len(between) <= 2 and JOINED.issuperset(between)


def _spelt(by_language: Mapping[str, Sequence[str]]) -> set[tuple[str, ...]]:
    return {tuple(units(str(cue))) for cues in by_language.values() for cue in cues}


def _names(vocabulary: Vocabulary) -> dict[str, list[str]]:
    """Map ISO3 to its names; the members first, so that a shared name means the member."""
    names: dict[str, list[str]] = {
        iso3: [*country.name.values(), *country.aliases] for iso3, country in vocabulary.countries.items()
    }
    for iso3, place in world.territories().items():
        names.setdefault(iso3, []).extend(place.names.values())
    for table in (world.aliases(), world.people()):
        for iso3, given in table.items():
            names.setdefault(iso3, []).extend(map(str, given))
    for iso3, capital in world.capitals().items():
        names.setdefault(iso3, []).append(capital)
    return {iso3: [name for name in given if _is_telling(name)] for iso3, given in names.items()}


def _is_telling(name: str) -> bool:
    """Say whether a name is safe to be found within a text: "US" is also a word."""
    if normalise(name) in world.not_telling():
        return False
    return len(name) > 3 or not name.isascii() or name in {"PNG", "RMI", "FSM", "ROK", "USA", "UAE"}
