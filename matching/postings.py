"""An inverted index in numpy: which rows hold a term, and how much it weighs in each."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

# So many terms are sorted at once. All at once a hundred thousand texts took 100 MB more.
_BLOCK = 1 << 20


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
        blocks: list[_Block] = []
        found, sizes, begun = array("i"), array("i"), 0
        for terms in documents:
            found.extend(map(forms.__getitem__, terms))
            sizes.append(len(terms))
            if len(found) >= _BLOCK:
                blocks.append(_Block(found, sizes, begun))
                begun = len(sizes)
                del found[:]
        blocks.append(_Block(found, sizes, begun))
        self.forms: Mapping[str, int] = dict(forms)
        self.numbers: Mapping[str, int] = forms.terms if term_of else self.forms
        self.size = len(sizes)
        self.lengths: Floats = np.array(sizes, dtype=np.float64)
        self.frequencies: Integers = np.zeros(len(self.numbers), dtype=np.int64)
        for block in blocks:
            self.frequencies[: len(block.held)] += block.held
        edges = np.concatenate([[0], np.cumsum(self.frequencies)])
        self.edges: list[int] = edges.tolist()
        self.rows: npt.NDArray[np.int32] = np.empty(edges[-1], dtype=np.int32)
        self.weights: Weights = np.empty(edges[-1], dtype=np.float32)
        self._take(blocks, edges[:-1])

    def _take(self, blocks: "list[_Block]", free: Integers) -> None:
        """Move the postings of *blocks* to their terms, each of which begins at *free*."""
        while blocks:
            block = blocks.pop(0)
            begins = free[: len(block.held)]
            shifts = begins - np.cumsum(block.held) + block.held
            places = np.arange(len(block.rows)) + np.repeat(shifts, block.held)
            self.rows[places], self.weights[places] = block.rows, block.counts
            begins += block.held

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


class _Block:
    """The postings of the rows from number *begun* on, by term; *found* holds their terms, one row after the other."""

    def __init__(self, found: "array[int]", sizes: "array[int]", begun: int) -> None:
        lengths = np.array(sizes[begun:], dtype=np.int64)
        width = max(len(lengths), 1)
        pairs = np.array(found, dtype=np.int64) * width
        pairs += np.repeat(np.arange(len(lengths)), lengths)
        pairs.sort()
        firsts = np.flatnonzero(np.diff(pairs, prepend=-1))
        terms, rows = np.divmod(pairs[firsts], width)
        self.rows = (rows + begun).astype(np.int32)
        self.counts = np.diff(firsts, append=len(pairs)).astype(np.float32)
        self.held: Integers = np.bincount(terms)
        """How many of the postings each term has, of the terms known by then."""


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
