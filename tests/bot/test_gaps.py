"""What a pair lacks: recognised, stated, and seen by partners no further than both of the pair let it be."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from bot import gap_times, gaps
from bot.commands import Statement, StateNeed, StateOffer, Withdraw
from bot.database import Store
from bot.errors import NotAllowed, Refused
from bot.gap_commands import SHOWS, FindGaps, Lack, OpenGap, PairGap, PassGap, ReadGap, ShowGap
from bot.introduction_commands import AgreeIntroduction, AskIntroduction, DeclineIntroduction, MuteTheme
from bot.participants import Actor
from bot.privacy_commands import Forget
from bot.profile_commands import KeepProfile, Profile
from bot.store import Delivery
from tests.bot.ledgers import NOW, a_press, perform
from tests.bot.pairs import ANA, MELE, registered
from tests.bot.test_forgetting import left_in
from tests.databases import store_on

NUMBER = "I-0001"
NEED = Statement(
    *("need", "training for 12 technicians, travel for them and 6 refrigerators", "TON", ("public_health",)),
    modalities=("training", "equipment_inkind"),
    people=12,
    readers="all",
)
OFFER = Statement(
    *("offer", "training for technicians in the cold chain, 20 places", "TLS", ("public_health",)),
    modalities=("training",),
    people=20,
    readers="all",
)
LI = {"name": "Li Wei", "email": "li@bank.example", "country": "CHN", "role": "partner"}


class Trio:
    """Who needs, who offers, and a partner; the two are introduced."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.mele, self.ana = registered(store, MELE), registered(store, ANA)
        perform(store, StateNeed(NEED), self.mele)
        perform(store, StateOffer(OFFER), self.ana)
        perform(store, AskIntroduction("N-0001", ("name", "country"), "O-0001"), self.ana)
        perform(store, AgreeIntroduction(NUMBER, ("country", "email")), self.mele)
        self.li = self.partner("Li Wei")

    def partner(self, name: str, **more: Any) -> Actor:
        return registered(self.store, {**LI, "name": name, "email": f"{name}@x.example"}, **more)

    def show(self, actor: Actor, shows: Any, lacks: tuple[Lack, ...] | None = None) -> PairGap:
        found: PairGap = perform(self.store, ShowGap(NUMBER, shows, lacks), actor)
        return found

    def read(self, actor: Actor) -> PairGap:
        found: PairGap = perform(self.store, ReadGap(NUMBER), actor)
        return found

    def open(self, partner: Actor | None = None) -> tuple[OpenGap, ...]:
        found: tuple[OpenGap, ...] = perform(self.store, FindGaps(), partner or self.li)
        return found

    def pass_time(self, now: datetime = NOW) -> list[tuple[int, str]]:
        """Do what is due; return who was told anything, and its first line."""
        before = {row.id for row in self.deliveries()}
        while self.store.read(lambda session: gap_times.next_due(session, now)):
            self.store.write(lambda session: gap_times.do_due(session, a_press(), now)).result()
        told = [row for row in self.deliveries() if row.id not in before]
        return [(row.participant_id, (row.card or {})["heading"]) for row in told]

    def deliveries(self) -> list[Delivery]:
        rows = self.store.read(lambda session: session.exec(select(Delivery)).all())
        return sorted(rows, key=lambda row: row.id or 0)


@pytest.fixture
def trio(store: Store) -> Trio:
    return Trio(store)


TRAVEL = Lack("travel", people=12)
REFRIGERATORS = Lack("equipment_inkind", "6 refrigerators")


@pytest.mark.parametrize(
    ("need", "offer", "found"),
    [
        ({}, {}, (TRAVEL, REFRIGERATORS)),
        ({}, {"text": "training, and travel is paid"}, (REFRIGERATORS,)),
        ({}, {"people": 5}, (TRAVEL, REFRIGERATORS, Lack("places", people=7))),
        ({"text": "pumps"}, {}, (Lack("equipment_inkind"),)),
        ({"text": "money", "modalities": ("financing", "policy_dialogue")}, {}, (Lack("financing"),)),
        ({"text": "nurses", "modalities": ("training",)}, {}, ()),
    ],
)
def test_what_the_offer_does_not_give(
    need: dict[str, Any], offer: dict[str, Any], found: tuple[Lack, ...]
) -> None:
    assert gaps.lacks_of(replace(NEED, **need), replace(OFFER, **offer), a_press().know) == found


def test_both_are_asked_by_themselves_once_somebody_could_help(store: Store, trio: Trio) -> None:
    asked = "N-0001 × O-0001 lacks: travel (12 people), 6 refrigerators."
    turned = "O-0001 × N-0001 lacks: travel (12 people), 6 refrigerators."
    assert trio.pass_time() == [(trio.mele.id, asked), (trio.ana.id, turned)]
    assert trio.pass_time() == []


def test_nobody_is_asked_as_long_as_there_is_no_partner(store: Store, trio: Trio) -> None:
    perform(store, Forget(), trio.li)
    assert trio.pass_time() == []
    trio.show(trio.ana, "gap")
    assert [who for who, _ in trio.pass_time()] == [trio.mele.id]


def test_partners_see_what_both_let_them_and_names_only_where_both_do(trio: Trio) -> None:
    trio.show(trio.mele, "names")
    assert trio.open() == ()
    assert trio.show(trio.ana, "gap").shown == "gap"
    (gap,) = trio.open()
    assert (gap.number, gap.lacks, gap.themes) == ("G-0001", (TRAVEL, REFRIGERATORS), ("public_health",))
    assert (gap.receiving.names, gap.providing.names) == ({}, {})
    assert (gap.receiving.region, gap.providing.region, gap.has) == ("PAC", "SEA", ("training",))
    trio.show(trio.ana, "names")
    (gap,) = trio.open()
    # What the two never showed to one another partners do not see either, and never an address.
    assert gap.receiving.names == {"country": "TON"}
    assert gap.providing.names == {"country": "TLS", "name": "Ana Silva"}


def test_what_is_stated_anew_is_agreed_to_anew(trio: Trio) -> None:
    trio.pass_time()
    trio.show(trio.mele, "gap")
    trio.show(trio.ana, "gap")
    stated = trio.show(trio.mele, "gap", (Lack("stated", "tents; call +66 81 234 5678, USD 20,000"),))
    assert stated.lacks == (Lack("stated", "tents; call […], […]"),)
    assert trio.open() == ()
    assert [who for who, _ in trio.pass_time()] == [trio.ana.id]
    trio.show(trio.ana, "gap")
    assert [gap.lacks for gap in trio.open()] == [stated.lacks]


def test_it_ends_with_the_introduction_or_with_what_it_is_about(store: Store, trio: Trio) -> None:
    for actor in (trio.mele, trio.ana):
        trio.show(actor, "names")
    perform(store, Withdraw("O-0001"), trio.ana)
    assert trio.open() == ()
    assert trio.pass_time() == []
    with pytest.raises(Refused):
        trio.read(trio.mele)


def test_only_the_two_and_partners_have_to_do_with_it(store: Store, trio: Trio) -> None:
    for actor in (trio.li, registered(store, {**ANA, "email": "x@tls.example"})):
        with pytest.raises(Refused):
            perform(store, ShowGap(NUMBER, "names"), actor)
    with pytest.raises(NotAllowed):
        perform(store, FindGaps(), trio.mele)
    with pytest.raises(Refused):
        perform(store, PassGap("G-0001"), trio.li)


def test_a_partner_is_told_once_of_what_is_their_field(store: Store, trio: Trio) -> None:
    other = trio.partner("Energy Bank")
    perform(store, KeepProfile(Profile("solar power", themes=("energy",))), other)
    muted = trio.partner("Quiet Bank")
    perform(store, MuteTheme("public_health"), muted)
    trio.partner("Objecting Bank", unmatched=True)
    trio.partner("Silent Bank", muted="until_written")
    trio.pass_time()
    for actor in (trio.mele, trio.ana):
        trio.show(actor, "gap")
    heading = "A ready pair looks for a third: travel (12 people), 6 refrigerators."
    assert trio.pass_time() == [(trio.li.id, heading)]
    assert trio.pass_time(NOW + timedelta(days=1)) == []
    # The list has what is open, but for the themes that one muted.
    assert [len(trio.open(one)) for one in (trio.li, other, muted)] == [1, 1, 0]
    perform(store, PassGap("G-0001"), trio.li)
    assert trio.open() == ()


def test_who_is_forgotten_leaves_nothing_and_what_they_showed_is_seen_no_more(
    store: Store, trio: Trio
) -> None:
    trio.pass_time()
    for actor in (trio.mele, trio.ana):
        trio.show(actor, "names")
    trio.pass_time()
    perform(store, Forget(), trio.mele)
    assert left_in(store, "Mele Tupou") == []
    assert trio.open() == ()
    perform(store, Forget(), trio.li)
    assert left_in(store, "Li Wei") == []


STEPS = st.tuples(st.sampled_from(("mele", "ana")), st.sampled_from((*SHOWS, "agree", "decline")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gaps")


@given(st.lists(STEPS, max_size=8))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_both_answer_partners_see_the_narrower_and_neither_learns_more(
    folder: Path, steps: list[tuple[str, str]]
) -> None:
    own = folder / token_hex(4)
    own.mkdir()
    with store_on("sqlite", own) as store:
        trio = Trio(store)
        answers: dict[str, str] = {}
        over = False
        for who, step in steps:
            actor, other = (trio.mele, trio.ana) if who == "mele" else (trio.ana, trio.mele)
            before = None if over else trio.read(other)
            try:
                if step == "decline":
                    perform(store, DeclineIntroduction(NUMBER), actor)
                    over = True
                elif step == "agree":
                    perform(store, AgreeIntroduction(NUMBER, ("country", "name")), actor)
                else:
                    trio.show(actor, step)
                    answers[who] = step
            except Refused:
                assert over
            both = [answers.get("mele", "no"), answers.get("ana", "no")]
            level = "no" if over else min(both, key=SHOWS.index)
            found = trio.open()
            assert len(found) == (level != "no")
            named = [dict(side.names) for gap in found for side in (gap.receiving, gap.providing)]
            assert any(named) == (level == "names")
            if before is not None and not over:
                after = trio.read(other)
                assert (after == before) == (after.shown == before.shown)
