"""Stemmed words by BM25, and what the best documents say besides."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from matching.filler import FILLER, languages
from matching.postings import Floats, Postings, Weights
from matching.spelling import Spelling
from matching.text import stem, tokens

Fields = Mapping[str, str]

# Usual values of BM25: how soon repeating a word stops to help, how much long texts pay.
K1 = 1.5
B = 0.75
# A text says first what it is about: its beginning counts twice. Chosen on Cranfield.
LEADING_WORDS = 25
_MOST_OFTEN = 2
_REMEMBERED = 8192
# A language is one of the documents' own from this share of the most frequent one's filler on.
_OWN_LANGUAGE = 0.4
_SHORTEST_TELLING = 3
# Words that most of a large library has cost much and tell little: the rarest count until so many
# places were read.
POSTINGS_READ = 100_000


class Words:
    """
    The words of *documents* by how much each says.

    *weights* maps a field to how much its words count. A small index beside a large one takes
    the rarity of words from it as its *base*, so that the scores of both can be compared.
    """

    def __init__(
        self, documents: Sequence[Fields], weights: Mapping[str, float], base: "Words | None" = None
    ) -> None:
        self._weights = weights
        self._base = base
        self.postings = Postings((self._forms(fields) for fields in documents), stem)
        mean = max(float(self.postings.lengths.mean()), 1.0) if documents else 1.0
        self._mean: float = base._mean if base else mean
        self._weigh()
        self._rarity = _information(self.postings)
        self.mended = lru_cache(maxsize=_REMEMBERED)(Spelling(self._form_counts()).mended)
        self.languages = self._spoken()

    def _forms(self, fields: Fields) -> list[str]:
        found: list[str] = []
        for name, text in fields.items():
            words = tokens(text)
            weight = max(1, round(self._weights.get(name, 1.0)))
            found += words * weight
            if weight == 1:
                found += words[:LEADING_WORDS]
        return found

    def _form_counts(self) -> dict[str, int]:
        """Return for each word about how many documents have it: those that have its stem."""
        frequencies = self.postings.frequencies.tolist()
        return {form: frequencies[number] for form, number in self.postings.forms.items()}

    def _spoken(self) -> frozenset[str]:
        """Return the languages of the documents, as far as their filler tells."""
        spoken = languages(self._form_counts())
        most = max(spoken.values(), default=0)
        return frozenset(name for name, count in spoken.items() if count > _OWN_LANGUAGE * most)

    def _weigh(self) -> None:
        postings = self.postings
        penalty = (K1 * (1 - B + B * postings.lengths / self._mean)).astype(np.float32)
        # In place: there may be many millions.
        full = penalty[postings.rows]
        full += postings.weights
        postings.weights *= K1 + 1
        postings.weights /= full

    def says(self, word: str) -> bool:
        """Return whether any document has *word* in this very form."""
        return word in self.postings.forms

    def has(self, term: str) -> bool:
        """Return whether any document has the stem *term*."""
        return term in self.postings.numbers

    def rarity_of(self, term: str) -> float:
        """Return how rare the stem *term* is: near 0 where every document has it, 1.6 for one in five."""
        if self._base:
            return self._base.rarity_of(term)
        number = self.postings.numbers.get(term)
        return float(np.log1p(2 * self.postings.size + 1)) if number is None else float(self._rarity[number])

    def asked(self, terms: Iterable[str]) -> dict[str, float]:
        """Return how much each of *terms*, the stems of a query, counts."""
        counts = Counter(terms)
        return {term: self.rarity_of(term) * min(count, _MOST_OFTEN) for term, count in counts.items()}

    def said(self, fields: Fields) -> dict[str, float]:
        """Return how much each telling stem of one document, *fields*, says of it."""
        words = [word for text in fields.values() for word in tokens(text)]
        penalty = K1 * (1 - B + B * len(words) / self._mean)
        counts = Counter(
            stem(word) for word in words if word not in FILLER and len(word) >= _SHORTEST_TELLING
        )
        return {
            term: count * (K1 + 1) / (count + penalty) * self.rarity_of(term)
            for term, count in counts.items()
        }

    def scores(self, wanted: Mapping[str, float], most_read: int = POSTINGS_READ) -> Weights:
        """
        Return how much of *wanted*, weights of stems, each document has.

        A document of exactly these words gets about the sum of their weights. Of a large index
        about *most_read* places are read, those of the rarest words.
        """
        rarest = self._rarest(wanted, most_read)
        return self.postings.sums({term: weight / K1 for term, weight in rarest.items()}).astype(np.float32)

    def _rarest(self, wanted: Mapping[str, float], most_read: int) -> dict[int, float]:
        """Return the numbers and weights of *wanted*, without the most frequent ones of a large index."""
        postings = self.postings
        known = {
            number: weight
            for term, weight in wanted.items()
            if (number := postings.numbers.get(term)) is not None
        }
        if sum(map(postings.frequency, known)) <= most_read:
            return known
        read = 0
        kept: dict[int, float] = {}
        for number in sorted(known, key=lambda number: (postings.frequency(number), number)):
            read += postings.frequency(number)
            if kept and read > most_read:
                break
            kept[number] = known[number]
        return kept


def _information(postings: Postings) -> Floats:
    """Return the inverse document frequency of each term as BM25 has it, never negative."""
    held = postings.frequencies
    return np.asarray(np.log1p((postings.size - held + 0.5) / (held + 0.5)), dtype=np.float64)
