"""A partner offers a pair what it lacks: three yes bring all together, and nobody learns who said no."""

from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from bot.commands import Command
from bot.database import Store
from bot.errors import NotAllowed, Refused
from bot.gap_commands import PassGap
from bot.introduction_commands import DeclineIntroduction
from bot.introductions import VALID_TODAY
from bot.join_commands import (
    AnswerThird,
    AskThird,
    CountTriangles,
    MyThirds,
    OfferToJoin,
    OfferWaits,
    ReplyToPair,
    Third,
    WithdrawToJoin,
)
from bot.joining import WAITING
from bot.meeting_commands import AcceptMeeting, FindSlots, Proposed, ProposeMeeting
from bot.participants import Actor
from bot.privacy_commands import Forget
from bot.records import Records
from tests.bot.ledgers import NOW, a_door, a_press, perform
from tests.bot.test_forgetting import left_in
from tests.bot.test_gaps import NUMBER, Trio
from tests.bot.test_retention import OVER, purge
from tests.databases import store_on

GAP, OFFERED = "G-0001", "J-0001"
GIVES = "travel for all 12"


@pytest.fixture
def trio(store: Store) -> Trio:
    return a_trio(store)


def a_trio(store: Store) -> Trio:
    trio = Trio(store)
    for actor in (trio.mele, trio.ana):
        trio.show(actor, "gap")
    trio.pass_time()
    return trio


def offer(trio: Trio, partner: Actor | None = None, gives: str = GIVES) -> Third:
    found: Third = perform(trio.store, OfferToJoin(GAP, gives, "a note"), partner or trio.li)
    return found


def answer(trio: Trio, actor: Actor, agrees: bool, number: str = OFFERED) -> Third:
    found: Third = perform(trio.store, AnswerThird(number, agrees), actor)
    return found


def mine(trio: Trio, actor: Actor) -> Third:
    found: tuple[Third, ...] = perform(trio.store, MyThirds(), actor)
    return found[-1]


def told(trio: Trio, before: int) -> list[tuple[int, str]]:
    """Return who was told what since so many deliveries."""
    new = trio.deliveries()[before:]
    return sorted((row.participant_id, (row.card or {})["heading"]) for row in new)


def test_three_yes_bring_all_together_with_what_each_shows(trio: Trio) -> None:
    third = offer(trio, gives="travel for all 12, write to li@bank.example")
    assert (third.number, third.state, third.gives) == (OFFERED, "waiting", "travel for all 12, write to […]")
    assert answer(trio, trio.mele, True).others == {}
    assert mine(trio, trio.li).others == {}
    joined = answer(trio, trio.ana, True)
    assert joined.state == "joined"
    assert joined.others["partner"] == {"name": "Li Wei", "country": "CHN"}
    # The partner sees of the pair what they show one another, and no address.
    shown = mine(trio, trio.li).others
    assert shown == {
        "receives": {"country": "TON"},
        "provides": {"country": "TLS", "name": "Ana Silva"},
    }


def test_the_three_book_a_place_with_seats_for_all(store: Store, trio: Trio) -> None:
    offer(trio)
    for actor in (trio.mele, trio.ana):
        answer(trio, actor, True)
    slot = mine(trio, trio.li).slots[0]
    held: Proposed = perform(store, ProposeMeeting(OFFERED, slot.place, slot.starts), trio.li)
    assert held.meeting is not None
    assert {one.country for one in held.meeting.others} == {"TON", "TLS"}
    for actor in (trio.mele, trio.ana):
        done: Proposed = perform(store, AcceptMeeting("M-0001", slot.place, slot.starts), actor)
    assert done.result == "booked"
    with pytest.raises(Refused):
        perform(store, FindSlots(OFFERED), trio.partner("Other Bank"))


def notices(trio: Trio, command: Command, actor: Actor) -> set[tuple[int, str]]:
    """Carry *command* out; return who is told of it with which template."""

    def work(session: Session) -> set[tuple[int, str]]:
        records = Records(session, actor, NOW, a_press(), a_door())
        records.perform(command)
        return {(one.participant_id, one.saying.template) for one in records.notices}

    return trio.store.write(work).result()


def test_a_no_and_a_withdrawal_are_told_in_the_same_words(trio: Trio) -> None:
    li, mele, ana = (actor.id or 0 for actor in (trio.li, trio.mele, trio.ana))
    offer(trio)
    answer(trio, trio.mele, True)
    said_no = notices(trio, AnswerThird(OFFERED, False), trio.ana)
    assert said_no == {(mele, "join/not_held"), (li, "join/goes_on")}
    offer(trio, other := trio.partner("Other Bank"))
    taken_back = notices(trio, WithdrawToJoin(GAP), other)
    assert taken_back == {(mele, "join/not_held"), (ana, "join/not_held")}


@pytest.mark.parametrize("how", ["silence", "taken back", "no longer introduced"])
def test_what_ends_by_itself_is_told_in_the_same_words_too(store: Store, trio: Trio, how: str) -> None:
    offer(trio)
    answer(trio, trio.mele, True)
    before, now = len(trio.deliveries()), NOW
    match how:
        case "silence":
            now += VALID_TODAY
        case "taken back":
            trio.show(trio.ana, "no")
        case _:
            perform(store, DeclineIntroduction(NUMBER), trio.ana)
    trio.pass_time(now)
    heard = told(trio, before)
    assert (trio.mele.id, "This three-way meeting will not take place.") in heard
    assert (trio.li.id, "Thank you. The pair goes on without a third for now.") in heard
    with pytest.raises(Refused):
        answer(trio, trio.mele, True)


def test_a_pair_has_few_offers_at_a_time_and_a_partner_one_for_each(store: Store, trio: Trio) -> None:
    offer(trio)
    with pytest.raises(OfferWaits):
        offer(trio)
    partners = [trio.partner(f"Bank {number}") for number in range(WAITING)]
    for partner in partners[:-1]:
        offer(trio, partner)
    with pytest.raises(Refused):
        offer(trio, partners[-1])
    perform(store, WithdrawToJoin(GAP), trio.li)
    offer(trio, partners[-1])
    # Who took it back may offer anew, who got no yes may not.
    answer(trio, trio.ana, False, "J-0002")
    with pytest.raises(OfferWaits):
        offer(trio, partners[0])
    assert offer(trio).number == "J-0005"


def test_a_question_goes_on_without_contacts_and_only_a_question_is_answered(
    store: Store, trio: Trio
) -> None:
    offer(trio)
    with pytest.raises(Refused):
        perform(store, ReplyToPair(GAP, "receives", "hello"), trio.li)
    for _ in range(3):
        perform(store, AskThird(OFFERED, "who pays visas? +66 81 234 5678"), trio.mele)
    with pytest.raises(Refused):
        perform(store, AskThird(OFFERED, "and?"), trio.mele)
    before = len(trio.deliveries())
    passed = perform(store, ReplyToPair(GAP, "receives", "we do, www.bank.example"), trio.li)
    assert passed == "we do, […]"
    with pytest.raises(Refused):
        perform(store, ReplyToPair(GAP, "provides", "hello"), trio.li)
    assert len(trio.deliveries()) == before


def test_only_partners_offer_and_only_the_pair_answers(store: Store, trio: Trio) -> None:
    with pytest.raises(NotAllowed):
        perform(store, OfferToJoin(GAP, GIVES), trio.mele)
    offer(trio)
    for stranger in (trio.li, trio.partner("Other Bank")):
        with pytest.raises(Refused):
            answer(trio, stranger, True)
    for command in (
        OfferToJoin("G-0009", GIVES),
        OfferToJoin("x", GIVES),
        PassGap("G-9"),
        WithdrawToJoin("G-9"),
    ):
        with pytest.raises(Refused):
            perform(store, command, trio.partner("Third Bank"))


@pytest.mark.parametrize("who", ["mele", "li"])
def test_who_is_forgotten_leaves_nothing_and_ends_it(store: Store, trio: Trio, who: str) -> None:
    offer(trio)
    for actor in (trio.mele, trio.ana):
        answer(trio, actor, True)
    perform(store, Forget(), getattr(trio, who))
    trio.pass_time()
    assert left_in(store, {"mele": "Mele Tupou", "li": "Li Wei"}[who]) == []
    assert mine(trio, trio.ana).state == "over"
    assert mine(trio, trio.ana).others == {}


def test_the_secretariat_counts_without_names_or_answers(store: Store, trio: Trio) -> None:
    offer(trio)
    offer(trio, trio.partner("Other Bank"))
    for actor in (trio.mele, trio.ana):
        answer(trio, actor, True)
    (found,) = perform(store, CountTriangles())
    assert (found.shown, found.offers, found.waiting, found.joined) == ("gap", 2, 1, 1)
    assert (found.themes, len(found.lacks)) == (("public_health",), 2)
    trio.show(trio.mele, "no")
    (found,) = perform(store, CountTriangles())
    assert (found.shown, found.themes, found.lacks) == ("no", (), ())


def test_it_goes_with_the_needs_and_offers(store: Store, trio: Trio) -> None:
    offer(trio)
    counts = purge(store, OVER["needs_and_offers"]).counts["needs_and_offers"]
    ours = {name: count for name, count in counts.items() if name.startswith(("gap", "join"))}
    assert ours == {"gap": 1, "gap_answer": 2, "gap_told": 1, "join_offer": 1, "join_side": 3}


WHO = st.sampled_from(("mele", "ana", "li", "other"))
STEPS = st.tuples(WHO, st.sampled_from(("yes", "no", "offer", "withdraw", "names", "gap", "hide")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("joining")


@given(st.lists(STEPS, max_size=10))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_no_partner_sees_a_name_unless_both_agree(
    folder: Path, steps: list[tuple[str, str]]
) -> None:
    own = folder / token_hex(4)
    own.mkdir()
    with store_on("sqlite", own) as store:
        trio = a_trio(store)
        people = {"mele": trio.mele, "ana": trio.ana, "li": trio.li, "other": trio.partner("Other Bank")}
        levels = {"mele": "gap", "ana": "gap"}
        for who, step in steps:
            take(trio, people[who], who, step, levels)
            both = levels["mele"] == levels["ana"] == "names"
            for partner in (people["li"], people["other"]):
                named = any(
                    side.names for gap in trio.open(partner) for side in (gap.receiving, gap.providing)
                )
                assert named <= both
                for third in perform(store, MyThirds(), partner):
                    assert bool(third.others) == (third.state == "joined")
            for actor in (trio.mele, trio.ana):
                for third in perform(store, MyThirds(), actor):
                    # No more is said of a partner, nor of the other's answer, before all three agreed.
                    assert third.agreed is not None or third.state != "joined"
                    assert bool(third.others) == (third.state == "joined")


def take(trio: Trio, actor: Actor, who: str, step: str, levels: dict[str, str]) -> None:
    """Take one step as far as it can be taken."""
    commands: dict[str, Any] = {"offer": OfferToJoin(GAP, GIVES), "withdraw": WithdrawToJoin(GAP)}
    try:
        if step in commands:
            perform(trio.store, commands[step], actor)
        elif step in ("yes", "no"):
            answer(trio, actor, step == "yes", mine(trio, actor).number)
        else:
            shows = {"hide": "no"}.get(step, step)
            trio.show(actor, shows)
            levels[who] = shows
    except (NotAllowed, Refused, IndexError):
        pass
    trio.pass_time(NOW + timedelta(minutes=1))
