"""People who were introduced and meet, for tests of their meetings."""

from datetime import datetime
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from bot import meeting_times
from bot.commands import Command
from bot.consent import CONSENT_VERSION
from bot.database import Store
from bot.dialogue import Saying
from bot.introduction_commands import AgreeIntroduction, OfferIntroduction
from bot.meeting_commands import (
    AcceptMeeting,
    ArrangeMeeting,
    Meeting,
    MyMeetings,
    Proposed,
    ProposeMeeting,
    Slot,
)
from bot.meeting_slots import PersonTaken, PlaceTaken
from bot.participants import Actor
from bot.records import Records
from bot.store import Delivery
from tests.bot.ledgers import NOW, OFFICER, a_door, a_press, perform, person

BANGKOK = ZoneInfo("Asia/Bangkok")


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2022-09-13T{clock}").replace(tzinfo=BANGKOK)


def delegate(store: Store, country: str | None, **more: Any) -> Actor:
    known = {
        "role": "delegate",
        "confirmed": True,
        "consented": CONSENT_VERSION,
        "country": country,
        "name": f"Somebody of {country}",
        **more,
    }
    own = person(store, token_hex(4), **known)
    return Actor(id=own, role=known["role"], country=country, confirmed=True, name=known["name"])


def introduced(store: Store, one: Actor, other: Actor, about: str = "N-0001") -> str:
    assert one.id is not None
    assert other.id is not None
    number: str = perform(store, OfferIntroduction(about, one.id, other.id))
    for side in (one, other):
        perform(store, AgreeIntroduction(number, ("country", "name")), side)
    return number


@pytest.fixture
def fiji(store: Store) -> Actor:
    return delegate(store, "FJI")


@pytest.fixture
def tonga(store: Store) -> Actor:
    return delegate(store, "TON")


@pytest.fixture
def number(store: Store, fiji: Actor, tonga: Actor) -> str:
    return introduced(store, fiji, tonga)


def arranged(
    store: Store,
    *people: Actor,
    clock: str = "12:30",
    place: str = "table-3",
    officer: Actor = OFFICER,
) -> str:
    """Have an officer bring *people* together, and return the number of the meeting that they are asked about."""
    whom = tuple(str(one.id) for one in people)
    found: Proposed = perform(store, ArrangeMeeting(whom, place, at(clock)), officer)
    assert found.meeting is not None
    return found.meeting.number


def propose(store: Store, actor: Actor, about: str, clock: str = "12:30", place: str = "table-3") -> Proposed:
    found: Proposed = perform(store, ProposeMeeting(about, place, at(clock)), actor)
    return found


def accept(
    store: Store,
    actor: Actor,
    meeting: str,
    clock: str = "12:30",
    place: str = "table-3",
    now: datetime = NOW,
) -> Proposed:
    found: Proposed = perform(store, AcceptMeeting(meeting, place, at(clock)), actor, now)
    return found


def book(
    store: Store, one: Actor, other: Actor, about: str, clock: str = "12:30", place: str = "table-3"
) -> str:
    proposed = propose(store, one, about, clock, place).meeting
    assert proposed is not None
    assert accept(store, other, proposed.number, clock, place).result == "booked"
    return proposed.number


def told(store: Store, command: Command, actor: Actor, now: datetime = NOW) -> list[tuple[int, Saying]]:
    """Return what others are told when *command* is carried out."""

    def work(session: Session) -> list[tuple[int, Saying]]:
        records = Records(session, actor, now, a_press(), a_door())
        records.perform(command)
        return [(notice.participant_id, notice.saying) for notice in records.notices]

    return store.write(work).result()


def seen(store: Store, actor: Actor, now: datetime = NOW) -> Meeting:
    (found,) = perform(store, MyMeetings(), actor, now)
    return found  # type: ignore[no-any-return]


def let_time_pass(store: Store, now: datetime) -> None:
    """Do what is due at *now*."""
    while (due := store.read(lambda session: meeting_times.next_due(session, now))) and due <= now:
        store.write(lambda session: meeting_times.do_due(session, a_press(), now)).result()


def messages(store: Store, actor: Actor) -> list[str]:
    """Return the first line of each message that is on its way to *actor*."""
    mine = select(Delivery).where(Delivery.participant_id == actor.id).order_by(Delivery.id)  # type: ignore[arg-type]
    rows = store.read(lambda session: session.exec(mine).all())
    return [(row.card["heading"] or row.card["body"]).splitlines()[0] for row in rows if row.card]


def taken(store: Store) -> tuple[int, int]:
    """Return for how many times five minutes places and people are taken."""
    return store.read(
        lambda session: (
            len(session.exec(select(PlaceTaken)).all()),
            len(session.exec(select(PersonTaken)).all()),
        )
    )


def starts(slots: tuple[Slot, ...]) -> list[tuple[str, str]]:
    return [(slot.starts.astimezone(BANGKOK).strftime("%H:%M"), slot.place) for slot in slots]
