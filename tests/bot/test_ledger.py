"""The ledger's rows: marked by one sender, settled by the same, and never left open."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot import ledger
from bot.database import Store
from bot.deliveries import AMBIGUOUS_ATTEMPTS, Due, Outcome, sent
from bot.messages import Address, Card, Choice, Field, Outbound
from bot.store import Delivery, KnownAddress
from bot.waiting import AT_ONCE
from tests.bot.ledgers import NOW, an_outbound, broadcast, people, person, queue, rows, states

LATER = NOW + timedelta(minutes=1)


def waiting(store: Store, channel: str = "telegram", known: Sequence[int] = (), room: int = 100) -> list[str]:
    """Return the refs of what waits."""
    found = store.read(lambda session: ledger.waiting(session, channel, known, room, NOW))
    return [due.outbound.card.ref for due, _ in found]


def mark(store: Store, due: Sequence[Due], owner: str = "me") -> list[str]:
    """Mark *due* and return the refs of those that may leave."""
    ids = {item.outbound.delivery: item.outbound.card.ref for item in due}
    marked = store.write(lambda session: ledger.mark(session, list(ids), owner, NOW)).result()
    return [ids[row] for row in sorted(marked)]


def settle(store: Store, due: Due, outcome: Outcome, owner: str = "me") -> None:
    store.write(lambda session: ledger.settle(session, [(due, outcome)], owner, NOW)).result()


def marked_by_its_turn(store: Store, holder: str) -> list[Due]:
    """Queue a reply that the sender *holder* gets as soon as it is committed."""
    mele, outbound = person(store, "1"), an_outbound("1", "a")
    return store.write(
        lambda session: ledger.enqueue(session, "reply", [outbound], mele, NOW, holder)
    ).result()


def only(store: Store) -> Delivery:
    (row,) = rows(store)
    return row


def test_what_is_queued_comes_back_as_it_was_written(store: Store) -> None:
    card = Card(
        "1a.0",
        "ru",
        heading="Сейчас",
        body="Зал",
        fields=(Field("Где", "3"),),
        choices=((Choice("/menu", "Меню"),),),
        note="Источник",
    )
    mele = person(store, "1")
    outbound = Outbound(0, Address("telegram", "1"), "-100", card, thread="7", replaces="m3", about="m1")
    (due,) = store.write(lambda session: ledger.enqueue(session, "reply", [outbound], mele, NOW)).result()
    ((found, not_before),) = store.read(lambda session: ledger.waiting(session, "telegram", (), 1, NOW))
    assert (found, not_before) == (due, None)
    assert due.outbound.delivery == only(store).id


def test_the_same_ref_cannot_be_queued_twice(store: Store) -> None:
    people(store, "1")
    queue(store, "1", "a")
    with pytest.raises(IntegrityError, match="ref"):
        queue(store, "1", "a")


def test_a_piece_of_work_that_fails_takes_its_deliveries_back(store: Store) -> None:
    people(store, "1")
    queue(store, "1", "a")
    with pytest.raises(IntegrityError, match="ref"):
        queue(store, "1", "b", "c", "a")
    assert states(store) == {"a": "queued"}


def test_what_waits_is_given_by_priority_and_age(store: Store) -> None:
    people(store, "1", "2")
    queue(store, "1", "announced", kind="announcement")
    queue(store, "1", "noticed", kind="notice")
    queue(store, "1", "first", "second")
    assert waiting(store) == ["first", "second", "noticed", "announced"]


def test_each_channel_is_given_its_own(store: Store) -> None:
    people(store, "1")
    people(store, "U1", channel="slack")
    queue(store, "1", "telegram")
    queue(store, "U1", "slack", channel="slack")
    assert (waiting(store), waiting(store, "slack"), waiting(store, "web")) == (["telegram"], ["slack"], [])


def test_announcements_are_given_as_far_as_there_is_room_and_replies_always(store: Store) -> None:
    people(store, "1")
    announced = queue(store, "1", *"abcd", kind="announcement")
    queue(store, "1", *"rst")
    assert waiting(store, room=2) == ["r", "s", "t", "a", "b"]
    assert waiting(store, room=0) == ["r", "s", "t"]
    assert waiting(store, room=-5) == ["r", "s", "t"]
    known = [due.outbound.delivery for due in announced[:2]]
    assert waiting(store, known=known, room=1) == ["r", "s", "t", "c"]


def test_more_rows_than_one_query_names_are_all_given(store: Store) -> None:
    people(store, "1")
    refs = [f"r{number:05}" for number in range(2 * AT_ONCE + 1)]
    queue(store, "1", *refs)
    assert waiting(store) == refs


def test_announcements_to_a_chat_that_must_wait_stay_in_the_ledger_and_hide_nothing(store: Store) -> None:
    people(store, "1", "2")
    held, *_ = queue(store, "1", "held", "next", kind="announcement")
    queue(store, "2", "free", kind="announcement")
    mark(store, [held])
    settle(store, held, Outcome("queued", cause="throttled", wait=LATER - NOW, counts=False))
    assert waiting(store, room=1) == ["free"]
    assert store.read(lambda session: ledger.held(session, NOW)) == [("telegram", "1", LATER)]
    found = store.read(lambda session: ledger.waiting(session, "telegram", (), 9, LATER))
    assert [due.outbound.card.ref for due, _ in found] == ["held", "next", "free"]
    assert store.read(lambda session: ledger.held(session, LATER)) == []


def test_a_reply_that_must_wait_is_given_with_its_time(store: Store) -> None:
    people(store, "1")
    (due,) = queue(store, "1", "a")
    mark(store, [due])
    settle(store, due, Outcome("queued", cause="down", wait=timedelta(seconds=4)))
    ((found, not_before),) = store.read(lambda session: ledger.waiting(session, "telegram", (), 9, NOW))
    assert (found.attempts, not_before) == (1, NOW + timedelta(seconds=4))


def test_only_what_is_queued_can_be_marked_and_only_once(store: Store) -> None:
    people(store, "1")
    due = queue(store, "1", "a", "b")
    assert mark(store, due[:1]) == ["a"]
    assert mark(store, due, "another") == ["b"]
    assert [(row.state, row.owner, row.attempts) for row in rows(store)] == [
        ("sending", "me", 1),
        ("sending", "another", 1),
    ]


def test_what_was_queued_for_somebody_who_has_unsubscribed_ends_without_leaving(store: Store) -> None:
    people(store, "1", "2")
    gone, still = queue(store, "1", "gone"), queue(store, "2", "still")
    store.write(lambda session: ledger.unsubscribe(session, Address("telegram", "1"), NOW)).result()
    assert mark(store, [*gone, *still]) == ["still"]
    first, second = rows(store)
    assert (first.state, first.cause, first.settled_at) == ("failed", "unsubscribed", NOW)
    assert (second.state, second.cause, second.settled_at) == ("sending", None, None)


def test_what_arrived_is_settled_with_the_platforms_id(store: Store) -> None:
    people(store, "1")
    (due,) = queue(store, "1", "a")
    mark(store, [due])
    settle(store, due, sent("m42"))
    row = only(store)
    assert (row.state, row.message, row.cause, row.settled_at, row.attempts) == ("sent", "m42", None, NOW, 1)


def test_a_try_that_the_platform_put_off_does_not_count(store: Store) -> None:
    people(store, "1")
    (due,) = queue(store, "1", "a")
    for _ in range(3):
        assert mark(store, [due]) == ["a"]
        settle(store, due, Outcome("queued", cause="throttled", wait=timedelta(), counts=False))
    assert only(store).attempts == 0


def test_a_sender_that_lost_a_row_settles_nothing(store: Store) -> None:
    people(store, "1")
    (due,) = queue(store, "1", "a")
    mark(store, [due], "old")
    store.write(lambda session: ledger.recover(session, "new", ["telegram"], NOW)).result()
    settle(store, due, sent("m1"), "old")
    assert (only(store).state, only(store).message) == ("queued", None)
    mark(store, [due], "new")
    settle(store, due, Outcome("failed", cause="refused"), "old")
    assert only(store).state == "sending"
    settle(store, due, sent("m2"), "new")
    assert (only(store).state, only(store).message) == ("sent", "m2")


def test_a_sender_that_lost_an_announcement_cannot_open_it_again(store: Store) -> None:
    people(store, "1")
    (due,) = queue(store, "1", "a", kind="announcement")
    mark(store, [due], "old")
    store.write(lambda session: ledger.recover(session, "new", ["telegram"], NOW)).result()
    settle(store, due, Outcome("queued", cause="throttled", wait=timedelta(seconds=1)), "old")
    assert only(store).state == "unknown"
    assert waiting(store) == []


def test_a_row_that_has_ended_cannot_be_settled_again(store: Store) -> None:
    people(store, "1")
    (due,) = queue(store, "1", "a")
    mark(store, [due])
    settle(store, due, sent("m1"))
    settle(store, due, Outcome("queued", cause="down", wait=timedelta(seconds=1)))
    assert (only(store).state, only(store).message) == ("sent", "m1")


def test_a_recipient_who_blocked_us_is_unsubscribed(store: Store) -> None:
    people(store, "1", "2")
    (due,) = queue(store, "1", "a")
    mark(store, [due])
    settle(store, due, Outcome("failed", cause="unreachable", unsubscribes=True))

    def unsubscribed(session: Session) -> list[object]:
        return [session.get_one(KnownAddress, ("telegram", user)).unsubscribed_at for user in "12"]

    assert store.read(unsubscribed) == [NOW, None]


def test_what_a_dead_sender_left_open_is_queued_again_or_visibly_unknown(store: Store) -> None:
    people(store, "1", "2", "3")
    reply, notice = queue(store, "1", "reply"), queue(store, "2", "notice", kind="notice")
    announced = queue(store, "3", "announced", kind="announcement")
    waits, ended = queue(store, "1", "waits"), queue(store, "1", "ended")
    mark(store, [*reply, *notice, *announced, *ended], "old")
    settle(store, ended[0], sent("m1"), "old")
    assert store.write(lambda session: ledger.recover(session, "new", ["telegram"], NOW)).result() == (2, 1)
    assert states(store) == {
        "reply": "queued",
        "notice": "queued",
        "announced": "unknown",
        "waits": "queued",
        "ended": "sent",
    }
    assert [row.cause for row in rows(store)] == ["ambiguous", "ambiguous", "ambiguous", None, None]
    assert waits[0].outbound.card.ref in waiting(store)


def test_a_sender_does_not_recover_what_another_does_on_another_channel(store: Store) -> None:
    people(store, "1")
    people(store, "2", channel="terminal")
    mark(store, [*queue(store, "1", "served"), *queue(store, "2", "typed", channel="terminal")], "other")
    assert store.write(lambda session: ledger.recover(session, "new", ["terminal"], NOW)).result() == (1, 0)
    assert states(store) == {"served": "sending", "typed": "queued"}


def test_a_reply_can_carry_its_senders_mark_from_the_start(store: Store) -> None:
    (due,) = marked_by_its_turn(store, "me")
    assert (due.holder, only(store).state, only(store).attempts) == ("me", "sending", 1)
    assert waiting(store) == []
    settle(store, due, sent("m1"))
    assert (only(store).state, only(store).message) == ("sent", "m1")


def test_a_reply_marked_by_its_turn_is_queued_again_when_its_sender_dies(store: Store) -> None:
    marked_by_its_turn(store, "old")
    assert store.write(lambda session: ledger.recover(session, "new", ["telegram"], NOW)).result() == (1, 0)
    assert waiting(store) == ["a"]


def test_a_sender_does_not_recover_its_own(store: Store) -> None:
    people(store, "1")
    mark(store, queue(store, "1", "a"), "me")
    assert store.write(lambda session: ledger.recover(session, "me", ["telegram"], NOW)).result() == (0, 0)
    assert only(store).state == "sending"


def test_a_reply_that_goes_down_with_every_sender_ends_as_unknown(store: Store) -> None:
    people(store, "1")
    due = queue(store, "1", "deadly")
    for number in range(AMBIGUOUS_ATTEMPTS):
        assert mark(store, due, f"sender {number}") == ["deadly"]
        store.write(lambda session: ledger.recover(session, "next", ["telegram"], NOW)).result()
    assert only(store).state == "unknown"


def test_a_broadcast_is_marked_with_one_row_each(store: Store) -> None:
    people(store, "1", "2", "3")
    broadcast(store)
    found = store.read(lambda session: ledger.waiting(session, "telegram", (), 9, NOW))
    assert mark(store, [due for due, _ in found]) == ["b1.1", "b1.2", "b1.3"]
