"""The sender, when a platform does not take a message: who waits, who is tried again, what becomes of it."""

from datetime import timedelta

import pytest

from bot.clock import system_time
from bot.database import Store
from bot.errors import Ambiguous, Down, Rejected, Throttled, TooBig, Unreachable
from bot.line import WINDOW
from bot.store import KnownAddress
from tests.bot.ledgers import (
    Platform,
    broadcast,
    over,
    people,
    queue,
    rows,
    sending,
    settled,
    states,
)
from tests.bot.senders import SOON, Watch, crowd, user

pytestmark = pytest.mark.usefixtures("often")


async def test_a_throttled_chat_waits_as_long_as_it_was_told_and_others_do_not(store: Store) -> None:
    people(store, "1", "2")
    platform = Platform()
    platform.answers["1"].append(Throttled(SOON))
    async with sending(store, platform) as sender:
        sender.offer(queue(store, "1", "a", "b") + queue(store, "2", "c"))
        await platform.wait_for("a", "b", "c")
    assert platform.refs("1") == ["a", "a", "b"]
    assert platform.sent.index("c") == 0
    refused, again, _ = [at for at, chat, _ in platform.calls if chat == "1"]
    assert again - refused >= SOON.total_seconds()
    first, *_ = rows(store)
    assert (first.state, first.attempts, first.not_before) == ("sent", 1, None)


async def test_a_reply_cannot_leave_while_its_chat_is_held(store: Store) -> None:
    people(store, "1", "2")
    platform = Platform()
    platform.answers["1"].append(Throttled(timedelta(hours=1)))
    async with sending(store, platform) as sender:
        sender.offer(queue(store, "1", "first"))
        await settled(store, lambda found: found[0].not_before is not None)
        sender.offer(queue(store, "1", "second") + queue(store, "2", "other"))
        await platform.wait_for("other")
    assert platform.refs() == ["first", "other"]
    assert states(store) == {"first": "queued", "second": "queued", "other": "sent"}


async def test_a_pause_outlives_the_sender_and_so_does_the_order(store: Store) -> None:
    people(store, "1", "2")
    platform, later = Platform(), Platform()
    pause = timedelta(seconds=0.5)
    platform.answers["1"].append(Throttled(pause))
    async with sending(store, platform) as sender:
        sender.offer(queue(store, "1", "first"))
        held = await settled(store, lambda found: found[0].not_before is not None)
    until = held[0].not_before
    assert until is not None
    async with sending(store, later) as sender:
        sender.offer(queue(store, "1", "second") + queue(store, "2", "other"))
        await later.wait_for("other")
        await later.wait_for("second")
        assert system_time() >= until
    assert later.refs("1") == ["first", "second"]


async def test_an_announcements_pause_holds_the_replies_of_the_next_sender_too(store: Store) -> None:
    people(store, "1", "2")
    platform, later, watch = Platform(), Platform(), Watch()
    platform.answers["1"].append(Throttled(timedelta(hours=1)))
    broadcast(store)
    async with sending(store, platform, clock=watch.clock):
        await settled(store, lambda found: found[0].not_before is not None)
    async with sending(store, later, clock=watch.clock) as sender:
        sender.offer(queue(store, "1", "held") + queue(store, "2", "free"))
        await later.wait_for("free")
        assert later.refs("1") == []
        watch.now += timedelta(hours=1)
        sender.offer(queue(store, "2", "wakes the line"))
        await later.wait_for("held", "b1.1")


async def test_an_announcement_with_a_long_pause_waits_in_the_ledger(store: Store) -> None:
    crowd(store, 2)
    platform, watch = Platform(), Watch()
    platform.answers[user(0)].append(Throttled(timedelta(hours=1)))
    broadcast(store, "First.")
    broadcast(store, "Second.")
    async with sending(store, platform, clock=watch.clock) as sender:
        await platform.wait_for("b1.2", "b2.2")
        await settled(store, lambda found: found[0].not_before is not None)
        # What leaves after that has come back to the line, too.
        sender.offer(queue(store, user(1), "comes later"))
        await platform.wait_for("comes later")
        assert platform.refs(user(0)) == ["b1.1"]
        watch.now += timedelta(hours=1)
        sender.offer(queue(store, user(1), "wakes the line"))
        await platform.wait_for("b1.1", "b2.1")
    assert platform.refs(user(0)) == ["b1.1", "b1.1", "b2.1"]


@pytest.mark.parametrize("pause", [timedelta(seconds=40), timedelta(hours=1)])
async def test_a_storm_of_429_does_not_hide_those_behind_it(store: Store, pause: timedelta) -> None:
    users = crowd(store, 2 * WINDOW + 10)
    platform = Platform()
    for one in users[:-10]:
        platform.answers[one].append(Throttled(pause))
    broadcast(store)
    people(store, "1")
    async with sending(store, platform):
        await platform.wait_until(lambda: len(platform.sent) == 10)
        queue(store, "1", "notice of another program", kind="notice")
        await platform.wait_for("notice of another program")
    found = [row.state for row in rows(store)]
    assert (found.count("queued"), found.count("sent")) == (2 * WINDOW, 11)


async def test_a_channel_that_is_down_is_tried_again_with_pauses(store: Store) -> None:
    people(store, "1", "2")
    platform, watch = Platform(), Watch()
    platform.answers["1"].append(Down())
    async with sending(store, platform, clock=watch.clock) as sender:
        sender.offer(queue(store, "1", "a", "b"))
        (first, _) = await settled(store, lambda found: found[0].not_before is not None)
        assert (first.state, first.cause, first.attempts) == ("queued", "down", 1)
        assert first.not_before == watch.now + timedelta(seconds=1)
        watch.now += timedelta(seconds=1)
        sender.offer(queue(store, "2", "wakes the line"))
        await platform.wait_for("a", "b")
    assert platform.refs("1") == ["a", "a", "b"]
    assert rows(store)[0].attempts == 2


@pytest.mark.parametrize("fault", [Rejected(), TooBig(), RuntimeError("a bug in the adapter")])
async def test_a_refused_message_fails_and_the_next_one_leaves(store: Store, fault: Exception) -> None:
    people(store, "1")
    platform = Platform()
    platform.answers["1"].append(fault)
    async with sending(store, platform) as sender:
        sender.offer(queue(store, "1", "a", "b"))
        await platform.wait_for("b")
    assert platform.refs() == ["a", "b"]
    assert states(store) == {"a": "failed", "b": "sent"}
    assert rows(store)[0].cause == getattr(fault, "cause", "refused")


async def test_somebody_who_blocked_us_gets_nothing_of_what_waits(store: Store) -> None:
    people(store, "1", "2")
    platform = Platform()
    platform.answers["1"].append(Unreachable())
    broadcast(store, "First.")
    broadcast(store, "Second.")
    async with sending(store, platform):
        found = await settled(store, over)
    assert [(row.ref, row.state, row.cause) for row in found] == [
        ("b1.1", "failed", "unreachable"),
        ("b1.2", "sent", None),
        ("b2.1", "failed", "unsubscribed"),
        ("b2.2", "sent", None),
    ]
    assert platform.refs("1") == ["b1.1"]
    place = store.read(lambda session: session.get_one(KnownAddress, ("telegram", "1")))
    assert place.unsubscribed_at is not None


async def test_a_reply_that_may_have_arrived_is_sent_again(store: Store) -> None:
    people(store, "1", "2")
    platform, watch = Platform(), Watch()
    platform.answers["1"].append(Ambiguous())
    async with sending(store, platform, clock=watch.clock) as sender:
        sender.offer(queue(store, "1", "a", "b"))
        await settled(store, lambda found: found[0].not_before is not None)
        watch.now += timedelta(seconds=1)
        sender.offer(queue(store, "2", "wakes the line"))
        await platform.wait_for("a", "b")
    assert platform.refs("1") == ["a", "a", "b"]


async def test_an_announcement_that_may_have_arrived_ends_as_unknown(store: Store) -> None:
    people(store, "1", "2")
    platform = Platform()
    platform.answers["1"].append(Ambiguous())
    broadcast(store)
    async with sending(store, platform):
        await settled(store, over)
    assert states(store) == {"b1.1": "unknown", "b1.2": "sent"}
    assert sorted(platform.refs()) == ["b1.1", "b1.2"]
