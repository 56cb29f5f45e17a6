"""The real catalogue closes triangles, and says what a pair has done before."""

import pytest

from knowledge.snapshot import Snapshot
from matching.profiles import Profile
from matching.triangles import Triangles


@pytest.fixture(scope="module")
def triangles(snapshot: Snapshot) -> Triangles:
    return Triangles(snapshot.catalogue.profiles(), subregions=snapshot.catalogue.subregions)


def need(text: str, country: str, theme: str) -> Profile:
    return Profile("need", "need", {"text": text}, country=country, themes=(theme,))


def test_experts_on_rice_find_whole_triangles_and_the_practice_behind_one(triangles: Triangles) -> None:
    found = triangles.suggest(need("experts on rice seed", "LAO", "agriculture_food"), limit=5)
    assert len({one.provider.id for one in found if one.provider}) == 5
    assert all(one.missing == () for one in found)
    practices = {id_ for one in found for reason in one.reasons for id_ in reason.values}
    assert "ibsa-viet-nam-rice-hub" in practices


def test_both_legs_have_the_role_they_play(triangles: Triangles, snapshot: Snapshot) -> None:
    providers = snapshot.catalogue.providers
    for theme in snapshot.vocabulary.themes:
        for one in triangles.suggest(need("training and equipment", "FJI", theme)):
            assert one.provider is None or "provider" in providers[one.provider.id].roles
            assert one.financier is None or "financier" in providers[one.financier.id].roles
