"""The pace of a channel, in simulated seconds."""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pace import Pace, a_minute, slack_pace, telegram_pace


class Simulated:
    """Sends as fast as *pace* allows, on a clock of its own, which begins where a machine's may."""

    def __init__(self, pace: Pace, start: float = 12345.678) -> None:
        self.pace = pace
        self.now = self.start = start
        self.times: list[float] = []
        self.of: defaultdict[str, list[float]] = defaultdict(list)

    def send(self, chat: str, late: float = 0.0) -> None:
        """Send to *chat* as soon as it may be, *late* seconds after."""
        while delay := max(self.pace.delay(self.now), self.pace.chat_delay(chat, self.now)):
            self.now += delay
        self.now += late
        self.pace.take(chat, self.now)
        self.times.append(self.now)
        self.of[chat].append(self.now)

    def serve(self, arrivals: Iterable[tuple[float, str]]) -> None:
        """Send what *arrivals* ask for, seconds after the start and a chat each, to whichever chat is free first."""
        coming = sorted((self.start + after, chat) for after, chat in arrivals)
        waiting: list[str] = []
        while coming or waiting:
            while coming and coming[0][0] <= self.now:
                waiting.append(heapq.heappop(coming)[1])
            waits = {chat: self.pace.chat_delay(chat, self.now) for chat in waiting}
            pause = max(self.pace.delay(self.now), min(waits.values(), default=float("inf")))
            if pause:
                self.now += min([pause, *(moment - self.now for moment, _ in coming[:1])])
            else:
                chat = next(chat for chat in waiting if not waits[chat])
                waiting.remove(chat)
                self.send(chat)


def fullest(times: list[float], window: float = 1.0) -> int:
    """Return the most of *times* that lie within *window* seconds."""
    most = start = 0
    for end, time in enumerate(times):
        while time - times[start] >= window:
            start += 1
        most = max(most, end - start + 1)
    return most


@pytest.mark.parametrize("rate", [1.0, 20.0, 30.0, 1000.0])
def test_no_second_holds_more_than_the_rate(rate: float) -> None:
    line = Simulated(Pace(rate))
    for number in range(int(10 * rate)):
        line.send(str(number))
    assert fullest(line.times) <= rate * 1.1


def test_what_may_be_sent_is_sent() -> None:
    line = Simulated(Pace(30.0))
    for number in range(300):
        line.send(str(number))
    assert line.now - line.start == pytest.approx(299 / 30)


@given(st.lists(st.floats(0, 2), min_size=1, max_size=200))
def test_a_sender_that_is_late_never_catches_up_with_a_burst(lateness: list[float]) -> None:
    line = Simulated(Pace(30.0))
    for number, late in enumerate(lateness):
        line.send(str(number), late)
    assert fullest(line.times) <= 33


def test_a_pause_saves_nothing_up() -> None:
    line = Simulated(Pace(30.0))
    line.send("a")
    line.now += 3600
    for number in range(60):
        line.send(str(number))
    assert fullest(line.times) <= 33


def test_a_chat_takes_its_burst_and_then_one_a_second() -> None:
    line = Simulated(Pace(chat_interval=1.0, burst=3))
    for _ in range(6):
        line.send("a")
    assert [time - line.start for time in line.of["a"]] == pytest.approx([0, 0, 0, 1, 2, 3])


def test_a_chat_that_rested_takes_its_burst_again() -> None:
    line = Simulated(Pace(chat_interval=1.0, burst=3))
    for _ in range(4):
        line.send("a")
    line.now += 60
    begun = line.now
    for _ in range(4):
        line.send("a")
    assert [time - begun for time in line.of["a"][4:]] == pytest.approx([0, 0, 0, 1])


def test_chats_do_not_wait_for_each_other() -> None:
    line = Simulated(Pace(chat_interval=1.0, burst=1))
    for chat in ("a", "b", "c"):
        line.send(chat)
    assert line.now == line.start


PEOPLE = st.sampled_from(["1", "2", "3"])
GROUPS = st.sampled_from(["-1", "-2"])
ARRIVALS = st.lists(st.tuples(st.floats(0, 90), PEOPLE | GROUPS), max_size=120)


@given(ARRIVALS)
def test_however_messages_arrive_telegrams_limits_hold(arrivals: list[tuple[float, str]]) -> None:
    line = Simulated(telegram_pace(30, 1, 20))
    line.serve(arrivals)
    assert len(line.times) == len(arrivals)
    assert fullest(line.times) <= 33
    for chat, times in line.of.items():
        if chat.startswith("-"):
            assert fullest(times, 60.0) <= 22
        else:
            assert fullest(times) <= 3 + 1


@given(ARRIVALS, st.floats(1, 100), st.floats(1, 120))
def test_the_limits_hold_whatever_they_are_set_to(
    arrivals: list[tuple[float, str]], rate: float, group_rate: float
) -> None:
    line = Simulated(telegram_pace(rate, 1, group_rate))
    line.serve(arrivals)
    # What is exactly a second or a minute apart, is so by the precision of the clock.
    assert fullest(line.times, 0.999) <= max(ceil(rate), rate * 1.1)
    for chat in ("-1", "-2"):
        assert fullest(line.of[chat], 59.999) <= max(ceil(group_rate), group_rate * 1.1)


@given(st.lists(st.tuples(st.floats(0, 30), st.sampled_from("ABCDEFG")), max_size=150))
def test_however_messages_arrive_slacks_limits_hold(arrivals: list[tuple[float, str]]) -> None:
    line = Simulated(slack_pace(20, 1))
    line.serve(arrivals)
    assert fullest(line.times) <= 22
    for times in line.of.values():
        assert fullest(times, 10.0) <= 3 + 10


def test_a_group_takes_two_at_once_and_twenty_a_minute() -> None:
    line = Simulated(telegram_pace(30, 1, 20))
    for _ in range(40):
        line.send("-100")
    times = [time - line.start for time in line.times]
    assert times[1] < 0.1
    assert times[2] == pytest.approx(60 / 19)
    assert sum(time < 59.999 for time in times) == 20


def test_a_group_that_waits_holds_up_nobody_else() -> None:
    line = Simulated(telegram_pace(30, 1, 20))
    line.serve([(0, "-100")] * 5 + [(0, "1")])
    assert line.of["1"][0] - line.start < 0.2


def test_a_group_of_few_messages_has_no_burst() -> None:
    assert a_minute(6).burst == 1
    assert a_minute(6).interval == 10


def test_without_limits_nothing_waits() -> None:
    line = Simulated(Pace())
    for _ in range(1000):
        line.send("a")
    assert line.now == line.start


def test_chats_that_rest_are_forgotten() -> None:
    pace = Pace(chat_interval=1.0)
    for number in range(50_000):
        pace.take(str(number), number / 1000)
    assert len(pace._chats) <= 10_001
