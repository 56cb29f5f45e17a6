"""A need is brought together with who can do it and who else can pay, or the missing leg is named."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from matching.partners import Reason
from matching.profiles import Profile
from matching.triangles import Triangle, Triangles

SUBREGIONS = {"FJI": "PAC", "THA": "SEA", "LAO": "SEA", "IND": "SSWA", "CHN": "ENEA", "KOR": "ENEA"}


def body(id: str, text: str = "", **facets: object) -> Profile:  # noqa: A002
    quiet: dict[str, object] = {"regions": frozenset({"global"}), "roles": frozenset({"provider"})}
    return Profile(id, "provider", {"summary": text}, **(quiet | facets))  # type: ignore[arg-type]


def fund(id: str, **facets: object) -> Profile:  # noqa: A002
    quiet: dict[str, object] = {
        "roles": frozenset({"financier"}),
        "modalities": frozenset({"financing"}),
        "themes": ("energy",),
    }
    return body(id, "grants", **(quiet | facets))


def practice(id: str, *providers: str, **facets: object) -> Profile:  # noqa: A002
    quiet: dict[str, object] = {"themes": ("energy",)}
    return Profile(id, "practice", {"title": "lamps"}, providers=providers, **(quiet | facets))  # type: ignore[arg-type]


NEED = Profile("need", "need", {"text": "solar power"}, country="FJI", themes=("energy",))
SOLAR = body("solar", "Solar power for islands", country="IND", themes=("energy",))
WIND = body("wind", "Wind power", country="CHN", themes=("energy",))
FUND = fund("fund")


def triangles(*given: Profile, wanted: Profile = NEED) -> list[Triangle]:
    return Triangles(given, subregions=SUBREGIONS).suggest(wanted)


def legs(found: list[Triangle]) -> list[tuple[str | None, str | None]]:
    return [
        (one.provider.id if one.provider else None, one.financier.id if one.financier else None)
        for one in found
    ]


def kinds(triangle: Triangle) -> list[str]:
    return [reason.kind for reason in triangle.reasons]


def test_each_provider_comes_with_a_financier_the_best_first() -> None:
    found = triangles(WIND, SOLAR, FUND)
    assert legs(found) == [("solar", "fund"), ("wind", "fund")]
    assert found[0].score > found[1].score
    assert (found[0].missing, found[0].reasons) == ((), ())


def test_each_leg_carries_its_own_reasons() -> None:
    [found] = triangles(SOLAR, FUND)
    assert found.provider is not None
    assert found.financier is not None
    assert {"text", "theme"} <= {reason.kind for reason in found.provider.reasons}
    assert {"theme", "modality"} <= {reason.kind for reason in found.financier.reasons}


def test_a_need_that_nobody_finances_says_so() -> None:
    [found] = triangles(SOLAR)
    assert legs([found]) == [("solar", None)]
    assert found.missing == ("no_financier",)


def test_a_need_that_nobody_can_do_says_so() -> None:
    [found] = triangles(FUND)
    assert legs([found]) == [(None, "fund")]
    assert found.missing == ("no_provider",)


def test_where_nobody_fits_either_leg_there_is_no_triangle() -> None:
    assert triangles() == []
    assert triangles(body("customs", "Customs", themes=("trade",)), fund("other", themes=("trade",))) == []


def test_a_whole_triangle_scores_more_than_one_that_lacks_a_leg() -> None:
    [whole], [open_] = triangles(SOLAR, FUND), triangles(SOLAR)
    assert whole.score > open_.score


def test_a_financier_serves_the_region_of_the_need() -> None:
    asian = replace(FUND, regions=frozenset({"SEA"}))
    assert legs(triangles(SOLAR, asian)) == [("solar", None)]
    assert legs(triangles(SOLAR, asian, wanted=replace(NEED, country="LAO"))) == [("solar", "fund")]


def test_a_financier_of_another_theme_does_not_fit() -> None:
    assert legs(triangles(SOLAR, fund("other", themes=("trade",)))) == [("solar", None)]


def test_who_only_finances_or_arranges_is_no_provider() -> None:
    arranging = replace(SOLAR, id="arranging", roles=frozenset({"facilitator"}))
    assert legs(triangles(SOLAR, arranging, FUND)) == [("solar", "fund")]


def test_the_country_to_learn_from_need_not_pay() -> None:
    indian = fund("indian", country="IND")
    wanted = replace(NEED, model_countries=frozenset({"IND"}))
    assert legs(triangles(SOLAR, indian, FUND, wanted=wanted)) == [("solar", "fund")]


def test_the_provider_itself_pays_only_where_nobody_else_does() -> None:
    able = replace(SOLAR, roles=frozenset({"provider", "financier"}))
    [alone] = triangles(able)
    assert (legs([alone]), kinds(alone)) == ([("solar", "solar")], ["same_organisation"])
    [found] = triangles(able, FUND)
    assert (legs([found]), kinds(found)) == ([("solar", "fund")], [])


def test_an_offer_and_the_body_behind_it_are_the_same() -> None:
    offer = Profile("O-1", "offer", {"text": "solar power"}, themes=("energy",), providers=("fund",))
    [found] = triangles(offer, FUND)
    assert (legs([found]), kinds(found)) == ([("O-1", "fund")], ["same_organisation"])


def test_a_financier_of_the_provider_s_country_stands_behind_one_from_elsewhere() -> None:
    home = fund("a-home", country="IND", languages=frozenset({"en"}))
    assert legs(triangles(SOLAR, home, FUND)) == [("solar", "fund")]
    [found] = triangles(SOLAR, home)
    assert (legs([found]), kinds(found)) == ([("solar", "a-home")], ["same_country"])


def test_a_practice_of_both_speaks_for_the_pair() -> None:
    other = fund("a-other")
    assert legs(triangles(SOLAR, FUND, other)) == [("solar", "a-other")]
    [found] = triangles(SOLAR, FUND, other, practice("lamps", "solar", "fund"))
    assert legs([found]) == [("solar", "fund")]
    assert found.reasons == (Reason("together", ("lamps",), 10.0),)


def test_a_practice_of_both_on_another_theme_says_nothing() -> None:
    elsewhere = practice("customs", "solar", "fund", themes=("trade",))
    [found] = triangles(SOLAR, FUND, elsewhere)
    assert found.reasons == ()


def test_a_country_neither_helps_nor_pays_for_itself() -> None:
    wanted = replace(NEED, country="IND")
    assert legs(triangles(SOLAR, fund("indian", country="IND"), WIND, wanted=wanted)) == [("wind", None)]


def test_the_order_of_profiles_changes_nothing() -> None:
    given_ = [SOLAR, WIND, FUND, fund("other"), practice("lamps", "solar", "other")]
    expected = triangles(*given_)
    random.Random(5).shuffle(given_)
    assert triangles(*given_) == expected


@given(st.text(st.characters(), max_size=80), st.sampled_from(["FJI", "THA", None]))
def test_no_need_raises_and_scores_stay_in_range(text: str, country: str | None) -> None:
    wanted = Profile("n", "need", {"text": text}, country=country)
    found = triangles(SOLAR, WIND, FUND, wanted=wanted)
    assert all(0 < one.score <= 100 for one in found)
