"""What is too much, in what time, and for whom nothing is."""

from datetime import timedelta

import pytest

from bot import limits, tally
from bot.database import Store
from bot.keys import Keys
from bot.limits import Limit
from bot.messages import Address
from bot.participants import Actor
from bot.rights import RIGHTS
from tests.bot.ledgers import NOW

KEYS = Keys(b"the key of all tests")
THREE = Limit("tests", 3, timedelta(minutes=1))


def test_a_limit_counts_back_from_now() -> None:
    assert THREE.wait([0, 10, 20], 30) == 30
    assert THREE.wait([0, 10, 20], 60) == 0
    assert THREE.wait([0, 10, 20, 61], 62) == 8


def test_what_is_counted_is_an_action_that_somebody_has_a_right_to() -> None:
    assert set(RIGHTS) >= limits.WRITING


def test_no_tally_tells_whose_it_is(store: Store) -> None:
    store.write(lambda session: tally.add(session, KEYS, THREE, "telegram:5551234", NOW)).result()
    row = store.read(lambda session: session.get(tally.Tally, KEYS.digest("limit tests", "telegram:5551234")))
    assert row is not None
    assert "5551234" not in repr(row)


def test_a_limit_is_reached_for_the_first_time_once(store: Store) -> None:
    moments = [NOW + timedelta(seconds=second) for second in (0, 1, 2, 3, 4, 90, 91, 92)]
    reached = [
        store.write(lambda session, at=at: tally.add(session, KEYS, THREE, "all", at)).result()
        for at in moments
    ]
    assert reached == [False, False, True, False, False, False, False, True]


def test_a_tally_is_deleted_after_a_day(store: Store) -> None:
    for who, days in (("old", 2), ("new", 0)):
        at = NOW - timedelta(days=days)
        store.write(lambda session, who=who, at=at: tally.add(session, KEYS, THREE, who, at)).result()
    store.write(lambda session: tally.expire(session, NOW - timedelta(days=1))).result()
    left = store.read(lambda session: session.execute(tally.ROWS.select()).all())
    assert [row.whose for row in left] == [KEYS.digest("limit tests", "new")]


@pytest.mark.parametrize(
    ("actor", "address", "free"),
    [
        (Actor(id=1, role="delegate", confirmed=True), Address("slack", "U1"), False),
        (Actor(id=1, role="secretariat"), Address("slack", "U1"), True),
        (Actor(id=1, role="visitor"), Address("terminal", "me"), True),
    ],
)
def test_nothing_is_counted_of_officers_and_in_the_terminal(
    actor: Actor, address: Address, free: bool
) -> None:
    assert tally.is_free(actor, address) is free
