"""Finds who or what a name means in spite of typing errors, aliases and shared names."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from matching.deletions import Deletions
from matching.postings import Floats, Integers, Postings, tf_idf
from matching.text import grams, normalise

CERTAIN = 100.0
# A name that differs is never certain, however little.
ALMOST_CERTAIN = 99.0
# So many names with the likeliest trigrams are compared letter by letter, the best of them in full.
_COMPARED, CANDIDATES = 150, 16
# Names that have less of the trigrams than this share of what the likeliest has are left out at once.
_LEAST_SHARE = 0.45
# How many aliases more than keys are wanted are ranked: several may be of one key.
_RANKED = 15
_SHORT = 3
_TRIGRAMS = (3,)
# Frequent trigrams tell little and cost much: the rarest count until so many names were looked at.
_POSTINGS_READ = 20_000
_TRIGRAMS_READ = 20
# The blend is stricter than a reader: one wrong letter in a short name gives 64. Stretched, a name
# with one typing error scores 80 in 98 of 100 cases, and so do 2 of 100 words that are no name.
_BLENDED, _STRETCHED = (0.0, 64.0, 99.0), (0.0, 80.0, ALMOST_CERTAIN)
# What a name of 4 to 8 letters scores at least that is one typing error away.
_SIZES, _ONE_ERROR = (4, 8), (81.0, 92.0)
_LONGEST_QUERY = 200
_ARTICLES = frozenset({"the", "la", "le", "les", "l"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A key that was found and its score, 0 to 100."""

    key: str
    score: float


class Wording:
    """
    How the words of names count where names are compared word by word.

    *same* maps a word to those that stand for it ("saint": "st"), and "" to those that do not count. *weak* words
    are left out where nothing is found with them.
    """

    def __init__(self, same: Mapping[str, Iterable[str]], weak: Iterable[str] = ()) -> None:
        self._same = {normalise(word): normalise(meant) for meant, words in same.items() for word in words}
        self._weak = frozenset(self._same.get(word, word) for word in map(normalise, weak))

    def plain(self, name: str) -> str:
        """Return the words of *name*, a normalised name, as they count, in the order of the alphabet."""
        return " ".join(sorted(filter(None, (self._same.get(word, word) for word in name.split()))))

    def bare(self, name: str) -> str:
        """Return *name*, a normalised name, without weak words and those that do not count."""
        return " ".join(word for word in name.split() if self._counts(self._same.get(word, word)))

    def _counts(self, word: str) -> bool:
        return word != "" and word not in self._weak


class Names:
    """
    Names to be found by, for up to 100,000 keys.

    *names* maps a key to every name it goes by. *ambiguous* maps a name that may mean several
    ("korea") to their keys; so does a name that several keys share by itself. *exact_only* maps
    keys to further names that no other word comes near to. For *nobody*'s names, and what comes
    closest to them, nothing is found.
    """

    def __init__(
        self,
        names: Mapping[str, Sequence[str]],
        *,
        ambiguous: Mapping[str, Sequence[str]] | None = None,
        exact_only: Mapping[str, Sequence[str]] | None = None,
        nobody: Iterable[str] = (),
        wording: Wording | None = None,
    ) -> None:
        self._keys = _keys_by_alias(names)
        for name, keys in (ambiguous or {}).items():
            self._keys[normalise(name)] = tuple(dict.fromkeys(keys))
        self._keys |= dict.fromkeys(map(normalise, nobody), ())
        self._keys.pop("", None)
        self._aliases = [alias for alias in self._keys if not _is_short(alias)]
        self._wording = wording
        self._plain = _by_form(self._keys, wording.plain) if wording else {}
        self._keys = _keys_by_alias(exact_only or {}) | self._keys
        self._joined = _by_form(self._keys, _joined)
        self._deletions = Deletions(self._aliases)
        self._sorted = [_in_word_order(alias) for alias in self._aliases]
        self._postings = Postings(grams(alias, _TRIGRAMS) for alias in self._aliases)
        # Lists, since numpy takes longer to give out one number.
        self._frequencies: list[int] = self._postings.frequencies.tolist()
        self._rarity: list[float] = tf_idf(self._postings).tolist()
        # What a trigram that no name has adds to the squared length of a query.
        self._unknown = (math.log(1 + self._postings.size) + 1) ** 2

    def exact(self, query: str) -> tuple[str, ...]:
        """
        Return the keys of which *query* is a name, in the order of names; empty when none.

        Spaces and a leading article do not matter: "Vietnam" is "Viet Nam", "U.S.A." is "USA".
        """
        wanted = normalise(query[:_LONGEST_QUERY])
        for form in (wanted, _without_article(wanted)):
            if form in self._keys:
                return self._keys[form]
        return self._joined.get(_joined(wanted), ())

    def closest(self, query: str, *, limit: int = 3, cutoff: float = 80.0) -> list[Hit]:
        """
        Return the keys whose names are closest to *query*, best first, from *cutoff* upwards.

        Where *query* is a name, only those that it names are returned, with 100 each. Otherwise
        the best name of a key counts, at most 99; 3 letters or fewer must be exact. Equal
        scores keep the order of names and of what an ambiguous name means, so one query always
        gives one list.
        """
        certain = self.exact(query)
        if certain:
            return [Hit(key, CERTAIN) for key in certain[:limit]]
        wanted = normalise(query[:_LONGEST_QUERY])
        if _is_short(wanted) or wanted in self._keys or not self._aliases:
            return []
        forms = self._forms(wanted)
        for form in forms if cutoff <= ALMOST_CERTAIN else ():
            if keys := self._by_words(form):
                return [Hit(key, ALMOST_CERTAIN) for key in keys[:limit]]
        found = [self._ranked(self._scored(form, limit), limit, cutoff) for form in forms]
        return max(found, key=lambda hits: hits[0].score if hits else 0.0)

    def _forms(self, wanted: str) -> list[str]:
        """Return *wanted*, and what is left of it without weak words where that is less and not too short."""
        bare = self._wording.bare(wanted) if self._wording else wanted
        return [wanted] if bare == wanted or _is_short(bare) else [wanted, bare]

    def _by_words(self, form: str) -> tuple[str, ...]:
        plain = self._wording.plain(form) if self._wording else ""
        return () if _is_short(plain) else self._plain.get(plain, ())

    def _scored(self, wanted: str, limit: int) -> list[tuple[str, float]]:
        near = self._deletions.near(wanted)
        rows, cosines = self._alike(wanted, near)
        by_words = _letters(_in_word_order(wanted), [self._sorted[row] for row in rows.tolist()])
        likely = _largest(70 * by_words + 30 * cosines, CANDIDATES + limit)
        found = [self._aliases[row] for row in rows[likely].tolist()]
        labels = _labels(wanted)
        scores = _blend(wanted, found, by_words[likely], cosines[likely])
        if near:
            least = np.interp([len(name) for name in found], _SIZES, _ONE_ERROR)
            scores = np.where(np.isin(rows[likely], near), np.maximum(scores, least), scores)
        if labels:
            scores = np.where([_is_labelled_otherwise(name, labels) for name in found], 0.0, scores)
        first = np.argsort(-scores, kind="stable")[: _RANKED + limit]
        return [(found[place], float(scores[place])) for place in first.tolist()]

    def _alike(self, wanted: str, near: Sequence[int]) -> tuple[Integers, Floats]:
        """Return *near* and the aliases most like *wanted* by its rarest trigrams, and how much, 0 to 1."""
        counts = Counter(grams(wanted, _TRIGRAMS))
        numbers, frequencies = self._postings.numbers, self._frequencies
        known = [
            (frequencies[number], gram, number)
            for gram in counts
            if (number := numbers.get(gram)) is not None
        ]
        weights: dict[int, float] = {}
        read = 0
        # By their letters where they are equally rare, so that the order of names does not matter.
        for frequency, gram, number in sorted(known):
            read += frequency
            if weights and (read > _POSTINGS_READ or len(weights) == _TRIGRAMS_READ):
                break
            weights[number] = (1 + math.log(counts[gram])) * self._rarity[number]
        unknown = (len(counts) - len(known)) * self._unknown
        norm = math.sqrt(sum(weight**2 for weight in weights.values()) + unknown)
        sums = self._postings.sums(weights)
        rows = _largest(sums, _COMPARED)
        if near:
            rows = np.union1d(rows, near)
        return rows, sums[rows] / max(norm, 1e-6)

    def _ranked(self, scored: Sequence[tuple[str, float]], limit: int, cutoff: float) -> list[Hit]:
        if scored and not self._keys[scored[0][0]]:
            return []
        best: dict[str, float] = {}
        for alias, score in scored:
            for key in self._keys[alias] if score >= cutoff else ():
                best[key] = max(score, best.get(key, 0.0))
        # Of equal scores, the one found first stays the first.
        ranked = sorted(best, key=lambda key: -best[key])
        return [Hit(key, best[key]) for key in ranked[:limit]]


def closest(
    query: str, names: Mapping[str, Sequence[str]], *, limit: int = 3, cutoff: float = 85.0
) -> list[Hit]:
    """Return the keys of *names*, a small mapping, that are closest to *query* (see Names)."""
    return Names(names).closest(query, limit=limit, cutoff=cutoff)


def _keys_by_alias(names: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    shared: dict[str, dict[str, None]] = {}
    for key, aliases in names.items():
        for alias in aliases:
            shared.setdefault(normalise(alias), {})[key] = None
    return {alias: tuple(keys) for alias, keys in shared.items()}


def _by_form(keys: Mapping[str, tuple[str, ...]], form: Callable[[str], str]) -> dict[str, tuple[str, ...]]:
    """Map each *form* of a name to the keys of the names that have it."""
    by_form: dict[str, tuple[str, ...]] = {}
    for alias, meant in keys.items():
        shape = form(alias)
        by_form[shape] = tuple(dict.fromkeys((*by_form.get(shape, ()), *meant)))
    return by_form


def _joined(name: str) -> str:
    return name.replace(" ", "")


def _is_short(name: str) -> bool:
    return len(_joined(name)) <= _SHORT


def _without_article(name: str) -> str:
    first, _, rest = name.partition(" ")
    return rest if first in _ARTICLES and rest else name


def _labels(name: str) -> set[str]:
    """Return the numbers and the last letter in *name*: "Room 3" is not a mistyped "Room 2", nor "Room B"."""
    words = name.split()
    return {word for word in words if word.isdecimal()} | {word for word in words[-1:] if len(word) == 1}


def _is_labelled_otherwise(name: str, labels: set[str]) -> bool:
    own = _labels(name)
    return bool(own) and own.isdisjoint(labels)


def _largest(values: Floats, count: int) -> Integers:
    """Return where the *count* largest positive *values* are, in ascending order of place."""
    top = float(values.max(initial=0.0))
    places = np.flatnonzero(values > top * _LEAST_SHARE)
    if len(places) > count:
        least = np.partition(values[places], -count)[-count]
        places = places[values[places] >= least][: 2 * count]
    return places


def _in_word_order(name: str) -> str:
    return " ".join(sorted(name.split()))


def _letters(wanted: str, found: Sequence[str]) -> Floats:
    """Return for each name of *found* how many letters it has in order with *wanted*, 0 to 1."""
    return np.asarray(process.cdist([wanted], found, scorer=Indel.normalized_similarity)[0], np.float64)


def _blend(wanted: str, found: Sequence[str], by_words: Floats, cosines: Floats) -> Floats:
    """Return the scores of *found*, 0 to 99: half letters in order, the rest words and trigrams."""
    letters = np.maximum(_letters(wanted, found), by_words)
    shared_words = np.asarray(process.cdist([wanted], found, scorer=fuzz.token_set_ratio)[0], np.float64)
    blended = 50 * letters + 0.2 * shared_words + 30 * cosines
    return np.round(np.interp(blended, _BLENDED, _STRETCHED), 2)
