"""The profiles given as columns, so that a hundred thousand are compared in a millisecond."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.meaning import Meaning
from matching.postings import Floats, Integers, Weights
from matching.profiles import Profile
from matching.search import TextIndex

Mask = npt.NDArray[np.bool_]
Rows = Integers
"""Places of profiles among those given."""
Bits = npt.NDArray[np.unsignedinteger[Any]]

_NARROW, _WIDE = (8, 16, 32), 64
_NONE, _UNKNOWN = -1, -2

# What nobody has checked counts by this much less.
UNVERIFIED_SHARE = 0.6
_FIELD_WEIGHTS = {"name": 2.0, "title": 2.0}


class Facet:
    """For each row a set of values, as bits in as few numbers as there is room in."""

    def __init__(self, sets: Sequence[Collection[Hashable]]) -> None:
        rows: dict[Hashable, list[int]] = {}
        for row, values in enumerate(sets):
            for value in values:
                rows.setdefault(value, []).append(row)
        self._numbers = {value: number for number, value in enumerate(rows)}
        width = next((bits for bits in _NARROW if bits >= len(rows)), _WIDE)
        self._width = width
        self._words = [np.zeros(len(sets), dtype=f"uint{width}") for _ in range(-(-len(rows) // width))]
        for number, found in enumerate(rows.values()):
            word = self._words[number // width]
            word[np.array(found)] |= word.dtype.type(1 << number % width)
        self._size = len(sets)
        self._only = np.full(len(sets), _NONE, dtype=np.int16)
        for row, values in enumerate(sets):
            if len(values) == 1:
                self._only[row] = self._numbers[next(iter(values))]
        self.is_empty: Mask = np.array([not values for values in sets], dtype=np.bool_)
        """Which rows have no value at all."""

    def count_of(self, values: Iterable[Hashable], rows: Rows | None = None) -> Floats:
        """Return how many of *values* each row has, of *rows* only where they are given."""
        counts = np.zeros(self._size if rows is None else len(rows))
        for bits in self._bits(values, rows):
            counts += np.bitwise_count(bits)
        return counts

    def any_of(self, values: Iterable[Hashable], rows: Rows | None = None) -> Mask:
        """Return which rows have any of *values*, of *rows* only where they are given."""
        words = self._bits(values, rows)
        mask: Mask = next(words, np.zeros(self._size if rows is None else len(rows), dtype=np.uint8)) != 0
        for bits in words:
            mask |= bits != 0
        return mask

    def is_only(self, value: Hashable) -> Mask:
        """Return which rows have *value* and nothing else."""
        return np.asarray(self._only == self._numbers.get(value, _UNKNOWN))

    def _bits(self, values: Iterable[Hashable], rows: Rows | None) -> Iterator[Bits]:
        """Return, word by word, the bits of *values* that the rows have."""
        wanted: dict[int, int] = {}
        for value in values:
            if value in self._numbers:
                word, bit = divmod(self._numbers[value], self._width)
                wanted[word] = wanted.get(word, 0) | 1 << bit
        for number, bits in wanted.items():
            word_of = self._words[number]
            yield (word_of if rows is None else word_of[rows]) & word_of.dtype.type(bits)


class Links:
    """Which places lead to which others, from *pairs* of two of *size* places."""

    def __init__(self, pairs: Rows, size: int) -> None:
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        self._ends: Rows = pairs[order, 1]
        self._edges: Rows = np.searchsorted(pairs[order, 0], np.arange(size + 1))

    def of_one(self, place: int) -> Rows:
        """Return where the links of *place* end."""
        return self._ends[self._edges[place] : self._edges[place + 1]]

    def of(self, places: Rows) -> tuple[Rows, Rows]:
        """Return for each link of *places* which of them it begins at, as a position, and where it ends."""
        starts = self._edges[places]
        counts = self._edges[places + 1] - starts
        positions = np.repeat(np.arange(len(places)), counts)
        firsts = np.cumsum(counts) - counts
        links = np.arange(len(positions)) + np.repeat(starts - firsts, counts)
        return positions, self._ends[links]


def positions(places: Rows, rows: Rows) -> tuple[Rows, Mask]:
    """Return where among *rows*, which are sorted, each of *places* stands, and whether it is there at all."""
    at = np.minimum(np.searchsorted(rows, places), max(len(rows) - 1, 0))
    is_there: Mask = rows[at] == places if len(rows) else np.zeros(len(places), dtype=np.bool_)
    return at, is_there


class Given:
    """
    The profiles that can be suggested, in the order of their ids, and their facets.

    With *base* they are a few beside those: providers and the rarity of words are known from there.
    """

    def __init__(
        self, profiles: Iterable[Profile], subregions: Mapping[str, str], base: "Given | None" = None
    ) -> None:
        # Sorted, so that no result depends on the order in which they came.
        by_id = {profile.id: profile for profile in profiles}
        self.profiles = tuple(by_id[id_] for id_ in sorted(by_id))
        self.places = {profile.id: place for place, profile in enumerate(self.profiles)}
        self.subregions = dict(subregions)
        self._base = base
        texts = {profile.id: profile.texts for profile in self.profiles}
        self.texts: TextIndex = TextIndex(texts, weights=_FIELD_WEIGHTS, base=base.texts if base else None)
        self.meaning: Meaning | None = None
        self.verified: Mask = np.array([p.verified for p in self.profiles], dtype=np.bool_)
        self.replicated: Mask = np.array([p.replicated for p in self.profiles], dtype=np.bool_)
        self.kinds = Facet([{p.kind} for p in self.profiles])
        self.owners = Facet([self.owners_of(p) for p in self.profiles])
        self.partners = Facet([p.countries for p in self.profiles])
        self.homes = Facet([self.homes_of(p) for p in self.profiles])
        self.main_themes = Facet([p.themes[:1] for p in self.profiles])
        self.themes = Facet([set(p.themes) for p in self.profiles])
        self.sdgs = Facet([p.sdgs for p in self.profiles])
        self.modalities = Facet([p.modalities for p in self.profiles])
        self.regions = Facet([p.regions for p in self.profiles])
        self.groups = Facet([p.groups for p in self.profiles])
        self.roles = Facet([p.roles for p in self.profiles])
        self.languages = Facet([p.languages for p in self.profiles])
        self.trust: Weights = np.where(self.verified, 1, UNVERIFIED_SHARE).astype(np.float32)
        pairs = self._carried_out()
        self.carriers = Links(pairs, len(self))
        self.practices = Links(pairs[:, ::-1], len(self))
        self.carriers_in_base = self._carried_out_in(base) if base else ()
        self.has_practices: bool = len(pairs) > 0 or (base is not None and base.has_practices)

    def __len__(self) -> int:
        return len(self.profiles)

    def everyone(self) -> Mask:
        """Return a mask that leaves nobody out."""
        return np.ones(len(self), dtype=np.bool_)

    def homes_of(self, profile: Profile) -> frozenset[str]:
        """Return the regions that *profile* comes from or, for a need, is about."""
        countries = {profile.country, *profile.countries} - {None}
        homes = {self.subregions[iso3] for iso3 in countries if iso3 in self.subregions}
        return frozenset(homes | (profile.regions if profile.kind == "need" else set()))

    def owners_of(self, profile: Profile) -> frozenset[str]:
        """Return whose profile it is; "" stands for a multilateral body."""
        if profile.country or not profile.providers:
            return frozenset({profile.country or ""})
        known = map(self.profile_of, profile.providers)
        return frozenset((owner.country if owner else None) or "" for owner in known)

    def profile_of(self, id: str) -> Profile | None:  # noqa: A002
        """Return the profile *id*, given here or in the base; None when in neither."""
        if id in self.places:
            return self.profiles[self.places[id]]
        return self._base.profile_of(id) if self._base else None

    def _carried_out_in(self, base: "Given") -> tuple[tuple[int, int], ...]:
        """Return pairs: the place of a practice here, and that in *base* of one who carried it out."""
        return tuple(
            (place, base.places[provider])
            for place, profile in enumerate(self.profiles)
            if profile.kind == "practice"
            for provider in profile.providers
            if provider in base.places and provider not in self.places
        )

    def _carried_out(self) -> Rows:
        """Return pairs of places: a practice, and one of those who carried it out."""
        pairs = [
            (place, self.places[provider])
            for place, profile in enumerate(self.profiles)
            if profile.kind == "practice"
            for provider in profile.providers
            if provider in self.places
        ]
        return np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)
