"""Announcements: whom they reach, once each, and how far they have come."""

from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from bot import audiences, ledger
from bot.broadcasts import LONGEST, Announcement, Audience, Reach, Recipient, checked
from bot.commands import Progress
from bot.database import Store
from bot.deliveries import Outcome, sent
from bot.errors import Refused
from bot.messages import Address
from bot.store import KnownAddress, Participant
from tests.bot.ledgers import NOW, bodies, broadcast, people, person, rows
from tests.samples import sample_snapshot


def reach(store: Store, **audience: str | set[str]) -> Reach:
    wanted = {
        name: frozenset({values} if isinstance(values, str) else values) for name, values in audience.items()
    }
    return store.read(lambda session: audiences.reach(session, Audience(**wanted)))


def users(store: Store, **audience: str | set[str]) -> list[str]:
    return [f"{one.channel}:{one.user}" for one in reach(store, **audience).recipients]


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
    assert reach(forum) == Reach(
        (
            Recipient(1, "telegram", "1", "1", "fr"),
            Recipient(2, "slack", "U2", "U2", "zh"),
            Recipient(3, "web", "w3", "w3", "ru"),
        ),
        unreachable=1,
    )


def test_nobody_is_an_audience_too(store: Store) -> None:
    assert reach(store) == Reach((), 0)
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
    ],
)
def test_each_condition_narrows_the_audience(
    forum: Store, condition: str, values: str | set[str], found: list[str], unreachable: int
) -> None:
    assert (users(forum, **{condition: values}), reach(forum, **{condition: values}).unreachable) == (
        found,
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
    assert (users(store), reach(store).unreachable) == (["telegram:2"], 1)
    broadcast(store)
    assert [row.user for row in rows(store)] == ["2"]


def test_an_announcement_is_a_delivery_for_each_recipient_in_their_language(forum: Store) -> None:
    person(forum, "4", guessed_language="th")
    announced = broadcast(forum)
    assert (announced.number, announced.recipients, announced.fresh) == ("B-0001", 4, True)
    said = bodies(forum)
    found = [
        (row.ref, row.kind, row.state, row.channel, row.user, row.participant_id, said[row.ref])
        for row in rows(forum)
    ]
    assert found == [
        ("b1.1", "announcement", "queued", "telegram", "1", 1, "fr: Lunch is served."),
        ("b1.2", "announcement", "queued", "slack", "U2", 2, "zh: Lunch is served."),
        ("b1.3", "announcement", "queued", "web", "w3", 3, "ru: Lunch is served."),
        ("b1.5", "announcement", "queued", "telegram", "4", 5, "en: Lunch is served."),
    ]
    assert {row.created_at for row in rows(forum)} == {NOW}


def test_the_same_announcement_again_sends_nothing(store: Store) -> None:
    people(store, "1")
    first = broadcast(store, roles={"visitor"})
    people(store, "2")
    assert broadcast(store, roles={"visitor"}) == replace(first, fresh=False)
    assert len(rows(store)) == 1


@pytest.mark.parametrize(
    ("text", "audience"), [("Dinner is served.", {}), ("Lunch is served.", {"channels": {"telegram"}})]
)
def test_other_words_or_another_audience_are_another_announcement(
    store: Store, text: str, audience: dict[str, set[str]]
) -> None:
    people(store, "1")
    broadcast(store)
    again = broadcast(store, text, **audience)
    assert (again.number, again.recipients, again.fresh) == ("B-0002", 1, True)
    assert [row.ref for row in rows(store)] == ["b1.1", "b2.1"]


def test_the_order_in_which_an_audience_is_named_does_not_matter() -> None:
    keys = {
        Announcement({"en": "a", "fr": "b"}, Audience(countries=frozenset(names))).key
        for names in (["FJI", "TON", "VUT"], ["VUT", "TON", "FJI"])
    }
    keys.add(Announcement({"fr": "b", "en": "a"}, Audience(countries=frozenset({"TON", "VUT", "FJI"}))).key)
    assert len(keys) == 1


def progress(store: Store, number: str | None = None) -> tuple[Progress, ...]:
    return store.read(lambda session: audiences.progress(session, number))


def test_progress_counts_each_state_and_each_cause(store: Store) -> None:
    people(store, *"12345")
    broadcast(store, "Earlier.")
    broadcast(store)
    due = store.read(lambda session: ledger.waiting(session, "telegram", (), 99, NOW))
    second = [item for item, _ in due if item.outbound.card.ref.startswith("b2")]
    outcomes = [
        sent("m1"),
        sent("m2"),
        Outcome("failed", cause="unreachable"),
        Outcome("unknown", cause="ambiguous"),
    ]

    def settle(session: Session) -> None:
        ledger.mark(session, [item.outbound.delivery for item in second], "me", NOW)
        ledger.settle(session, list(zip(second, outcomes, strict=False)), "me", NOW)

    store.write(settle).result()
    now, before = progress(store)
    assert (now.number, now.text, now.recipients, now.over) == ("B-0002", "Lunch is served.", 5, False)
    assert now.states == {"sent": 2, "failed": 1, "unknown": 1, "sending": 1}
    assert now.causes == {"unreachable": 1, "ambiguous": 1}
    assert (before.number, before.states, before.causes) == ("B-0001", {"queued": 5}, {})
    assert progress(store, "B-0001") == (before,)
    assert progress(store, "B-0009") == ()


def test_an_announcement_is_over_when_every_delivery_has_ended(store: Store) -> None:
    people(store, "1")
    broadcast(store)
    ended = update(audiences.DELIVERIES).values(state="unknown", settled_at=NOW)
    store.write(lambda session: session.execute(ended)).result()
    assert [found.over for found in progress(store)] == [True]


def test_reach_counts_by_channel_and_language_largest_first(store: Store) -> None:
    people(store, "1", "2")
    person(store, "3", guessed_language="fr")
    people(store, "U1", channel="slack")
    assert list(reach(store).counts().items()) == [
        (("telegram", "en"), 2),
        (("slack", "en"), 1),
        (("telegram", "fr"), 1),
    ]


def test_an_announcement_that_is_right_can_be_sent() -> None:
    right = Announcement({"en": "Lunch."}, Audience(frozenset({"delegate"}), frozenset({"FJI"})))
    assert checked(right, sample_snapshot()) == right


def test_all_that_is_wrong_with_an_announcement_is_said_at_once() -> None:
    wrong = Announcement(
        {"fr": " ", "th": "x" * (LONGEST + 1)},
        Audience(frozenset({"king"}), frozenset({"XXX"}), frozenset({"la"}), frozenset({"fax"})),
    )
    with pytest.raises(Refused) as refusal:
        checked(wrong, sample_snapshot())
    said = str(refusal.value).splitlines()
    assert [line.split(";")[0] for line in said] == [
        "“th” is not a language",
        "“king” is not a role",
        "“XXX” is not a country",
        "“la” is not a language",
        "“fax” is not a channel",
        "the English text is missing",
        "the text in fr is empty",
        f"the text in th has {LONGEST + 1} characters",
    ]


def test_texts_stand_in_for_each_other() -> None:
    announcement = Announcement({"en": "Lunch.", "fr": "Déjeuner."})
    assert [announcement.text(lang) for lang in ("fr", "zh")] == [("Déjeuner.", True), ("Lunch.", False)]


def test_a_participant_whose_language_was_chosen_is_not_guessed_at(store: Store) -> None:
    mele = person(store, "1", guessed_language="fr")
    chosen = update(audiences.PEOPLE).where(col(Participant.id) == mele).values(language="zh")
    store.write(lambda session: session.execute(chosen)).result()
    assert (users(store, languages="fr"), users(store, languages="zh")) == ([], ["telegram:1"])
