"""The secretariat's check of offers: who is asked, who reads the words when, and who was first."""

import pytest

from bot.commands import ReplaceText, StateOffer, Withdraw
from bot.database import Store
from bot.delegation_commands import (
    Answered,
    CheckOffer,
    Decline,
    OurStatements,
    Publish,
    RefuseOffer,
    WaitingStatements,
)
from bot.live import live
from bot.participants import Actor
from tests.bot.ledgers import OFFICER, perform
from tests.bot.test_delegations import READER, now, offer, seen, somebody, told


def words(store: Store) -> list[tuple[str, bool, bool]]:
    """Return the offers that another country's focal point sees, whether with their words and the label."""
    found = store.read(lambda session: live(session, "offer", READER))
    return [(one.statement.text, one.quoted, one.private_sector) for one in found]


def states(store: Store) -> list[tuple[str, str]]:
    return [(item.statement.number, item.state) for item in perform(store, WaitingStatements(), OFFICER)]


def a_company(store: Store, user: str = "1") -> Actor:
    return somebody(store, user, "private_sector", "SGP")


def test_the_officers_are_asked_and_what_they_let_out_is_read_with_its_label(store: Store) -> None:
    officer = somebody(store, "9", "secretariat")
    company = a_company(store)
    asked = told(store, StateOffer(offer("turbines")), company)
    assert [(one.participant_id, one.saying.template) for one in asked] == [(officer.id, "ours/to_check")]
    assert (states(store), words(store)) == ([("O-0001", "at_check")], [])
    outcome = told(store, CheckOffer("O-0001", 1), officer)
    assert [(one.participant_id, one.saying.template) for one in outcome] == [
        (company.id, "delegation/outcome")
    ]
    assert (states(store), words(store)) == ([], [("turbines", True, True)])


def test_what_is_refused_nobody_sees_until_its_words_are_changed(store: Store) -> None:
    author = somebody(store, "1", "focal_point")
    perform(store, StateOffer(offer("nurses")), author)
    assert words(store) == [("nurses", False, False)]
    perform(store, RefuseOffer("O-0001", 1, "How many?"), OFFICER)
    assert (states(store), words(store)) == ([("O-0001", "refused")], [])
    (mine,) = perform(store, OurStatements(), author)
    assert (mine.state, mine.refusal, mine.checkable) == ("refused", "How many?", False)
    perform(store, ReplaceText("O-0001", "30 nurses", 1), author)
    assert (states(store), words(store)) == ([("O-0001", "at_check")], [("30 nurses", False, False)])


def test_who_answers_first_has_decided(store: Store) -> None:
    perform(store, StateOffer(offer()), a_company(store))
    assert perform(store, RefuseOffer("O-0001", 1, "No."), OFFICER).outcome == "declined"
    assert perform(store, RefuseOffer("o-0001 ", 1, "No."), OFFICER).outcome == "declined_before"
    assert perform(store, CheckOffer("O-0001", 1), OFFICER).outcome == "published"
    assert perform(store, CheckOffer("O-0001", 1), OFFICER).outcome == "published_before"
    assert perform(store, RefuseOffer("O-0001", 1, "No."), OFFICER).outcome == "published_before"


def test_other_words_than_those_that_were_read_are_not_let_out(store: Store) -> None:
    company = a_company(store)
    perform(store, StateOffer(offer("ten pumps")), company)
    perform(store, ReplaceText("O-0001", "no pumps", 1), company)
    assert perform(store, CheckOffer("O-0001", 1), OFFICER).outcome == "changed"
    assert perform(store, RefuseOffer("O-0001", 1, "No."), OFFICER).outcome == "changed"
    assert words(store) == []


@pytest.mark.parametrize("number", ["O-0001", "N-0001", "O-0002", "", "O-99999999999"])
def test_there_is_nothing_to_check_in_what_is_gone_or_was_never_there(store: Store, number: str) -> None:
    company = a_company(store)
    perform(store, StateOffer(offer()), company)
    perform(store, Withdraw("O-0001"), company)
    assert perform(store, CheckOffer(number, 1), OFFICER) == Answered("gone")


def test_a_delegate_s_offer_is_the_focal_point_s_before_it_is_the_secretariat_s(store: Store) -> None:
    officer, focal = somebody(store, "9", "secretariat"), somebody(store, "2", "focal_point")
    delegate = somebody(store, "1")
    first = told(store, StateOffer(offer()), delegate)
    assert [one.participant_id for one in first] == [focal.id]
    assert perform(store, CheckOffer("O-0001", 1), officer) == Answered("gone")
    then = told(store, Publish("O-0001", 1), focal)
    assert [(one.participant_id, one.saying.template) for one in then] == [
        (officer.id, "ours/to_check"),
        (delegate.id, "delegation/outcome"),
    ]
    assert perform(store, Decline("O-0001", 1), now(store, focal.id or 0)).outcome == "published_before"
    assert seen(store) == ["O-0001"]
