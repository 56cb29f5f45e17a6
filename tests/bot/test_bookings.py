"""The secretariat sees the meetings of all, brings people together, and cancels what cannot be."""

from datetime import timedelta

import pytest

from bot.database import Store
from bot.errors import NotAllowed, Refused
from bot.meeting_commands import (
    AcceptMeeting,
    ArrangeMeeting,
    AskInterpreter,
    CancelMeeting,
    CountMeetings,
    DeclineMeeting,
    FindTogether,
    Free,
    Meeting,
    MeetingCounts,
    ProposeMeeting,
    ReadMeetings,
    TellOutcome,
)
from bot.participants import Actor
from tests.bot.ledgers import NOW, OFFICER, perform
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
from tests.bot.officers import officers

__all__ = ["fiji", "number", "tonga"]


@pytest.fixture
def officer(store: Store) -> Actor:
    return officers(store)[0]


def all_of_them(store: Store) -> list[Meeting]:
    return list(perform(store, ReadMeetings()))


def together(store: Store, *whom: str) -> Free:
    found: Free = perform(store, FindTogether(whom))
    return found


# What there is


def test_the_meetings_of_all_are_listed_by_their_time(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    book(store, fiji, tonga, number, "15:30")
    kiribati, japan = delegate(store, "KIR"), delegate(store, "JPN")
    propose(store, kiribati, introduced(store, kiribati, japan, "N-0002"), "12:30")
    perform(store, AskInterpreter("M-0001"), fiji)
    later, first = "M-0001", "M-0002"
    listed = all_of_them(store)
    assert [(one.number, one.state) for one in listed] == [(first, "proposed"), (later, "booked")]
    assert listed[1].interpreter == "Q-1"
    assert [one.country for one in listed[1].others] == ["FJI", "TON"]


def test_what_was_cancelled_is_shown_by_its_number_only(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    book(store, fiji, tonga, number)
    perform(store, CancelMeeting("M-0001"), fiji)
    assert all_of_them(store) == []
    assert [one.state for one in perform(store, ReadMeetings("m-1"))] == ["cancelled"]
    assert perform(store, ReadMeetings("M-0099")) == ()


def test_nobody_else_sees_them(store: Store, fiji: Actor, number: str) -> None:
    for command in (ReadMeetings(), FindTogether((number,))):
        with pytest.raises(NotAllowed):
            perform(store, command, fiji)


def test_who_comes_from_no_country_is_shown_with_their_body(store: Store, fiji: Actor) -> None:
    partner = delegate(store, None, role="partner", name="Ken", organisation="A bank")
    arranged(store, fiji, partner)
    (meeting,) = all_of_them(store)
    assert [(one.country, one.name) for one in meeting.others] == [
        ("FJI", "Somebody of FJI"),
        (None, "Ken, A bank"),
    ]


# Bringing people together


def test_two_who_were_introduced_are_asked_by_the_number_of_that(
    store: Store, fiji: Actor, tonga: Actor, number: str, officer: Actor
) -> None:
    free = together(store, number)
    assert [one.country for one in free.others] == ["FJI", "TON"]
    assert starts(free.slots)[0] == ("12:00", "room-c")
    asked = told(store, ArrangeMeeting((number,), "room-c", at("12:00")), officer)
    assert [(who, saying.template) for who, saying in asked] == [
        (fiji.id, "meeting/proposed"),
        (tonga.id, "meeting/proposed"),
    ]
    assert together(store, number).meeting == perform(store, ReadMeetings("M-0001"))[0]


def test_a_button_twice_asks_nobody_again(store: Store, fiji: Actor, tonga: Actor, number: str) -> None:
    arrange = ArrangeMeeting((number,), "table-3", at("12:30"))
    assert perform(store, arrange).result == "held"
    assert told(store, arrange, OFFICER) == []
    for side in (fiji, tonga):
        accept(store, side, "M-0001")
    assert perform(store, arrange).result == "booked"
    assert len(all_of_them(store)) == 1


def test_the_same_people_have_one_meeting_until_that_is_over(store: Store, fiji: Actor, tonga: Actor) -> None:
    kiribati = delegate(store, "KIR")
    assert arranged(store, fiji, tonga) == arranged(store, tonga, fiji, clock="15:30") == "M-0001"
    assert arranged(store, fiji, tonga, kiribati, place="table-2") == "M-0002"
    assert arranged(store, fiji, tonga) == "M-0001"
    for side in (fiji, tonga):
        accept(store, side, "M-0001")
    assert together(store, str(fiji.id), str(tonga.id)).meeting is not None
    later = perform(store, FindTogether((str(fiji.id), str(tonga.id))), OFFICER, at("13:00"))
    assert later.meeting is None


def test_meetings_and_what_came_of_them_are_counted(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    book(store, fiji, tonga, number)
    arranged(store, fiji, delegate(store, "KIR"), clock="15:30")
    perform(store, CancelMeeting("M-0002"))
    perform(store, TellOutcome("M-0001", "next_steps"), fiji, at("13:00"))
    perform(store, TellOutcome("M-0001", "we_did_not_go"), tonga, at("13:00"))
    found = perform(store, CountMeetings(), OFFICER, at("13:00"))
    assert found == MeetingCounts({"over": 1, "cancelled": 1}, {"next_steps": 1, "we_did_not_go": 1})


def test_nothing_is_kept_where_the_table_was_taken(store: Store, fiji: Actor, tonga: Actor) -> None:
    arranged(store, fiji, tonga)
    whom = (str(delegate(store, "KIR").id), str(delegate(store, "JPN").id))
    outcome = perform(store, ArrangeMeeting(whom, "table-3", at("12:30")))
    assert (outcome.result, outcome.meeting) == ("table_taken", None)
    assert starts(outcome.nearest)[0] == ("12:30", "table-1")
    assert len(all_of_them(store)) == 1


def test_the_officer_may_ask_for_another_time(store: Store, fiji: Actor, tonga: Actor) -> None:
    number = arranged(store, fiji, tonga)
    for side in (fiji, tonga):
        accept(store, side, number)
    assert perform(store, ArrangeMeeting((number,), "table-3", at("15:30"))).result == "held"
    stands = seen(store, fiji)
    assert (stands.state, stands.slot and stands.slot.starts) == ("booked", at("12:30"))
    for side in (fiji, tonga):
        accept(store, side, number, "15:30")
    assert seen(store, fiji).slot == stands.proposal


@pytest.mark.parametrize(
    "whom", [("I-0099",), ("J-0001",), ("JP-0001",), ("M-0009",), ("7",), ("x", "y"), ()]
)
def test_what_names_nobody_is_refused(store: Store, whom: tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        perform(store, FindTogether(whom))


def test_two_who_are_not_introduced_yet_are_not_brought_together(store: Store, number: str) -> None:
    assert together(store, number).others
    with pytest.raises(Refused, match="introduced"):
        together(store, "I-0002")


# What the officer hears


def test_whoever_arranged_it_hears_how_it_ends(
    store: Store, fiji: Actor, tonga: Actor, officer: Actor
) -> None:
    number = arranged(store, fiji, tonga, officer=officer)
    accept(store, fiji, number)
    booked = told(store, AcceptMeeting(number, "table-3", at("12:30")), tonga)
    assert (officer.id, "bookings/meeting") in [(who, saying.template) for who, saying in booked]
    cancelled = told(store, CancelMeeting(number), tonga)
    assert (officer.id, "bookings/meeting") in [(who, saying.template) for who, saying in cancelled]


def test_whoever_arranged_it_hears_that_one_cannot_or_that_nobody_answered(
    store: Store, fiji: Actor, tonga: Actor, officer: Actor
) -> None:
    number = arranged(store, fiji, tonga, officer=officer)
    declined = told(store, DeclineMeeting(number), tonga)
    assert [who for who, _ in declined] == [fiji.id, officer.id]
    arranged(store, fiji, tonga, clock="15:30", officer=officer)
    let_time_pass(store, NOW + timedelta(minutes=10))
    assert messages(store, officer) == ["No answer within ten minutes: the table is not held any more."]


def test_who_is_an_officer_no_more_hears_nothing(store: Store, fiji: Actor, tonga: Actor) -> None:
    was = delegate(store, "THA")
    number = arranged(store, fiji, tonga, officer=Actor(was.id, role="secretariat"))
    assert [who for who, _ in told(store, DeclineMeeting(number), tonga)] == [fiji.id]


# Cancelling


def test_what_the_secretariat_cancels_all_are_told(
    store: Store, fiji: Actor, tonga: Actor, number: str, officer: Actor
) -> None:
    book(store, fiji, tonga, number)
    perform(store, CancelMeeting("M-0001"), officer)
    assert taken(store) == (0, 0)
    assert seen(store, fiji).state == "cancelled"
    said = told(store, ProposeMeeting(number, "table-3", at("15:30")), fiji)
    assert [who for who, _ in said] == [tonga.id]


@pytest.mark.parametrize("answered", [True, False])
def test_what_is_only_proposed_is_called_off_too(
    store: Store, fiji: Actor, tonga: Actor, number: str, answered: bool
) -> None:
    propose(store, fiji, number)
    if not answered:
        let_time_pass(store, NOW + timedelta(minutes=10))
    said = told(store, CancelMeeting("M-0001"), OFFICER)
    assert [(who, saying.template, saying.values["by"]) for who, saying in said] == [
        (fiji.id, "meeting/cancelled", None),
        (tonga.id, "meeting/cancelled", None),
    ]
    assert accept(store, tonga, "M-0001").result == "over"


def test_what_is_over_stays(store: Store, fiji: Actor, tonga: Actor, number: str) -> None:
    book(store, fiji, tonga, number)
    assert told(store, CancelMeeting("M-0001"), OFFICER, at("13:00")) == []
    assert seen(store, fiji).state == "booked"
