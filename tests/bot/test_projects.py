"""Joint projects: who is asked, what each country sees, and that the counts are right however many answer at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import Session, select

from bot import need_groups, projects
from bot.commands import ReplaceText, Statement, StateNeed, Withdraw
from bot.consent import CONSENT_VERSION
from bot.database import Store
from bot.delegation_commands import SetMet
from bot.errors import Refused
from bot.introductions import VALID_TODAY
from bot.meeting_commands import FindTogether
from bot.need_groups import NeedGroup
from bot.participants import Actor
from bot.privacy_commands import Forget
from bot.project_commands import (
    AnswerProject,
    BeginProject,
    FindJointNeeds,
    JointNeed,
    LeadProject,
    MyProjects,
    Project,
    ProjectState,
    ReadProjects,
    RefuseJointNeed,
    WishMeeting,
    WishOfProject,
)
from bot.store import Participant
from tests.bot.ledgers import NOW, a_press, perform, person, rows
from tests.samples import sample_snapshot

TEXT = "training of technicians for desalination plants"
DRAFT = {"en": "One trainer team for desalination."}
COUNTRIES = ("KIR", "TON", "MHL", "TUV")
MANY = tuple(sorted(sample_snapshot().vocabulary.countries))[:50]


def somebody(store: Store, country: str, role: str = "focal_point", user: str = "") -> Actor:
    known: dict[str, Any] = {
        "role": role,
        "country": country,
        "confirmed": True,
        "consented": CONSENT_VERSION,
    }
    return Actor(id=person(store, user or f"{country}-{role}", **known), **known)


def need(store: Store, actor: Actor, text: str = TEXT, **changes: Any) -> str:
    statement = Statement("need", text, actor.country or "", themes=("water_sanitation",), **changes)
    return perform(store, StateNeed(statement), actor).number  # type: ignore[no-any-return]


def found(store: Store) -> list[JointNeed]:
    """Return what several countries need, once all that has come is taken in."""
    store.write(lambda session: need_groups.bring_up_to_date(session, a_press(), NOW)).result()
    return list(perform(store, FindJointNeeds()))


def due(store: Store) -> None:
    store.write(lambda session: projects.do_due(session, a_press(), NOW + VALID_TODAY)).result()


def state(store: Store) -> ProjectState:
    (one,) = perform(store, ReadProjects())
    return one  # type: ignore[no-any-return]


def mine(store: Store, actor: Actor) -> Project:
    (one,) = perform(store, MyProjects(), actor)
    return one  # type: ignore[no-any-return]


@pytest.fixture
def four(store: Store) -> dict[str, Actor]:
    """Give the focal points of four countries that need the same and are asked."""
    actors = {country: somebody(store, country) for country in COUNTRIES}
    for actor in actors.values():
        need(store, actor)
    (joint,) = found(store)
    perform(store, BeginProject(joint.number, DRAFT))
    return actors


def test_a_need_of_three_countries_is_joint_and_that_of_two_is_not(store: Store) -> None:
    actors = [somebody(store, country) for country in COUNTRIES[:3]]
    for actor in actors[:2]:
        need(store, actor)
    need(store, actors[0], f"{TEXT} on outer islands")
    assert found(store) == []
    need(store, actors[2])
    (joint,) = found(store)
    assert joint.countries == ("KIR", "TON", "MHL")
    assert [one.number for one in joint.needs] == ["N-0001", "N-0002", "N-0003", "N-0004"]
    assert (joint.number, joint.themes, joint.askable) == ("N-0001", ("water_sanitation",), joint.countries)


def test_what_is_gone_met_or_other_by_now_is_in_no_group(store: Store) -> None:
    actors = [somebody(store, country) for country in COUNTRIES]
    numbers = [need(store, actor) for actor in actors]
    assert len(found(store)) == 1
    perform(store, Withdraw(numbers[0]), actors[0])
    assert found(store)[0].countries == ("TON", "MHL", "TUV")
    assert found(store)[0].number == "N-0001"
    perform(store, SetMet(numbers[1], True), actors[1])
    assert found(store) == []
    perform(store, SetMet(numbers[1], False), actors[1])
    perform(store, ReplaceText(numbers[2], "vaccines for children", 1), actors[2])
    assert found(store) == []
    kept = store.read(lambda session: session.exec(select(NeedGroup.need_id)).all())
    assert sorted(kept) == [2, 3, 4]


def test_companies_partners_and_what_is_for_the_secretariat_only_are_left_out(store: Store) -> None:
    for country in COUNTRIES[:2]:
        need(store, somebody(store, country))
    need(store, somebody(store, "MHL", "private_sector"))
    need(store, somebody(store, "TUV", "partner"))
    need(store, somebody(store, "FJI"), readers="secretariat")
    objects = somebody(store, "WSM")
    store.write(lambda session: _objects(session, objects)).result()
    need(store, objects)
    assert found(store) == []


def _objects(session: Session, actor: Actor) -> None:
    session.get_one(Participant, actor.id).unmatched = True


def test_needs_are_taken_in_a_few_at_a_time(store: Store) -> None:
    for number, country in enumerate(MANY[: need_groups.AT_ONCE + 2]):
        need(store, somebody(store, country), f"{TEXT} {number}")
    seen = []
    while store.read(lambda session: need_groups.next_due(session, NOW)) is not None:
        store.write(lambda session: need_groups.take_in(session, a_press(), NOW)).result()
        seen.append(store.read(lambda session: len(session.exec(select(NeedGroup.need_id)).all())))
    assert seen == [need_groups.AT_ONCE, need_groups.AT_ONCE + 2]


def test_it_is_begun_once_and_with_an_english_text(store: Store, four: dict[str, Actor]) -> None:
    for number in ("N-0001", "N-0099", "x"):
        with pytest.raises(Refused):
            perform(store, BeginProject(number, DRAFT))
    assert (state(store).number, state(store).asked) == ("JP-0001", tuple(sorted(COUNTRIES)))


def test_what_is_refused_is_shown_no_more(store: Store) -> None:
    for country in COUNTRIES:
        need(store, somebody(store, country))
    assert len(found(store)) == 1
    assert [perform(store, RefuseJointNeed(number)) for number in ("n-0001", "N-0099", "x")] == [
        True,
        False,
        False,
    ]
    assert found(store) == []


def test_countries_of_which_nobody_can_be_asked_do_not_count(store: Store) -> None:
    actors = [somebody(store, country) for country in COUNTRIES[:3]]
    for actor in actors:
        need(store, actor)
    assert len(found(store)) == 1
    perform(store, Forget(), actors[0])
    (joint,) = found(store)
    assert joint.askable == ("TON", "MHL")
    with pytest.raises(Refused):
        perform(store, BeginProject(joint.number, DRAFT))


def test_nobody_sees_a_member_before_all_have_answered_and_only_members_do(
    store: Store, four: dict[str, Actor]
) -> None:
    kir, ton, mhl, tuv = four.values()
    assert perform(store, AnswerProject("JP-0001", True), kir).members == ()
    assert perform(store, AnswerProject("jp-1", True), ton).members == ()
    assert perform(store, AnswerProject("JP-0001", False), mhl).members == ()
    assert [mine(store, one).members for one in four.values()] == [()] * 4
    assert perform(store, AnswerProject("JP-0001", True), tuv).members == ("KIR", "TON", "TUV")
    assert mine(store, kir).members == ("KIR", "TON", "TUV")
    assert mine(store, mhl).members == ()
    assert state(store).declined == ("MHL",)


def test_when_time_is_over_those_who_joined_are_told(store: Store, four: dict[str, Actor]) -> None:
    kir, ton, mhl, _ = four.values()
    for actor in (kir, ton):
        perform(store, AnswerProject("JP-0001", True), actor)
    assert store.read(lambda session: projects.next_due(session, NOW)) == NOW + VALID_TODAY
    before = len(rows(store))
    due(store)
    due(store)
    assert len(rows(store)) == before + 2
    assert store.read(lambda session: projects.next_due(session, NOW)) is None
    assert mine(store, kir).members == ("KIR", "TON")
    assert perform(store, AnswerProject("JP-0001", True), mhl).members == ("KIR", "MHL", "TON")


def test_who_is_alone_is_told_that_it_does_not_take_place(store: Store, four: dict[str, Actor]) -> None:
    kir, ton, *_ = four.values()
    perform(store, AnswerProject("JP-0001", True), kir)
    due(store)
    assert (state(store).going, mine(store, kir).going) == (False, False)
    assert perform(store, AnswerProject("JP-0001", True), ton).answer == "asked"
    assert perform(store, LeadProject("JP-0001", True), kir).lead is None
    assert found(store)[0].project is None


def test_who_leaves_is_absent_and_the_last_one_ends_it(store: Store, four: dict[str, Actor]) -> None:
    kir, ton, mhl, tuv = four.values()
    for actor in (kir, ton, mhl):
        perform(store, AnswerProject("JP-0001", True), actor)
    perform(store, AnswerProject("JP-0001", False), tuv)
    perform(store, LeadProject("JP-0001", True), kir)
    assert perform(store, AnswerProject("JP-0001", False), kir).answer == "left"
    assert (mine(store, ton).members, mine(store, ton).lead) == (("MHL", "TON"), None)
    perform(store, AnswerProject("JP-0001", False), ton)
    assert (state(store).going, state(store).left) == (False, ("KIR", "TON"))


def test_who_offers_first_leads_and_the_secretariat_is_asked_once(
    store: Store, four: dict[str, Actor]
) -> None:
    kir, ton, mhl, tuv = four.values()
    assert perform(store, LeadProject("JP-0001", True), kir).lead is None
    for actor in four.values():
        perform(store, AnswerProject("JP-0001", True), actor)
    assert perform(store, LeadProject("JP-0001", False), mhl).lead_asked
    assert perform(store, LeadProject("JP-0001", True), kir).lead == "KIR"
    assert perform(store, LeadProject("JP-0001", True), ton).lead == "KIR"
    assert perform(store, WishMeeting("JP-0001", "after"), tuv).meeting == "after"
    assert (state(store).lead, state(store).meetings) == ("KIR", {"TUV": "after"})


def test_nobody_answers_for_another_country_or_without_speaking_for_it(
    store: Store, four: dict[str, Actor]
) -> None:
    others = (somebody(store, "KIR", "delegate"), somebody(store, "FJI"), somebody(store, "THA", "delegate"))
    for actor in others:
        assert perform(store, AnswerProject("JP-0001", True), actor) is None
        assert perform(store, WishOfProject("JP-0001", "more"), actor) is None
        assert perform(store, MyProjects(), actor) == ()
    for number in ("JP-0009", "JP-99999999999", "N-0001", "", "JP-x"):
        assert perform(store, AnswerProject(number, True), four["KIR"]) is None
    assert state(store).joined == ()


def test_a_wish_is_kept_without_contacts_and_goes_with_no_one(store: Store, four: dict[str, Actor]) -> None:
    kir = four["KIR"]
    wished = perform(store, WishOfProject("JP-0001", "ask a@b.example first" + "!" * 400), kir)
    assert wished.wish.startswith("ask […] first")
    assert (len(wished.wish) <= 310, wished.answer) == (True, "asked")
    perform(store, AnswerProject("JP-0001", True), kir)
    perform(store, Forget(), kir)
    assert (state(store).joined, state(store).asked) == (("KIR",), tuple(sorted(COUNTRIES)))


def test_however_many_join_and_leave_at_once_the_counts_are_right(store: Store) -> None:
    actors = [somebody(store, country) for country in MANY]
    for actor in actors:
        need(store, actor)
    (joint,) = found(store)
    assert len(perform(store, BeginProject(joint.number, DRAFT)).asked) == len(MANY)
    stays = actors[::2]

    def act(actor: Actor) -> None:
        perform(store, AnswerProject("JP-0001", True), actor)
        if actor not in stays:
            perform(store, AnswerProject("JP-0001", False), actor)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(act, actors))
    now = state(store)
    assert now.joined == tuple(sorted(actor.country or "" for actor in stays))
    assert (now.told, len(now.declined) + len(now.left)) == (True, len(MANY) - len(stays))
    with ThreadPoolExecutor(10) as pool:
        leads = {
            one.lead for one in pool.map(lambda one: perform(store, LeadProject("JP-0001", True), one), stays)
        }
    assert leads == {state(store).lead}


def test_numbers_are_never_given_twice(store: Store, four: dict[str, Actor]) -> None:
    perform(store, AnswerProject("JP-0001", True), four["KIR"])
    due(store)
    (joint,) = found(store)
    assert perform(store, BeginProject(joint.number, DRAFT)).number == "JP-0002"


def test_the_secretariat_brings_together_who_joined(store: Store, four: dict[str, Actor]) -> None:
    with pytest.raises(Refused, match="know of one another"):
        perform(store, FindTogether(("JP-0001",)))
    colleague = somebody(store, "TON", user="second")
    for actor in (four["KIR"], colleague, four["MHL"]):
        perform(store, AnswerProject("JP-0001", joins=True), actor)
    perform(store, AnswerProject("JP-0001", joins=False), four["TUV"])
    asked = [one.person for one in perform(store, FindTogether(("jp-1",))).others]
    assert asked == sorted(one.id or 0 for one in (four["KIR"], colleague, four["MHL"]))
    perform(store, Forget(), colleague)
    asked = [one.person for one in perform(store, FindTogether(("JP-0001",))).others]
    assert asked == sorted(four[country].id or 0 for country in ("KIR", "TON", "MHL"))
