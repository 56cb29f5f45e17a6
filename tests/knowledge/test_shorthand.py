"""What delegates abbreviate is written out, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.packaged import packaged
from knowledge.shorthand import expanded
from matching.text import normalise

LEXICON = {
    (lang, short): long
    for lang, forms in packaged("knowledge", "shorthand.yaml").items()
    for short, long in forms.items()
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("wifi pw?", "wifi password"),
        ("is the HoD in rm B", "is the head of delegation in room B"),
        ("SSTC docs pls", "South-South and triangular cooperation documents please"),
        ("ph. no. of the desk", "phone number of the desk"),
        ("lunch w/o meat", "lunch without meat"),
        ("RDV où, svp", "rendez-vous où, s'il vous plaît"),
        ("инфо про рег-я", "информация про регистрация"),
        ("wifi-nya dmn yg gratis", "wifi-nya di mana yang gratis"),
        ("ขอคุยกับ จนท.", "ขอคุยกับ เจ้าหน้าที่"),
        ("介绍东盟的小岛国家", "介绍东南亚国家联盟的小岛屿发展中国家"),
    ],
)
def test_an_abbreviation_is_written_out(written: str, meant: str) -> None:
    assert expanded(written) == meant


@pytest.mark.parametrize(
    "text",
    ["", "where is the room", "un regard", "the documentary", "дел я не знаю", "Quelle heure est-il ?"],
)
def test_what_is_no_abbreviation_stays_as_it_is(text: str) -> None:
    assert expanded(text) == text


def test_every_abbreviation_is_written_out() -> None:
    for (_, short), long in LEXICON.items():
        assert expanded(short) == long


def test_no_abbreviation_stands_for_two_things() -> None:
    assert len({normalise(short) for _, short in LEXICON}) == len(LEXICON)


@given(st.lists(st.sampled_from([short for _, short in LEXICON]), max_size=6))
def test_expanding_twice_changes_nothing(shorts: list[str]) -> None:
    once = expanded(" ".join(shorts))
    assert expanded(once) == once


@given(st.text(max_size=200))
def test_any_text_can_be_expanded(text: str) -> None:
    assert expanded(expanded(text)) == expanded(text)
