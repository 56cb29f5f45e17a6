"""Who lists themselves in the network of providers, who sees it, and how it is kept current."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot import profiles
from bot.consent import CONSENT_VERSION, Consent
from bot.database import Store
from bot.dialogues.providers import to_matched
from bot.participants import Actor
from bot.privacy_commands import Forget, ObjectToMatching
from bot.profile_commands import (
    CheckProfile,
    ConfirmProfile,
    FindProfiles,
    KeepProfile,
    Profile,
    WithdrawProfile,
)
from bot.profiles import AGE, ProviderProfile
from knowledge.seeking import find, in_words
from tests.bot.ledgers import NOW, a_press, perform, person, rows
from tests.samples import sample_snapshot

NURSES = Profile("We train nurses in Vientiane.", ("public_health",), ("training",), ("LAO",), ("en",))


def an_actor(store: Store, user: str, role: str = "delegate", country: str = "THA") -> Actor:
    known = {"role": role, "country": country, "confirmed": True, "consented": CONSENT_VERSION}
    return Actor(id=person(store, user, **known), **known)


def seen_by(store: Store, reader: Actor) -> list[str]:
    return [one.number for one in perform(store, FindProfiles(), reader)]


@pytest.mark.parametrize(
    ("seen", "readers"),
    [
        ("registered", {"delegate", "focal_point", "partner", "private_sector", "secretariat", "admin"}),
        ("governments", {"delegate", "focal_point", "secretariat", "admin"}),
    ],
)
def test_a_profile_is_seen_by_those_whom_its_author_chose(store: Store, seen: str, readers: set[str]) -> None:
    ana = an_actor(store, "ana")
    perform(store, KeepProfile(Profile("We train nurses.", seen_by=seen)), ana)  # type: ignore[arg-type]
    roles = ("delegate", "focal_point", "partner", "private_sector", "secretariat", "admin")
    found = {role for role in roles if seen_by(store, an_actor(store, role, role)) == ["D-0001"]}
    assert found == readers


def test_who_is_not_registered_sees_none(store: Store) -> None:
    perform(store, KeepProfile(NURSES), an_actor(store, "ana"))
    stranger = Actor(id=person(store, "mele", role="delegate"), role="delegate")
    assert seen_by(store, stranger) == []


def test_who_objects_to_matching_is_not_listed(store: Store) -> None:
    ana, mele = an_actor(store, "ana"), an_actor(store, "mele")
    perform(store, KeepProfile(NURSES), ana)
    perform(store, ObjectToMatching(), ana)
    assert seen_by(store, mele) == []


def test_a_company_is_shown_once_the_secretariat_agrees_and_checked_anew_with_other_words(
    store: Store,
) -> None:
    firm, mele = an_actor(store, "firm", "private_sector"), an_actor(store, "mele")
    officer = an_actor(store, "officer", "secretariat")
    perform(store, KeepProfile(NURSES), firm)
    assert (seen_by(store, mele), seen_by(store, firm)) == ([], ["D-0001"])
    perform(store, CheckProfile("d-0001", shown=True), officer)
    assert seen_by(store, mele) == ["D-0001"]
    perform(store, KeepProfile(Profile("Buy our pumps.")), firm)
    assert seen_by(store, mele) == []


def test_keeping_it_again_changes_the_one_there_is_and_a_number_is_never_given_twice(store: Store) -> None:
    ana = an_actor(store, "ana")
    assert [perform(store, KeepProfile(NURSES), ana).number for _ in range(2)] == ["D-0001", "D-0001"]
    perform(store, WithdrawProfile(), ana)
    assert perform(store, KeepProfile(NURSES), ana).number == "D-0002"


def test_taken_out_nothing_of_it_is_kept_and_its_consent_ends(store: Store) -> None:
    ana = an_actor(store, "ana")
    perform(store, KeepProfile(NURSES), ana)
    assert perform(store, WithdrawProfile(), ana) is True
    assert perform(store, WithdrawProfile(), ana) is False
    kept = store.read(lambda session: session.exec(select(ProviderProfile)).all())
    (agreed,) = store.read(lambda session: session.exec(select(Consent)).all())
    assert (kept, agreed.kind, agreed.withdrawn_at) == ([], "network", NOW)


def test_who_is_forgotten_is_in_the_network_no_more(store: Store) -> None:
    ana, mele = an_actor(store, "ana"), an_actor(store, "mele")
    perform(store, KeepProfile(NURSES), ana)
    perform(store, Forget(), ana)
    assert seen_by(store, mele) == []


def test_an_old_profile_is_asked_about_once_and_a_confirmed_one_later(store: Store) -> None:
    ana = an_actor(store, "ana")
    perform(store, KeepProfile(NURSES), ana)
    assert store.read(lambda session: profiles.next_due(session, NOW)) == NOW + AGE
    for _ in range(2):
        store.write(lambda session: profiles.ask_again(session, a_press(), NOW + AGE)).result()
    assert [row.kind for row in rows(store)] == ["notice"]
    assert perform(store, ConfirmProfile(), ana) is True
    assert store.read(lambda session: profiles.next_due(session, NOW)) > NOW + timedelta(days=1)


def test_who_listed_themselves_is_found_before_the_catalogue(store: Store) -> None:
    ana, mele = an_actor(store, "ana"), an_actor(store, "mele", country="VUT")
    perform(store, KeepProfile(NURSES), ana)
    people = perform(store, FindProfiles(), mele)
    know = sample_snapshot()
    found = find(in_words("provider", "nurses Lao PDR", know), know, tuple(map(to_matched, people)))
    assert (found[0].id, len(found) > 1) == ("D-0001", True)
    elsewhere = find(in_words("provider", "nurses Fiji", know), know, tuple(map(to_matched, people)))
    assert "D-0001" not in {one.id for one in elsewhere}
