"""Two or more meet: what is free, who holds it, what each side is told, and that nothing is booked twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands import Follow
from bot.database import Store
from bot.errors import NotAllowed, Refused
from bot.introduction_commands import DeclineIntroduction
from bot.meeting_commands import (
    AcceptMeeting,
    CancelMeeting,
    DeclineMeeting,
    FindSlots,
    MyMeetings,
    Proposed,
    ProposeMeeting,
    Slot,
)
from bot.participants import Actor
from bot.privacy_commands import Forget
from tests.bot.ledgers import NOW, perform
from tests.bot.meetings import (
    accept,
    arranged,
    at,
    book,
    delegate,
    fiji,
    introduced,
    let_time_pass,
    messages,
    number,
    propose,
    seen,
    starts,
    taken,
    told,
    tonga,
)
from tests.databases import DIALECTS, store_on

__all__ = ["fiji", "number", "tonga"]


# When both are free


def test_the_earliest_times_at_which_both_are_free_are_offered(
    store: Store, fiji: Actor, number: str
) -> None:
    found = perform(store, FindSlots(number), fiji)
    assert starts(found.slots) == [("12:00", "room-c"), ("12:10", "table-1"), ("12:30", "table-1")]
    assert [(one.country, one.name) for one in found.others] == [("TON", "Somebody of TON")]
    assert found.meeting is None


def test_what_one_of_them_follows_is_left_out_and_a_pause_is_not(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    perform(store, Follow("lunch"), fiji)
    before = perform(store, FindSlots(number, at("15:50")), fiji).slots
    assert ("15:50", "table-1") in starts(before)
    perform(store, Follow("s4"), tonga)
    after = perform(store, FindSlots(number, at("15:50")), fiji).slots
    assert [one for one in after if at("15:45") < one.ends and one.starts < at("16:30")] == []


def test_a_room_is_not_offered_while_a_session_is_in_it(store: Store, fiji: Actor, number: str) -> None:
    slots = perform(store, FindSlots(number, at("13:30")), fiji).slots
    assert all(
        slot.place != "room-c" or slot.ends <= at("13:30") or slot.starts >= at("14:20") for slot in slots
    )


def test_only_who_is_introduced_may_meet(store: Store, fiji: Actor, tonga: Actor, number: str) -> None:
    with pytest.raises(Refused, match="there is no introduction"):
        perform(store, FindSlots(number), delegate(store, "WSM"))
    perform(store, DeclineIntroduction(number), tonga)
    with pytest.raises(Refused, match="not introduced"):
        propose(store, fiji, number)
    with pytest.raises(Refused, match="there is no"):
        propose(store, fiji, "X-0001")


# Proposing and agreeing


def test_a_table_is_held_and_booked_once_the_other_agrees(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    proposed = propose(store, fiji, number)
    assert proposed.result == "held"
    assert proposed.meeting is not None
    assert proposed.meeting.held_until == NOW + timedelta(minutes=10)
    assert taken(store) == (4, 4)
    shown = seen(store, tonga)
    assert (shown.state, shown.own_proposal, shown.agreed) == ("proposed", False, False)
    assert shown.proposed_by is not None
    assert shown.proposed_by.country == "FJI"
    booked = accept(store, tonga, shown.number)
    assert booked.result == "booked"
    assert seen(store, fiji).slot == Slot("table-3", at("12:30"), at("12:50"))
    assert taken(store) == (4, 8)
    assert accept(store, tonga, shown.number).result == "booked"


def test_each_side_is_told_in_its_turn(store: Store, fiji: Actor, tonga: Actor, number: str) -> None:
    ((who, saying),) = told(store, ProposeMeeting(number, "table-3", at("12:30")), fiji)
    assert (who, saying.template) == (tonga.id, "meeting/proposed")
    ((who, saying),) = told(store, AcceptMeeting("M-0001", "table-3", at("12:30")), tonga)
    assert (who, saying.template) == (fiji.id, "meeting/booked")


def test_both_may_propose_the_same_and_then_agree(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    assert propose(store, fiji, number).result == "held"
    assert propose(store, tonga, number).result == "booked"


def test_another_time_takes_the_place_of_the_one_proposed(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    propose(store, fiji, number)
    other = propose(store, tonga, number, "13:10")
    assert other.result == "held"
    assert other.meeting is not None
    assert (other.meeting.number, other.meeting.own_proposal) == ("M-0001", True)
    assert accept(store, tonga, "M-0001").result == "changed"
    assert accept(store, fiji, "M-0001", "13:10").result == "booked"
    assert taken(store) == (4, 8)


def test_what_is_not_answered_in_ten_minutes_is_let_go(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    propose(store, fiji, number)
    let_time_pass(store, NOW + timedelta(minutes=9))
    assert taken(store) == (4, 4)
    late = NOW + timedelta(minutes=10)
    let_time_pass(store, late)
    assert taken(store) == (0, 0)
    assert len(messages(store, fiji)) == 1
    # Who agrees late holds it anew, and the other is asked.
    assert accept(store, tonga, "M-0001", now=late).result == "held"
    assert accept(store, fiji, "M-0001", now=late).result == "booked"


def test_what_is_over_or_no_slot_is_not_held(store: Store, fiji: Actor, number: str) -> None:
    assert propose(store, fiji, number, "12:35").result == "no_slot"
    assert propose(store, fiji, number, "09:30", "table-4").result == "no_slot"
    assert propose(store, fiji, number, place="table-99").result == "no_slot"
    assert taken(store) == (0, 0)


def test_a_taken_table_gives_the_nearest_ones(store: Store, fiji: Actor, tonga: Actor, number: str) -> None:
    samoa, palau = delegate(store, "WSM"), delegate(store, "PLW")
    book(store, samoa, palau, introduced(store, samoa, palau))
    lost = propose(store, fiji, number)
    assert lost.result == "table_taken"
    assert starts(lost.nearest) == [("12:30", "table-1"), ("12:10", "table-3"), ("12:50", "table-3")]
    assert perform(store, MyMeetings(), fiji) == ()


def test_nobody_is_in_two_meetings_at_once(store: Store, fiji: Actor, tonga: Actor, number: str) -> None:
    samoa = delegate(store, "WSM")
    other = introduced(store, samoa, tonga)
    propose(store, fiji, number)
    propose(store, samoa, other, place="room-c")
    assert accept(store, tonga, "M-0001").result == "booked"
    lost = accept(store, tonga, "M-0002", place="room-c")
    assert lost.result == "busy"
    assert all(slot.starts != at("12:30") for slot in lost.nearest)
    assert seen(store, samoa).state == "proposed"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_of_fifty_who_book_one_table_at_once_one_wins(dialect: str, tmp_path: Path) -> None:
    with store_on(dialect, tmp_path) as store:
        pairs = [(delegate(store, "FJI"), delegate(store, "TON")) for _ in range(50)]
        numbers = [introduced(store, *pair) for pair in pairs]

        def go(place: int) -> Proposed:
            return propose(store, pairs[place][0], numbers[place])

        with ThreadPoolExecutor(16) as pool:
            found = list(pool.map(go, range(50)))
        assert sorted(one.result for one in found) == ["held", *["table_taken"] * 49]
        assert all(one.nearest for one in found if one.result == "table_taken")
        assert taken(store) == (4, 4)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_of_twenty_who_want_the_same_person_at_once_one_gets_them(dialect: str, tmp_path: Path) -> None:
    with store_on(dialect, tmp_path) as store:
        wanted = delegate(store, "JPN")
        places = ["table-1", "table-2", "table-3", "room-c"]
        others = [delegate(store, "FJI") for _ in places]
        for place, other in zip(places, others, strict=True):
            propose(store, other, introduced(store, other, wanted), place=place)

        def go(place: int) -> str:
            return accept(store, wanted, f"M-{place + 1:04d}", place=places[place]).result

        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(go, range(len(places))))
        assert sorted(found) == ["booked", "busy", "busy", "busy"]


# Changing and cancelling


def test_a_booked_meeting_stays_until_the_other_time_is_agreed_to(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    book(store, fiji, tonga, number)
    assert propose(store, fiji, "M-0001", "12:50").result == "held"
    assert seen(store, tonga).slot == Slot("table-3", at("12:30"), at("12:50"))
    assert accept(store, tonga, "M-0001", "12:50").result == "booked"
    moved = seen(store, fiji)
    assert (moved.slot, moved.revision) == (Slot("table-3", at("12:50"), at("13:10")), 2)
    assert taken(store) == (4, 8)


def test_who_wants_no_other_time_keeps_what_is_booked(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    book(store, fiji, tonga, number)
    propose(store, fiji, "M-0001", "12:50")
    kept = perform(store, DeclineMeeting("M-0001"), tonga)
    assert (kept.state, kept.slot, kept.proposal) == (
        "booked",
        Slot("table-3", at("12:30"), at("12:50")),
        None,
    )
    assert taken(store) == (4, 8)


def test_a_cancelled_meeting_frees_the_table_and_tells_the_other_when_else(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    book(store, fiji, tonga, number)
    ((who, saying),) = told(store, CancelMeeting("M-0001"), tonga, at("12:20"))
    assert (who, saying.template) == (fiji.id, "meeting/cancelled")
    assert starts(saying.values["nearest"]) == [("12:50", "table-3")]
    assert seen(store, fiji).state == "cancelled"
    assert taken(store) == (0, 0)
    assert propose(store, fiji, number).meeting.number == "M-0002"  # type: ignore[union-attr]


def test_who_is_forgotten_comes_to_no_meeting_and_the_other_is_told_no_more(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    book(store, fiji, tonga, number)
    of = {saying.template: (who, saying) for who, saying in told(store, Forget(), tonga)}
    assert of.keys() == {"meeting/cancelled", "introduction/ended"}
    who, saying = of["meeting/cancelled"]
    assert (who, saying.values["again"]) == (fiji.id, False)
    assert taken(store) == (0, 0)
    assert seen(store, fiji).others == ()


def test_not_today_is_said_without_a_reason(store: Store, fiji: Actor, tonga: Actor, number: str) -> None:
    propose(store, fiji, number)
    ((who, saying),) = told(store, DeclineMeeting("M-0001"), tonga)
    assert (who, saying.template) == (fiji.id, "meeting/declined")
    assert taken(store) == (0, 0)
    assert seen(store, fiji).state == "cancelled"


# Three


def test_three_meet_once_all_agree(store: Store, fiji: Actor, tonga: Actor) -> None:
    japan = delegate(store, "JPN", role="partner")
    number = arranged(store, fiji, tonga, japan, clock="15:30", place="room-c")
    assert accept(store, fiji, number, "15:30", "room-c").result == "waiting"
    assert accept(store, tonga, number, "15:30", "room-c").result == "waiting"
    assert [one.agreed for one in seen(store, japan).others] == [True, True]
    assert accept(store, japan, number, "15:30", "room-c").result == "booked"
    assert taken(store) == (6, 18)


def test_only_the_secretariat_brings_others_together(store: Store, fiji: Actor, tonga: Actor) -> None:
    with pytest.raises(NotAllowed):
        arranged(store, fiji, tonga, officer=fiji)
    with pytest.raises(Refused, match="registered"):
        arranged(store, fiji)
    with pytest.raises(Refused, match="registered"):
        arranged(store, fiji, Actor(999))
