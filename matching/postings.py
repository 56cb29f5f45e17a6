"""An inverted index in numpy: which rows hold a term, and how much it weighs in each."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


class Postings:
    """
    The terms of many rows of text, kept by term.

    `weights` is parallel to `rows` and starts as the number of times that a term is in a row;
    whoever builds an index replaces it by weights of its own (see `tf_idf`). With *term_of*
    the documents hold forms of terms, and `forms` maps each to the number of its term.
    """

    def __init__(
        self, documents: Iterable[Sequence[str]], term_of: Callable[[str], str] | None = None
    ) -> None:
        forms = _Numbers(term_of)
        # One after the other, not a list of rows: a hundred thousand rows take 40 MB less.
        found = array("i")
        sizes: list[int] = []
        for terms in documents:
            found.extend(map(forms.__getitem__, terms))
            sizes.append(len(terms))
        self.forms: Mapping[str, int] = dict(forms)
        self.numbers: Mapping[str, int] = forms.terms if term_of else self.forms
        self.size = len(sizes)
        self.lengths: Floats = np.array(sizes, dtype=np.float64)
        self._sort(found, sizes)

    def _sort(self, found: "array[int]", sizes: list[int]) -> None:
        rows = max(self.size, 1)
        # One number a posting, term before row; sorted in place, for it may be many millions.
        pairs = np.array(found, dtype=np.int64)
        del found[:]
        pairs *= rows
        pairs += np.repeat(np.arange(self.size, dtype=np.int32), sizes)
        pairs.sort()
        is_first = np.ones(len(pairs), dtype=np.bool_)
        np.not_equal(pairs[1:], pairs[:-1], out=is_first[1:])
        firsts = np.flatnonzero(is_first)
        self.weights: Weights = np.diff(firsts, append=len(pairs)).astype(np.float32)
        pairs = pairs[firsts]
        self.rows: npt.NDArray[np.int32] = (pairs % rows).astype(np.int32)
        starts = np.arange(len(self.numbers) + 1, dtype=np.int64) * rows
        edges = np.searchsorted(pairs, starts)
        self.edges: list[int] = edges.tolist()
        self.frequencies = np.diff(edges)

    def per_posting(self, per_term: Floats) -> Floats:
        """Return one value a posting from one value a term."""
        return np.repeat(per_term, self.frequencies)

    def known(self, terms: Iterable[str]) -> list[int]:
        """Return the numbers of those *terms* that any row holds, in their order."""
        return [number for term in terms if (number := self.numbers.get(term)) is not None]

    def frequency(self, number: int) -> int:
        """Return how many rows hold the term of that *number*."""
        return self.edges[number + 1] - self.edges[number]

    def sums(self, wanted: Mapping[int, float]) -> Floats:
        """Return for each row the sum of its weights for the terms *wanted*, times theirs."""
        if not wanted:
            return np.zeros(self.size)
        edges = self.edges
        spans = [(edges[term], edges[term + 1], weight) for term, weight in wanted.items()]
        rows = np.concatenate([self.rows[start:end] for start, end, _ in spans])
        parts = np.concatenate([self.weights[start:end] * weight for start, end, weight in spans])
        totals = np.bincount(rows, weights=parts, minlength=self.size)
        return np.asarray(totals, dtype=np.float64)


class _Numbers(dict[str, int]):
    """Maps each form that is asked for to the number of its term, giving new ones in turn."""

    def __init__(self, term_of: Callable[[str], str] | None) -> None:
        super().__init__()
        self.terms: dict[str, int] = {}
        self._term_of = term_of

    def __missing__(self, form: str) -> int:
        self[form] = number = self._number(form)
        return number

    def _number(self, form: str) -> int:
        if self._term_of is None:
            return len(self)
        return self.terms.setdefault(self._term_of(form), len(self.terms))


def rarity(postings: Postings) -> Floats:
    """Return the smoothed inverse document frequency of each term, 1 for a term in every row."""
    return np.asarray(np.log((1 + postings.size) / (1 + postings.frequencies)) + 1, np.float64)


def tf_idf(postings: Postings, rare: Floats | None = None) -> Floats:
    """Weigh *postings* by sublinear TF-IDF, each row to length 1; return the terms' rarity, their own unless given."""
    rare = rarity(postings) if rare is None else rare
    weights = (1 + np.log(postings.weights)) * postings.per_posting(rare)
    squares = np.bincount(postings.rows, weights=weights**2, minlength=postings.size)
    norms = np.sqrt(np.maximum(squares, 1e-12))
    postings.weights = (weights / norms[postings.rows]).astype(np.float32)
    return rare
