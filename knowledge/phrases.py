"""Finds known phrases in free text: by their stems, in any script, in spite of a typing error."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from matching.intents import background
from matching.text import normalise, stem

# Han, kana, Thai, Lao, Burmese, Khmer: without spaces, so every sign is a unit of its own.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
PIECE = re.compile(f"[{UNSPACED}]|[^{UNSPACED}]+")
# Shorter words are too close to one another to mend.
SHORTEST_MENDED = 6


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase found in a text: what it stands for and where, counted in units."""

    keys: tuple[str, ...]
    start: int
    end: int
    phrase: str
    """The phrase as it is known, not as it was typed."""

    @property
    def size(self) -> int:
        """Its length in units."""
        return self.end - self.start


def units(text: str) -> list[str]:
    """Return *text* cut into what phrases are made of: stems, or single signs without spaces."""
    return [unit for unit, _ in _units_with_words(text)]


def words(text: str) -> list[str]:
    """Return the words that the units of *text* were made of, one for each."""
    return [word for _, word in _units_with_words(text)]


# One text is searched for phrases of several kinds, one after the other.
@lru_cache(maxsize=16)
def _units_with_words(text: str) -> tuple[tuple[str, str], ...]:
    pieces = (piece for word in normalise(text).split() for piece in PIECE.findall(word))
    return tuple((stem(piece), piece) for piece in pieces)


class Phrases:
    """
    Phrases to be found in texts; *phrases* maps a key to those that stand for it.

    *unrelated* are words that are nothing but themselves, though they have the stem of another.
    """

    def __init__(
        self, phrases: Mapping[str, Iterable[str]], *, mends: bool = False, unrelated: Iterable[str] = ()
    ) -> None:
        self._unrelated = frozenset(map(normalise, unrelated))
        self._keys: dict[tuple[str, ...], dict[str, str]] = {}
        words: set[str] = set()
        for key, given in phrases.items():
            for phrase in given:
                parts = _units_with_words(phrase)
                if parts:
                    shape = self._shape(parts)
                    self._keys.setdefault(shape, {}).setdefault(key, phrase)
                    words.update(word for _, word in parts)
        self._longest: dict[str, int] = {}
        for shape in self._keys:
            self._longest[shape[0]] = max(len(shape), self._longest.get(shape[0], 0))
        self._units = frozenset(unit for shape in self._keys for unit in shape)
        # What needs no second look, where no word is to be kept apart from those of its stem.
        self._plain = frozenset() if self._unrelated else self._units
        self._mendable: dict[tuple[str, int], list[str]] = {}
        for word in sorted(filter(_is_mendable, words)) if mends else ():
            for length in (len(word) - 1, len(word), len(word) + 1):
                self._mendable.setdefault((word[0], length), []).append(word)

    def _shape(self, parts: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        """Return the units of a phrase; a word alone stands for its stem, whatever it is among others."""
        if len(parts) == 1:
            return (parts[0][0],)
        return tuple(_itself(word) if word in self._unrelated else unit for unit, word in parts)

    def find(self, text: str) -> list[Found]:
        """Return the phrases in *text* in its order; where they overlap, the longest counts."""
        typed = _units_with_words(text)
        parts = [unit if unit in self._plain else self._mended(unit, word) for unit, word in typed]
        found: list[Found] = []
        end = 0
        for at, unit in enumerate(parts):
            if at >= end and unit in self._longest and (hit := self._at(parts, at)) is not None:
                found.append(hit)
                end = hit.end
        return found

    def _at(self, parts: Sequence[str], at: int) -> Found | None:
        for size in range(min(self._longest.get(parts[at], 0), len(parts) - at), 0, -1):
            keys = self._keys.get(tuple(parts[at : at + size]))
            if keys:
                return Found(tuple(keys), at, at + size, next(iter(keys.values())))
        return None

    def _mended(self, unit: str, word: str) -> str:
        """Return *unit*, or the stem of the known word that *word* is one error away from."""
        if word in self._unrelated:
            return _itself(word)
        if unit in self._units or not self._mendable or not _is_mendable(word) or word in _everyday():
            return unit
        alike = self._mendable.get((word[0], len(word)), ())
        near = process.extractOne(word, alike, scorer=OSA.distance, score_cutoff=1)
        return stem(near[0]) if near is not None else unit


def _itself(word: str) -> str:
    """Return a unit that no stem is like."""
    return f"={word}"


def _is_mendable(word: str) -> bool:
    return word.isalpha() and len(word) >= SHORTEST_MENDED


@cache
def _everyday() -> frozenset[str]:
    """Return words that are right as they stand, though no phrase has them."""
    return frozenset(word for text in background() for word in normalise(text).split())
