"""Announcements that are paused, stopped, corrected or late, as the ledger and the sender heed it."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session

from bot import ledger
from bot.announcement_commands import Correct
from bot.clock import Clock
from bot.compositions import Words
from bot.database import Store
from bot.deliveries import Outcome, sent
from bot.line import SLOTS
from bot.messages import Card
from bot.pace import Pace
from bot.store import Broadcast, Delivery, SharedCard
from tests.bot.ledgers import (
    NOW,
    Platform,
    bodies,
    broadcast,
    over,
    people,
    perform,
    queue,
    rows,
    sending,
    settled,
    states,
    steer,
)

LATER = NOW + timedelta(minutes=1)


pytestmark = pytest.mark.usefixtures("often")


def mark(store: Store, *ids: int) -> list[int]:
    return sorted(store.write(lambda session: ledger.mark(session, list(ids), "me", NOW)).result())


def waiting(store: Store) -> list[str]:
    found = store.read(lambda session: ledger.waiting(session, "telegram", (), 9, NOW))
    return [due.outbound.card.ref for due, _ in found]


def ends(store: Store) -> list[tuple[str, str | None]]:
    return [(row.state, row.cause) for row in rows(store)]


def correct(session: Session, text: str) -> None:
    """Write a second edition of the first announcement, for what is still queued."""
    row = session.get_one(Broadcast, 1)
    row.edition = 2
    card = SharedCard(broadcast_id=1, edition=2, lang="en", card=Card("c", "en", body=text).to_json())
    session.add_all([row, card])
    session.flush()
    queued = ledger.ROWS.update().where(ledger.ROWS.c.state == "queued")
    session.execute(queued.values(shared_card_id=card.id))


@pytest.mark.parametrize("state", ["awaiting", "held", "paused"])
def test_nothing_of_an_announcement_that_does_not_run_is_given_or_marked(store: Store, state: str) -> None:
    people(store, "1", "2")
    broadcast(store)
    steer(store, state=state)
    assert waiting(store) == []
    assert mark(store, 1, 2) == []
    assert ends(store) == [("queued", None)] * 2
    steer(store, state="running")
    assert waiting(store) == ["b1.1", "b1.2"]
    assert mark(store, 1, 2) == [1, 2]


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        ("cancelled", "cancelled"),
        ("undone", "cancelled"),
        ("merged", "cancelled"),
        ("withdrawn", "withdrawn"),
        ("late", "late"),
    ],
)
def test_what_was_stopped_ends_without_leaving(store: Store, state: str, cause: str) -> None:
    people(store, "1", "2")
    broadcast(store)
    steer(store, state=state)
    assert mark(store, 1) == []
    assert ends(store) == [("failed", cause), ("queued", None)]
    assert rows(store)[0].settled_at == NOW


def test_what_is_past_its_use_by_ends_as_late_by_the_forums_time(store: Store) -> None:
    people(store, "1", "2")
    broadcast(store)
    steer(store, use_by=LATER)
    assert mark(store, 1) == [1]
    late = partial(ledger.mark, rows=[2], owner="me", now=NOW, forum=LATER)
    assert store.write(late).result() == {}
    assert ends(store) == [("sending", None), ("failed", "late")]


def test_a_correction_leaves_whatever_became_of_its_announcement(store: Store) -> None:
    people(store, "1")
    broadcast(store)
    steer(store, state="withdrawn")

    def as_correction(session: Session) -> None:
        row = session.get_one(Delivery, 1)
        row.kind, row.priority, row.replaces, row.deletes = "correction", 2, "m1", True

    store.write(as_correction).result()
    ((due, _),) = store.read(lambda session: ledger.waiting(session, "telegram", (), 9, NOW))
    assert (due.kind, due.outbound.replaces, due.outbound.deletes) == ("correction", "m1", True)
    assert mark(store, 1) == [1]


def test_replies_and_safety_messages_come_first(store: Store) -> None:
    people(store, "1")
    for kind in ("announcement", "reminder", "correction", "notice", "safety", "reply"):
        queue(store, "1", kind, kind=kind)
    assert waiting(store) == ["reply", "notice", "safety", "correction", "reminder", "announcement"]


def test_a_delivery_that_is_put_off_without_a_fault_holds_up_nothing_else(store: Store) -> None:
    people(store, "1")
    broadcast(store)
    broadcast(store, "Second.")

    def mute(session: Session) -> None:
        session.get_one(Delivery, 1).not_before = LATER

    store.write(mute).result()
    assert waiting(store) == ["b2.1"]
    assert store.read(lambda session: ledger.held(session, NOW)) == []
    found = store.read(lambda session: ledger.waiting(session, "telegram", (), 9, LATER))
    assert [due.outbound.card.ref for due, _ in found] == ["b1.1", "b2.1"]


def test_a_row_that_may_leave_says_what_it_says_by_now(store: Store) -> None:
    people(store, "1", "2")
    broadcast(store)
    store.write(lambda session: correct(session, "Lunch is late.")).result()
    marked = store.write(lambda session: ledger.mark(session, [1], "me", NOW)).result()
    card = store.read(lambda session: session.get_one(SharedCard, marked[1].shared)).card
    assert card["body"] == "Lunch is late."


async def test_after_a_pause_nothing_leaves_and_after_it_the_rest(store: Store) -> None:
    users = [str(1000 + number) for number in range(60)]
    people(store, *users)
    people(store, "1")
    broadcast(store)
    platform = Platform()
    async with sending(store, platform, pace=Pace(rate=200)) as sender:
        await platform.wait_until(lambda: len(platform.sent) >= 5)
        await asyncio.to_thread(steer, store, state="paused")
        await settled(store, lambda found: all(row.state != "sending" for row in found))
        left = len(platform.calls)
        sender.offer(queue(store, "1", "reply"))
        await platform.wait_for("reply")
        assert len(platform.calls) == left + 1
        assert left < 60
        await asyncio.to_thread(steer, store, state="running")
        await settled(store, over)
    assert sorted(platform.sent) == sorted(["reply", *(f"b1.{number + 1}" for number in range(61))])


async def test_what_is_corrected_while_it_waits_in_memory_leaves_in_its_new_words(store: Store) -> None:
    users = [str(1000 + number) for number in range(60)]
    people(store, *users)
    broadcast(store)
    platform = Platform()
    opened = asyncio.Event()
    for user in users:
        platform.answers[user].append(opened.wait)
    async with sending(store, platform):
        await platform.wait_until(lambda: len(platform.calls) == SLOTS)
        await asyncio.to_thread(store.write(lambda session: correct(session, "Lunch is late.")).result)
        opened.set()
        await settled(store, over)
    bodies = [outbound.card.body for outbound in platform.outbounds]
    assert bodies == ["en: Lunch is served."] * SLOTS + ["Lunch is late."] * (60 - SLOTS)
    assert {outbound.card.ref for outbound in platform.outbounds} == set(states(store))


async def test_a_late_announcement_ends_without_spending_the_pace_on_it(store: Store) -> None:
    people(store, *(str(1000 + number) for number in range(50)))
    broadcast(store)
    steer(store, use_by=Clock().now())
    platform = Platform()
    async with sending(store, platform, pace=Pace(rate=0.1)):
        await settled(store, over)
    assert ends(store) == [("failed", "late")] * 50
    assert platform.calls == []


def test_a_correction_leaves_the_row_of_what_it_corrects_as_it_is(store: Store) -> None:
    people(store, "1")
    first = queue(store, "1", "first", kind="announcement")
    mark(store, 1)
    store.write(lambda session: ledger.settle(session, [(first[0], sent("m1"))], "me", NOW)).result()
    edit = queue(store, "1", "edit", kind="correction")
    mark(store, 2)
    store.write(lambda session: ledger.settle(session, [(edit[0], Outcome("failed"))], "me", NOW)).result()
    assert [(row.state, row.message) for row in rows(store)] == [("sent", "m1"), ("failed", None)]


async def test_what_was_in_flight_is_edited_once_it_has_arrived(store: Store) -> None:
    people(store, "1")
    broadcast(store)
    platform, opened = Platform(), asyncio.Event()
    platform.answers["1"].append(opened.wait)
    async with sending(store, platform):
        await platform.wait_until(lambda: len(platform.calls) == 1)
        words = Words(texts={"en": "Lunch is late."})
        await asyncio.to_thread(perform, store, Correct("B-0001", words))
        assert [(row.kind, row.state, row.replaces) for row in rows(store)] == [
            ("announcement", "sending", None),
            ("correction", "queued", None),
        ]
        opened.set()
        await settled(store, over)
    assert [row.state for row in rows(store)] == ["sent", "sent"]
    assert [outbound.replaces for outbound in platform.outbounds] == [None, "m1"]
    assert "Lunch is late." in platform.outbounds[1].card.body


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        (Outcome("queued", cause="throttled", wait=timedelta(), counts=False), ["b1.1"]),
        (Outcome("failed", cause="refused"), []),
        (Outcome("unknown", cause="ambiguous"), ["b1.1c2"]),
    ],
)
def test_an_edit_of_what_did_not_arrive_is_not_needed(
    store: Store, outcome: Outcome, left: list[str]
) -> None:
    people(store, "1")
    broadcast(store)
    ((due, _),) = store.read(lambda session: ledger.waiting(session, "telegram", (), 9, NOW))
    mark(store, 1)
    perform(store, Correct("B-0001", Words(texts={"en": "Lunch is late."})))
    assert mark(store, 2) == []
    assert rows(store)[1].state == "queued"
    store.write(lambda session: ledger.settle(session, [(due, outcome)], "me", NOW)).result()
    marked = mark(store, 2) or mark(store, 1)
    assert [row.ref for row in rows(store) if row.id in marked] == left
    assert all("Lunch is late." in bodies(store)[ref] for ref in left)
