"""One need of several countries is found, keeps its name, and never falls apart."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.clusters import Cluster, Clusters
from matching.encoder import Vectors
from matching.profiles import Profile


def need(id: str, text: str, country: str, *themes: str) -> Profile:  # noqa: A002
    return Profile(id, "need", {"text": text}, country=country, themes=themes or ("water",))


def desalination(id: str, country: str, *themes: str) -> Profile:  # noqa: A002
    return need(id, f"desalination plants {id}", country, *themes)


A, B, C = (desalination(id_, iso3) for id_, iso3 in (("a", "KIR"), ("b", "TUV"), ("c", "MDV")))


def meanings(texts: Sequence[str]) -> Vectors:
    """Return a vector that depends on the first letter alone, as if that were all a text means."""
    vectors = np.zeros((len(texts), 32), dtype=np.float32)
    for row, text in zip(vectors, texts, strict=True):
        row[ord(text[0]) % 32] = 1
    return vectors


def test_the_same_need_of_three_countries_is_a_joint_project() -> None:
    assert Clusters([A, B, C]).joint() == [
        Cluster("a", ("a", "b", "c"), ("KIR", "TUV", "MDV"), ("water",), ("desalination", "plants"))
    ]


def test_two_countries_are_not_enough_and_one_counts_once() -> None:
    clusters = Clusters([A, B, desalination("d", "TUV")])
    assert clusters.joint() == []
    assert clusters.of("d").needs == ("a", "b", "d")
    assert clusters.of("d").countries == ("KIR", "TUV")


def test_another_need_of_the_same_theme_stands_apart() -> None:
    clusters = Clusters([A, B, C, need("w", "drilling wells with hand pumps", "MMR")])
    assert clusters.of("w").needs == ("w",)


def test_another_theme_never_joins_however_like_the_words() -> None:
    clusters = Clusters([A, B, desalination("e", "MDV", "energy")])
    assert clusters.of("e").needs == ("e",)


def test_all_needs_of_a_group_share_a_theme() -> None:
    first, second = desalination("f", "KIR", "water", "energy"), desalination("g", "TUV", "energy", "sea")
    clusters = Clusters([first, second, desalination("h", "MDV", "sea"), desalination("i", "FJI", "energy")])
    assert clusters.of("i").needs == ("f", "g", "i")
    assert clusters.of("i").themes == ("energy",)
    assert clusters.of("h").needs == ("h",)


def test_a_need_without_a_theme_may_join_any() -> None:
    silent = Profile("s", "need", {"text": "desalination plants"}, country="FJI")
    found = Clusters([A, silent, C]).of("s")
    assert (found.needs, found.themes) == (("a", "s", "c"), ("water",))


def test_a_need_of_no_country_counts_for_those_that_it_is_for() -> None:
    regional = Profile(
        "r", "need", {"text": "desalination plants"}, countries=frozenset({"NRU", "FJI"}), themes=("water",)
    )
    assert Clusters([A, regional]).of("r").countries == ("KIR", "FJI", "NRU")


def test_needs_in_other_languages_find_each_other_by_meaning_only() -> None:
    one = need("x", "dessalement", "NCL")
    other = need("y", "desalination", "KIR")
    elsewhere = need("z", "wells", "MMR")
    assert Clusters([one, other, elsewhere], vectors=meanings).of("y").needs == ("x", "y")
    assert Clusters([one, other, elsewhere]).of("y").needs == ("y",)


def test_what_a_need_asks_for_is_encoded_without_the_words_of_asking() -> None:
    seen: list[str] = []

    def encode(texts: Sequence[str]) -> Vectors:
        seen.extend(texts)
        return meanings(texts)

    Clusters([need("n", "We need help with desalination plants, please!", "KIR")], vectors=encode)
    assert seen == ["desalination plants,"]


def test_a_need_that_lies_between_brings_two_groups_together() -> None:
    one = need("one", "desalination membranes", "KIR")
    other = need("other", "spare pumps atolls", "TUV")
    between = need("between", "desalination membranes spare pumps atolls", "MDV")
    clusters = Clusters([one, other])
    assert clusters.of("other").needs == ("other",)
    assert clusters.add(between).needs == ("one", "other", "between")
    assert clusters.of("other").id == "one"


def test_a_joint_project_keeps_its_id_when_it_takes_in_an_older_need() -> None:
    old = need("old", "spare pumps atolls", "FJI")
    between = need("between", "desalination plants spare pumps atolls", "NRU")
    clusters = Clusters([old, A, B, C])
    assert clusters.of("a").id == "a"
    found = clusters.add(between)
    assert found.id == "a"
    assert found.needs == ("old", "a", "b", "c", "between")


def test_a_need_that_is_known_already_changes_nothing() -> None:
    clusters = Clusters([A, B, C])
    before = clusters.joint()
    clusters.add(need("a", "wells", "MMR"))
    assert clusters.joint() == before


def test_a_withdrawn_need_counts_no_more_and_its_group_keeps_its_id() -> None:
    clusters = Clusters([A, B, C, desalination("d", "FJI")])
    clusters.withdraw("a")
    [found] = clusters.joint()
    assert (found.id, found.needs) == ("a", ("b", "c", "d"))
    clusters.withdraw("b")
    assert clusters.joint() == []
    assert clusters.add(desalination("e", "NRU")).id == "a"


def test_the_last_need_of_a_group_takes_it_along() -> None:
    clusters = Clusters([A])
    clusters.withdraw("a")
    with pytest.raises(KeyError):
        clusters.of("a")
    with pytest.raises(KeyError):
        clusters.withdraw("a")


def test_nothing_has_no_groups() -> None:
    assert Clusters().joint() == []


NEEDS = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=3),
        st.sampled_from(["KIR", "TUV", "MDV", "FJI", "NRU"]),
        st.sets(st.sampled_from(["water", "energy"]), max_size=2),
    ),
    max_size=14,
)


def profiles(drawn: list[tuple[list[str], str, set[str]]]) -> list[Profile]:
    return [
        Profile(f"n{n}", "need", {"text": " ".join(f"{w}{w}" for w in words)}, iso3, themes=tuple(sorted(t)))
        for n, (words, iso3, t) in enumerate(drawn)
    ]


@given(NEEDS, st.booleans())
def test_a_joint_project_only_grows_and_keeps_its_id(
    drawn: list[tuple[list[str], str, set[str]]], encodes: bool
) -> None:
    clusters = Clusters(vectors=meanings if encodes else None)
    before: dict[str, set[str]] = {}
    for one in profiles(drawn):
        clusters.add(one)
        now = {found.id: set(found.needs) for found in clusters.joint()}
        assert all(needs <= now[id_] for id_, needs in before.items())
        before = now


@given(NEEDS, st.booleans())
def test_one_by_one_or_all_at_once_gives_the_same_groups(
    drawn: list[tuple[list[str], str, set[str]]], encodes: bool
) -> None:
    given_, vectors = profiles(drawn), meanings if encodes else None
    slowly = Clusters(vectors=vectors)
    for one in given_:
        slowly.add(one)
    at_once = Clusters(given_, vectors=vectors)
    assert slowly.joint() == at_once.joint()
    assert [slowly.of(one.id) for one in given_] == [at_once.of(one.id) for one in given_]


@given(NEEDS)
def test_every_need_is_in_one_group_and_all_of_a_group_share_a_theme(
    drawn: list[tuple[list[str], str, set[str]]],
) -> None:
    given_ = profiles(drawn)
    clusters = Clusters(given_)
    groups = {clusters.of(one.id).id: clusters.of(one.id) for one in given_}
    assert sorted(n for group in groups.values() for n in group.needs) == sorted(p.id for p in given_)
    themes = {one.id: set(one.themes) for one in given_}
    for group in groups.values():
        said = [themes[n] for n in group.needs if themes[n]]
        assert not said or set.intersection(*said)


@given(st.lists(st.text(st.characters(), max_size=60), max_size=6))
def test_no_text_breaks_it(texts: list[str]) -> None:
    Clusters(need(f"n{n}", text, "KIR") for n, text in enumerate(texts))


def test_groups_that_were_kept_stand_as_they_were_and_take_more_in() -> None:
    first = Clusters([A, B, C, need("w", "wells with hand pumps", "MMR")], vectors=meanings)
    again = Clusters([desalination("d", "FJI")], vectors=meanings, kept=first.kept())
    assert again.kept()[0].was_joint
    assert again.of("d") == Clusters([A, B, C, desalination("d", "FJI")], vectors=meanings).of("d")
    assert again.of("w") == first.of("w")


def test_what_a_kept_need_means_is_not_worked_out_anew() -> None:
    kept = Clusters([A, B, C], vectors=meanings).kept()
    asked: list[str] = []

    def counted(texts: Sequence[str]) -> Vectors:
        asked.extend(texts)
        return meanings(texts)

    Clusters([desalination("d", "FJI")], vectors=counted, kept=kept)
    assert len(asked) == 1
