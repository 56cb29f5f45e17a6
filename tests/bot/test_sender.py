"""The sender: what leaves, in which order, how often, and what becomes of it."""

import asyncio
import itertools
import time
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session

from bot import ledger
from bot.database import Store
from bot.deliveries import Due
from bot.errors import Throttled
from bot.line import RESERVED, SLOTS, WINDOW
from bot.messages import Address
from bot.pace import Pace
from bot.store import Delivery, KnownAddress
from tests.bot.ledgers import (
    NOW,
    Platform,
    an_outbound,
    broadcast,
    people,
    person,
    queue,
    rows,
    sending,
    settled,
    states,
)
from tests.bot.senders import Gate, Watch, crowd, user

pytestmark = pytest.mark.usefixtures("often")


async def test_what_is_offered_leaves_and_is_settled(store: Store) -> None:
    people(store, "1")
    platform = Platform()
    async with sending(store, platform) as sender:
        sender.offer(queue(store, "1", "a"))
        await platform.wait_for("a")
    (row,) = rows(store)
    assert (row.state, row.message, row.attempts, row.cause) == ("sent", "m1", 1, None)


async def test_what_another_program_queued_leaves_too(store: Store) -> None:
    people(store, "1")
    platform = Platform()
    async with sending(store, platform):
        queue(store, "1", "a")
        await platform.wait_for("a")
    assert states(store) == {"a": "sent"}


async def test_each_channel_gets_its_own_and_one_that_is_off_keeps_it(store: Store) -> None:
    people(store, "1")
    people(store, "U1", channel="slack")
    people(store, "w1", channel="web")
    telegram, slack = Platform(), Platform("slack")
    async with sending(store, telegram, slack) as sender:
        sender.offer(queue(store, "1", "t") + queue(store, "U1", "s", channel="slack"))
        sender.offer(queue(store, "w1", "w", channel="web"))
        await telegram.wait_for("t")
        await slack.wait_for("s")
    assert states(store) == {"t": "sent", "s": "sent", "w": "queued"}


async def test_settled_returns_once_nothing_is_under_way_for_an_address(store: Store) -> None:
    people(store, "1", "2")
    platform, gate = Platform(), Gate()
    platform.answers["2"].append(gate)
    async with sending(store, platform) as sender:
        sender.offer(queue(store, "2", "slow") + queue(store, "1", "a", "b"))
        await sender.settled(Address("telegram", "1"))
        assert states(store) == {"slow": "sending", "a": "sent", "b": "sent"}
        gate.open()
        await sender.settled(Address("telegram", "2"))
        assert states(store)["slow"] == "sent"
        await sender.settled(Address("telegram", "nobody"))


async def test_messages_of_a_chat_arrive_in_their_order(store: Store) -> None:
    users = crowd(store, 5)
    platform = Platform()
    async with sending(store, platform) as sender:
        due = [item for one in users for item in queue(store, one, *(f"{one}.{n}" for n in range(20)))]
        sender.offer(due)
        await platform.wait_until(lambda: len(platform.sent) == 100)
    for one in users:
        assert platform.refs(one) == [f"{one}.{n}" for n in range(20)]


async def test_a_reply_overtakes_an_announcement_that_is_under_way(store: Store) -> None:
    crowd(store, 60)
    people(store, "1")
    broadcast(store)
    platform, gate = Platform(), Gate()
    for number in range(60):
        platform.answers[user(number)].append(gate)
    async with sending(store, platform) as sender:
        await platform.wait_until(lambda: len(platform.calls) == SLOTS)
        sender.offer(queue(store, "1", "reply"))
        # All slots of the announcement are taken by calls that hang.
        await platform.wait_for("reply")
        assert gate.waiting == SLOTS
        gate.open()
        await platform.wait_until(lambda: len(platform.sent) == 62)
    assert platform.refs().index("reply") == SLOTS


async def test_replies_leave_before_a_backlog_of_announcements(store: Store) -> None:
    crowd(store, 100)
    people(store, "1")
    broadcast(store)
    platform = Platform()
    async with sending(store, platform, pace=Pace(rate=500)) as sender:
        await platform.wait_until(lambda: len(platform.calls) >= 10)
        sender.offer(queue(store, "1", "reply"))
        await platform.wait_for("reply")
        assert platform.refs().index("reply") < 10 + SLOTS + RESERVED
        await platform.wait_until(lambda: len(platform.sent) == 102)


async def test_more_than_fits_in_memory_arrives_once_each(store: Store) -> None:
    crowd(store, 3 * WINDOW)
    broadcast(store)
    platform = Platform()
    async with sending(store, platform):
        await platform.wait_until(lambda: len(platform.sent) == 3 * WINDOW)
    assert platform.refs() == [f"b1.{number + 1}" for number in range(3 * WINDOW)]
    assert {row.state for row in rows(store)} == {"sent"}


async def test_the_mark_is_in_the_ledger_before_the_call(store: Store) -> None:
    people(store, "1")
    platform = Platform()
    seen: list[str] = []

    async def look() -> None:
        seen.extend(row.state for row in await asyncio.to_thread(rows, store))

    platform.answers["1"].append(look)
    async with sending(store, platform) as sender:
        sender.offer(queue(store, "1", "a"))
        await platform.wait_for("a")
    assert seen == ["sending"]


async def test_what_was_settled_elsewhere_in_the_meantime_does_not_leave(store: Store) -> None:
    people(store, "1", "2")
    platform = Platform()
    due = queue(store, "1", "cancelled") + queue(store, "2", "other")

    def cancel(session: Session) -> None:
        row = session.get_one(Delivery, due[0].outbound.delivery)
        row.state, row.settled_at = "failed", NOW

    store.write(cancel).result()
    async with sending(store, platform) as sender:
        sender.offer(due)
        await sender.settled(Address("telegram", "1"))
        await platform.wait_for("other")
    assert platform.refs() == ["other"]


async def test_at_the_end_what_is_in_flight_settles_and_nothing_else_leaves(store: Store) -> None:
    users = crowd(store, 60)
    platform, gate = Platform(), Gate()
    for one in users:
        platform.answers[one].append(gate)
    broadcast(store)
    async with sending(store, platform):
        await platform.wait_until(lambda: len(platform.calls) == SLOTS)
        asyncio.get_running_loop().call_later(0.05, gate.open)
    found = [row.state for row in rows(store)]
    assert found == ["sent"] * SLOTS + ["queued"] * (60 - SLOTS)
    assert len(platform.sent) == SLOTS


async def test_the_next_sender_takes_over_what_a_dead_one_left_open(store: Store) -> None:
    people(store, "1", "2")
    reply = queue(store, "1", "reply", "later")
    broadcast(store)
    found = store.read(lambda session: ledger.waiting(session, "telegram", (), 9, NOW))
    marked = [reply[0].outbound.delivery, *(due.outbound.delivery for due, _ in found if not due.urgent)]
    store.write(lambda session: ledger.mark(session, marked, "dead", NOW)).result()
    platform = Platform()
    async with sending(store, platform) as sender:
        # A turn's reply that is offered before the ledger was read waits for the older ones of its chat.
        sender.offer(queue(store, "1", "newest"))
        await platform.wait_for("reply", "later", "newest")
    assert platform.refs() == ["reply", "later", "newest"]
    assert states(store) == {
        "reply": "sent",
        "later": "sent",
        "b1.1": "unknown",
        "b1.2": "unknown",
        "newest": "sent",
    }


async def test_a_sender_that_lost_its_rows_overwrites_nothing(store: Store) -> None:
    people(store, "1")
    first, second, gate = Platform(), Platform(), Gate()
    first.answers["1"].append(gate)
    async with sending(store, first) as sender:
        sender.offer(queue(store, "1", "a"))
        await first.wait_until(lambda: gate.waiting == 1)
        async with sending(store, second):
            await second.wait_for("a")
        gate.open()
        await sender.settled(Address("telegram", "1"))
    (row,) = rows(store)
    assert (row.state, row.attempts) == ("sent", 2)


async def test_calls_are_spaced_even_when_their_marks_were_committed_together(store: Store) -> None:
    """A commit that took long lets go of several at once."""
    users = crowd(store, 7)
    platform = Platform()
    broadcast(store)
    async with sending(store, platform, pace=Pace(rate=10)):
        await platform.wait_until(lambda: len(platform.calls) == 1)
        store.write(lambda _session: time.sleep(0.4))
        await platform.wait_until(lambda: len(platform.sent) == len(users))
    times = [at for at, _, _ in platform.calls]
    # Only a machine that stood still can bring two of them closer than half of what they are kept apart.
    assert min(after - before for before, after in itertools.pairwise(times)) >= 0.05


async def test_a_reply_that_its_turn_marked_is_marked_anew_when_it_is_tried_again(store: Store) -> None:
    people(store, "1", "2")
    platform, watch = Platform(), Watch()
    platform.answers["1"].append(Throttled(timedelta(seconds=5)))
    async with sending(store, platform, clock=watch.clock) as sender:
        place = store.read(lambda session: session.get_one(KnownAddress, ("telegram", "1")))
        await sender.settled(Address("telegram", "1"))
        outbound, holder = an_outbound("1", "a"), sender.holder("telegram")
        write = partial(
            ledger.enqueue,
            kind="reply",
            outbounds=[outbound],
            participant=place.participant_id,
            now=NOW,
            holder=holder,
        )
        sender.offer(store.write(write).result())
        (row,) = await settled(store, lambda found: found[0].not_before is not None)
        assert (row.state, row.attempts) == ("queued", 0)
        watch.now += timedelta(seconds=5)
        sender.offer(queue(store, "2", "wakes the line"))
        await platform.wait_for("a")
    (row, _) = rows(store)
    assert (row.state, row.attempts, row.owner) == ("sent", 1, holder)


async def test_a_chat_has_a_pace_of_its_own(store: Store) -> None:
    people(store, "1", "2")
    platform = Platform()
    async with sending(store, platform, pace=Pace(chat_interval=0.1, burst=2)) as sender:
        sender.offer(queue(store, "1", "a", "b", "c", "d") + queue(store, "2", "other"))
        await platform.wait_for("d", "other")
    assert platform.refs("1") == ["a", "b", "c", "d"]
    assert platform.sent.index("other") < platform.sent.index("c")


async def test_a_caller_who_goes_away_does_not_stop_the_sender(store: Store) -> None:
    people(store, "1")
    platform = Platform()
    async with sending(store, platform) as sender:
        due = queue(store, "1", "a")
        gone = asyncio.wrap_future(store.write(lambda _session: None))
        gone.cancel()
        await asyncio.wait({gone})
        sender.offer(due)
        await platform.wait_for("a")
    assert states(store) == {"a": "sent"}


async def test_a_sender_for_one_user_leaves_the_others_alone(store: Store) -> None:
    for name in ("delegate", "officer"):
        person(store, name, "terminal")
    theirs = queue(store, "officer", "for the officer", channel="terminal")
    own = queue(store, "delegate", "for the delegate", channel="terminal")
    lost = queue(store, "officer", "on its way to the officer", channel="terminal")
    mark(store, lost, "another terminal")
    terminal = Platform("terminal")
    async with sending(store, terminal, user="delegate") as sender:
        sender.offer(theirs)
        await terminal.wait_for("for the delegate")
        await settled(store, lambda found: found[own[0].outbound.delivery - 1].state == "sent")
    assert terminal.sent == ["for the delegate"]
    assert [row.state for row in rows(store)] == ["queued", "sent", "sending"]


def mark(store: Store, due: list[Due], owner: str) -> None:
    """Mark *due* as another sender does."""
    ids = [one.outbound.delivery for one in due]
    store.write(lambda session: ledger.mark(session, ids, owner, NOW)).result()
