"""Good practices that people want to adapt: kept once, asked about three times at most, and counted."""

from datetime import timedelta

import pytest

from bot import adaptations
from bot.adaptation_commands import BeginAdaptation, CountAdaptations, MyAdaptations, TellAdaptation
from bot.adaptations import ASKED
from bot.consent import CONSENT_VERSION
from bot.database import Store
from bot.errors import Refused
from bot.participants import Actor
from bot.privacy_commands import Forget
from knowledge.seeking import countries_like
from tests.bot.ledgers import NOW, a_press, perform, person, rows
from tests.samples import sample_snapshot

PRACTICE = "clews-pacific"
YEAR = timedelta(days=365)


def an_actor(store: Store, user: str, role: str = "delegate") -> Actor:
    known = {"role": role, "country": "VUT", "confirmed": True, "consented": CONSENT_VERSION}
    return Actor(id=person(store, user, **known), **known)


def ask(store: Store, after: timedelta) -> int:
    """Ask whose time has come so long after the wish; return how many messages there are since the beginning."""
    store.write(lambda session: adaptations.ask_how_far(session, a_press(), NOW + after)).result()
    return len(rows(store))


def test_the_same_wish_is_kept_once(store: Store) -> None:
    ana = an_actor(store, "ana")
    first, again = (perform(store, BeginAdaptation(PRACTICE), ana) for _ in range(2))
    assert (first.number, again) == ("A-0001", first)
    assert perform(store, MyAdaptations(), ana) == (first,)


def test_what_the_catalogue_does_not_have_is_refused(store: Store) -> None:
    with pytest.raises(Refused):
        perform(store, BeginAdaptation("nothing"), an_actor(store, "ana"))


def test_who_does_not_answer_is_asked_at_each_time_and_then_no_more(store: Store) -> None:
    perform(store, BeginAdaptation(PRACTICE), an_actor(store, "ana"))
    assert [ask(store, after) for after in (timedelta(days=29), *ASKED, YEAR)] == [0, 1, 2, 3, 3]
    assert store.read(lambda session: adaptations.next_due(session, NOW)) is None


def test_after_a_long_stop_only_the_last_time_is_asked_about(store: Store) -> None:
    perform(store, BeginAdaptation(PRACTICE), an_actor(store, "ana"))
    assert [ask(store, YEAR) for _ in range(2)] == [1, 1]


@pytest.mark.parametrize(("state", "asked"), [("started", 2), ("adapted", 1), ("stopped", 1)])
def test_who_has_done_it_or_stopped_is_asked_no_more(store: Store, state: str, asked: int) -> None:
    ana = an_actor(store, "ana")
    perform(store, BeginAdaptation(PRACTICE), ana)
    ask(store, ASKED[0])
    perform(store, TellAdaptation("a-0001", state, "write to a@b.example"), ana)  # type: ignore[arg-type]
    assert ask(store, ASKED[1]) == asked
    assert perform(store, MyAdaptations(), ana)[0].said == "write to […]"


def test_nobody_tells_of_what_is_another_s(store: Store) -> None:
    perform(store, BeginAdaptation(PRACTICE), an_actor(store, "ana"))
    mele = an_actor(store, "mele")
    assert [perform(store, TellAdaptation(number, "started"), mele) for number in ("A-0001", "A-x", "")] == [
        None
    ] * 3


def test_the_secretariat_counts_them_by_practice_and_state(store: Store) -> None:
    ana, mele = an_actor(store, "ana"), an_actor(store, "mele")
    for actor in (ana, mele):
        perform(store, BeginAdaptation(PRACTICE), actor)
    perform(store, TellAdaptation("A-0001", "started"), ana)
    counts = perform(store, CountAdaptations(), an_actor(store, "officer", "secretariat"))
    assert counts == {PRACTICE: {"not_started": 1, "started": 1, "adapted": 0, "stopped": 0}}
    perform(store, Forget(), ana)
    assert perform(store, MyAdaptations(), mele)[0].number == "A-0002"


def test_countries_like_one_s_own_took_part_and_lie_near_or_are_of_its_groups() -> None:
    know = sample_snapshot()
    practice = know.catalogue.practices[PRACTICE]
    members = know.vocabulary.countries
    like = countries_like(practice, "VUT", know)
    assert {"KIR", "TON"} <= set(like) <= set(practice.partner_countries)
    own = members["VUT"]
    assert all(members[one].subregion == own.subregion or members[one].groups & own.groups for one in like)
    assert "TON" not in countries_like(practice, "TON", know)
    assert countries_like(practice, "DEU", know) == ()
