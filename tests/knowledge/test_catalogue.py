"""The catalogue finds its organisations by name and tells the matcher what they are."""

from knowledge.catalogue import names_of, profile_of
from knowledge.snapshot import Snapshot
from matching.profiles import Profile


def test_every_organisation_is_found_by_each_of_its_names(snapshot: Snapshot) -> None:
    names = snapshot.catalogue.organisation_names
    for provider in snapshot.catalogue.providers.values():
        for name in names_of(provider):
            assert provider.id in names.exact(name), name


def test_an_acronym_that_several_share_finds_them_all(snapshot: Snapshot) -> None:
    hits = snapshot.catalogue.organisation_names.closest("ERD")
    assert [hit.key for hit in hits] == ["bgd-erd", "lka-erd"]


def test_an_organisation_is_found_in_spite_of_a_typing_error(snapshot: Snapshot) -> None:
    hits = snapshot.catalogue.organisation_names.closest("Rosotrudnichestvo")
    assert hits[0].key == "rus-rs"


def test_a_provider_is_to_the_matcher_what_its_row_says(snapshot: Snapshot) -> None:
    jica = snapshot.catalogue.providers["jpn-jica"]
    profile = profile_of(jica)
    assert (profile.kind, profile.country, profile.verified) == ("provider", "JPN", jica.verified)
    assert profile.modalities == frozenset(jica.modalities)


def test_a_practice_leads_to_those_who_carried_it_out(snapshot: Snapshot) -> None:
    practice = snapshot.catalogue.practices["afghan-women-central-asia"]
    profile = profile_of(practice)
    assert profile.providers == ("un-undp-rbec", "kaz-mfa", "uzb-mfa", "kgz-mfa")
    assert profile.countries == {"AFG", "KAZ", "UZB", "KGZ"}


def test_a_need_gets_partners_from_the_catalogue_with_reasons(snapshot: Snapshot) -> None:
    need = Profile(
        id="N-0001",
        kind="need",
        texts={"text": "training of nurses against malaria"},
        country="PNG",
        themes=("public_health",),
        modalities=frozenset({"training"}),
    )
    suggestions = snapshot.catalogue.partners.suggest(need, limit=5)
    known = {*snapshot.catalogue.providers, *snapshot.catalogue.practices}
    assert len(suggestions) == 5
    assert all(suggestion.id in known and suggestion.reasons for suggestion in suggestions)


def test_offers_are_suggested_beside_the_catalogue(snapshot: Snapshot) -> None:
    text = {"text": "cold chain for vaccines on small islands"}
    offer = Profile(id="O-0001", kind="offer", texts=text, country="THA", themes=("public_health",))
    need = Profile(id="N-0001", kind="need", texts=text, country="TUV", themes=("public_health",))
    partners = snapshot.catalogue.partners_with([offer])
    assert partners.suggest(need, limit=1)[0].id == "O-0001"
