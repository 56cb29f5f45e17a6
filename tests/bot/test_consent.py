"""What people agreed to is kept with its version, and nobody's name is shown unless they let it be."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot import audit, consent
from bot.consent import CONSENT_VERSION, LINKING, Agreed, Consent, is_seen
from bot.database import Store
from bot.messages import Address
from bot.participants import Actor, known
from bot.privacy_commands import ChooseVisibility, GiveConsent, MyData, WithdrawConsent
from bot.store import KnownAddress, Participant
from tests.bot.ledgers import NOW, perform, person, queue, second_address, states

LATER = NOW + timedelta(hours=1)


def kept(store: Store) -> list[tuple[str, str, bool]]:
    rows = store.read(lambda session: session.exec(select(Consent).order_by(col(Consent.id))).all())
    return [(row.version, row.lang, row.withdrawn_at is None) for row in rows]


def actor(store: Store, user: str) -> Actor:
    found = store.read(lambda session: known(session, Address("telegram", user)))
    assert found is not None
    return found.actor


def test_nobody_has_agreed_to_anything_and_is_visible_to_nobody_at_first(store: Store) -> None:
    person(store, "ana")
    assert (actor(store, "ana").consented, actor(store, "ana").visible_to) == (None, "nobody")


def test_a_consent_is_kept_with_its_version_and_its_language(store: Store) -> None:
    person(store, "ana", language="fr")
    perform(store, GiveConsent(), actor(store, "ana"))
    assert actor(store, "ana").consented == "1"
    assert kept(store) == [("1", "fr", True)]


def test_a_new_version_takes_the_place_of_the_old_one(store: Store) -> None:
    person(store, "ana")
    perform(store, GiveConsent(), actor(store, "ana"))
    perform(store, GiveConsent(version="2"), actor(store, "ana"), LATER)
    assert actor(store, "ana").consented == "2"
    assert kept(store) == [("1", "en", False), ("2", "en", True)]


def test_withdrawing_ends_what_was_agreed_to_and_keeps_that_it_was(store: Store) -> None:
    person(store, "ana")
    perform(store, GiveConsent(), actor(store, "ana"))
    store.write(lambda session: consent.withdraw(session, actor(store, "ana"), LATER)).result()
    assert actor(store, "ana").consented is None
    assert kept(store) == [("1", "en", False)]


def test_the_choice_of_who_may_see_a_name_is_kept(store: Store) -> None:
    ana = person(store, "ana")
    perform(store, ChooseVisibility("governments"), actor(store, "ana"))
    assert store.read(lambda session: session.get_one(Participant, ana)).visible_to == "governments"


FIJIAN = Actor(role="delegate", country="FJI", confirmed=True)
READERS = {
    "her delegation": FIJIAN,
    "another government": Actor(role="delegate", country="TON", confirmed=True),
    "a partner": Actor(role="partner", confirmed=True),
    "the media": Actor(role="media", country="FJI", confirmed=True),
    "a visitor": Actor(role="visitor", country="FJI"),
    "one whom nobody confirmed": Actor(role="delegate", country="FJI"),
    "the secretariat": Actor(role="secretariat"),
}


@pytest.mark.parametrize(
    ("visible_to", "readers"),
    [
        ("nobody", {"the secretariat"}),
        ("delegation", {"the secretariat", "her delegation"}),
        ("governments", {"the secretariat", "her delegation", "another government"}),
        ("registered", {"the secretariat", "her delegation", "another government", "a partner"}),
    ],
)
def test_a_name_is_seen_by_those_it_was_shown_to(visible_to: str, readers: set[str]) -> None:
    assert {name for name, reader in READERS.items() if is_seen(visible_to, "FJI", reader)} == readers


def test_who_has_no_country_has_no_delegation() -> None:
    assert not is_seen("delegation", None, Actor(role="delegate", confirmed=True))


def test_a_consent_that_is_taken_back_unlinks_everywhere_and_deletes_nothing(store: Store) -> None:
    own = person(store, "ana", role="delegate", name="Ana Silva", email="ana@forum.example", confirmed=True)
    second_address(store, own, "slack", "U1")
    ana = Actor(own, "delegate", name="Ana Silva", confirmed=True)
    assert perform(store, WithdrawConsent(), ana) is False
    perform(store, GiveConsent(), ana)
    queue(store, "ana", "r1")
    (given,) = perform(store, MyData(), ana).consents
    assert given == Agreed(LINKING, CONSENT_VERSION, NOW)
    assert perform(store, WithdrawConsent(), ana, LATER) is True
    assert store.read(lambda session: session.exec(select(KnownAddress)).all()) == []
    assert states(store) == {"r1": "failed"}
    (row,) = store.read(lambda session: session.exec(select(Consent)).all())
    assert (row.at, row.withdrawn_at) == (NOW, LATER)
    person_row = store.read(lambda session: session.get_one(Participant, own))
    assert (person_row.name, person_row.confirmed, person_row.consented) == ("Ana Silva", True, None)
    actions = [entry.action for entry in store.read(audit.entries)]
    assert actions == ["give_consent", "withdraw_consent"]
