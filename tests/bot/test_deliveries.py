"""What becomes of a delivery: who goes next, and what each fault means."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.deliveries import (
    AMBIGUOUS_ATTEMPTS,
    ATTEMPTS,
    LONGEST_PAUSE,
    PRIORITY,
    Due,
    Kind,
    LineUp,
    Outcome,
    after,
    backoff,
    sent,
)
from bot.errors import Ambiguous, Down, Fault, Moved, Rejected, Throttled, TooBig, Unreachable
from bot.messages import Address, Card, Outbound

START = datetime(2022, 9, 13, 3, 42, tzinfo=UTC)
SECOND = timedelta(seconds=1)
KINDS: list[Kind] = list(PRIORITY)


def a_due(row: int, chat: str = "1", kind: Kind = "reply") -> Due:
    outbound = Outbound(row, Address("telegram", chat), chat, Card(f"r{row}", "en"))
    return Due(outbound, kind, PRIORITY[kind])


def lined_up(*waiting: Due) -> LineUp:
    line = LineUp()
    for due in waiting:
        assert line.add(due)
    return line


def left(line: LineUp, now: datetime = START, *, only_urgent: bool = False) -> list[int]:
    """Return the rows that leave at *now*, each done before the next."""
    found = []
    while due := line.pop(now, only_urgent=only_urgent):
        found.append(due.outbound.delivery)
        line.done(due)
    return found


def test_an_empty_line_gives_nothing() -> None:
    assert LineUp().pop(START) is None


def test_replies_overtake_notices_and_notices_announcements() -> None:
    line = lined_up(a_due(1, "a", "announcement"), a_due(2, "b", "notice"), a_due(3, "c", "reply"))
    assert left(line) == [3, 2, 1]


def test_of_one_kind_the_oldest_goes_first() -> None:
    assert left(lined_up(a_due(3, "a"), a_due(1, "b"), a_due(2, "a"))) == [1, 2, 3]


def test_a_chat_whose_message_is_out_waits_and_others_do_not() -> None:
    line = lined_up(a_due(1, "a"), a_due(2, "a"), a_due(3, "b"))
    first = line.pop(START)
    assert first == a_due(1, "a")
    assert left(line) == [3]
    line.done(first)
    assert left(line) == [2]


def test_what_is_lined_up_or_out_is_passed_over() -> None:
    line = lined_up(a_due(1))
    assert not line.add(a_due(1))
    due = line.pop(START)
    assert due is not None
    assert not line.add(a_due(1))
    line.done(due)
    assert line.add(a_due(1))


def test_a_held_chat_waits_exactly_and_holds_up_only_itself() -> None:
    line = lined_up(a_due(1, "a"), a_due(2, "a"), a_due(3, "b"))
    line.hold("a", START + SECOND)
    assert left(line) == [3]
    assert line.next_release() == START + SECOND
    assert left(line, START + SECOND - timedelta(microseconds=1)) == []
    assert left(line, START + SECOND) == [1, 2]
    assert line.next_release() is None


def test_the_longer_of_two_pauses_counts() -> None:
    line = lined_up(a_due(1))
    line.hold("1", START + 3 * SECOND)
    line.hold("1", START + SECOND)
    assert left(line, START + 2 * SECOND) == []
    line.hold("1", START + 5 * SECOND)
    assert left(line, START + 4 * SECOND) == []
    assert left(line, START + 5 * SECOND) == [1]


def test_a_message_that_comes_back_goes_before_the_later_ones_of_its_chat() -> None:
    line = lined_up(a_due(1), a_due(2))
    first = line.pop(START)
    assert first is not None
    line.hold("1", START + SECOND)
    line.done(first)
    line.add(first)
    assert left(line, START + SECOND) == [1, 2]


def test_only_what_is_urgent_leaves_when_asked_and_the_rest_keeps_its_place() -> None:
    line = lined_up(a_due(1, "a", "announcement"), a_due(2, "b", "announcement"), a_due(3, "c"))
    assert left(line, only_urgent=True) == [3]
    assert left(line) == [1, 2]


def test_the_line_counts_what_it_has_and_what_is_stuck() -> None:
    line = lined_up(a_due(1, "a"), a_due(2, "a"), a_due(3, "b"))
    line.hold("a", START + SECOND)
    assert (len(line), line.waiting("reply"), line.free()["reply"], line.known()) == (3, 3, 1, {1, 2, 3})
    assert (line.holds("a"), line.holds("b"), line.waits("b"), line.waits("c")) == (True, False, True, False)
    assert left(line, START + SECOND) == [1, 2, 3]
    assert (len(line), line.waiting("reply"), line.free()["reply"], line.waits("a")) == (0, 0, 0, False)


class Lines(RuleBasedStateMachine):
    """A line-up beside a plain list that says what it has to do."""

    def __init__(self) -> None:
        super().__init__()
        self.line = LineUp()
        self.now = START
        self.rows = 0
        self.waiting: dict[int, Due] = {}
        self.out: dict[str, Due] = {}
        self.held: dict[str, datetime] = {}

    @rule(chat=st.sampled_from("abc"), kind=st.sampled_from(KINDS))
    def add(self, chat: str, kind: Kind) -> None:
        self.rows += 1
        self.waiting[self.rows] = a_due(self.rows, chat, kind)
        assert self.line.add(self.waiting[self.rows])

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def add_again(self, data: st.DataObject) -> None:
        assert not self.line.add(self.waiting[data.draw(st.sampled_from(sorted(self.waiting)))])

    @rule(only_urgent=st.booleans())
    def pop(self, only_urgent: bool) -> None:
        free = [
            due
            for due in self.waiting.values()
            if due.chat not in self.out
            and self.held.get(due.chat, self.now) <= self.now
            and (due.urgent or not only_urgent)
            and due == min(self.of(due.chat), key=place)
        ]
        best = min(free, key=place, default=None)
        assert self.line.pop(self.now, only_urgent=only_urgent) == best
        if best is not None:
            self.out[best.chat] = self.waiting.pop(best.outbound.delivery)

    @precondition(lambda self: self.out)
    @rule(data=st.data(), again=st.booleans(), pause=st.integers(0, 3))
    def done(self, data: st.DataObject, again: bool, pause: int) -> None:
        due = self.out.pop(data.draw(st.sampled_from(sorted(self.out))))
        if again:
            self.hold(due.chat, pause)
        self.line.done(due)
        if again:
            self.waiting[due.outbound.delivery] = due
            assert self.line.add(due)

    @rule(chat=st.sampled_from("abc"), pause=st.integers(0, 3))
    def hold(self, chat: str, pause: int) -> None:
        until = self.now + pause * SECOND
        self.held[chat] = max(self.held.get(chat, until), until)
        self.line.hold(chat, until)

    @rule(seconds=st.integers(0, 4))
    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @invariant()
    def nothing_is_lost(self) -> None:
        out = {due.outbound.delivery for due in self.out.values()}
        assert self.line.known() == self.waiting.keys() | out
        assert len(self.line) == len(self.waiting) + len(self.out)

    @invariant()
    def a_pause_that_matters_is_known(self) -> None:
        until = [until for chat, until in self.held.items() if until > self.now and self.of(chat)]
        release = self.line.next_release()
        assert not until or (release is not None and release <= min(until))

    def of(self, chat: str) -> list[Due]:
        return [due for due in self.waiting.values() if due.chat == chat]

    def teardown(self) -> None:
        for due in self.out.values():
            self.line.done(due)
        late = self.now + timedelta(hours=1)
        assert sorted(left(self.line, late)) == sorted(self.waiting)


def place(due: Due) -> tuple[int, bool, int]:
    return due.priority, due.kind not in ("reply", "farewell", "notice"), due.outbound.delivery


TestLines = Lines.TestCase


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(KINDS))))
def test_each_chat_gets_all_of_its_own_in_order(waiting: list[tuple[str, Kind]]) -> None:
    dues = [a_due(row, chat, kind) for row, (chat, kind) in enumerate(waiting)]
    line, found = lined_up(*dues), defaultdict(list)
    while due := line.pop(START):
        found[due.chat].append(due)
        line.done(due)
    expected = defaultdict(list)
    for due in sorted(dues, key=place):
        expected[due.chat].append(due)
    assert found == expected


def queued(fault: Fault, seconds: float, *, counts: bool = True) -> Outcome:
    return Outcome("queued", cause=fault.cause, wait=timedelta(seconds=seconds), counts=counts)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("attempts", [1, ATTEMPTS, 1000])
def test_a_throttled_message_waits_as_long_as_the_platform_says_however_often(
    kind: Kind, attempts: int
) -> None:
    fault = Throttled(timedelta(seconds=17.5))
    assert after(fault, kind, attempts) == queued(fault, 17.5, counts=False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_that_is_down_is_tried_with_longer_and_longer_pauses(kind: Kind) -> None:
    assert [after(Down(), kind, attempts) for attempts in (1, 2, 3, 9)] == [
        queued(Down(), seconds) for seconds in (1, 2, 4, 256)
    ]
    assert after(Down(), kind, ATTEMPTS) == Outcome("failed", cause="down")


def test_a_channel_that_stays_down_is_given_up_after_about_forty_minutes() -> None:
    pauses = [after(Down(), "reply", attempts).wait for attempts in range(1, ATTEMPTS)]
    whole = sum((pause for pause in pauses if pause), timedelta())
    assert timedelta(minutes=35) < whole < timedelta(minutes=45)


@pytest.mark.parametrize("kind", ["reply", "safety", "notice", "correction"])
def test_a_reply_that_may_have_arrived_is_sent_again_a_few_times(kind: Kind) -> None:
    outcomes = [after(Ambiguous(), kind, attempts) for attempts in range(1, AMBIGUOUS_ATTEMPTS + 1)]
    again = [queued(Ambiguous(), seconds) for seconds in (1, 2, 4)]
    assert outcomes == [*again, Outcome("unknown", cause="ambiguous")]


@pytest.mark.parametrize("kind", ["reminder", "announcement"])
def test_an_announcement_that_may_have_arrived_is_never_sent_again(kind: Kind) -> None:
    assert after(Ambiguous(), kind, 1) == Outcome("unknown", cause="ambiguous")


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_follows_its_chat_at_once_but_not_for_ever(kind: Kind) -> None:
    followed = Outcome("queued", cause="moved", wait=timedelta(), chat="-100")
    assert after(Moved("-100"), kind, 1) == followed
    assert after(Moved("-100"), kind, ATTEMPTS) == Outcome("failed", cause="moved")


def test_a_reply_goes_before_a_safety_message_of_the_same_priority() -> None:
    line = lined_up(a_due(1, "a", "safety"), a_due(2, "b", "notice"), a_due(3, "c", "reply"))
    assert left(line) == [3, 1, 2]


def test_what_is_dropped_leaves_no_trace_and_what_is_out_stays_out() -> None:
    line = lined_up(a_due(1, "a"), a_due(2, "a", "announcement"), a_due(3, "b", "announcement"))
    out = line.pop(START)
    assert out == a_due(1, "a")
    dropped = line.drop(lambda due: due.kind != "notice")
    assert sorted(due.outbound.delivery for due in dropped) == [2, 3]
    assert (line.known(), line.waiting("announcement"), left(line)) == ({1}, 0, [])
    line.done(out)
    assert (len(line), line.add(a_due(2, "a")), left(line)) == (0, True, [2])


def test_what_waits_for_a_chat_that_moved_keeps_its_order_without_the_old_ids() -> None:
    line = lined_up(a_due(2, "a"), a_due(1, "new"), a_due(3, "a"))
    edit = a_due(4, "a", "correction")
    outbound = replace(edit.outbound, replaces="m1", about="m0", deletes=True)
    line.add(replace(edit, outbound=outbound))
    out = line.pop(START)
    assert out == a_due(1, "new")
    line.move("a", "new")
    line.move("nobody", "new")
    assert (line.waits("a"), left(line)) == (False, [])
    line.done(out)
    assert [line.known(), left(line)] == [{2, 3, 4}, [2, 3, 4]]
    assert a_due(4, "a", "correction").moved("new") == replace(edit, outbound=outbound).moved("new")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", [Rejected(), TooBig()])
def test_a_message_that_is_refused_fails_at_once(fault: Fault, kind: Kind) -> None:
    assert after(fault, kind, 1) == Outcome("failed", cause=fault.cause)


@pytest.mark.parametrize("kind", KINDS)
def test_somebody_who_blocked_us_gets_nothing_more(kind: Kind) -> None:
    assert after(Unreachable(), kind, 1) == Outcome("failed", cause="unreachable", unsubscribes=True)


def test_what_arrived_keeps_the_platforms_id() -> None:
    assert sent("42") == Outcome("sent", message="42")


@given(st.integers(0, 10_000))
def test_a_pause_never_shrinks_and_never_passes_five_minutes(attempts: int) -> None:
    assert timedelta(seconds=1) <= backoff(attempts) <= backoff(attempts + 1) <= LONGEST_PAUSE
