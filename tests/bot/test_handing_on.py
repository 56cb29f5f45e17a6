"""Who is forgotten may let a focal point go to their meetings: where one is free, and nobody learns more by it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from bot.consent import CONSENT_VERSION
from bot.database import Store
from bot.dialogue import Saying
from bot.introduction_commands import AgreeIntroduction, OfferIntroduction
from bot.meeting_commands import AcceptMeeting, Meeting, MyMeetings, ProposeMeeting
from bot.participants import Actor
from bot.privacy_commands import Forget, WhatGoes
from bot.records import Records
from tests.bot.ledgers import NOW, a_door, a_press, perform, person

NOON = datetime(2022, 9, 13, 12, 30, tzinfo=ZoneInfo("Asia/Bangkok"))


def delegate(store: Store, name: str, country: str, role: str = "delegate") -> Actor:
    known = {"role": role, "country": country, "name": name, "confirmed": True, "consented": CONSENT_VERSION}
    return Actor(id=person(store, name, **known), role=role, country=country, confirmed=True, name=name)  # type: ignore[arg-type]


def book(
    store: Store, one: Actor, other: Actor, table: str = "table-3", shows: tuple[str, ...] = ("country",)
) -> None:
    assert one.id is not None
    assert other.id is not None
    number = perform(store, OfferIntroduction(f"N-000{other.id}", one.id, other.id))
    for side in (one, other):
        perform(store, AgreeIntroduction(number, shows), side)
    proposed = perform(store, ProposeMeeting(number, table, NOON), one)
    perform(store, AcceptMeeting(proposed.meeting.number, table, NOON), other)


def forget(store: Store, actor: Actor) -> dict[tuple[int, str], Saying]:
    """Forget *actor*, and return what others are told, by whom and what."""

    def work(session: Session) -> dict[tuple[int, str], Saying]:
        records = Records(session, actor, NOW, a_press(), a_door())
        records.perform(Forget(hand_on=True))
        return {(one.participant_id, one.saying.template): one.saying for one in records.notices}

    return store.write(work).result()


def meetings_of(store: Store, actor: Actor) -> tuple[Meeting, ...]:
    found: tuple[Meeting, ...] = perform(store, MyMeetings(), actor)
    return found


@pytest.fixture
def fiji(store: Store) -> Actor:
    return delegate(store, "mele", "FJI")


@pytest.fixture
def tonga(store: Store) -> Actor:
    return delegate(store, "sione", "TON")


@pytest.fixture
def focal(store: Store) -> Actor:
    return delegate(store, "litia", "FJI", "focal_point")


def test_the_focal_point_comes_instead_and_all_are_told(
    store: Store, fiji: Actor, tonga: Actor, focal: Actor
) -> None:
    book(store, fiji, tonga)
    assert perform(store, WhatGoes(), fiji).handed_on == 1
    told = forget(store, fiji)
    assert set(told) == {
        (tonga.id, "meeting/handed_on"),
        (focal.id, "meeting/handed_on"),
        (tonga.id, "introduction/ended"),
    }
    assert told[tonga.id or 0, "meeting/handed_on"].values["who"].country == "FJI"
    (theirs,), (ours,) = meetings_of(store, tonga), meetings_of(store, focal)
    assert [one.country for one in (*theirs.others, *ours.others)] == ["FJI", "TON"]
    assert [one.name for one in (*theirs.others, *ours.others)] == [None, None]
    assert theirs.slot == ours.slot
    assert ours.is_ahead(NOW)


def test_who_meets_somebody_else_then_does_not_come(
    store: Store, fiji: Actor, tonga: Actor, focal: Actor
) -> None:
    book(store, fiji, tonga)
    book(store, focal, delegate(store, "li", "CHN"), "table-1")
    assert set(forget(store, fiji)) == {(tonga.id, "meeting/cancelled"), (tonga.id, "introduction/ended")}
    assert [one.state for one in meetings_of(store, tonga)] == ["cancelled"]


def test_the_next_focal_point_comes_where_the_first_cannot(
    store: Store, fiji: Actor, tonga: Actor, focal: Actor
) -> None:
    second = delegate(store, "sera", "FJI", "focal_point")
    book(store, fiji, tonga)
    book(store, focal, delegate(store, "li", "CHN"), "table-1")
    assert (second.id, "meeting/handed_on") in forget(store, fiji)


@pytest.mark.usefixtures("focal")
def test_where_a_country_was_not_shown_nobody_can_come(store: Store, fiji: Actor, tonga: Actor) -> None:
    book(store, fiji, tonga, shows=("name",))
    assert perform(store, WhatGoes(), fiji).handed_on == 0
    assert (tonga.id, "meeting/cancelled") in forget(store, fiji)


def test_without_a_focal_point_nobody_can_come(store: Store, fiji: Actor, tonga: Actor) -> None:
    delegate(store, "other", "TON", "focal_point")
    book(store, fiji, tonga)
    assert perform(store, WhatGoes(), fiji).handed_on == 0
    assert (tonga.id, "meeting/cancelled") in forget(store, fiji)
