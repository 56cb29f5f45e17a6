"""Two people are introduced: what each side sees, in whatever order they agree, tick, take back or wait."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from bot.audit import AuditEntry
from bot.commands import Statement, StateOffer
from bot.database import Store
from bot.errors import NotAllowed, Refused
from bot.introduction_commands import (
    AskIntroduction,
    Introduced,
    MyIntroductions,
    OfferIntroduction,
)
from bot.introductions import REVEALS, IntroductionGrant, IntroductionSide
from bot.introductions import VALID_TODAY as VALID
from bot.privacy_commands import Forget
from bot.store import Participant
from bot.takeout import gathered
from tests.bot.ledgers import NOW, OFFICER, perform, person
from tests.bot.pairs import (
    ABOUT,
    ANA,
    LATER,
    MELE,
    Pair,
    agree,
    asked,
    decline,
    pair,
    registered,
    seen,
)
from tests.bot.test_forgetting import left_in, rows_of
from tests.bot.test_retention import OVER, purge
from tests.databases import store_on

__all__ = ["pair"]


def test_nothing_is_shown_until_both_agree_and_then_what_is_ticked(store: Store, pair: Pair) -> None:
    number = asked(store, pair, "name", "email")
    assert seen(store, pair.mele) == Introduced(number, "asked", NOW + VALID, own=ABOUT)
    waiting = Introduced(number, "waiting", NOW + VALID, theirs=ABOUT, asks=True, given=("email", "name"))
    assert seen(store, pair.ana) == waiting
    found = agree(store, pair.mele, number, "position", "channel", "organisation")
    assert (found.state, found.shown) == ("introduced", {"name": "Ana Silva"})
    assert seen(store, pair.ana).shown == {"position": "Director", "channel": "telegram"}


def test_who_has_not_agreed_to_be_known_is_not_asked(store: Store, pair: Pair) -> None:
    store.write(
        lambda session: session.get_one(Participant, pair.mele.id).sqlmodel_update({"consented": None})
    ).result()
    with pytest.raises(Refused, match="nobody can be asked"):
        asked(store, pair)


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
