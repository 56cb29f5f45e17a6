"""Names are found in spite of errors, and nothing is found where nothing was meant."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.deletions import Deletions
from matching.names import Hit, Names, Wording, closest

COUNTRIES = {
    "KOR": ["Republic of Korea", "South Korea", "대한민국"],
    "PRK": ["Democratic People's Republic of Korea", "DPRK"],
    "VNM": ["Viet Nam", "Вьетнам", "越南"],
    "THA": ["Thailand", "ไทย", "泰国", "Таиланд"],
    "AUT": ["Austria", "Autriche"],
    "AUS": ["Australia", "Australie"],
    "IRN": ["Iran (Islamic Republic of)", "Iran"],
    "IRQ": ["Iraq"],
    "USA": ["United States of America", "USA"],
    "PHL": ["Philippines"],
    "IND": ["India", "भारत", "Inde"],
}
AMBIGUOUS = {"Korea": ["KOR", "PRK"]}
NAMES = Names(COUNTRIES, ambiguous=AMBIGUOUS)


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("VIETNAM", "VNM"),
        ("u.s.a.", "USA"),
        ("the Philippines", "PHL"),
        ("l'Autriche", "AUT"),
        ("ไทย", "THA"),
        ("भारत", "IND"),
        ("таиланд", "THA"),
        ("越南", "VNM"),
    ],
)
def test_a_name_in_any_script_and_spelling_is_exact(query: str, key: str) -> None:
    assert NAMES.exact(query) == (key,)
    assert NAMES.closest(query) == [Hit(key, 100.0)]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("Thialand", "THA"),
        ("tailand", "THA"),
        ("Phillipines", "PHL"),
        ("Soth Korea", "KOR"),
        ("Austrlia", "AUS"),
        ("Astria", "AUT"),
        ("korea republic of", "KOR"),
        ("Вьетнм", "VNM"),
    ],
)
def test_a_mistyped_name_is_found_but_never_certain(query: str, key: str) -> None:
    best = NAMES.closest(query)[0]
    assert best.key == key
    assert 80 <= best.score < 100


@pytest.mark.parametrize(
    "query", ["lunch", "health", "Tokyo", "room 2", "", "?!", "irn", "x", "wifi password", "午餐"]
)
def test_what_is_no_name_finds_nothing(query: str) -> None:
    assert NAMES.closest(query) == []


def test_an_ambiguous_name_gives_all_it_may_mean_the_same_full_score() -> None:
    assert NAMES.closest("korea") == [Hit("KOR", 100.0), Hit("PRK", 100.0)]


def test_a_mistyped_ambiguous_name_stays_ambiguous() -> None:
    hits = NAMES.closest("korrea", limit=2)
    assert {hit.key for hit in hits} == {"KOR", "PRK"}
    assert hits[0].score == hits[1].score


def test_a_name_shared_by_two_keys_gives_both_in_the_order_of_names() -> None:
    names = Names({"b": ["MFA", "Foreign Ministry"], "a": ["MFA"], "c": ["CDC"]})
    assert names.closest("mfa") == [Hit("b", 100.0), Hit("a", 100.0)]


def test_a_mistyped_ambiguous_name_keeps_the_order_of_what_it_means() -> None:
    names = Names({"PRK": ["DPRK"], "KOR": ["ROK"]}, ambiguous={"Korea": ["KOR", "PRK"]})
    assert [hit.key for hit in names.closest("Korrea")] == ["KOR", "PRK"]


def test_a_name_for_exact_use_only_attracts_no_other_word() -> None:
    names = Names({"SRB": ["Serbia"]}, exact_only={"SRB": ["Servia"]})
    assert names.closest("servia") == [Hit("SRB", 100.0)]
    assert names.closest("service") == []


def test_what_is_closest_to_nobodys_name_finds_nothing() -> None:
    names = Names({"SVK": ["Slovakia"], "CZE": ["Czechia"]}, nobody=["Czechoslovakia"])
    assert names.closest("Czechoslovakia") == names.closest("Chechoslovakia") == []
    assert names.closest("Slovaka")[0].key == "SVK"


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("Korea, Dem. Rep.", "PRK"),
        ("St Kitts & Nevis", "KNA"),
        ("Republic of Peru", "PER"),
        ("Kingdom of Norwy", "NOR"),
    ],
)
def test_words_count_by_what_they_stand_for_and_weak_ones_last(query: str, key: str) -> None:
    wording = Wording(
        {"": ["of", "and", "the"], "democratic": ["dem"], "republic": ["rep"], "saint": ["st"]},
        weak=["republic", "kingdom"],
    )
    names = Names(
        {
            "PRK": ["Democratic Republic of Korea"],
            "KNA": ["Saint Kitts and Nevis"],
            "PER": ["Peru"],
            "NOR": ["Norway"],
            "TON": ["Kingdom of Tonga"],
        },
        wording=wording,
    )
    hit = names.closest(query)[0]
    assert hit.key == key
    assert hit.score <= 99


@pytest.mark.parametrize("typed", ["preu", "pru", "perru", "peri", "eru"])
def test_a_short_name_one_error_away_is_near(typed: str) -> None:
    assert Deletions(["cuba", "peru"]).near(typed) == [1]


@pytest.mark.parametrize("typed", ["peru", "pr", "erup", "perruu", "", "a much longer word"])
def test_a_short_name_more_than_an_error_away_or_none_is_not_near(typed: str) -> None:
    assert Deletions(["cuba", "peru"]).near(typed) == []


def test_the_limit_and_the_cutoff_hold() -> None:
    assert len(NAMES.closest("Austria and Australia", limit=1, cutoff=0)) == 1
    assert NAMES.closest("Austrlia", cutoff=99.5) == []


def test_a_small_mapping_needs_no_index() -> None:
    rooms = {"r1": ["Conference Room 1", "CR1"], "hall": ["Main Hall"]}
    assert closest("main hal", rooms)[0].key == "hall"
    assert closest("cr1", rooms) == [Hit("r1", 100.0)]


@pytest.mark.parametrize("names", [{}, {"a": []}, {"a": [""]}, {"a": ["", "?"]}])
def test_without_names_nothing_is_found(names: dict[str, list[str]]) -> None:
    assert Names(names).closest("anything", cutoff=0) == []


@given(st.text(st.characters(), max_size=60))
def test_no_query_raises_and_scores_stay_in_range(query: str) -> None:
    hits = NAMES.closest(query, cutoff=0)
    assert all(0 <= hit.score <= 100 for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@given(st.dictionaries(st.text(max_size=5), st.lists(st.text(max_size=20), max_size=3), max_size=6))
def test_every_name_finds_its_own_key(names: dict[str, list[str]]) -> None:
    index = Names(names)
    for key, aliases in names.items():
        for alias in aliases:
            found = index.exact(alias)
            assert not found or key in found


def test_scores_do_not_depend_on_the_order_of_names() -> None:
    keys = list(COUNTRIES)
    random.Random(4).shuffle(keys)
    shuffled = Names({key: COUNTRIES[key] for key in keys}, ambiguous=AMBIGUOUS)
    for query in ("Thialand", "Astria", "united state", "korrea"):
        ours = {hit.key: hit.score for hit in NAMES.closest(query, limit=9, cutoff=50)}
        assert ours == {hit.key: hit.score for hit in shuffled.closest(query, limit=9, cutoff=50)}


@pytest.mark.parametrize("typed", ["room 3", "Rom 12", "room d", "meeting room e"])
def test_another_number_or_letter_is_another_name(typed: str) -> None:
    names = Names({"1": ["Room 1", "Meeting Room 1"], "b": ["Room B"]})
    assert names.closest(typed) == []
    assert names.closest("Rom 1")[0].key == "1"


@given(st.text(max_size=40))
def test_one_query_gives_one_list(query: str) -> None:
    assert NAMES.closest(query, cutoff=0) == NAMES.closest(query, cutoff=0)


@given(st.lists(st.text(st.characters(categories=("L", "N", "Zs")), max_size=12), max_size=6), st.randoms())
def test_the_keys_found_do_not_depend_on_the_order_of_names(texts: list[str], chance: random.Random) -> None:
    names = {text: [text] for text in texts}
    keys = list(names)
    chance.shuffle(keys)
    ours, shuffled = Names(names), Names({key: names[key] for key in keys})
    for query in texts:
        found = {hit.key: hit.score for hit in ours.closest(f"{query}x", limit=9, cutoff=50)}
        assert found == {hit.key: hit.score for hit in shuffled.closest(f"{query}x", limit=9, cutoff=50)}


@pytest.mark.parametrize(
    ("one", "other"), [("พม่า", "พมา"), ("कि", "का"), ("ខែ", "ខា"), ("မြန်", "မန"), ("ເກົາ", "ເກາ")]
)
def test_marks_tell_names_apart(one: str, other: str) -> None:
    names = Names({"one": [one], "other": [other]})
    assert names.exact(one) == ("one",)
    assert names.exact(other) == ("other",)


def test_a_very_long_query_is_cut_short() -> None:
    assert NAMES.closest("thailand " * 20_000, cutoff=90) == []
