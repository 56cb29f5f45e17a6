"""Finds documents by their words and by their letters, in every script."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.bm25 import POSTINGS_READ, Fields, Words
from matching.filler import FALSE_FRIENDS, FILLER, language, telling
from matching.names import Hit
from matching.postings import Floats, Postings, Weights, tf_idf
from matching.spelling import repaired
from matching.text import grams, normalise, stem, stems, tokens

_GRAM_SIZES = (3, 4, 5)
_GRAM_SHARE = 0.5
# Character n-grams take 20 times the memory of words: they are for catalogues, not for libraries.
_DOCUMENTS_WITH_GRAMS = 10_000
_LONGEST_QUERY = 4096
# Below this share of known words a text is taken to be in another language, and nothing is mended.
_KNOWN_SHARE = 0.34
_FEW_WORDS = 3
# A word that no document has counts by this much of the rarest that one has.
_UNKNOWN_SHARE = 0.5
# What the best documents say besides is asked for too (relevance feedback, RM3): so many documents,
# so many words of theirs, such a share of the query. Chosen on Cranfield, where it is worth 2 points.
_FEEDBACK_DOCUMENTS = 3
_FEEDBACK_WORDS = 10
_FEEDBACK_SHARE = 0.4
# So many places are read for them: the best few are known by their rarest words.
_FEEDBACK_READ = 30_000


@dataclass(frozen=True, slots=True)
class Query:
    """A text as an index reads it."""

    text: str
    """Normalised, with its mistyped words mended."""
    words: Mapping[str, float]
    """Stems and how much each counts."""
    most: float
    """What a document of exactly these words would get; 0 where there are none."""
    known: float
    """The share of the words that any document has, 0 to 1."""
    is_foreign: bool
    """Whether it is in a language that the documents are not in."""


class TextIndex:
    """
    Documents to be found by text.

    *documents* maps a key to its fields and *weights* a field to how much its words count; a
    field without a weight counts 1. Results do not depend on the order of documents. With
    *base*, another index, scores are made to be compared with those of that.
    """

    def __init__(
        self,
        documents: Mapping[str, Fields],
        *,
        weights: Mapping[str, float] | None = None,
        base: "TextIndex | None" = None,
    ) -> None:
        self.keys: tuple[str, ...] = tuple(sorted(documents))
        self._documents = tuple(documents[key] for key in self.keys)
        self._words: Words = Words(self._documents, weights or {}, base._words if base else None)
        self._grams: _Grams | None = None
        if len(documents) <= _DOCUMENTS_WITH_GRAMS and (base is None or base._grams is not None):
            self._grams = _Grams(self._documents, base._grams if base else None)

    def read(self, text: str, beside: "TextIndex | None" = None) -> Query:
        """Return *text* as a query; words of the index *beside* are known too."""
        sources = (self._words, beside._words) if beside else (self._words,)
        plain = normalise(text[:_LONGEST_QUERY])
        spoken = language(tokens(plain))
        is_foreign = bool(self._words.languages) and spoken not in (None, *self._words.languages)
        if not is_foreign:
            plain = self._mended(plain, sources)
        words = telling(tokens(plain))
        terms = [stem(word) for word in words if not is_foreign or _is_shared(word, sources)]
        held = [term for term in terms if any(source.has(term) for source in sources)]
        wanted = self._words.asked(held)
        unknown = len(set(words)) - len(wanted)
        most = sum(wanted.values()) + max(unknown, 0) * math.log(1 + len(self.keys)) * _UNKNOWN_SHARE
        query = Query(plain, wanted, most, len(held) / max(len(words), 1), is_foreign)
        return self._with_feedback(query) if wanted and not is_foreign else query

    def scores(self, query: str | Query) -> Weights:
        """Return how well each document answers *query*, 0 to 100, parallel to `keys`."""
        return self._scores(self.read(query) if isinstance(query, str) else query, POSTINGS_READ)

    def _scores(self, read: Query, most_read: int) -> Weights:
        full = 100 / max(read.most, 1e-6)
        by_words = self._words.scores({term: weight * full for term, weight in read.words.items()}, most_read)
        np.minimum(by_words, 100, out=by_words)
        if self._grams is None:
            return by_words
        by_grams = 100 * self._grams.scores(read.text)
        return np.minimum((1 - _GRAM_SHARE) * by_words + _GRAM_SHARE * by_grams, 100)

    def search(self, query: str, *, limit: int = 10) -> list[Hit]:
        """Return the documents that share something with *query*, best first."""
        scores = self.scores(query)
        return [Hit(self.keys[place], round(float(scores[place]), 2)) for place in best_places(scores, limit)]

    def shared(self, query: str, place: int, *, limit: int = 5) -> list[str]:
        """Return words of *query* that the document at *place* holds, the rarest first."""
        held = {part for text in self._documents[place].values() for part in stems(text)}
        words = dict.fromkeys(tokens(query[:_LONGEST_QUERY]))
        common = [word for word in words if stem(word) in held and word not in FILLER]
        return sorted(common, key=lambda word: -self._words.rarity_of(stem(word)))[:limit]

    def _mended(self, plain: str, sources: Sequence[Words]) -> str:
        words = {word for word in plain.split() if word.isascii() and word.isalpha()}
        known = {word for word in words if any(source.has(stem(word)) for source in sources)}
        if len(words) > _FEW_WORDS and len(known) <= _KNOWN_SHARE * len(words):
            return plain
        return repaired(plain, lambda word: word if word in known else self._words.mended(word))

    def _with_feedback(self, query: Query) -> Query:
        scores = self._scores(query, _FEEDBACK_READ)
        said: defaultdict[str, float] = defaultdict(float)
        for place in _largest(scores, _FEEDBACK_DOCUMENTS):
            weight = float(scores[place])
            for term, share in self._words.said(self._documents[place]).items():
                said[term] += weight * share
        likely = sorted(said.items(), key=lambda item: (-item[1], item[0]))[:_FEEDBACK_WORDS]
        total = sum(weight for _, weight in likely)
        if not total:
            return query
        words = {term: (1 - _FEEDBACK_SHARE) * weight for term, weight in query.words.items()}
        more = _FEEDBACK_SHARE * sum(query.words.values()) / total
        for term, weight in likely:
            words[term] = words.get(term, 0.0) + more * weight
        return replace(query, words=words)


def best_places(scores: Weights | Floats, limit: int) -> list[int]:
    """Return where the *limit* best positive *scores* are, best first, equals in their order."""
    if limit <= 0 or not len(scores):
        return []
    floor = 0.0
    if len(scores) > limit:
        floor = float(np.partition(scores, len(scores) - limit)[len(scores) - limit])
    places = np.flatnonzero((scores >= floor) & (scores > 0))
    ranked = places[np.argsort(-scores[places], kind="stable")]
    best: list[int] = ranked[:limit].tolist()
    return best


def _largest(scores: Weights, count: int) -> list[int]:
    """Return where the *count* largest positive *scores* are; for a few quicker than `best_places`."""
    left, found = scores.copy(), []
    for _ in range(min(count, len(left))):
        place = int(left.argmax())
        if left[place] <= 0:
            break
        found.append(place)
        left[place] = 0
    return found


def _is_shared(word: str, sources: Sequence[Words]) -> bool:
    """Return whether *word* of another language is one of the documents' own as it stands."""
    return word not in FALSE_FRIENDS and any(source.says(word) for source in sources)


class _Grams:
    """Character n-grams by TF-IDF cosine: they bear typing errors and endings."""

    def __init__(self, documents: Sequence[Fields], base: "_Grams | None") -> None:
        self._postings = Postings(grams(" ".join(fields.values()), _GRAM_SIZES) for fields in documents)
        self._base = base
        rare = np.array([base.rarity_of(gram) for gram in self._postings.numbers]) if base else None
        self._rarity = tf_idf(self._postings, rare)

    def knows(self, gram: str) -> bool:
        """Return whether any document, of the base too, has *gram*."""
        return gram in self._postings.numbers or (self._base is not None and self._base.knows(gram))

    def rarity_of(self, gram: str) -> float:
        """Return how rare *gram* is, 1 where every document has it."""
        number = self._postings.numbers.get(gram)
        if self._base:
            return self._base.rarity_of(gram)
        return math.log(1 + self._postings.size) + 1 if number is None else float(self._rarity[number])

    def scores(self, text: str) -> Weights:
        """Return the cosine with each document, 0 to 1; what no document has does not count."""
        counts = Counter(gram for gram in grams(text, _GRAM_SIZES) if self.knows(gram))
        weights = {gram: (1 + math.log(count)) * self.rarity_of(gram) for gram, count in counts.items()}
        numbers = self._postings.numbers
        wanted = {numbers[gram]: weight for gram, weight in weights.items() if gram in numbers}
        norm = max(math.sqrt(sum(weight**2 for weight in weights.values())), 1e-6)
        return self._postings.sums({number: weight / norm for number, weight in wanted.items()}).astype(
            np.float32
        )
