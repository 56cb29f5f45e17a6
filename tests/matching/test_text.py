"""What normalising keeps, what it drops, and that nothing a person types can break it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matching.text import grams, normalise, stems, tokens

ANYTHING = st.text(st.characters(), max_size=200)  # lone surrogates included
HOSTILE = [
    "",
    " \t\n\r\x00\x1b\x7f",
    "\ud800\udfff lone",
    "👩‍👩‍👧‍👦🏳️‍🌈 ❤️",
    "\u202eevil\u202c שלום العَرَبِيَّة",
    "a" * 100_000,
    "ж" * 100_000,
    "公" * 100_000,
    "ก็" * 50_000,
    "\u0301" * 100_000,
    "Z̸̢̛a͠l̴g̶o͞",
    "ﷺ" * 1_000,
]


@given(ANYTHING)
@example("ѝ\u0306")
@example("\u0345ΐǰ")
@example("İıŉ")
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_read_without_complaint(text: str) -> None:
    normalise(text), tokens(text), stems(text), grams(text)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  Où est l’Atelier?  ", "ou est l atelier"),
        ("COVID-19", "covid 19"),
        ("Việt Nam, Đà Nẵng", "viet nam da nang"),
        ("Türkiye Ćevapčići", "turkiye cevapcici"),
        ("cœur", "coeur"),
        ("Ёлка", "елка"),
        ("Российский", "российский"),
        ("Ελλάδα", "ελλαδα"),
        ("ﬁne ＷＩＦＩ ①", "fine wifi 1"),
        ("co\u00adop\u200dera\ufe0ftion", "cooperation"),
        ("a\u200bb", "a b"),
        ("o'zbek oʻzbek", "o zbek o zbek"),
    ],
)
def test_case_accents_and_signs_do_not_matter(text: str, normal: str) -> None:
    assert normalise(text) == normal


@pytest.mark.parametrize(
    "word",
    ["ห้องประชุมอยู่ที่ไหน", "नमस्ते", "ភាសាខ្មែរ", "မြန်မာဘာသာ", "ພາສາລາວ", "தமிழ்", "ދިވެހި"],
)
def test_scripts_that_spell_with_marks_keep_them(word: str) -> None:
    assert normalise(word) == word


def test_words_come_in_their_order() -> None:
    assert tokens("Where is Room 2?") == ["where", "is", "room", "2"]


def test_han_gives_signs_and_pairs() -> None:
    assert tokens("公共卫生 ok") == ["公", "公共", "共", "共卫", "卫", "卫生", "生", "ok"]


def test_thai_pairs_whole_signs_with_their_marks() -> None:
    assert tokens("ที่นี่ดี") == ["ที่นี่", "นี่ดี"]


def test_khmer_subscripts_stay_with_their_letter() -> None:
    assert tokens("ខ្មែរ") == ["ខ្មែរ"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("trainings", "training"), ("vaccines", "vaccination"), ("цифровой", "цифровая")],
)
def test_endings_do_not_matter_to_stems(one: str, other: str) -> None:
    assert stems(one) == stems(other)


def test_grams_of_an_alphabet_know_the_edges_of_a_word() -> None:
    assert grams("Fiji", (3,)) == [" fi", "fij", "iji", "ji "]


def test_grams_of_han_are_single_signs_and_up_to_three() -> None:
    assert grams("卫生") == ["卫", "生", "卫生"]


@given(ANYTHING)
def test_grams_and_tokens_of_a_text_are_those_of_its_normal_form(text: str) -> None:
    assert grams(text) == grams(normalise(text))
    assert tokens(text) == tokens(normalise(text))
