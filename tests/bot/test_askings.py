"""Whom the assistant asks on somebody's behalf: how many at once, in whose turn, and never against their wish."""

from typing import Any

import pytest
from sqlalchemy import update

from bot.commands import Statement, StateOffer, Withdraw
from bot.database import Store
from bot.errors import Refused
from bot.introduction_commands import (
    AllIntroductions,
    Invitation,
    MuteTheme,
    MyIntroductions,
    NotPublished,
    OfferPair,
    ReadIntroduction,
)
from bot.introductions import VALID_TODAY as VALID
from bot.invitations import ASKED_AT_ONCE, ASKING_AT_ONCE
from bot.participants import PEOPLE
from tests.bot.ledgers import NOW, perform
from tests.bot.pairs import (
    ABOUT,
    ANA,
    LATER,
    MELE,
    Pair,
    agree,
    ask,
    asked,
    by_itself,
    decline,
    due,
    need,
    pair,
    registered,
    seen,
)

__all__ = ["pair"]


def test_nobody_is_asked_more_at_once_than_so_much_and_the_oldest_goes_first(
    store: Store, pair: Pair
) -> None:
    numbers = [ABOUT, *(need(store, pair.mele, f"Cold rooms {place}") for place in range(4))]
    for about in numbers:
        ask(store, pair.ana, about)
    waiting = [one.own for one in perform(store, MyIntroductions(), pair.mele)]
    assert waiting == numbers[:ASKED_AT_ONCE]
    assert by_itself(store) == []
    agree(store, pair.mele, "I-0001")
    assert due(store) == NOW
    assert by_itself(store) == [(pair.mele.id, "introduction/asked")]
    assert [one.own for one in perform(store, MyIntroductions(), pair.mele)] == numbers[:4]


def test_a_refusal_frees_no_place_before_its_time(store: Store, pair: Pair) -> None:
    numbers = [ABOUT, *(need(store, pair.mele, f"Cold rooms {place}") for place in range(3))]
    for about in numbers:
        ask(store, pair.ana, about)
    decline(store, pair.mele, "I-0001")
    assert by_itself(store) == []
    assert due(store) == NOW + VALID


def test_who_asks_many_waits_for_a_place_too(store: Store, pair: Pair) -> None:
    people = [registered(store, {**MELE, "name": f"Mele {place}"}) for place in range(ASKING_AT_ONCE)]
    for one in people:
        ask(store, pair.ana, need(store, one, f"Rooms of {one.name}"))
    last = ask(store, pair.ana, ABOUT)
    assert last.state == "waiting"
    assert perform(store, MyIntroductions(), pair.mele) == ()
    with pytest.raises(Refused, match="no introduction"):
        agree(store, pair.mele, last.number)


def test_silence_and_refusal_are_told_in_the_same_words_at_the_same_time(store: Store, pair: Pair) -> None:
    ask(store, pair.ana, ABOUT)
    ask(store, pair.ana, need(store, pair.mele, "Doctors"))
    decline(store, pair.mele, "I-0001")
    assert by_itself(store, NOW + VALID - LATER) == []
    told = [(pair.ana.id, "introduction/no_answer")] * 2
    assert by_itself(store, NOW + VALID) == told
    assert by_itself(store, NOW + VALID) == []


def test_who_said_no_is_not_asked_about_the_same_again(store: Store, pair: Pair) -> None:
    ask(store, pair.ana, ABOUT)
    decline(store, pair.mele, "I-0001")
    by_itself(store, NOW + VALID)
    again = ask(store, pair.ana, ABOUT, now=NOW + VALID)
    assert (again.number, again.state) == ("I-0002", "waiting")
    assert by_itself(store, NOW + VALID) == []
    assert [one.number for one in perform(store, MyIntroductions(), pair.mele)] == ["I-0001"]


@pytest.mark.parametrize("quiet", [{"muted": "all"}, {"muted": "until_written"}])
def test_who_wants_quiet_is_asked_when_it_is_over(store: Store, pair: Pair, quiet: dict[str, str]) -> None:
    def mute(values: dict[str, Any]) -> None:
        store.write(
            lambda session: session.execute(update(PEOPLE).where(PEOPLE.c.id == pair.mele.id).values(values))
        ).result()

    mute(quiet)
    ask(store, pair.ana, ABOUT)
    assert by_itself(store) == []
    mute({"muted": None})
    assert by_itself(store) == [(pair.mele.id, "introduction/asked")]


def test_nobody_is_asked_about_a_theme_they_muted(store: Store, pair: Pair) -> None:
    about = need(store, pair.mele, "Vaccines", themes=("public_health",))
    assert perform(store, MuteTheme("public_health"), pair.mele) == ("public_health",)
    assert ask(store, pair.ana, about).state == "waiting"
    assert perform(store, MyIntroductions(), pair.mele) == ()
    assert by_itself(store, NOW + VALID) == [(pair.ana.id, "introduction/no_answer")]
    assert perform(store, MuteTheme("public_health", muted=False), pair.mele) == ()
    with pytest.raises(Refused, match="no theme"):
        perform(store, MuteTheme("football"), pair.mele)


def test_of_a_body_of_the_catalogue_the_least_busy_of_its_people_is_asked(store: Store, pair: Pair) -> None:
    body = {"organisation": "JICA", "role": "partner", "consented": "1"}
    one = registered(store, {**MELE, "name": "One"}, **body)
    two = registered(store, {**MELE, "name": "Two"}, **body)
    registered(store, {**MELE, "name": "Three"}, **{**body, "organisation": "Friends of JICA"})
    for asker in (pair.ana, pair.mele):
        ask(store, asker, "jpn-jica")
    for actor in (one, two):
        (found,) = perform(store, MyIntroductions(), actor)
        assert (found.own, found.theirs) == ("jpn-jica", "")
    with pytest.raises(Refused, match="nobody of kor-koica"):
        ask(store, pair.ana, "kor-koica")


def test_only_what_is_one_s_own_and_seen_by_others_is_brought(store: Store, pair: Pair) -> None:
    with pytest.raises(Refused, match="not yours"):
        ask(store, pair.ana, ABOUT, ABOUT)
    point = registered(store, {**ANA, "name": "Point"}, role="focal_point", consented="1")
    assert point.id is not None
    waiting = need(store, pair.ana, "Nurses")
    with pytest.raises(NotPublished):
        ask(store, pair.ana, ABOUT, waiting)


def test_what_is_taken_back_ends_what_was_asked_and_leaves_who_is_introduced(
    store: Store, pair: Pair
) -> None:
    ask(store, pair.ana, ABOUT)
    perform(store, Withdraw(ABOUT), pair.mele)
    assert seen(store, pair.ana).state == "over"
    other = need(store, pair.mele, "Doctors")
    ask(store, pair.ana, other)
    agree(store, pair.mele, "I-0002")
    perform(store, Withdraw(other), pair.mele)
    assert [one.state for one in perform(store, MyIntroductions(), pair.ana)] == ["over", "introduced"]


def test_before_both_agree_nothing_is_said_of_the_other_but_role_and_region(store: Store, pair: Pair) -> None:
    fits = need(store, pair.ana, "Cold rooms for vaccines")
    number = ask(store, pair.ana, ABOUT, fits).number
    asked: Invitation = perform(store, ReadIntroduction(number), pair.mele)
    assert (asked.role, asked.region) == ("delegate", "SEA")
    assert asked.theirs is not None
    assert asked.theirs.text == "Cold rooms for vaccines"
    assert asked.introduced.shown == {}
    assert asked.would_show == {
        "channel": "telegram",
        "country": "TON",
        "email": "mele@tonga.example",
        "name": "Mele Tupou",
        "position": "Director",
    }


def test_the_secretariat_brings_a_need_and_an_offer_together(store: Store, pair: Pair) -> None:
    offer = Statement("offer", "Training", "TLS", readers="all")
    perform(store, StateOffer(offer), pair.ana)
    number = perform(store, OfferPair(ABOUT, "O-0001"))
    assert [(one.state, one.own, one.theirs) for one in (seen(store, actor) for actor in pair)] == [
        ("asked", ABOUT, "O-0001"),
        ("asked", "O-0001", ABOUT),
    ]
    assert perform(store, OfferPair(ABOUT, "O-0001")) == number
    (one,) = perform(store, AllIntroductions())
    assert (one.number, one.about, one.fits, one.standing) == (number, "O-0001", ABOUT, "asked")
    with pytest.raises(Refused):
        perform(store, OfferPair(ABOUT, "O-0009"))


def test_the_secretariat_sees_how_far_each_came_and_no_refusal(store: Store, pair: Pair) -> None:
    number = asked(store, pair)

    def standing() -> str:
        (one,) = perform(store, AllIntroductions())
        return one.standing  # type: ignore[no-any-return]

    assert standing() == "asked"
    decline(store, pair.mele, number)
    assert standing() == "asked"
    agree(store, pair.mele, number)
    assert standing() == "introduced"
    decline(store, pair.mele, number)
    assert standing() == "over"


def test_what_nobody_answered_is_over_for_the_secretariat(store: Store, pair: Pair) -> None:
    asked(store, pair)
    (one,) = perform(store, AllIntroductions(), now=NOW + VALID)
    assert one.standing == "over"
