"""How far a need has come: in talks while an introduction goes on, met when its owner says so, asked about once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot import outcomes
from bot.commands import LiveStatements, OwnStatements, Statement, StateNeed, StateOffer, Withdraw
from bot.consent import CONSENT_VERSION
from bot.database import Store
from bot.delegation_commands import CountStatements, SetMet
from bot.errors import Refused
from bot.introduction_commands import AgreeIntroduction, AskIntroduction, DeclineIntroduction, MyIntroductions
from bot.outcomes import ASKED_AFTER
from bot.participants import Actor
from tests.bot.ledgers import NOW, OFFICER, a_press, perform, person, rows

MOMENT = timedelta(seconds=1)


def somebody(store: Store, user: str, country: str, role: str = "delegate") -> Actor:
    known: dict[str, Any] = {
        "role": role,
        "country": country,
        "confirmed": True,
        "consented": CONSENT_VERSION,
    }
    return Actor(id=person(store, user, **known), **known)


@pytest.fixture
def mele(store: Store) -> Actor:
    actor = somebody(store, "mele", "TON")
    perform(store, StateNeed(Statement("need", "Cold rooms", "TON", readers="all")), actor)
    return actor


def progress(store: Store, actor: Actor) -> list[str]:
    return [one.progress for one in perform(store, OwnStatements(), actor)]


def sought(store: Store, actor: Actor) -> list[str]:
    return [one.statement.number for one in perform(store, LiveStatements("need"), actor)]


def ask(store: Store, now: datetime) -> int:
    """Ask whose time has come; return how many messages there are since the beginning."""
    store.write(lambda session: outcomes.ask_how_far(session, a_press(), now)).result()
    return len(rows(store))


def test_it_is_in_talks_while_an_introduction_goes_on_to_which_both_agreed(store: Store, mele: Actor) -> None:
    ana = somebody(store, "ana", "TLS")
    number = perform(store, AskIntroduction("N-0001"), ana).number
    seen = [progress(store, mele)]
    perform(store, AgreeIntroduction(number), mele)
    seen.append(progress(store, mele))
    perform(store, DeclineIntroduction(number), ana)
    assert [*seen, progress(store, mele)] == [["open"], ["in_talks"], ["open"]]


def test_what_is_met_is_sought_no_more_until_it_is_open_again(store: Store, mele: Actor) -> None:
    ana = somebody(store, "ana", "TLS")
    assert sought(store, ana) == ["N-0001"]
    assert perform(store, SetMet("n-0001", True), mele).done
    assert not perform(store, SetMet("N-0001", True), mele).done
    assert (progress(store, mele), sought(store, ana)) == (["met"], [])
    with pytest.raises(Refused):
        perform(store, AskIntroduction("N-0001"), ana)
    assert perform(store, SetMet("N-0001", False), mele).done
    assert (progress(store, mele), sought(store, ana)) == (["open"], ["N-0001"])


def test_who_was_asked_about_what_is_met_is_asked_no_more_and_who_is_introduced_stays_so(
    store: Store, mele: Actor
) -> None:
    ana, tere = somebody(store, "ana", "TLS"), somebody(store, "tere", "COK")
    asked, agreed = (perform(store, AskIntroduction("N-0001"), one).number for one in (ana, tere))
    perform(store, AgreeIntroduction(agreed), mele)
    perform(store, SetMet("N-0001", True), mele)
    states = {one.number: one.state for one in perform(store, MyIntroductions(), mele)}
    assert states == {asked: "over", agreed: "introduced"}


def test_only_its_author_and_the_focal_points_say_that_it_is_met(store: Store, mele: Actor) -> None:
    focal = somebody(store, "focal", "TON", "focal_point")
    others = (
        somebody(store, "sione", "TON"),
        somebody(store, "ana", "TLS"),
        somebody(store, "un", "TON", "partner"),
    )
    assert [perform(store, SetMet("N-0001", True), one).item for one in others] == [None] * 3
    assert perform(store, SetMet("N-0001", True), focal).done
    assert [perform(store, SetMet(number, True), mele).item for number in ("N-0009", "x", "")] == [None] * 3


def test_its_owner_is_asked_once_a_month_after_it_is_out(store: Store, mele: Actor) -> None:
    late = NOW + ASKED_AFTER
    assert store.read(lambda session: outcomes.next_due(session, NOW)) == late
    assert [ask(store, now) for now in (late - MOMENT, late, late + ASKED_AFTER)] == [0, 1, 1]
    assert store.read(lambda session: outcomes.next_due(session, NOW)) is None


def test_nobody_is_asked_about_what_they_spoke_of_or_took_back(store: Store, mele: Actor) -> None:
    perform(store, SetMet("N-0001", False), mele)
    for text in ("Warehouses", "Lorries"):
        perform(store, StateNeed(Statement("need", text, "TON")), mele)
    perform(store, SetMet("N-0002", True), mele)
    perform(store, Withdraw("N-0003"), mele)
    assert ask(store, NOW + ASKED_AFTER) == 0


def test_the_secretariat_counts_how_far_all_have_come(store: Store, mele: Actor) -> None:
    ana = somebody(store, "ana", "TLS")
    for text in ("Warehouses", "Lorries", "Boats"):
        perform(store, StateNeed(Statement("need", text, "TON", readers="all")), mele)
    perform(store, StateOffer(Statement("offer", "Drivers", "TLS")), ana)
    perform(store, AgreeIntroduction(perform(store, AskIntroduction("N-0001"), ana).number), mele)
    perform(store, SetMet("N-0002", True), mele)
    perform(store, Withdraw("N-0003"), mele)
    nothing = {"in_talks": 0, "met": 0, "withdrawn": 0}
    assert perform(store, CountStatements(), OFFICER) == {
        "need": {"open": 1, "in_talks": 1, "met": 1, "withdrawn": 1},
        "offer": {"open": 1, **nothing},
    }
