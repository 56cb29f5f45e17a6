"""Countries are found by what people write in many languages, and nothing is found where there is none."""

import json
import random
from pathlib import Path

import pytest

from knowledge.snapshot import Snapshot
from knowledge.world import names as world
from matching.names import Names
from tests.typing_errors import mistyped

QUERIES = Path(__file__).parents[1] / "queries" / "countries.jsonl"
TYPED = 480


@pytest.fixture(scope="module")
def countries(snapshot: Snapshot) -> Names:
    return snapshot.vocabulary.country_names


def best(names: Names, query: str) -> list[str]:
    hits = names.closest(query, limit=8)
    return [hit.key for hit in hits if hit.score == hits[0].score]


def test_names_written_by_hand_mean_their_country(countries: Names) -> None:
    rows = [json.loads(line) for line in QUERIES.read_text(encoding="utf-8").splitlines()]
    wrong = [row for row in rows if best(countries, row["text"]) != ([row["key"]] if row["key"] else [])]
    assert len(wrong) <= len(rows) * 0.01, wrong


def test_united_nations_names_with_a_typing_error_are_found(countries: Names) -> None:
    chance = random.Random(1)
    named = [
        (iso3, place.names["en"]) for iso3, place in world.territories().items() if place.names.get("en")
    ]
    asked = [chance.choice(named) for _ in range(TYPED)]
    found = [best(countries, mistyped(name, chance))[:1] == [iso3] for iso3, name in asked]
    assert sum(found) >= TYPED * 0.97


@pytest.mark.parametrize(
    ("query", "iso3"),
    [
        ("Austria", "AUT"), ("Australia", "AUS"), ("Iraq", "IRQ"), ("Iran", "IRN"), ("Niger", "NER"),
        ("Nigeria", "NGA"), ("Dominica", "DMA"), ("Dominican Republic", "DOM"), ("Mauritius", "MUS"),
        ("Mauritania", "MRT"), ("Slovakia", "SVK"), ("Slovenia", "SVN"), ("Guinea-Bissau", "GNB"),
        ("Equatorial Guinea", "GNQ"), ("Papua New Guinea", "PNG"), ("Republic of the Congo", "COG"),
        ("Democratic Republic of the Congo", "COD"), ("Georgia", "GEO"), ("UK", "GBR"), ("USA", "USA"),
        ("UAE", "ARE"), ("PNG", "PNG"), ("FSM", "FSM"), ("CNMI", "MNP"),
    ],
)  # fmt: skip
def test_a_like_name_is_never_taken_for_another(countries: Names, query: str, iso3: str) -> None:
    assert best(countries, query) == [iso3]
    assert countries.closest(query)[0].score == 100


@pytest.mark.parametrize("code", ["UKA", "UE", "PNGG", "FSN", "CNMO", "DPRX", "DPK"])
def test_a_mistyped_code_is_no_country(countries: Names, code: str) -> None:
    assert countries.closest(code) == []


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("Korea", {"KOR", "PRK"}),
        ("Corée", {"KOR", "PRK"}),
        ("Democratic Korea", {"KOR", "PRK"}),
        ("St. Martin", {"MAF", "SXM"}),
        ("the Virgin Islands", {"VGB", "VIR"}),
        ("刚果", {"COG", "COD"}),
        ("几内亚", {"PNG", "GIN", "GNB", "GNQ"}),
        ("Samoa", {"WSM", "ASM"}),
        ("China", {"CHN"}),
    ],
)
def test_what_several_go_by_gives_them_all(countries: Names, query: str, keys: set[str]) -> None:
    assert set(best(countries, query)) == keys


@pytest.mark.parametrize(
    "query", ["Czechoslovakia", "Yugoslavia", "the Soviet Union", "Czechoslovaquia", "South America", "Азия"]
)
def test_what_is_no_country_today_is_not_taken_for_a_neighbour(countries: Names, query: str) -> None:
    assert countries.closest(query) == []


def test_what_differs_in_form_only_is_found_but_not_certain(countries: Names) -> None:
    for query, iso3 in [
        ("Norway, Kingdom of", "NOR"),
        ("Iran (Islamic Rep.)", "IRN"),
        ("Kingdom of Norwy", "NOR"),
    ]:
        hits = countries.closest(query)
        assert hits[0].key == iso3
        assert hits[0].score <= 99
