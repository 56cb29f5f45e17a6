"""One time for all who work on a database, in a rehearsal as on the day."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot import rehearsal
from bot.clock import Clock
from bot.database import Store
from bot.store import ClockReading
from tests import PATIENCE

MORNING = datetime(2022, 9, 13, 1, 30, tzinfo=UTC)
NOON = datetime(2022, 9, 13, 5, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass
class Machine:
    """A machine's time, which the test moves on."""

    time: datetime = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def machine() -> Machine:
    return Machine()


def joined(store: Store, clock: Clock) -> Clock:
    return store.write(lambda session: rehearsal.joined(session, clock)).result()


def followed(store: Store, clock: Clock) -> Clock:
    return store.read(lambda session: rehearsal.followed(session, clock))


def test_who_comes_later_goes_by_the_time_of_who_serves(store: Store, machine: Machine) -> None:
    first = joined(store, Clock.starting_at(MORNING, machine))
    machine.time += 40 * SECOND
    assert joined(store, Clock.starting_at(MORNING, machine)) == first
    assert followed(store, Clock.starting_at(MORNING, machine)).now() == MORNING + 40 * SECOND


def test_the_command_line_follows_whatever_its_own_settings_say(store: Store, machine: Machine) -> None:
    first = joined(store, Clock.starting_at(NOON, machine))
    machine.time += 5 * SECOND
    assert followed(store, Clock.starting_at(MORNING, machine)) == first
    assert followed(store, Clock(source=machine)) == first


def test_the_machines_time_is_followed_as_well(store: Store, machine: Machine) -> None:
    joined(store, Clock(source=machine))
    assert not followed(store, Clock.starting_at(MORNING, machine)).rehearsal


def test_nobody_is_followed_once_nobody_serves(store: Store, machine: Machine) -> None:
    joined(store, Clock.starting_at(MORNING, machine))
    machine.time += rehearsal.OVER
    anew = Clock.starting_at(MORNING, machine)
    assert followed(store, anew) == anew
    assert joined(store, anew) == anew


def test_a_rehearsal_of_another_moment_begins_anew(store: Store, machine: Machine) -> None:
    joined(store, Clock.starting_at(MORNING, machine))
    noon = Clock.starting_at(NOON, machine)
    assert joined(store, noon) == noon
    assert followed(store, Clock.starting_at(MORNING, machine)) == noon


async def test_who_serves_keeps_its_time_going(
    store: Store, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "BEAT", 0.01)
    serving = asyncio.create_task(rehearsal.keep_going(store, Clock.starting_at(MORNING, machine)))
    machine.time += 10 * rehearsal.OVER

    def kept() -> bool:
        reading = store.read(lambda session: session.get(ClockReading, 1))
        return reading is not None and reading.shown == MORNING + 10 * rehearsal.OVER

    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                if await asyncio.to_thread(kept):
                    break
                await asyncio.sleep(0.01)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
