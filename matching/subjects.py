"""Which of several subjects a text is about, learnt from examples that name them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from matching.encoder import Encoder
from matching.likeness import View
from matching.postings import Floats
from matching.text import stems

LONGEST_ENCODED = 300
"""Characters that are encoded: the words of a longer text say enough, and encoding takes time by length."""
# A third or three times of it made hardly a difference, on needs and on reports.
_RIDGE = 1.0


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what it is about: nothing, one subject or several."""

    text: str
    subjects: Collection[str]


class Subjects:
    """
    Tells how much a text is about each subject of the *examples*.

    It is a ridge regression, solved at once, over what the text and the examples have in common:
    the stems of their words and, where there is an *encoder*, what they mean.
    """

    def __init__(self, examples: Sequence[Example], encoder: Encoder | None = None) -> None:
        texts = [example.text for example in examples]
        self.names = tuple(dict.fromkeys(name for example in examples for name in example.subjects))
        self._encoder = encoder
        self._words = View(stems, texts)
        about = np.array([[name in e.subjects for name in self.names] for e in examples], dtype=np.float64)
        kernel = self._words.kernel().astype(np.float64)
        if encoder is not None:
            self._vectors = encoder.kept(texts)
            kernel += self._vectors @ self._vectors.T
        self._usual: Floats = about.mean(axis=0)
        self._weights = np.linalg.solve(kernel + _RIDGE * np.eye(len(texts)), about - self._usual)

    def scores(self, text: str) -> dict[str, float]:
        """Map each subject to how much *text* is about it: about 0 for not at all, 1 for entirely."""
        like = self._words.similarities(text)
        if self._encoder is not None:
            like = like + self._vectors @ self._encoder.encode([text[:LONGEST_ENCODED]])[0]
        return dict(zip(self.names, (like @ self._weights + self._usual).tolist(), strict=True))
