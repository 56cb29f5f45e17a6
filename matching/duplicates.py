"""Tells whether one of some texts already says what another says, in one language or in two."""

from collections.abc import Sequence

import numpy as np

from matching.encoder import Encode
from matching.evidence import text_of
from matching.filler import telling
from matching.profiles import Profile
from matching.text import stem, tokens

# Chosen on the rows `dev` of tests/queries/duplicates.jsonl: from which likeness on two say the same, with what
# sentences mean and by words alone, and how much shared words add to that.
_SAME_MEANING, _SAME_WORDS = 0.64, 0.55
_WORDS_SHARE = 0.15
# Of pairs of the sample's phrasings above it .54 belong to one entry; at .64 it is .59, at .80 .77.
_SAME_QUESTION = 0.6


def duplicate(said: Profile, others: Sequence[Profile], encode: Encode | None = None) -> str | None:
    """
    Return the id of that of *others* which says the same as *said*, the most like it; None where none does.

    Two whose themes have nothing in common never do. Without *encode* only words are compared, and nothing is found
    in another language.
    """
    near = [other for other in others if _may_be_one(said, other)]
    least = _SAME_MEANING if encode else _SAME_WORDS
    likely = zip(_likeness(text_of(said), [text_of(other) for other in near], encode), near, strict=True)
    found = [(like, other.id) for like, other in likely if like >= least]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def alike(text: str, others: Sequence[str], encode: Encode | None = None) -> list[int]:
    """
    Return the places of those of *others* that may ask what *text* asks, the most like it first.

    Of the questions about one forum that it finds about half ask the same: whoever uses it lets a person look.
    """
    least = _SAME_QUESTION if encode else _SAME_WORDS
    likely = enumerate(_likeness(text, others, encode))
    return [place for place, like in sorted(likely, key=lambda pair: (-pair[1], pair[0])) if like >= least]


def _may_be_one(one: Profile, other: Profile) -> bool:
    return not one.themes or not other.themes or not set(one.themes).isdisjoint(other.themes)


def _likeness(text: str, others: Sequence[str], encode: Encode | None) -> list[float]:
    """Return how like *text* each of *others* is, in their order: 0 for nothing in common."""
    words = [_shared(_stems(text), _stems(other)) for other in others]
    if encode is None or not others:
        return words
    vectors = encode([text, *others])
    meaning = np.asarray(vectors[1:] @ vectors[0], dtype=np.float64)
    return [float(one) + _WORDS_SHARE * share for one, share in zip(meaning, words, strict=True)]


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, telling(tokens(text))))


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of the words of two texts that both have (Dice)."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0
