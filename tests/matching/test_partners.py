"""Suggestions fit, say why, leave out who cannot help, and say why not."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from matching.facets import Links
from matching.partners import Partners, Reason, Suggestion
from matching.profiles import Profile
from tests.encoders import Meanings

SUBREGIONS = {"FJI": "PAC", "KIR": "PAC", "THA": "SEA", "LAO": "SEA", "IND": "SSWA", "CHN": "ENEA"}


def provider(id: str, text: str = "", **facets: object) -> Profile:  # noqa: A002
    quiet: dict[str, object] = {"regions": frozenset({"global"}), "roles": frozenset({"provider"})}
    return Profile(id, "provider", {"summary": text}, **(quiet | facets))  # type: ignore[arg-type]


def need(text: str = "", **facets: object) -> Profile:
    quiet: dict[str, object] = {"country": "FJI"}
    return Profile("need", "need", {"text": text}, **(quiet | facets))  # type: ignore[arg-type]


def ids(suggestions: list[Suggestion]) -> list[str]:
    return [suggestion.id for suggestion in suggestions]


def reasons(suggestion: Suggestion) -> dict[str, tuple[str, ...]]:
    return {reason.kind: reason.values for reason in suggestion.reasons}


SOLAR = provider(
    "solar",
    "Solar power for villages and small islands",
    country="IND",
    themes=("energy",),
    sdgs=frozenset({7, 13}),
    modalities=frozenset({"training", "study_visit"}),
)
CUSTOMS = provider("customs", "Customs single window", country="THA", themes=("trade",), sdgs=frozenset({17}))
HEALTH = provider("health", "Vaccines and laboratories", country="CHN", themes=("health",))
ISLANDS = Profile(
    "islands",
    "practice",
    {"title": "Solar power on outer islands", "summary": "Technicians trained from India"},
    countries=frozenset({"KIR"}),
    themes=("energy",),
    providers=("solar",),
    replicated=True,
)
GIVEN = (SOLAR, CUSTOMS, HEALTH, ISLANDS)
PARTNERS = Partners(GIVEN, subregions=SUBREGIONS)


def test_the_partner_who_does_what_is_needed_comes_first() -> None:
    assert ids(PARTNERS.suggest(need("customs at the border", themes=("trade",))))[0] == "customs"


def test_whoever_shares_nothing_with_the_need_is_not_suggested() -> None:
    assert ids(PARTNERS.suggest(need("solar power", themes=("energy",)))) == ["islands", "solar"]


def test_a_suggestion_says_what_both_sides_have_in_common() -> None:
    wanted = need(
        "solar panels for an island",
        themes=("energy",),
        sdgs=frozenset({7}),
        modalities=frozenset({"training"}),
        model_countries=frozenset({"IND"}),
    )
    found = {suggestion.id: reasons(suggestion) for suggestion in PARTNERS.suggest(wanted)}
    assert set(found["solar"].pop("text")) == {"solar", "island"}
    assert found["solar"] == {
        "theme": ("energy",),
        "sdg": ("7",),
        "modality": ("training",),
        "country_named": ("IND",),
        "practice": ("islands",),
        "region": ("global",),
    }
    assert found["islands"]["region"] == ("PAC",)
    assert "replicated" in found["islands"]


def test_reasons_add_up_to_the_score_and_come_strongest_first() -> None:
    for suggestion in PARTNERS.suggest(need("solar power", themes=("energy",))):
        weights = [reason.weight for reason in suggestion.reasons]
        assert weights == sorted(weights, reverse=True)
        assert sum(weights) == pytest.approx(suggestion.score, abs=1.5)


def test_a_country_is_not_suggested_to_itself() -> None:
    wanted = need("customs", country="THA", themes=("trade",))
    assert "customs" not in ids(PARTNERS.suggest(wanted))
    assert PARTNERS.why_not(wanted, "customs")[0] == Reason("own_country", ("THA",), 100.0)


def test_a_practice_of_one_s_own_agency_is_left_out_too() -> None:
    wanted = need("solar power on outer islands", country="IND", themes=("energy",))
    assert ids(PARTNERS.suggest(wanted)) == []


def test_a_provider_who_does_not_serve_the_region_is_left_out() -> None:
    asian = replace(SOLAR, regions=frozenset({"SEA", "SSWA"}))
    partners = Partners([asian], subregions=SUBREGIONS)
    wanted = need("solar power", themes=("energy",))
    assert partners.suggest(wanted) == []
    assert partners.why_not(wanted, "solar")[0] == Reason("region_not_served", ("SEA", "SSWA"), 100.0)
    assert ids(partners.suggest(replace(wanted, country="LAO"))) == ["solar"]


@pytest.mark.parametrize("region", ["PAC", "asia_pacific", "global"])
def test_serving_the_subregion_the_region_or_the_world_is_enough(region: str) -> None:
    partners = Partners([replace(SOLAR, regions=frozenset({region}))], subregions=SUBREGIONS)
    assert ids(partners.suggest(need("solar power"))) == ["solar"]


def test_the_region_of_the_beneficiaries_counts_as_well() -> None:
    partners = Partners([replace(SOLAR, regions=frozenset({"SEA"}))], subregions=SUBREGIONS)
    assert ids(partners.suggest(need("solar power", countries=frozenset({"LAO"})))) == ["solar"]


def test_who_only_receives_is_not_suggested_to_a_need() -> None:
    receiving = replace(SOLAR, roles=frozenset({"recipient"}))
    both = replace(SOLAR, id="both", roles=frozenset({"recipient", "provider"}))
    partners = Partners([receiving, both])
    assert ids(partners.suggest(need("solar power"))) == ["both"]
    assert partners.why_not(need("solar power"), "solar")[0].kind == "recipient_only"


def test_an_unverified_profile_ranks_behind_and_is_marked() -> None:
    doubtful = replace(SOLAR, id="a-doubtful", verified=False)
    first, second = Partners([doubtful, SOLAR]).suggest(need("solar power", themes=("energy",)))
    assert (first.id, first.verified) == ("solar", True)
    assert (second.id, second.verified) == ("a-doubtful", False)
    assert second.reasons[-1].kind == "unverified"
    assert second.reasons[-1].weight < 0


def test_a_proven_practice_puts_its_provider_before_an_equal_one() -> None:
    twin = replace(SOLAR, id="a-twin")
    found = Partners([twin, SOLAR, ISLANDS]).suggest(need("solar power"), kinds={"provider"})
    assert ids(found) == ["solar", "a-twin"]


def test_a_practice_that_is_added_speaks_for_a_provider_given_before() -> None:
    twin = replace(SOLAR, id="z-twin")
    told = replace(ISLANDS, id="atolls", providers=("z-twin",))
    given = Partners([twin, SOLAR, replace(ISLANDS, providers=("health",)), HEALTH])
    found = given.with_([told]).suggest(need("solar power"), kinds={"provider"})
    assert ids(found)[:2] == ["z-twin", "solar"]
    assert reasons(found[0])["practice"] == ("atolls",)
    built = Partners([twin, SOLAR, replace(ISLANDS, providers=("health",)), HEALTH, told])
    assert ids(built.suggest(need("solar power"), kinds={"provider"})) == ids(found)


def test_the_kinds_asked_for_are_the_kinds_given() -> None:
    wanted = need("solar power", themes=("energy",))
    assert {s.kind for s in PARTNERS.suggest(wanted, kinds={"practice"})} == {"practice"}


def test_an_offer_is_matched_with_the_needs_it_serves() -> None:
    needs = [
        replace(need("solar lamps for schools", themes=("energy",)), id="n1"),
        replace(need("solar pumps", country="LAO", themes=("energy",)), id="n2"),
        replace(need("tax reform", themes=("finance",)), id="n3"),
    ]
    offer = Profile(
        "offer", "offer", {"text": "solar training"}, country="IND", themes=("energy",),
        regions=frozenset({"PAC"}),
    )  # fmt: skip
    assert ids(Partners(needs, subregions=SUBREGIONS).suggest(offer)) == ["n1"]


def test_why_not_names_what_was_looked_for_and_missed() -> None:
    wanted = need("solar power", themes=("energy",), modalities=frozenset({"study_visit"}))
    missed = {reason.kind: reason.values for reason in PARTNERS.why_not(wanted, "customs")}
    assert missed["no_theme"] == ("energy",)
    assert missed["no_modality"] == ("study_visit",)
    assert "no_text" in missed


def test_why_not_of_someone_who_fits_in_every_way_is_empty() -> None:
    wanted = need(themes=("energy",), country=None)
    assert Partners([SOLAR]).why_not(wanted, "solar") == ()


def test_why_not_of_an_unknown_id_is_an_error() -> None:
    with pytest.raises(KeyError):
        PARTNERS.why_not(need("solar"), "nobody")


def test_nobody_to_suggest_is_an_empty_list() -> None:
    assert Partners([]).suggest(need("solar power")) == []


def test_a_need_that_says_nothing_but_its_country_still_gets_who_serves_it() -> None:
    assert set(ids(PARTNERS.suggest(need()))) == {"solar", "customs", "health", "islands"}


def test_what_is_added_is_found_at_once_and_scored_like_what_was_given() -> None:
    wanted = need("customs single window", themes=("trade",))
    twin = replace(CUSTOMS, id="twin")
    first, second = PARTNERS.with_([twin]).suggest(wanted, kinds={"provider"})[:2]
    assert (first.id, second.id) == ("customs", "twin")
    assert second.score == pytest.approx(first.score)
    assert "twin" not in ids(PARTNERS.suggest(wanted))


def test_what_is_added_twice_or_under_a_known_id_is_there_once() -> None:
    changed = replace(CUSTOMS, themes=("energy",), texts={"summary": "Solar cooking"})
    partners = PARTNERS.with_([replace(CUSTOMS, id="twin")]).with_([changed])
    found = ids(partners.suggest(need("solar cooking", themes=("energy",)), kinds={"provider"}))
    assert found.count("customs") == 1
    assert "customs" not in ids(partners.suggest(need("single window", themes=("trade",))))[:1]
    assert "twin" in ids(partners.suggest(need("single window", themes=("trade",))))


def test_who_was_asked_often_today_ranks_lower_and_says_so() -> None:
    wanted = need("solar power", themes=("energy",))
    partners = Partners([SOLAR, replace(SOLAR, id="twin")])
    first, second = partners.suggest(wanted, asked={"solar": 4, "twin": 2})
    assert (first.id, second.id) == ("twin", "solar")
    assert second.reasons[-1] == Reason("often_asked", ("4",), -4.0)
    assert first.score - second.score == pytest.approx(4.0)


def test_a_standing_tells_the_rank_and_the_points_missed() -> None:
    wanted = need("solar power", themes=("energy",))
    weaker = replace(SOLAR, id="weaker", texts={"summary": "Boats"})
    partners = Partners([SOLAR, replace(SOLAR, id="twin"), weaker])
    standing = partners.standing(wanted, "weaker", shown=2)
    assert (standing.rank, standing.reasons[0].kind) == (3, "no_text")
    assert standing.last_shown is not None
    assert standing.behind == pytest.approx(standing.last_shown.score - standing.score)
    assert partners.standing(wanted, "solar").behind == 0


def test_a_standing_of_who_is_kept_out_has_no_rank() -> None:
    standing = PARTNERS.standing(need("customs", country="THA", themes=("trade",)), "customs")
    assert (standing.rank, standing.score, standing.reasons[0].kind) == (None, 0, "own_country")


def test_of_very_many_the_same_are_found_as_of_few() -> None:
    crowd = [
        provider(f"crowd{number}", f"Road {number}", country="IND", themes=("transport",))
        for number in range(1_200)
    ]
    wanted = need("solar power on outer islands", themes=("energy",), sdgs=frozenset({7}))
    found = Partners([*GIVEN, *crowd], subregions=SUBREGIONS).suggest(wanted)
    assert ids(found) == ["solar", "islands"]
    assert reasons(found[0])["practice"] == ("islands",)


class Glossary(Meanings):
    """Knows one word in two languages."""

    def vector(self, text: str) -> ArrayLike:
        return [float("solar" in text.lower() or "太阳能" in text)]


def test_what_was_learnt_finds_a_need_in_another_language() -> None:
    partners = Partners(GIVEN, subregions=SUBREGIONS)
    wanted = need("太阳能培训", country="KIR")
    assert partners.suggest(wanted) == []
    partners.learn(Glossary())
    assert ids(partners.suggest(wanted)) == ["islands", "solar"]
    later = partners.with_([replace(SOLAR, id="later")])
    assert "later" in ids(later.suggest(wanted))


def test_the_order_of_profiles_changes_nothing() -> None:
    shuffled = list(GIVEN)
    random.Random(3).shuffle(shuffled)
    wanted = need("solar training for islands", themes=("energy",), sdgs=frozenset({7, 13}))
    assert Partners(shuffled, subregions=SUBREGIONS).suggest(wanted) == PARTNERS.suggest(wanted)


@given(st.text(st.characters(), max_size=80), st.sampled_from(["FJI", "THA", None]))
def test_no_need_raises_and_scores_stay_in_range(text: str, country: str | None) -> None:
    suggestions = PARTNERS.suggest(need(text, country=country))
    assert all(0 < suggestion.score <= 100 for suggestion in suggestions)
    for id_ in ("solar", "islands"):
        PARTNERS.why_not(need(text, country=country), id_)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30), st.sets(st.integers(0, 9)))
def test_links_lead_from_each_place_to_those_given(pairs: list[tuple[int, int]], places: set[int]) -> None:
    links = Links(np.array(pairs, dtype=np.int64).reshape(len(pairs), 2), 10)
    asked = np.array(sorted(places), dtype=np.int64)
    positions, ends = links.of(asked)
    expected = sorted(pair for pair in pairs if pair[0] in places)
    assert [*zip(asked[positions].tolist(), ends.tolist(), strict=True)] == expected
    assert [(place, end) for place in sorted(places) for end in links.of_one(place).tolist()] == expected
