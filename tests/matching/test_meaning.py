"""Vectors come when they come, are made once, and find their like among few and many."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import ArrayLike

from matching.encoder import KeptEncoder
from matching.meaning import Meaning, blended, learn
from matching.search import TextIndex
from tests.encoders import Meanings


class Numbered(Meanings):
    """Gives each number its own direction."""

    size = 128

    def vector(self, text: str) -> ArrayLike:
        return np.random.default_rng(int(text)).standard_normal(self.size) if text else []


class Kept:
    """A store in memory."""

    def __init__(self) -> None:
        self.vectors: dict[tuple[str, str], bytes] = {}

    def get(self, name: str, digests: Sequence[str]) -> Mapping[str, bytes]:
        return {key: self.vectors[name, key] for key in digests if (name, key) in self.vectors}

    def put(self, name: str, vectors: Mapping[str, bytes]) -> None:
        self.vectors |= {(name, key): vector for key, vector in vectors.items()}


def test_a_row_that_is_still_missing_is_like_nothing() -> None:
    encoder = Numbered()
    meaning = Meaning(encoder, 3)
    assert meaning.alike("1").tolist() == [0, 0, 0]
    meaning.add([1], encoder.encode(["1"]))
    assert meaning.alike("1").tolist() == pytest.approx([0, 1, 0])


@pytest.mark.parametrize("size", [100, 4_500])
def test_the_nearest_is_found_among_few_and_among_many(size: int) -> None:
    encoder = Numbered()
    meaning = Meaning(encoder, size)
    learn(meaning, [str(number) for number in range(size)], encoder.encode)
    assert all(int(meaning.alike(str(number)).argmax()) == number for number in range(0, size, size // 10))


def test_a_vector_is_made_once_and_taken_from_the_store_later() -> None:
    encoder = Numbered()
    keeping = KeptEncoder(encoder, Kept())
    texts = [str(number) for number in range(40)]
    learn(Meaning(encoder, 40), texts, keeping.kept)
    assert encoder.asked == texts
    done: list[int] = []
    learn(Meaning(encoder, 41), [*texts, "40"], keeping.kept, done.append)
    assert encoder.asked == [*texts, "40"]
    assert done == [32, 9]


def test_a_text_without_anything_readable_is_like_nothing() -> None:
    encoder = Numbered()
    meaning = Meaning(encoder, 1)
    learn(meaning, ["1"], encoder.encode)
    assert meaning.alike("").tolist() == [0]


def test_meaning_counts_only_where_the_words_are_unknown() -> None:
    index = TextIndex({"a": {"text": "seven pumps for water"}, "b": {"text": "water for schools"}})
    meaning = Meaning(Numbered(), 2)
    meaning.add([0], meaning.encoder.encode(["7"]))
    known, unknown = index.read("water for schools"), index.read("zzzz qqqq wwww xxxx")
    none = np.zeros(2)
    assert blended(none, known, "7", meaning) is none
    assert blended(none, unknown, "7", meaning).tolist() == pytest.approx([70, 0])
    assert blended(none, unknown, "7", None) is none
