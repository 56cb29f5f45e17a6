"""The survey's answers: one response of each delegation, whoever gives them, and counts that tell of no country."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.consent import CONSENT_VERSION
from bot.database import Store
from bot.errors import NotAllowed, Refused
from bot.participants import Actor
from bot.privacy_commands import Forget
from bot.survey_commands import AnswerSurvey, MyResponse, SubmitSurvey, SurveyResults
from bot.surveys import FEW, suppressed
from tests.bot.ledgers import perform, person

MEMBERS = ("FJI", "TON", "KAZ", "CHN", "THA")


def of(store: Store, country: str, role: str = "focal_point", user: str = "") -> Actor:
    known: dict[str, Any] = {
        "role": role,
        "country": country,
        "confirmed": True,
        "consented": CONSENT_VERSION,
    }
    return Actor(id=person(store, user or f"{role}{country}", **known), **known)


def test_colleagues_answer_one_survey_together(store: Store) -> None:
    ana, litia = of(store, "FJI", "delegate"), of(store, "FJI")
    perform(store, AnswerSurvey("role", "both"), ana)
    perform(store, AnswerSurvey("access", "4"), litia)
    perform(store, AnswerSurvey("access", "2"), ana)
    assert perform(store, MyResponse(), litia).answers == {"role": "both", "access": "2"}
    assert perform(store, MyResponse(), of(store, "TON")).answers == {}
    assert perform(store, AnswerSurvey("access", None), litia).answers == {"role": "both"}


def test_many_answers_at_once_leave_one_response(store: Store) -> None:
    people = [of(store, "FJI", "delegate", f"user{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda one: perform(store, AnswerSurvey("role", "both"), one), people))
    assert {response.answers["role"] for response in given} == {"both"}
    officer = of(store, "FJI", "secretariat")
    assert perform(store, SurveyResults(), officer).begun == 1


def test_only_the_focal_point_submits_and_changes_it_afterwards(store: Store) -> None:
    ana, litia = of(store, "FJI", "delegate"), of(store, "FJI")
    with pytest.raises(Refused):
        perform(store, SubmitSurvey(), litia)
    perform(store, AnswerSurvey("role", "both"), ana)
    with pytest.raises(NotAllowed):
        perform(store, SubmitSurvey(), ana)
    assert perform(store, SubmitSurvey(), litia).submitted
    with pytest.raises(Refused):
        perform(store, AnswerSurvey("role", "gives"), ana)
    assert perform(store, AnswerSurvey("role", "gives"), litia).submitted


@pytest.mark.parametrize(("question", "value"), [("role", "perhaps"), ("nothing", "1"), ("access", "9")])
def test_what_is_no_answer_is_refused(store: Store, question: str, value: str) -> None:
    with pytest.raises(Refused):
        perform(store, AnswerSurvey(question, value), of(store, "FJI"))


def test_who_is_of_no_delegation_answers_nothing(store: Store) -> None:
    stranger = Actor(id=person(store, "x", role="delegate", country="FJI"), role="delegate", country="FJI")
    with pytest.raises(Refused):
        perform(store, MyResponse(), stranger)


def test_contacts_are_taken_out_of_what_is_written(store: Store) -> None:
    response = perform(store, AnswerSurvey("need", "Cold rooms, write to a@b.example"), of(store, "FJI"))
    assert response.answers["need"] == "Cold rooms, write to […]"


def test_the_answers_of_a_delegation_outlive_who_gave_them(store: Store) -> None:
    ana = of(store, "FJI", "delegate")
    perform(store, AnswerSurvey("role", "both"), ana)
    perform(store, Forget(), ana)
    assert perform(store, MyResponse(), of(store, "FJI")).answers == {"role": "both"}


def test_counts_are_of_what_was_submitted_and_small_ones_are_left_out(store: Store) -> None:
    officer = of(store, "FJI", "secretariat")
    for country in MEMBERS:
        focal = of(store, country)
        role = "gives" if country == "CHN" else "receives"
        perform(store, AnswerSurvey("role", role), focal)
        perform(store, AnswerSurvey("forms-needed", ["training"]), focal)
        if country in ("FJI", "TON"):
            perform(store, AnswerSurvey("access", "1"), focal)
        assert perform(store, SurveyResults(), officer).questions == ()
    for number, country in enumerate(MEMBERS):
        perform(store, SubmitSurvey(), of(store, country, user=f"second{number}"))
    found = perform(store, SurveyResults(), officer)
    counts = {one.question: one for one in found.questions}
    assert (found.begun, found.submitted) == (5, 5)
    assert counts["role"].counts == {"gives": None, "receives": None, "both": 0}
    assert counts["access"].answered is None
    # Whoever only gives was not asked what they need: an answer from before the branch does not count.
    assert (counts["forms-needed"].answered, counts["forms-needed"].counts["training"]) == (4, 4)


@given(st.dictionaries(st.sampled_from("abcde"), st.integers(0, 9), min_size=1))
def test_no_small_number_is_shown_nor_left_over_from_the_sum(counts: dict[str, int]) -> None:
    shown = suppressed(counts)
    hidden = [value for value, number in shown.items() if number is None]
    assert all(number == 0 or number >= FEW for number in shown.values() if number is not None)
    small = [value for value, number in counts.items() if 0 < number < FEW]
    assert set(small) <= set(hidden)
    if small and any(number >= FEW for number in counts.values()):
        assert len(hidden) > 1
