"""The secretariat's work on single participants."""

from typing import Any

import pytest
from sqlmodel import select

from bot.audit import AuditEntry, subject_of
from bot.commands import Command, Person
from bot.database import Store
from bot.errors import NotAllowed, Refused
from bot.participants import Actor
from bot.people_commands import FindPeople, SetPreferredChannel, SetRole
from bot.records import Records
from bot.store import KnownAddress
from tests.bot.ledgers import NOW, OFFICER, a_press, person

STAFF = Actor(role="secretariat")


def perform(store: Store, command: Command, actor: Actor = OFFICER) -> Any:
    return store.write(lambda session: Records(session, actor, NOW, a_press()).perform(command)).result()


def also_at(store: Store, participant: int, channel: str, user: str) -> None:
    place = KnownAddress(channel=channel, user=user, participant_id=participant, chat=user)
    store.write(lambda session: session.add(place)).result()


@pytest.fixture
def mele(store: Store) -> int:
    """Keep one participant who is registered, linked on two channels."""
    values = {"name": "Mele Tupou", "email": "mission@tonga.example", "country": "TON", "role": "delegate"}
    participant = person(store, "1", confirmed=True, **values)
    also_at(store, participant, "slack", "U1")
    return participant


@pytest.mark.parametrize("text", ["", "{id}", "#{id}", "tupou MELE", "Mission@Tonga.example"])
def test_people_are_found_by_number_address_or_name(store: Store, mele: int, text: str) -> None:
    person(store, "2", name="Visitor")
    found = perform(store, FindPeople(text.format(id=mele)), STAFF)
    assert found == (
        Person(
            mele, "Mele Tupou", "mission@tonga.example", "TON", "delegate", channels=("slack", "telegram")
        ),
    )


@pytest.mark.parametrize("text", ["999", "9" * 30, "nobody@x.example", "Nobody"])
def test_who_is_nobody_is_not_found(store: Store, mele: int, text: str) -> None:
    assert perform(store, FindPeople(text)) == ()


def test_a_number_finds_whoever_it_is(store: Store) -> None:
    visitor = person(store, "2")
    assert [one.role for one in perform(store, FindPeople(str(visitor)))] == ["visitor"]


def test_people_stand_by_country_and_name(store: Store) -> None:
    for number, (name, country) in enumerate([("Sione", "TON"), ("Ana", "TON"), ("Zed", "FJI")]):
        person(store, str(number), name=name, country=country, confirmed=True)
    assert [one.name for one in perform(store, FindPeople())] == ["Zed", "Ana", "Sione"]


def test_an_administrator_gives_roles_and_the_record_has_it(store: Store, mele: int) -> None:
    assert perform(store, SetRole(mele, "focal_point")).role == "focal_point"
    entry, subject = store.write(
        lambda session: (session.exec(select(AuditEntry)).one().model_dump(), subject_of(session, mele))
    ).result()
    assert (entry["action"], entry["subject"], entry["details"]) == (
        "change_role",
        subject,
        {"role": "focal_point"},
    )


def test_nobody_else_gives_roles(store: Store, mele: int) -> None:
    with pytest.raises(NotAllowed):
        perform(store, SetRole(mele, "admin"), STAFF)
    with pytest.raises(NotAllowed):
        perform(store, SetRole(mele, "secretariat"), Actor(id=mele, role="focal_point"))


def test_a_delegate_finds_nobody(store: Store, mele: int) -> None:
    with pytest.raises(NotAllowed):
        perform(store, FindPeople(), Actor(id=mele, role="delegate"))


def test_a_preferred_channel_is_one_of_theirs(store: Store, mele: int) -> None:
    assert perform(store, SetPreferredChannel(mele, "slack")).preferred_channel == "slack"
    with pytest.raises(Refused, match="not linked on web but on: slack, telegram"):
        perform(store, SetPreferredChannel(mele, "web"))
    assert perform(store, SetPreferredChannel(mele, None)).preferred_channel is None


@pytest.mark.parametrize("command", [SetRole(999, "media"), SetPreferredChannel(999, None)])
def test_what_nobody_is_changed_by_is_refused(store: Store, command: Command) -> None:
    with pytest.raises(Refused, match="there is no participant 999"):
        perform(store, command)
