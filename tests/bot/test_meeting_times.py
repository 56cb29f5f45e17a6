"""Around a meeting: reminders, what came of it, interpreters, the calendar."""

from typing import Any

import pytest
from icalendar import Calendar

from bot import meeting_times
from bot.calendars import TakeCalendar
from bot.database import Store
from bot.errors import Refused
from bot.meeting_commands import (
    AskInterpreter,
    CancelMeeting,
    TellOutcome,
)
from bot.participants import Actor
from bot.privacy_commands import WhatGoes
from bot.question_commands import OpenQuestions
from tests.bot.ledgers import NOW, OFFICER, perform
from tests.bot.meetings import accept, at, book, fiji, let_time_pass, messages, number, propose, seen, tonga

__all__ = ["fiji", "number", "tonga"]


def test_both_are_reminded_and_asked_once(store: Store, fiji: Actor, tonga: Actor, number: str) -> None:
    book(store, fiji, tonga, number)
    for clock in ("12:19", "12:20", "12:21", "12:59", "13:00", "13:01"):
        let_time_pass(store, at(clock))
    assert messages(store, fiji) == ["In 10 minutes you meet: Tonga (Somebody of TON).", "Did you meet?"]
    assert messages(store, tonga) == ["In 10 minutes you meet: Fiji (Somebody of FJI).", "Did you meet?"]
    assert store.read(lambda session: meeting_times.next_due(session, NOW)) is None


def test_a_reminder_that_comes_too_late_is_not_sent(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    book(store, fiji, tonga, number)
    let_time_pass(store, at("12:31"))
    assert messages(store, fiji) == []
    let_time_pass(store, at("18:00"))
    assert messages(store, fiji) == []


def test_what_comes_next_is_kept_without_contacts(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    book(store, fiji, tonga, number)
    with pytest.raises(Refused, match="did not begin"):
        perform(store, TellOutcome("M-0001", "no_follow_up"), fiji)
    later = at("13:00")
    perform(store, TellOutcome("M-0001", "next_steps", "Send a list to +679 555 0199"), fiji, later)
    assert (seen(store, fiji).outcome, seen(store, fiji).next_steps) == ("next_steps", "Send a list to […]")
    assert (seen(store, tonga).outcome, seen(store, tonga).next_steps) == (None, "")


def test_an_interpreter_is_asked_for_once(store: Store, fiji: Actor, tonga: Actor, number: str) -> None:
    book(store, fiji, tonga, number)
    assert perform(store, AskInterpreter("M-0001"), fiji).interpreter == "Q-1"
    assert perform(store, AskInterpreter("M-0001"), tonga).interpreter == "Q-1"
    (asked,) = perform(store, OpenQuestions(), OFFICER)
    assert "M-0001" in asked.text


def test_a_calendar_knows_a_meeting_again_when_it_moves_and_when_it_is_cancelled(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    book(store, fiji, tonga, number)
    booked = in_calendar(store, fiji)
    assert (booked["SUMMARY"], booked["STATUS"]) == ("Meeting: Tonga (Somebody of TON)", "CONFIRMED")
    assert booked["DTSTART"].dt == at("12:30")
    propose(store, fiji, "M-0001", "12:50")
    accept(store, tonga, "M-0001", "12:50")
    moved = in_calendar(store, fiji)
    assert moved["DTSTART"].dt == at("12:50")
    perform(store, CancelMeeting("M-0001"), tonga)
    gone = in_calendar(store, fiji)
    assert gone["STATUS"] == "CANCELLED"
    assert len({one["UID"] for one in (booked, moved, gone)}) == 1
    assert [one["SEQUENCE"] for one in (booked, moved, gone)] == [1, 2, 3]


def in_calendar(store: Store, actor: Actor) -> Any:
    """Return the one meeting in the calendar file of *actor*."""
    file = perform(store, TakeCalendar(), actor).file
    events = Calendar.from_ical(file.content).walk("VEVENT")
    (found,) = [event for event in events if str(event["SUMMARY"]).startswith("Meeting: ")]
    return found


def test_who_would_be_forgotten_reads_which_meetings_go(
    store: Store, fiji: Actor, tonga: Actor, number: str
) -> None:
    book(store, fiji, tonga, number)
    assert perform(store, WhatGoes(), fiji).meetings == ((at("12:30"), "table-3"),)
    assert perform(store, WhatGoes(), fiji, at("12:50")).meetings == ()
