"""Finds documents by their words and by their letters, in every script."""

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np

from matching.filler import FILLER, telling
from matching.names import Hit
from matching.postings import Floats, Postings, tf_idf
from matching.text import grams, stem, stems, tokens

# Usual values of BM25: how soon repeating a word stops to help, how much long texts pay.
K1 = 1.5
B = 0.75
_GRAM_SIZES = (3, 4, 5)
_GRAM_SHARE = 0.4
# Character n-grams take 20 times the memory of words: they are for catalogues, not for libraries.
_DOCUMENTS_WITH_GRAMS = 10_000
_LONGEST_QUERY = 4096


class TextIndex:
    """
    Documents to be found by text.

    *documents* maps a key to its fields and *weights* a field to how much its words count; a
    field without a weight counts 1.
    """

    def __init__(
        self,
        documents: Mapping[str, Mapping[str, str]],
        *,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        self.keys: tuple[str, ...] = tuple(documents)
        self._documents = tuple(documents.values())
        self._words = _Words(documents, weights or {})
        self._grams = _Grams(documents) if len(documents) <= _DOCUMENTS_WITH_GRAMS else None

    def scores(self, query: str) -> Floats:
        """Return how well each document answers *query*, 0 to 100, parallel to `keys`."""
        text = query[:_LONGEST_QUERY]
        by_words = self._words.scores(text)
        if self._grams is None:
            return 100 * by_words
        by_grams = self._grams.scores(text)
        blended = (1 - _GRAM_SHARE) * by_words + _GRAM_SHARE * by_grams
        return np.minimum(100 * blended, 100)

    def search(self, query: str, *, limit: int = 10) -> list[Hit]:
        """Return the documents that share something with *query*, best first."""
        scores = self.scores(query)
        return [Hit(self.keys[place], round(float(scores[place]), 2)) for place in best_places(scores, limit)]

    def shared(self, query: str, place: int, *, limit: int = 5) -> list[str]:
        """Return words of *query* that the document at *place* holds, the rarest first."""
        held = {part for text in self._documents[place].values() for part in stems(text)}
        words = dict.fromkeys(tokens(query[:_LONGEST_QUERY]))
        common = [word for word in words if stem(word) in held and word not in FILLER]
        return sorted(common, key=lambda word: -self._words.rarity_of(word))[:limit]


def best_places(scores: Floats, limit: int) -> list[int]:
    """Return where the *limit* best positive *scores* are, best first, equals in their order."""
    if limit <= 0 or not len(scores):
        return []
    floor = 0.0
    if len(scores) > limit:
        floor = float(np.partition(scores, len(scores) - limit)[len(scores) - limit])
    places = np.flatnonzero((scores >= floor) & (scores > 0))
    ranked = places[np.argsort(-scores[places], kind="stable")]
    return [int(place) for place in ranked[:limit]]


class _Words:
    """Stemmed words by BM25, as a share of what a document of exactly these words would get."""

    def __init__(self, documents: Mapping[str, Mapping[str, str]], weights: Mapping[str, float]) -> None:
        self._postings = Postings(_repeated(fields, weights) for fields in documents.values())
        postings = self._postings
        mean = float(postings.lengths.mean()) if postings.size else 1.0
        penalty = K1 * (1 - B + B * postings.lengths / max(mean, 1.0))
        counts = postings.weights
        saturated = counts * (K1 + 1) / (counts + penalty[postings.rows])
        postings.weights = saturated.astype(np.float32)
        self._rarity = _information(postings)

    def rarity_of(self, word: str) -> float:
        """Return how rare *word* is: near 0 where every document has it, 1.6 for one in five."""
        number = self._postings.numbers.get(stem(word))
        return 0.0 if number is None else float(self._rarity[number])

    def scores(self, text: str) -> Floats:
        """Return a value from 0 to 1 for each document."""
        words = Counter(map(stem, telling(tokens(text))))
        wanted = {
            number: float(self._rarity[number]) * min(count, 2)
            for word, count in words.items()
            if (number := self._postings.numbers.get(word)) is not None
        }
        unknown = sum(1 for word in words if word not in self._postings.numbers)
        most = sum(wanted.values()) + unknown * math.log(1 + self._postings.size) * 0.5
        if not most:
            return np.zeros(self._postings.size)
        return np.minimum(self._postings.sums(wanted) / (most * K1), 1)


def _information(postings: Postings) -> Floats:
    """Return the inverse document frequency of each term as BM25 has it, never negative."""
    held = postings.frequencies
    return np.asarray(np.log1p((postings.size - held + 0.5) / (held + 0.5)), dtype=np.float64)


def _repeated(fields: Mapping[str, str], weights: Mapping[str, float]) -> list[str]:
    """Return the stems of all *fields*, those of a heavy one several times."""
    found: list[str] = []
    for name, text in fields.items():
        found.extend(stems(text) * max(1, round(weights.get(name, 1.0))))
    return found


class _Grams:
    """Character n-grams by TF-IDF cosine: they bear typing errors and endings."""

    def __init__(self, documents: Mapping[str, Mapping[str, str]]) -> None:
        self._postings = Postings(
            grams(" ".join(fields.values()), _GRAM_SIZES) for fields in documents.values()
        )
        self._rarity = tf_idf(self._postings)

    def scores(self, text: str) -> Floats:
        """Return the cosine with each document, 0 to 1."""
        counts = Counter(self._postings.known(grams(text, _GRAM_SIZES)))
        wanted = {
            number: (1 + math.log(count)) * float(self._rarity[number]) for number, count in counts.items()
        }
        norm = math.sqrt(sum(weight**2 for weight in wanted.values()))
        return self._postings.sums(wanted) / max(norm, 1e-6)
