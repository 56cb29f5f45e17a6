"""Circulars: who is asked, whose answer stands, and what the secretariat is told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from bot import circular_times
from bot.broadcasts import Rules
from bot.circular_commands import (
    ApproveCircular,
    Asked,
    Circulate,
    CollectCirculars,
    FindAsked,
    MyCirculars,
    Reply,
    ReplyToCircular,
)
from bot.database import Store
from bot.desk import Press
from bot.errors import Refused
from bot.group_commands import JoinGroup
from bot.participants import Actor
from bot.privacy_commands import Forget
from tests.bot.ledgers import NOW, OFFICER, a_press, bodies, perform
from tests.bot.test_delegations import now, somebody, told

DEADLINE = NOW + timedelta(hours=4)


def a_question(**values: Any) -> Circulate:
    return Circulate(**{"texts": {"en": "Which day?"}, "deadline": DEADLINE, **values})


def a_focal_point(store: Store, user: str = "1", country: str = "KIR") -> Actor:
    return somebody(store, user, "focal_point", country)


def later(store: Store, hours: float) -> list[str]:
    """Let what is due after so many hours be done, and return the words that went out."""
    at = NOW + timedelta(hours=hours)

    def work(session: Session) -> None:
        while (due := circular_times.next_due(session, at)) is not None and due <= at:
            circular_times.do_due(session, a_press(), at)

    before = set(bodies(store))
    store.write(work).result()
    return [body for ref, body in bodies(store).items() if ref not in before]


def collected(store: Store) -> Any:
    return perform(store, CollectCirculars(), OFFICER)[0]


def test_every_focal_point_who_can_be_reached_is_asked_and_nobody_else(store: Store) -> None:
    focal = a_focal_point(store)
    somebody(store, "2", "focal_point", "TON", consented=None)
    delegate = somebody(store, "3", "delegate")
    assert perform(store, FindAsked(), OFFICER) == Asked({"en": 1}, approval=False)
    asked = told(store, a_question())
    assert [(one.participant_id, one.saying.template) for one in asked] == [(focal.id, "circular/asked")]
    assert perform(store, ReplyToCircular("C-0001", "comment", "Monday."), delegate) is None
    assert perform(store, MyCirculars(), delegate) == ()


def test_a_note_goes_to_the_confirmed_members_of_its_group(store: Store) -> None:
    member, other = a_focal_point(store), a_focal_point(store, "2", "TON")
    perform(store, JoinGroup("group-1", "member"), member)
    perform(store, JoinGroup("group-1", "observer"), other)
    perform(store, JoinGroup("group-1", "member"), somebody(store, "3"))
    asked = told(store, a_question(group="group-1", silence_agrees=True))
    assert [one.participant_id for one in asked] == [member.id]


def test_an_answer_can_be_changed_until_the_deadline_and_is_counted_once(store: Store) -> None:
    focal = a_focal_point(store)
    perform(store, a_question(choices=("Monday", "Tuesday")), OFFICER)
    for choice in (0, 1, 7):
        perform(store, ReplyToCircular("C-0001", "choice", choice=choice), focal)
    perform(store, ReplyToCircular("c-0001", "seen"), focal)
    late = ReplyToCircular("C-0001", "comment", "Too late.")
    kept = perform(store, late, focal, now=DEADLINE)
    assert kept[1] == Reply("choice", None, 1)
    found = collected(store)
    assert (found.people, found.count("choice", 1), found.silent) == (1, 1, 0)
    assert found.replies == (Reply("choice", None, 1, "KIR"),)


def test_who_has_not_answered_is_reminded_once_and_the_secretariat_told_the_result(store: Store) -> None:
    first, second = a_focal_point(store), a_focal_point(store, "2", "TON")
    somebody(store, "9", "secretariat")
    perform(store, a_question(), OFFICER)
    perform(store, ReplyToCircular("C-0001", "comment", "Monday."), first)
    perform(store, ReplyToCircular("C-0001", "seen"), second)
    assert later(store, 2) == []
    assert len(later(store, 3.5)) == 1
    assert later(store, 3.6) == []
    (result,) = later(store, 4)
    assert "Kiribati: “Monday.”" in result
    assert later(store, 30) == []
    assert collected(store).silent == 1


@pytest.mark.parametrize(
    "values", [{"deadline": NOW}, {"texts": {"fr": "Quel jour ?"}}, {"group": "group-2"}]
)
def test_what_would_ask_nobody_anything_is_refused(store: Store, values: dict[str, Any]) -> None:
    a_focal_point(store)
    with pytest.raises(Refused):
        perform(store, a_question(**values), OFFICER)
    assert perform(store, CollectCirculars(), OFFICER) == ()


def test_one_to_many_waits_for_a_second_officer(store: Store) -> None:
    press = Press(a_press().know, a_press().wording, Rules(approval_above=1))
    author, second = somebody(store, "8", "secretariat"), somebody(store, "9", "secretariat")
    focal = a_focal_point(store)
    a_focal_point(store, "2", "TON")
    assert not perform(store, a_question(), author, press=press).circular.sent
    assert perform(store, ReplyToCircular("C-0001", "seen"), focal) is None
    assert perform(store, ApproveCircular("C-0001"), author) is None
    assert perform(store, ApproveCircular("C-0001"), second).people == 2
    assert perform(store, ApproveCircular("C-0001"), second) is None
    assert perform(store, ReplyToCircular("C-0001", "seen"), focal) is not None


def test_the_command_line_is_no_second_officer_for_what_was_put_there(store: Store) -> None:
    press = Press(a_press().know, a_press().wording, Rules(approval_above=1))
    officer = somebody(store, "9", "secretariat")
    a_focal_point(store)
    a_focal_point(store, "2", "TON")
    assert perform(store, FindAsked(), OFFICER, press=press).approval
    perform(store, a_question(), OFFICER, press=press)
    assert perform(store, ApproveCircular("C-0001"), OFFICER) is None
    assert perform(store, ApproveCircular("C-0001"), officer).people == 2


def test_the_very_same_a_second_time_asks_nobody_anew(store: Store) -> None:
    a_focal_point(store)
    assert len(told(store, a_question())) == 1
    assert told(store, a_question()) == []
    again = perform(store, a_question(), OFFICER)
    assert (again.fresh, again.circular.number, again.people) == (False, "C-0001", 1)
    assert perform(store, a_question(texts={"en": "Which room?"}), OFFICER).circular.number == "C-0002"
    assert perform(store, a_question(deadline=DEADLINE + timedelta(hours=1)), OFFICER).fresh


def test_who_is_forgotten_leaves_no_answer(store: Store) -> None:
    focal = a_focal_point(store)
    perform(store, a_question(), OFFICER)
    perform(store, ReplyToCircular("C-0001", "comment", "Monday."), focal)
    perform(store, Forget(), now(store, focal.id or 0))
    assert (collected(store).replies, collected(store).count("comment")) == ((), 0)
