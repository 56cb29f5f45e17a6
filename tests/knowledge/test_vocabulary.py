"""Countries are found by whatever name people type, and shown only by their United Nations names."""

import pytest

from knowledge.packaged import packaged
from knowledge.snapshot import Snapshot
from knowledge.world import names as world


def found(snapshot: Snapshot, query: str) -> list[str]:
    hits = snapshot.vocabulary.country_names.closest(query, limit=5)
    return [hit.key for hit in hits if hit.score == hits[0].score]


@pytest.mark.parametrize(
    ("query", "iso3"),
    [
        ("DPRK", "PRK"), ("North Korea", "PRK"), ("朝鲜", "PRK"), ("Республика Корея", "KOR"),
        ("Lao PDR", "LAO"), ("Laos", "LAO"), ("Viet Nam", "VNM"), ("Vietnam", "VNM"),
        ("Türkiye", "TUR"), ("Turkey", "TUR"), ("Micronesia", "FSM"), ("Hong Kong", "HKG"),
        ("CNMI", "MNP"), ("РФ", "RUS"), ("ไทย", "THA"), ("भारत", "IND"), ("America", "USA"),
        ("Iran", "IRN"), ("Macao SAR", "MAC"), ("Inde", "IND"), ("Burma", "MMR"), ("Holland", "NLD"),
        ("Austria", "AUT"), ("Iraq", "IRQ"), ("Nigeria", "NGA"), ("Niger", "NER"), ("Brasil", "BRA"),
        ("Phillipines", "PHL"), ("Tajikstan", "TJK"), ("vanatu", "VUT"), ("Монголии", "MNG"),
    ],
)  # fmt: skip
def test_a_country_is_found_by_any_of_its_names(snapshot: Snapshot, query: str, iso3: str) -> None:
    assert found(snapshot, query) == [iso3]


def test_a_name_that_several_countries_go_by_finds_them_all(snapshot: Snapshot) -> None:
    assert found(snapshot, "Korea") == ["KOR", "PRK"]
    assert found(snapshot, "Самоа") == ["WSM", "ASM"]
    assert found(snapshot, "Guinea") == ["GIN", "PNG", "GNB", "GNQ"]
    assert found(snapshot, "Congo") == ["COG", "COD"]


@pytest.mark.parametrize("word", ["lunch", "health", "yes", "no", "and", "can", "per", "Tokyo", "help me"])
def test_an_everyday_word_is_no_country(snapshot: Snapshot, word: str) -> None:
    assert found(snapshot, word) == []


def test_every_member_is_found_by_every_name_of_its_own(snapshot: Snapshot) -> None:
    ambiguous = {iso3 for keys in world.ambiguous().values() for iso3 in keys}
    for iso3, country in snapshot.vocabulary.countries.items():
        for name in country.name.values():
            assert iso3 in found(snapshot, name), name
            assert iso3 in ambiguous or found(snapshot, name) == [iso3], name


def test_a_member_is_shown_by_the_packs_name_and_others_by_the_united_nations(snapshot: Snapshot) -> None:
    words = snapshot.vocabulary
    assert words.world_name("KOR", "zh") == "大韩民国"
    assert words.world_name("BOL", "en") == "Bolivia (Plurinational State of)"
    assert words.world_name("DEU", "fr") == "Allemagne"
    assert words.world_name("DEU", "th") == "Germany"


def test_a_territory_without_united_nations_name_is_shown_by_its_code(snapshot: Snapshot) -> None:
    assert snapshot.vocabulary.world_name("TWN", "en") == "TWN"
    assert snapshot.vocabulary.world_name("XXX", "en") == "XXX"


def test_members_are_told_from_others(snapshot: Snapshot) -> None:
    assert snapshot.vocabulary.is_member("GUM")
    assert not snapshot.vocabulary.is_member("DEU")


def test_the_own_names_are_for_countries_that_there_are() -> None:
    for table in (world.aliases(), world.people()):
        assert set(table) <= set(world.territories())
    assert {iso3 for keys in world.ambiguous().values() for iso3 in keys} <= set(world.territories())


def leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in leaves(part)]
    return [leaf for part in value for leaf in leaves(part)] if isinstance(value, list) else [value]


@pytest.mark.parametrize(
    ("package", "name"),
    [
        ("knowledge.world", "aliases.yaml"),
        ("knowledge.world", "people.yaml"),
        ("knowledge.world", "cities.yaml"),
        ("knowledge", "lexicon.yaml"),
        ("knowledge", "topics.yaml"),
    ],
)
def test_no_word_of_our_lists_is_read_as_a_truth_value(package: str, name: str) -> None:
    assert {type(leaf) for leaf in leaves(packaged(package, name))} == {str}


def test_the_lexicon_speaks_of_themes_and_forms_that_the_sample_has(snapshot: Snapshot) -> None:
    lexicon, words = packaged("knowledge", "lexicon.yaml"), snapshot.vocabulary
    assert set(lexicon["themes"]) == set(words.themes)
    assert set(lexicon["modalities"]) == set(words.modalities)
    assert set(map(int, lexicon["sdgs"])) == set(words.sdgs)
