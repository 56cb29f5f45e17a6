"""What fails for good at one address goes to the participant's next one, and to none twice."""

import pytest
from sqlmodel import Session

from bot import ledger
from bot.database import Store
from bot.deliveries import Outcome
from bot.errors import Moved, Rejected, Unreachable
from bot.messages import Address
from bot.store import KnownAddress
from tests.bot.ledgers import (
    NOW,
    Platform,
    broadcast,
    over,
    people,
    person,
    queue,
    rows,
    second_address,
    sending,
    settled,
    states,
)

GONE = Outcome("failed", cause="unreachable", unsubscribes=True)


pytestmark = pytest.mark.usefixtures("often")


def fails(store: Store, channel: str, outcome: Outcome = GONE) -> None:
    """Let the first delivery that waits on *channel* fail."""

    def fail(session: Session) -> None:
        due, _ = ledger.waiting(session, channel, (), 9, NOW)[0]
        ledger.mark(session, [due.outbound.delivery], "me", NOW)
        ledger.settle(session, [(due, outcome)], "me", NOW)
        ledger.settle(session, [(due, outcome)], "me", NOW)  # a commit that went unanswered is tried again

    store.write(fail).result()


def test_each_address_is_tried_once_and_the_preferred_channel_first(store: Store) -> None:
    mele = person(store, "1", preferred_channel="web")
    broadcast(store, channels={"telegram"})
    broadcast(store)
    assert [(row.ref, row.channel) for row in rows(store)] == [("b1.1", "telegram"), ("b2.1", "telegram")]
    second_address(store, mele, "slack", "U1")
    second_address(store, mele, "web", "w1")
    fails(store, "telegram")  # Only for Telegram: it stays there.
    fails(store, "telegram")
    fails(store, "web")
    fails(store, "slack")
    assert [(row.ref, row.channel, row.chat, row.state) for row in rows(store)] == [
        ("b1.1", "telegram", "1", "failed"),
        ("b2.1", "telegram", "1", "failed"),
        ("b2.1.1", "web", "w1", "failed"),
        ("b2.1.2", "slack", "U1", "failed"),
    ]


def test_somebody_who_has_left_the_first_address_is_written_to_at_the_second(store: Store) -> None:
    mele = person(store, "1")
    broadcast(store)
    second_address(store, mele, "slack", "U1")
    store.write(lambda session: ledger.unsubscribe(session, Address("telegram", "1"), NOW)).result()
    assert store.write(lambda session: ledger.mark(session, [1], "me", NOW)).result() == {}
    assert [(row.ref, row.state, row.cause) for row in rows(store)] == [
        ("b1.1", "failed", "unsubscribed"),
        ("b1.1.1", "queued", None),
    ]


def test_a_closed_address_is_passed_over_and_so_are_replies(store: Store) -> None:
    mele = person(store, "1")
    second_address(store, mele, "slack", "U1", unsubscribed_at=NOW)
    second_address(store, mele, "web", "w1")
    queue(store, "1", "reply")
    fails(store, "telegram", Outcome("failed", cause="refused"))
    assert states(store) == {"reply": "failed"}
    queue(store, "1", "r1.S3.x", kind="reminder")
    fails(store, "telegram", Outcome("failed", cause="refused"))
    assert states(store) == {"reply": "failed", "r1.S3.x": "failed", "r1.S3.x.1": "queued"}
    assert rows(store)[-1].channel == "web"


def test_a_sender_that_lost_the_row_sends_it_nowhere_else(store: Store) -> None:
    mele = person(store, "1")
    broadcast(store)
    second_address(store, mele, "slack", "U1")
    ((due, _),) = store.read(lambda session: ledger.waiting(session, "telegram", (), 9, NOW))
    store.write(lambda session: ledger.mark(session, [1], "old", NOW)).result()
    store.write(lambda session: ledger.recover(session, "new", ["telegram"], NOW)).result()
    store.write(lambda session: ledger.settle(session, [(due, GONE)], "old", NOW)).result()
    assert states(store) == {"b1.1": "unknown"}


async def test_who_blocked_us_on_one_channel_gets_it_once_on_the_other(store: Store) -> None:
    mele = person(store, "1")
    second_address(store, mele, "web", "w1")
    telegram, web = Platform(), Platform("web")
    telegram.answers["1"].append(Unreachable())
    broadcast(store)
    async with sending(store, telegram, web):
        await web.wait_for("b1.1.1")
        await settled(store, over)
    assert (telegram.sent, web.sent) == ([], ["b1.1.1"])
    assert web.outbounds[0].card.body == "en: Lunch is served."
    happened = store.read(lambda session: ledger.history(session, rows(store)[1].id or 0))
    assert [(one.event, one.cause) for one in happened] == [
        ("created", None),
        ("fallback", "unreachable"),
        ("marked", None),
        ("sent", None),
    ]


async def test_a_chat_that_moved_is_followed_at_once_by_all_that_waits(store: Store) -> None:
    people(store, "1", "2")
    platform = Platform()
    platform.answers["1"].append(Moved("-1001"))
    async with sending(store, platform) as sender:
        sender.offer(queue(store, "1", "a", "b"))
        await platform.wait_for("a", "b")
        await sender.settled(Address("telegram", "1"))
        queue(store, "2", "other")
        await platform.wait_for("other")
    assert [(outbound.chat, outbound.card.ref) for outbound in platform.outbounds] == [
        ("1", "a"),
        ("-1001", "a"),
        ("-1001", "b"),
        ("2", "other"),
    ]
    place = store.read(lambda session: session.get_one(KnownAddress, ("telegram", "1")))
    assert place.chat == "-1001"
    first = rows(store)[0]
    assert (first.chat, first.state, first.attempts) == ("-1001", "sent", 2)
    happened = store.read(lambda session: ledger.history(session, first.id or 0))
    assert [one.event for one in happened] == ["created", "moved", "marked", "sent"]


def test_the_history_of_a_row_tells_its_faults_and_who_took_it_over(store: Store) -> None:
    people(store, "1")
    (due,) = queue(store, "1", "a")
    store.write(lambda session: ledger.mark(session, [1], "old", NOW)).result()
    down = Outcome("queued", cause="down", wait=NOW - NOW)
    store.write(lambda session: ledger.settle(session, [(due, down)], "old", NOW)).result()
    store.write(lambda session: ledger.mark(session, [1], "old", NOW)).result()
    store.write(lambda session: ledger.recover(session, "new", ["telegram"], NOW)).result()
    refused = Outcome("failed", cause=Rejected.cause)
    store.write(lambda session: ledger.mark(session, [1], "new", NOW)).result()
    store.write(lambda session: ledger.settle(session, [(due, refused)], "new", NOW)).result()
    happened = store.read(lambda session: ledger.history(session, 1))
    assert [(one.event, one.cause) for one in happened] == [
        ("created", None),
        ("fault", "down"),
        ("taken over", "ambiguous"),
        ("fault", "refused"),
        ("marked", None),
        ("failed", "refused"),
    ]
    assert store.read(lambda session: ledger.history(session, 99)) == ()
