"""Encoders whose meanings a test decides itself."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from matching.encoder import Vectors


class Meanings(ABC):
    """An encoder to derive from: `vector` says what one text means; `asked` notes every text."""

    name = "meanings"
    size = 64
    words: ClassVar[Mapping[str, float]] = {}

    def __init__(self) -> None:
        self.asked: list[str] = []

    @abstractmethod
    def vector(self, text: str) -> ArrayLike:
        """Return up to `size` numbers, of any length; none for nothing readable."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of *texts*, each of length 1."""
        self.asked += texts
        rows = np.zeros((len(texts), self.size), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            numbers = np.asarray(self.vector(text), dtype=np.float32)
            row[: len(numbers)] = numbers / max(float(np.linalg.norm(numbers)), 1e-6)
        return rows

    def kept(self, texts: Sequence[str]) -> Vectors:
        """Return the same."""
        return self.encode(texts)
