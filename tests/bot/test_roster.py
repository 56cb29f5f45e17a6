"""The secretariat's work on single participants."""

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session, select

from bot import participants
from bot.assistant import _lines
from bot.audit import AuditEntry, subject_of
from bot.commands import Command, ImportPeople, Person, Registered
from bot.database import Store
from bot.errors import NotAllowed, Refused
from bot.messages import Address
from bot.participants import Actor
from bot.people_commands import (
    FindPeople,
    LinkPerson,
    MyChannels,
    PreferChannel,
    SetPreferredChannel,
    SetRole,
    UnlinkChannel,
    UnlinkPerson,
)
from bot.records import Records
from bot.store import Delivery, KnownAddress
from tests.bot.ledgers import NOW, OFFICER, a_press, person, queue, states

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
    assert changes_of_role(store, mele) == ["focal_point"]


def changes_of_role(store: Store, participant: int) -> list[str]:
    def read(session: Session) -> list[str]:
        theirs = AuditEntry.subject == subject_of(session, participant)
        query = select(AuditEntry).where(AuditEntry.action == "change_role", theirs).order_by(AuditEntry.id)
        return [entry.details["role"] for entry in session.exec(query)]

    return store.write(read).result()


def test_a_role_that_a_list_or_the_settings_change_is_in_the_record_too(store: Store, mele: int) -> None:
    row = Registered("Mele Tupou", "mission@tonga.example", "TON", "focal_point", None)
    perform(store, ImportPeople((row,)))
    perform(store, ImportPeople((row,)))
    perform(store, ImportPeople((), end_missing=True))
    actor, place = Actor(id=mele, role="visitor"), Address("telegram", "1")
    appoint = participants.appointed
    for role in ("visitor", "secretariat"):
        again = replace(actor, role=role)
        store.write(lambda session, again=again: appoint(session, again, place, {"telegram:1"}, NOW)).result()
    assert changes_of_role(store, mele) == ["focal_point", "visitor", "secretariat"]


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


# A lost telephone


def test_a_lost_telephone_is_a_visitor_s_and_nothing_more_goes_there(store: Store, mele: int) -> None:
    queue(store, "1", "t1.0")
    perform(store, SetPreferredChannel(mele, "telegram"))
    found = perform(store, UnlinkPerson(mele, "telegram"), STAFF)
    assert (found.channels, found.preferred_channel) == (("slack",), None)
    assert states(store)["t1.0"] == "failed"
    whose = store.read(lambda session: participants.known(session, Address("telegram", "1")))
    assert whose is not None
    assert (whose.actor.id != mele, whose.actor.role, whose.actor.name) == (True, "visitor", None)


def test_whom_the_secretariat_unlinks_is_told_on_the_channels_that_are_left(store: Store, mele: int) -> None:
    also_at(store, mele, "web", "browser")
    also_at(store, mele, "terminal", "tty")
    perform(store, UnlinkPerson(mele, "telegram"), STAFF)
    query = select(Delivery.channel, Delivery.user, Delivery.card).order_by(Delivery.channel)  # type: ignore[call-overload]
    told = store.read(lambda session: list(session.execute(query)))
    assert [(channel, user) for channel, user, _ in told] == [
        ("slack", "U1"),
        ("terminal", "tty"),
        ("web", "browser"),
    ]
    lines = {line for _, _, card in told for line in card["body"].split("\n")}
    assert lines == {
        "The secretariat has unlinked an account of yours: Telegram, 10:42, Bangkok time.",
        "If you did not ask for this, please tell the secretariat at once.",
    }
    assert {card["choices"][0][0][0] for _, _, card in told} == {"/person"}


def test_who_unlinks_a_channel_themselves_is_not_told_of_it(store: Store, mele: int) -> None:
    perform(store, UnlinkChannel("slack"), Actor(id=mele, role="delegate"))
    assert states(store) == {}


def test_a_channel_on_which_they_are_not_cannot_be_unlinked(store: Store, mele: int) -> None:
    with pytest.raises(Refused, match="not linked on web but on: slack, telegram"):
        perform(store, UnlinkPerson(mele, "web"))


def test_what_the_browser_showed_is_gone_from_it_once_it_is_unlinked(store: Store, mele: int) -> None:
    also_at(store, mele, "web", "browser")
    queue(store, "browser", "w1.0", channel="web")
    address = Address("web", "browser")
    assert len(store.read(lambda session: _lines(session, address, 0, 10))) == 1
    perform(store, UnlinkPerson(mele, "web"))
    assert store.read(lambda session: _lines(session, address, 0, 10)) == ()


def test_an_administrator_links_an_account_of_somebody_present(store: Store, mele: int) -> None:
    person(store, "b1", channel="web")
    assert perform(store, LinkPerson(mele, "web", "b1")).channels == ("slack", "telegram", "web")
    assert perform(store, LinkPerson(mele, "web", "b1")).channels == ("slack", "telegram", "web")
    other = person(store, "9", name="Ana", confirmed=True)
    with pytest.raises(Refused, match=f"web:b1 is linked to participant {mele}; unlink it there first"):
        perform(store, LinkPerson(other, "web", "b1"))
    with pytest.raises(Refused, match="nobody has written from slack:U7 yet"):
        perform(store, LinkPerson(mele, "slack", "U7"))
    with pytest.raises(NotAllowed):
        perform(store, LinkPerson(mele, "web", "b1"), STAFF)


def test_people_choose_their_own_channel_and_unlink_their_own_only(store: Store, mele: int) -> None:
    actor = Actor(id=mele, role="delegate")
    assert perform(store, PreferChannel("slack"), actor).preferred_channel == "slack"
    with pytest.raises(Refused, match="not linked on web"):
        perform(store, PreferChannel("web"), actor)
    assert perform(store, UnlinkChannel("slack"), actor).channels == ("telegram",)
    assert perform(store, UnlinkChannel("slack"), actor) == perform(store, MyChannels(), actor)
    with pytest.raises(Refused, match="done in a chat"):
        perform(store, MyChannels())


def test_of_two_browsers_the_other_one_is_shown_and_unlinked(store: Store, mele: int) -> None:
    for browser in ("b1", "b2"):
        also_at(store, mele, "web", browser)
    actor, here = Actor(id=mele, role="delegate"), Address("web", "b1")

    def from_here(command: Command) -> Any:
        return store.write(
            lambda session: Records(session, actor, NOW, a_press(), place=here).perform(command)
        ).result()

    assert from_here(MyChannels()).several == ("web",)
    from_here(PreferChannel("web"))
    left = from_here(UnlinkChannel("web"))
    assert (left.channels, left.preferred_channel) == (("slack", "telegram", "web"), "web")
    assert from_here(MyChannels()).several == ()
    whose = store.read(lambda session: session.get_one(KnownAddress, ("web", "b2")).participant_id)
    assert whose != mele
