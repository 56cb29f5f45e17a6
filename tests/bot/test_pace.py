"""The pace of a channel, in simulated seconds."""

from collections import defaultdict
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pace import PACES, Pace


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


@pytest.mark.parametrize("channel", PACES)
def test_each_platform_is_kept_to_its_limits(channel: str) -> None:
    rate, interval, burst = PACES[channel]
    line = Simulated(Pace(rate, interval, burst))
    for chat, _ in zip(cycle("abcdefg"), range(600), strict=False):
        line.send(chat)
    assert fullest(line.times) <= rate * 1.1
    for times in line.of.values():
        assert fullest(times, 60.0) <= burst + 60 / interval


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
