"""Two people are introduced: what each side sees, in whatever order they agree, tick, take back or wait."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import select

from bot import invitations
from bot.audit import AuditEntry
from bot.commands import Sent, Statement, StateNeed, StateOffer, Withdraw
from bot.database import Store
from bot.errors import NotAllowed, Refused
from bot.introduction_commands import (
    AgreeIntroduction,
    AskIntroduction,
    DeclineIntroduction,
    Introduced,
    Invitation,
    MuteTheme,
    MyIntroductions,
    NotPublished,
    OfferIntroduction,
    OfferPair,
    ReadIntroduction,
)
from bot.introductions import REVEALS, IntroductionGrant, IntroductionSide
from bot.introductions import VALID_TODAY as VALID
from bot.invitations import ASKED_AT_ONCE, ASKING_AT_ONCE
from bot.participants import PEOPLE, Actor
from bot.privacy_commands import Forget
from bot.takeout import gathered
from tests.bot.ledgers import NOW, OFFICER, a_press, perform, person
from tests.bot.test_forgetting import left_in, rows_of
from tests.bot.test_retention import OVER, purge
from tests.databases import store_on

ABOUT = "N-0001"
LATER = timedelta(hours=1)
MELE = {"name": "Mele Tupou", "email": "mele@tonga.example", "country": "TON", "position": "Director"}
ANA = {
    "name": "Ana Silva",
    "email": "ana@tls.example",
    "country": "TLS",
    "organisation": "Ministry of Health",
}


class Pair(NamedTuple):
    """Who sent a need, and who may read it."""

    mele: Actor
    ana: Actor


def registered(store: Store, values: dict[str, str], **more: Any) -> Actor:
    known = {"role": "delegate", "confirmed": True, **values, **more}
    own = person(store, token_hex(4), **known)
    facts = {name: known[name] for name in ("role", "name", "email", "country", "confirmed")}
    return Actor(id=own, **facts)


@pytest.fixture
def pair(store: Store) -> Pair:
    mele = registered(store, MELE)
    perform(store, StateNeed(Statement("need", "Cold rooms", "TON", readers="all")), mele)
    return Pair(mele, registered(store, ANA))


def asked(store: Store, pair: Pair, *fields: str) -> str:
    found: Introduced = perform(store, AskIntroduction(ABOUT, fields), pair.ana)  # type: ignore[arg-type]
    return found.number


def agree(store: Store, actor: Actor, number: str, *fields: str, now: datetime = NOW) -> Introduced:
    done: Introduced = perform(store, AgreeIntroduction(number, fields), actor, now)  # type: ignore[arg-type]
    return done


def decline(store: Store, actor: Actor, number: str, now: datetime = NOW) -> Introduced:
    done: Introduced = perform(store, DeclineIntroduction(number), actor, now)
    return done


def seen(store: Store, actor: Actor, now: datetime = NOW) -> Introduced:
    (found,) = perform(store, MyIntroductions(), actor, now)
    return found  # type: ignore[no-any-return]


def test_nothing_is_shown_until_both_agree_and_then_what_is_ticked(store: Store, pair: Pair) -> None:
    number = asked(store, pair, "name", "email")
    assert seen(store, pair.mele) == Introduced(number, "asked", NOW + VALID, own=ABOUT)
    waiting = Introduced(number, "waiting", NOW + VALID, theirs=ABOUT, asks=True, given=("email", "name"))
    assert seen(store, pair.ana) == waiting
    found = agree(store, pair.mele, number, "position", "channel", "organisation")
    assert (found.state, found.shown) == ("introduced", {"name": "Ana Silva"})
    assert seen(store, pair.ana).shown == {"position": "Director", "channel": "telegram"}


def test_one_tick_is_taken_back_alone_and_kept_with_its_times(store: Store, pair: Pair) -> None:
    number = asked(store, pair, "name", "email")
    agree(store, pair.mele, number)
    agree(store, pair.ana, number, "name", now=NOW + LATER)
    assert seen(store, pair.mele).shown == {"name": "Ana Silva"}
    kept = store.read(lambda session: session.exec(select(IntroductionGrant)).all())
    ended = [(grant.what, grant.given_at, grant.withdrawn_at) for grant in kept if grant.withdrawn_at]
    assert ended == [("email", NOW, NOW + LATER)]


def test_who_declines_is_not_told_from_who_says_nothing(store: Store, pair: Pair) -> None:
    number = asked(store, pair, "name")
    silence = seen(store, pair.ana)
    assert decline(store, pair.mele, number).state == "declined"
    assert seen(store, pair.ana) == silence
    perform(store, Forget(), pair.mele)
    assert seen(store, pair.ana) == silence
    assert seen(store, pair.ana, NOW + VALID).state == "over"


def test_who_has_declined_may_still_agree(store: Store, pair: Pair) -> None:
    number = asked(store, pair, "name")
    decline(store, pair.mele, number)
    assert agree(store, pair.mele, number).shown == {"name": "Ana Silva"}


def test_taking_it_back_ends_it_for_both(store: Store, pair: Pair) -> None:
    number = asked(store, pair, "name")
    agree(store, pair.mele, number, "name")
    decline(store, pair.ana, number)
    for actor in pair:
        assert (seen(store, actor).state, seen(store, actor).shown) == ("over", {})
        with pytest.raises(Refused, match="over"):
            agree(store, actor, number, "name")


def test_after_its_time_nobody_agrees_and_who_is_introduced_stays_so(store: Store, pair: Pair) -> None:
    number = asked(store, pair, "name")
    with pytest.raises(Refused, match="over"):
        agree(store, pair.mele, number, now=NOW + VALID)
    agree(store, pair.mele, number)
    assert seen(store, pair.mele, NOW + 2 * VALID).shown == {"name": "Ana Silva"}


def test_asking_twice_is_asking_once(store: Store, pair: Pair) -> None:
    number = asked(store, pair, "name")
    assert asked(store, pair, "email") == number
    assert seen(store, pair.ana).given == ("email",)


def test_the_secretariat_asks_both_about_an_entry_of_the_catalogue(store: Store, pair: Pair) -> None:
    assert pair.mele.id is not None
    assert pair.ana.id is not None
    number = perform(store, OfferIntroduction("polio-vaccine", pair.mele.id, pair.ana.id))
    assert [seen(store, actor).state for actor in pair] == ["asked", "asked"]
    agree(store, pair.mele, number, "name")
    assert agree(store, pair.ana, number).shown == {"name": "Mele Tupou"}
    with pytest.raises(NotAllowed):
        perform(store, OfferIntroduction("polio-vaccine", pair.mele.id, pair.ana.id), pair.ana)
    with pytest.raises(Refused, match="registered"):
        perform(store, OfferIntroduction("polio-vaccine", pair.mele.id, person(store, "visitor")))


def test_asked_is_who_had_been_asked_by_the_secretariat_already(store: Store, pair: Pair) -> None:
    assert pair.mele.id is not None
    assert pair.ana.id is not None
    number = perform(store, OfferIntroduction(ABOUT, pair.mele.id, pair.ana.id))
    agree(store, pair.mele, number, "name")
    assert perform(store, AskIntroduction(ABOUT), pair.ana).shown == {"name": "Mele Tupou"}
    decline(store, pair.mele, number)
    assert seen(store, pair.ana).state == "over"


def test_nobody_asks_about_what_they_may_not_see(store: Store, pair: Pair) -> None:
    firm = registered(store, {**MELE, "name": "Sione Fifita"}, role="private_sector")
    perform(store, StateOffer(Statement("offer", "Training", "TON", readers="all")), firm)
    visitor = replace(pair.ana, confirmed=False)
    for actor, about in (
        (pair.ana, "N-0009"),
        (pair.ana, "O-0001"),
        (pair.ana, "polio-vaccine"),
        (pair.mele, ABOUT),
        (visitor, ABOUT),
    ):
        with pytest.raises(Refused, match="nobody can be asked"):
            perform(store, AskIntroduction(about), actor)


def test_an_introduction_is_its_two_sides_only(store: Store, pair: Pair) -> None:
    number = asked(store, pair)
    ben = registered(store, {**ANA, "name": "Ben Lee"})
    for wrong in (number, "I-0009", "I-x", "N-0001"):
        with pytest.raises(Refused, match="no introduction"):
            agree(store, ben, wrong)
    with pytest.raises(Refused, match="cannot be shown"):
        agree(store, pair.mele, number, "number")
    assert perform(store, MyIntroductions(), ben) == ()


def test_both_agree_at_once(store: Store, pair: Pair) -> None:
    assert pair.mele.id is not None
    assert pair.ana.id is not None
    number = perform(store, OfferIntroduction(ABOUT, pair.mele.id, pair.ana.id))
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda actor: agree(store, actor, number, "name"), pair))
    assert [seen(store, actor).shown for actor in pair] == [{"name": "Ana Silva"}, {"name": "Mele Tupou"}]
    decline(store, pair.mele, number)
    assert [seen(store, actor).state for actor in pair] == ["over", "over"]


def test_who_is_forgotten_takes_their_side_along_and_the_other_stays(store: Store, pair: Pair) -> None:
    number = asked(store, pair, "name", "email")
    agree(store, pair.mele, number, "name")
    perform(store, Forget(), pair.ana)
    assert pair.ana.id is not None
    assert rows_of(store, pair.ana.id) == []
    assert left_in(store, "Ana Silva", "ana@tls.example") == []
    found = seen(store, pair.mele)
    assert (found.state, found.given, found.shown) == ("over", ("name",), {})


def test_a_copy_of_ones_data_has_ones_own_side_only(store: Store, pair: Pair) -> None:
    number = asked(store, pair, "name")
    agree(store, pair.mele, number, "position")
    decline(store, pair.mele, number)
    data = store.read(lambda session: gathered(session, pair.ana))
    assert [row["what"] for row in data["introduction_grant"]] == ["introduction", "name"]
    assert [row["declined_at"] for row in data["introduction_side"]] == [None]
    assert data["introduction.asked_by"] == [{"id": 1}]


def test_the_record_has_numbers_and_no_names(store: Store, pair: Pair) -> None:
    number = asked(store, pair, "name")
    agree(store, pair.mele, number)
    decline(store, pair.mele, number)
    entries = store.read(lambda session: session.exec(select(AuditEntry).order_by(AuditEntry.id)).all())  # type: ignore[arg-type]
    assert [(entry.action, entry.details) for entry in entries] == [
        ("ask_introduction", {"number": number, "given": ["name"]}),
        ("agree_introduction", {"number": number, "given": []}),
        ("decline_introduction", {"number": number, "given": []}),
    ]


def test_they_go_with_the_needs_and_offers(store: Store, pair: Pair) -> None:
    asked(store, pair, "name")
    counts = purge(store, OVER["needs_and_offers"]).counts["needs_and_offers"]
    assert counts == {"need": 1, "introduction_grant": 2, "introduction_side": 2, "introduction": 1}
    assert store.read(lambda session: session.exec(select(IntroductionSide)).all()) == []


@pytest.fixture(scope="module")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give one store for all the stories below: each has its own people."""
    folder: Path = tmp_path_factory.mktemp("introductions")
    with store_on("sqlite", folder) as kept:
        yield kept


STORIES = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from((0, 1)), st.just("agree"), st.sets(st.sampled_from(sorted(REVEALS)), max_size=3)
        ),
        st.tuples(st.sampled_from((0, 1)), st.just("decline"), st.just(set())),
        st.tuples(st.just(0), st.just("wait"), st.just(set())),
    ),
    max_size=8,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORIES)
def test_whatever_happens_only_what_its_owner_ticks_now_is_shown_and_only_to_who_agrees_too(
    one_store: Store, story: list[tuple[int, str, set[str]]]
) -> None:
    values = ({**MELE, "organisation": "Health"}, {**ANA, "position": "Adviser"})
    sides = [registered(one_store, one) for one in values]
    number = perform(one_store, OfferIntroduction("x", sides[0].id or 0, sides[1].id or 0), OFFICER)
    given_now: list[set[str] | None] = [None, None]
    now = NOW
    for side, what, fields in story:
        try:
            if what == "agree":
                agree(one_store, sides[side], number, *sorted(fields), now=now)
                given_now[side] = fields
            elif what == "decline":
                decline(one_store, sides[side], number, now)
                given_now[side] = None
            else:
                now += VALID / 2
        except Refused:
            assert seen(one_store, sides[side], now).state == "over"
        for place, actor in enumerate(sides):
            found, theirs = seen(one_store, actor, now), given_now[1 - place]
            both = given_now[place] is not None and theirs is not None
            expected = (theirs or set()) if both else set()
            # An e-mail address is shown only where both show theirs.
            assert set(found.shown) == expected - ({"email"} - (given_now[place] or set()))
            assert (found.state == "introduced") == both


# Who is asked, when, and what they hear of it


def by_itself(store: Store, now: datetime = NOW) -> list[tuple[int, str]]:
    """Do what is due of introductions at *now*; return who was told with which template."""
    notices = store.write(lambda session: invitations.do_due(session, a_press(), now)).result()
    return [(one.participant_id, one.saying.template) for one in notices]


def due(store: Store, now: datetime = NOW) -> datetime | None:
    return store.read(lambda session: invitations.next_due(session, now))


def need(store: Store, actor: Actor, text: str = "Cold rooms", **more: Any) -> str:
    statement = Statement("need", text, actor.country or "", readers="all", **more)
    sent: Sent = perform(store, StateNeed(statement), actor)
    return sent.number


def ask(store: Store, actor: Actor, about: str, fits: str = "", now: datetime = NOW) -> Introduced:
    found: Introduced = perform(store, AskIntroduction(about, ("name",), fits), actor, now)
    return found


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
    with pytest.raises(Refused):
        perform(store, OfferPair(ABOUT, "O-0009"))
