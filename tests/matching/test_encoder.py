"""The sentence encoder: what means the same lies close, and no text breaks it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.encoder import Encoder, sentence_encoder


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    found = sentence_encoder()
    assert found is not None, "the extra `semantic` is part of the set-up"
    return found


def test_the_same_in_two_languages_lies_closer_than_another_thing(encoder: Encoder) -> None:
    english, russian, other = encoder.encode(["where is the venue", "где проходит форум", "I like tea"])
    assert english @ russian > 0.4 > english @ other


def test_nothing_readable_is_nothing(encoder: Encoder) -> None:
    vectors = encoder.encode(["", "?!", "😀", "words"])
    assert np.linalg.norm(vectors, axis=1).round(3).tolist() == [0, 0, 0, 1]


def test_a_text_has_one_vector_alone_and_among_others(encoder: Encoder) -> None:
    texts = ["we need twenty midwives", "ห้องประชุมอยู่ที่ไหน", "请问签证怎么办理" * 20]
    together = encoder.encode(texts)
    alone = np.vstack([encoder.encode([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-4


@settings(max_examples=60)
@given(st.text(alphabet=st.characters(), max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    encoder = sentence_encoder()
    assert encoder is not None
    assert np.isfinite(encoder.encode([text])).all()
