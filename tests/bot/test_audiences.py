"""Audiences: who belongs to one, and where each of them is written to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlmodel import col

from bot import audiences, ledger
from bot.announcement_commands import Announce, FindReach, Preview
from bot.broadcasts import Audience, Contact, Reach, Recipient, check, read_number
from bot.database import Store
from bot.errors import Refused
from bot.messages import Address, Inbound, Opened, Text
from bot.store import Following, Inbox, KnownAddress, Need, Participant
from tests.bot.ledgers import NOW, a_press, broadcast, lunch, people, perform, person, rows
from tests.transcript import Stage, Watch


def audience(**wanted: Any) -> Audience:
    values = {
        name: value if isinstance(value, set) or name == "confirmed_not" else {value}
        for name, value in wanted.items()
    }
    return Audience(**{name: frozenset(v) if isinstance(v, set) else v for name, v in values.items()})


def reach(store: Store, **wanted: Any) -> Reach:
    found = perform(store, FindReach(audience(**wanted)))
    assert isinstance(found, Reach)
    return found


def recipients(store: Store, **wanted: Any) -> tuple[Recipient, ...]:
    vocabulary = a_press().know.vocabulary
    return store.read(lambda session: audiences.recipients(session, audience(**wanted), vocabulary))


def users(store: Store, **wanted: Any) -> list[str]:
    return [f"{one.channel}:{one.user}" for one in recipients(store, **wanted)]


def keep(store: Store, *rows: Any) -> None:
    store.write(lambda session: session.add_all(rows)).result()


def change(store: Store, participant: int, **values: Any) -> None:
    mine = update(audiences.PEOPLE).where(col(Participant.id) == participant)
    store.write(lambda session: session.execute(mine.values(**values))).result()


def also_at(store: Store, participant: int, channel: str, user: str) -> None:
    place = KnownAddress(channel=channel, user=user, participant_id=participant, chat=f"chat {user}")
    store.write(lambda session: session.add(place)).result()


def unsubscribe(store: Store, channel: str, user: str) -> None:
    store.write(lambda session: ledger.unsubscribe(session, Address(channel, user), NOW)).result()


@pytest.fixture
def forum(store: Store) -> Store:
    """A delegate of Fiji on Telegram, a partner on Slack, a visitor in the browser, and a name on the list."""
    person(store, "1", role="delegate", country="FJI", language="fr")
    person(store, "U2", "slack", role="partner", guessed_language="zh")
    person(store, "w3", "web", guessed_language="ru")
    listed = Participant(role="delegate", country="TON", email="mele@example.org", created_at=NOW)
    store.write(lambda session: session.add(listed)).result()
    return store


def test_an_audience_without_conditions_is_everyone_who_can_be_written_to(forum: Store) -> None:
    assert recipients(forum) == (
        Recipient(1, "telegram", "1", "1", "fr"),
        Recipient(2, "slack", "U2", "U2", "zh"),
        Recipient(3, "web", "w3", "w3", "ru"),
    )
    places = {("slack", "zh"): 1, ("telegram", "fr"): 1, ("web", "ru"): 1}
    assert reach(forum) == Reach(places, (Contact(4, None, "TON", "mele@example.org"),))


def test_nobody_is_an_audience_too(store: Store) -> None:
    assert reach(store) == Reach({})
    assert broadcast(store).recipients == 0


@pytest.mark.parametrize(
    ("condition", "values", "found", "unreachable"),
    [
        ("roles", "delegate", ["telegram:1"], 1),
        ("roles", {"partner", "visitor"}, ["slack:U2", "web:w3"], 0),
        ("countries", "FJI", ["telegram:1"], 0),
        ("countries", "TON", [], 1),
        ("languages", "zh", ["slack:U2"], 0),
        ("languages", {"fr", "ru"}, ["telegram:1", "web:w3"], 0),
        ("channels", "web", ["web:w3"], 3),
        ("regions", "PAC", ["telegram:1"], 1),
        ("people", {1, 3, 4}, ["telegram:1", "web:w3"], 1),
        ("without_roles", {"delegate", "partner"}, ["web:w3"], 0),
        ("without_countries", "FJI", ["slack:U2", "web:w3"], 1),
        ("without_people", {2, 4}, ["telegram:1", "web:w3"], 0),
    ],
)
def test_each_condition_narrows_the_audience(
    forum: Store, condition: str, values: str | set[str], found: list[str], unreachable: int
) -> None:
    got = reach(forum, **{condition: values})
    assert (users(forum, **{condition: values}), got.recipients, len(got.unreachable)) == (
        found,
        len(found),
        unreachable,
    )


def test_conditions_count_together(forum: Store) -> None:
    assert users(forum, roles="delegate", countries="FJI", languages="fr", channels="telegram") == [
        "telegram:1"
    ]
    assert users(forum, roles="delegate", channels="slack") == []


def test_somebody_with_several_addresses_gets_one_message(store: Store) -> None:
    mele = person(store, "7")
    also_at(store, mele, "slack", "U7")
    also_at(store, mele, "telegram", "6")
    assert users(store) == ["slack:U7"]
    assert users(store, channels="telegram") == ["telegram:6"]
    unsubscribe(store, "slack", "U7")
    assert users(store) == ["telegram:6"]
    assert broadcast(store).recipients == 1
    assert [(row.channel, row.user, row.chat) for row in rows(store)] == [("telegram", "6", "chat 6")]


def test_somebody_who_unsubscribed_gets_nothing(store: Store) -> None:
    people(store, "1", "2")
    unsubscribe(store, "telegram", "1")
    assert (users(store), [one.id for one in reach(store).unreachable]) == (["telegram:2"], [1])
    broadcast(store)
    assert [row.user for row in rows(store)] == ["2"]


async def test_whoever_only_looked_at_the_page_gets_nothing_until_they_say_something(store: Store) -> None:
    stage, place = Stage(store, Watch()), Address("web", "a browser")
    looks = Inbound("1", place, NOW, Opened(), chat=place.user)
    for key in ("1", "2"):
        await stage.assistant.receive(replace(looks, key=key))
    assert (users(store), reach(store).unreachable) == ([], ())
    await stage.assistant.receive(replace(looks, key="3", heard=Text("where is room b")))
    await stage.assistant.drain()
    assert users(store) == ["web:a browser"]


def test_countries_and_regions_count_together(forum: Store) -> None:
    person(forum, "5", country="THA")
    assert users(forum, regions="PAC", countries="THA") == ["telegram:1", "telegram:5"]


def test_the_preferred_channel_goes_before_the_one_last_heard_from(store: Store) -> None:
    mele = person(store, "7")
    also_at(store, mele, "slack", "U7")
    also_at(store, mele, "web", "w7")
    heard = [
        Inbox(channel=channel, user=user, key=str(number), received_at=NOW)
        for number, (channel, user) in enumerate([("web", "w7"), ("telegram", "7"), ("slack", "another")])
    ]
    keep(store, *heard)
    assert users(store) == ["telegram:7"]
    keep(store, Inbox(channel="web", user="w7", key="3", received_at=NOW))
    assert users(store) == ["web:w7"]
    change(store, mele, preferred_channel="slack")
    assert users(store) == ["slack:U7"]
    unsubscribe(store, "slack", "U7")
    assert users(store) == ["web:w7"]


def test_followers_of_a_session(store: Store) -> None:
    people(store, "1", "2", "3")
    keep(store, Following(participant_id=1, session="s3"), Following(participant_id=3, session="s3"))
    keep(store, Following(participant_id=2, session="s1"), Following(participant_id=3, session="s1"))
    assert users(store, followers="s3") == ["telegram:1", "telegram:3"]
    assert users(store, followers={"s1", "s3"}) == ["telegram:1", "telegram:2", "telegram:3"]


def test_holders_of_an_open_need_in_a_theme(store: Store) -> None:
    people(store, "1", "2", "3")

    def need(participant: int, theme: str, withdrawn: bool = False) -> Need:
        gone = NOW if withdrawn else None
        common: dict[str, Any] = {
            "country": "FJI",
            "lang": "en",
            "text": "t",
            "readers": "all",
            "created_at": NOW,
        }
        return Need(participant_id=participant, details={"themes": [theme]}, withdrawn_at=gone, **common)

    first, second = list(a_press().know.vocabulary.themes)[:2]
    keep(store, need(1, first), need(2, second), need(3, first, withdrawn=True))
    assert users(store, themes=first) == ["telegram:1"]
    assert users(store, themes={first, second}) == ["telegram:1", "telegram:2"]


def test_a_thousand_people_can_be_named(store: Store) -> None:
    values = [{"role": "visitor", "guessed_language": "en", "confirmed": False, "created_at": NOW}] * 40_000
    store.write(lambda session: session.execute(insert(Participant), values)).result()
    assert len(reach(store, people=set(range(1, 40_001))).unreachable) == 40_000


def test_the_unreachable_are_named_by_country_and_name(store: Store) -> None:
    listed = [("Sione", "TON"), ("Ana", "TON"), ("Mere", "FJI")]
    keep(store, *(Participant(name=name, country=country, created_at=NOW) for name, country in listed))
    assert [one.name for one in reach(store).unreachable] == ["Mere", "Ana", "Sione"]


def test_those_who_have_muted_are_counted(store: Store) -> None:
    people(store, "1", "2", "3", "4")
    change(store, 1, muted="all", muted_until=NOW + timedelta(hours=1))
    change(store, 2, muted="all", muted_until=NOW - timedelta(hours=1))
    change(store, 3, muted="until_written")
    found = reach(store)
    assert (found.recipients, found.muted) == (4, 2)


def test_reach_counts_by_channel_and_language_largest_first(store: Store) -> None:
    people(store, "1", "2")
    person(store, "3", guessed_language="fr")
    people(store, "U1", channel="slack")
    assert list(reach(store).counts.items()) == [
        (("telegram", "en"), 2),
        (("slack", "en"), 1),
        (("telegram", "fr"), 1),
    ]


def test_all_that_is_wrong_with_an_audience_is_said_at_once() -> None:
    wrong = Audience(
        roles=frozenset({"king"}),
        countries=frozenset({"XXX"}),
        languages=frozenset({"la"}),
        channels=frozenset({"fax"}),
        regions=frozenset({"moon"}),
        followers=frozenset({"s99"}),
        themes=frozenset({"war"}),
    )
    with pytest.raises(Refused) as refusal:
        check(wrong, a_press().know)
    assert [line.split(";")[0] for line in str(refusal.value).splitlines()] == [
        "“king” is not a role",
        "“XXX” is not a country",
        "“moon” is not a region",
        "“la” is not a language",
        "“fax” is not a channel",
        "“war” is not a theme",
        "“s99” is not a session",
    ]


@pytest.mark.parametrize("number", ["3", "B1", "", "B-", "B-0099", "B-99999999999999999999"])
def test_an_announcement_that_there_is_not_has_no_unconfirmed(store: Store, number: str) -> None:
    people(store, "1", "2")
    broadcast(store)
    for command in (
        FindReach(audience(confirmed_not=number)),
        Preview(lunch("Please read.", confirmed_not=number)),
        Announce(lunch("Please read.", confirmed_not=number)),
    ):
        with pytest.raises(Refused, match=f"there is no announcement {number or '“”'}; see"):
            perform(store, command)


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("FIJI", "did you mean FJI (Fiji)?"),
        ("KAZAKSTAN", "did you mean KAZ (Kazakhstan)?"),
        ("XXX", "write its ISO code, for example FJI"),
    ],
)
def test_a_country_that_is_no_code_is_told_the_near_ones(value: str, right: str) -> None:
    for wrong in (audience(countries=value), audience(without_countries=value)):
        with pytest.raises(Refused) as refusal:
            check(wrong, a_press().know)
        assert str(refusal.value) == f"“{value}” is not a country; {right}"


@pytest.mark.parametrize(
    ("text", "number"),
    [("b-0003", "B-0003"), (" B-3 ", "B-0003"), ("R-12345", "R-12345"), ("N-0003", "N-0003"), ("ok", "ok")],
)
def test_a_number_is_read_as_it_is_shown(text: str, number: str) -> None:
    assert (read_number(text), read_number(number)) == (number, number)


def test_an_audience_is_written_down_and_read_again() -> None:
    whole = Audience(
        frozenset({"delegate"}), frozenset({"TON", "FJI"}), people=frozenset({3, 1}), confirmed_not="B-0003"
    )
    written = {
        "roles": ["delegate"],
        "countries": ["FJI", "TON"],
        "people": [1, 3],
        "confirmed_not": "B-0003",
    }
    assert (whole.to_json(), Audience.from_json(written)) == (written, whole)


def test_a_participant_whose_language_was_chosen_is_not_guessed_at(store: Store) -> None:
    mele = person(store, "1", guessed_language="fr")
    change(store, mele, language="zh")
    assert (users(store, languages="fr"), users(store, languages="zh")) == ([], ["telegram:1"])
