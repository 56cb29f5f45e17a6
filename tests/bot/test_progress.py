"""Announcements on their way: stopped and let go on, tried again, watched, confirmed, and whom they missed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, select

from bot import ledger
from bot.announcement_commands import (
    Announce,
    Cancel,
    ConfirmRead,
    Missing,
    Nudge,
    Pause,
    Progress,
    ReadProgress,
    ResendUnknown,
    Resume,
    Retract,
    RetryFailed,
    SendNow,
    ToTelephone,
    Unconfirmed,
)
from bot.audiences import DELIVERIES
from bot.broadcasts import Announcement, Contact
from bot.compositions import Words
from bot.database import Store
from bot.errors import Refused
from bot.messages import Address
from bot.participants import Actor
from bot.store import DeliveryEvent, Participant
from tests.bot.ledgers import NOW, bodies, broadcast, lunch, people, perform, person, rows

LATER = NOW + timedelta(seconds=10)


def set_states(store: Store, *states: str, **values: Any) -> None:
    """Let the deliveries end in these *states*, in their order."""

    def work(session: Session) -> None:
        for row, state in enumerate(states, start=1):
            ended = None if state in ("queued", "sending") else NOW
            cause = {"failed": "rejected", "unknown": "ambiguous"}.get(state)
            known = {"state": state, "settled_at": ended, "cause": cause, "message": f"m{row}", **values}
            session.execute(update(DELIVERIES).where(DELIVERIES.c.id == row).values(known))

    store.write(work).result()


def states(store: Store) -> list[tuple[str, str | None]]:
    return [(row.state, row.cause) for row in rows(store)]


def progress(store: Store, number: str | None = None, **context: Any) -> tuple[Progress, ...]:
    found = perform(store, ReadProgress(number), **context)
    assert isinstance(found, tuple)
    return found


def reader(store: Store, user: str = "1", **values: Any) -> Actor:
    return Actor(id=person(store, user, **values))


# Stopped


def test_what_is_paused_goes_on_when_it_is_resumed(store: Store) -> None:
    people(store, "1")
    broadcast(store)
    assert [perform(store, Pause("B-0001")).state for _ in range(2)] == ["paused", "paused"]
    assert [perform(store, Resume("B-0001")).state for _ in range(2)] == ["running", "running"]
    assert states(store) == [("queued", None)]


def test_what_is_cancelled_ends_but_for_what_is_in_flight(store: Store) -> None:
    people(store, "1", "2", "3")
    broadcast(store)
    set_states(store, "sent", "sending")
    found = perform(store, Cancel("B-0001"))
    assert (found.state, found.states) == ("cancelled", {"sent": 1, "sending": 1, "failed": 1})
    assert states(store) == [("sent", None), ("sending", None), ("failed", "cancelled")]
    assert perform(store, Cancel("B-0001")) == found


@pytest.mark.parametrize("command", [Pause, Cancel])
def test_what_has_left_as_a_whole_does_not_run_any_more(store: Store, command: Any) -> None:
    people(store, "1")
    broadcast(store)
    assert [found.stage for found in progress(store)] == ["running"]
    set_states(store, "sent")
    assert [found.stage for found in progress(store)] == ["finished"]
    with pytest.raises(Refused, match="B-0001 has left; "):
        perform(store, command("B-0001"))


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (Pause, "has not begun; only one that runs can be paused"),
        (Resume, "has not begun; only one that is paused can go on"),
        (Cancel, "has not begun; undo it instead"),
        (ResendUnknown, "has not begun"),
        (Nudge, "asks nobody to confirm it"),
    ],
)
def test_what_has_not_begun_cannot_be_steered(store: Store, command: Any, reason: str) -> None:
    perform(store, Announce(replace(lunch(), now=False)))
    with pytest.raises(Refused, match=reason):
        perform(store, command("B-0001"))


def test_what_is_taken_back_is_so_when_the_last_message_is_gone(store: Store) -> None:
    people(store, "1", "2")
    broadcast(store)
    set_states(store, "sent", "sent")
    perform(store, Retract("B-0001"))
    stages = []
    for row in (3, 4):
        stages += [(found.stage, found.changes, found.over) for found in progress(store)]
        gone = update(DELIVERIES).where(DELIVERIES.c.id == row).values(state="sent", settled_at=NOW)
        store.write(lambda session, gone=gone: session.execute(gone)).result()
    stages += [(found.stage, found.changes, found.over) for found in progress(store)]
    assert stages == [("withdrawing", 2, False), ("withdrawing", 1, False), ("withdrawn", 0, True)]


# Tried again


def test_what_may_not_have_arrived_is_sent_again(store: Store) -> None:
    people(store, "1", "2", "3")
    broadcast(store)
    set_states(store, "sent", "unknown", "failed")
    officer = Actor(id=person(store, "o", role="secretariat"), role="secretariat")
    assert [perform(store, ResendUnknown("B-0001"), officer) for _ in range(2)] == [1, 0]
    assert states(store) == [("sent", None), ("queued", None), ("failed", "rejected")]
    assert rows(store)[1].settled_at is None
    (event,) = store.read(lambda session: session.exec(select(DeliveryEvent)).all())
    assert (event.delivery_id, event.event, event.cause, event.actor_id) == (
        2,
        "resent",
        "ambiguous",
        officer.id,
    )


def test_what_failed_is_tried_again_but_not_to_who_left(store: Store) -> None:
    people(store, "1", "2", "3")
    broadcast(store)
    set_states(store, "failed", "failed", "failed")
    store.write(lambda session: ledger.unsubscribe(session, Address("telegram", "2"), NOW)).result()
    muted = update(DELIVERIES).where(DELIVERIES.c.id == 3).values(cause="muted")
    store.write(lambda session: session.execute(muted)).result()
    assert perform(store, RetryFailed("B-0001")) == 1
    assert [state for state, _ in states(store)] == ["queued", "failed", "failed"]


def test_nothing_is_tried_again_after_its_use_by(store: Store) -> None:
    people(store, "1")
    perform(store, Announce(replace(lunch(), use_by=LATER)))
    set_states(store, "unknown")
    with pytest.raises(Refused, match="past its use-by"):
        perform(store, ResendUnknown("B-0001"), now=LATER)


# Watched


def test_an_officer_knows_their_own(store: Store) -> None:
    ana = reader(store, "1", role="secretariat")
    perform(store, Announce(lunch()), replace(ana, role="secretariat"))
    assert [progress(store, actor=replace(one, role="secretariat"))[0].own for one in (ana, Actor())] == [
        True,
        False,
    ]


def test_progress_counts_each_state_place_and_cause(store: Store) -> None:
    people(store, *"123")
    person(store, "4", guessed_language="fr")
    people(store, "U5", channel="slack")
    broadcast(store, "Earlier.")
    broadcast(store)
    for row, (state, cause) in enumerate(
        [
            ("sent", None),
            ("sent", None),
            ("failed", "unreachable"),
            ("unknown", "ambiguous"),
            ("sending", None),
        ],
        start=6,
    ):
        one = update(DELIVERIES).where(DELIVERIES.c.id == row)
        values = {"state": state, "cause": cause, "settled_at": None if state == "sending" else LATER}
        store.write(lambda session, one=one, values=values: session.execute(one.values(values))).result()
    now, before = progress(store, now=LATER)
    assert (now.number, now.text, now.recipients, now.over) == ("B-0002", "en: Lunch is served.", 5, False)
    assert now.states == {"sent": 2, "failed": 1, "unknown": 1, "sending": 1}
    assert now.causes == {"unreachable": 1, "ambiguous": 1}
    assert now.places == {
        ("slack", "en"): {"sending": 1},
        ("telegram", "en"): {"sent": 2, "failed": 1},
        ("telegram", "fr"): {"unknown": 1},
    }
    assert (now.rate, now.left) == (0.2, timedelta(seconds=5))
    assert (now.state, now.kind, now.starts_at, now.created_by) == (
        "running",
        "announcement",
        NOW,
        "the operator",
    )
    assert (before.number, before.states, before.causes) == ("B-0001", {"queued": 5}, {})
    assert (before.rate, before.left) == (0.0, None)
    assert progress(store, "B-0001", now=LATER) == (before,)
    assert progress(store, "B-0009") == ()


def test_a_recipient_counts_once_however_many_addresses_were_tried(store: Store) -> None:
    people(store, "1", "2")
    broadcast(store)
    set_states(store, "failed", "failed")

    def fall_back(session: Session) -> None:
        first = {**rows(store)[0].model_dump(), "id": 3, "ref": "b1.1.1", "state": "sent", "channel": "slack"}
        session.execute(DELIVERIES.insert().values(first))

    store.write(fall_back).result()
    (found,) = progress(store)
    assert (found.states, found.causes) == ({"failed": 1, "sent": 1}, {"rejected": 1})
    assert perform(store, RetryFailed("B-0001")) == 1


def test_an_announcement_is_over_when_every_delivery_has_ended(store: Store) -> None:
    people(store, "1")
    perform(store, Announce(replace(lunch(), now=False)))
    assert [found.over for found in progress(store)] == [False]
    perform(store, SendNow("B-0001"))
    assert [found.over for found in progress(store)] == [False]
    set_states(store, "unknown")
    assert [found.over for found in progress(store)] == [True]


def test_a_template_is_named_by_its_english_words(store: Store) -> None:
    words = Words("lost_property", {"what": "A grey umbrella", "place": "the desk"})
    perform(store, Announce(Announcement(words)))
    (found,) = progress(store)
    assert "A grey umbrella" in found.text


def test_whom_to_telephone(store: Store) -> None:
    for user, name, country in (("1", "Sione", "TON"), ("2", "Ana", "FJI"), ("3", "Mere", "FJI")):
        person(store, user, name=name, country=country, email=f"{name}@example.org")
    broadcast(store)
    set_states(store, "unknown", "sent", "failed")
    store.write(lambda session: session.add(Participant(name="Ali", country="MDV", created_at=NOW))).result()
    assert perform(store, ToTelephone("B-0001")) == (
        Missing("Mere", "FJI", "Mere@example.org", "telegram", "failed", "rejected"),
        Missing("Ali", "MDV", None, None, "unreachable", None),
        Missing("Sione", "TON", "Sione@example.org", "telegram", "unknown", "ambiguous"),
    )


# Confirmed


def test_ok_counts_as_read_once(store: Store) -> None:
    ana, ben = reader(store, "1", name="Ana"), reader(store, "2", name="Ben")
    perform(store, Announce(replace(lunch(), confirmable=True)))
    set_states(store, "sent", "sent")
    assert [perform(store, ConfirmRead("B-0001"), ana) for _ in range(2)] == [True, True]
    assert progress(store)[0].confirmed == 1
    assert perform(store, Unconfirmed("B-0001")) == (Contact(ben.id or 0, "Ben"),)
    stranger = reader(store, "3")
    assert perform(store, ConfirmRead("B-0001"), stranger) is False
    assert [perform(store, ConfirmRead(number), ana) for number in ("B-0009", "ok")] == [False, False]


def test_those_who_have_not_confirmed_are_asked_once_more(store: Store) -> None:
    ana = reader(store, "1")
    people(store, "2", "3", "4")
    perform(store, Announce(replace(lunch(), confirmable=True)))
    set_states(store, "sent", "sent", "unknown", "failed")
    perform(store, ConfirmRead("B-0001"), ana)
    first, second = (perform(store, Nudge("B-0001")) for _ in range(2))
    assert (first.number, first.recipients, first.fresh) == ("B-0002", 2, True)
    assert second == replace(first, fresh=False)
    perform(store, SendNow("B-0002"))
    asked = {row.participant_id: row.ref for row in rows(store) if row.broadcast_id == 2}
    assert list(asked) == [2, 3]
    assert "Lunch is served." in bodies(store)[asked[2]]


def test_what_needs_no_confirmation_cannot_be_confirmed(store: Store) -> None:
    ana = reader(store)
    broadcast(store)
    assert perform(store, ConfirmRead("B-0001"), ana) is False
    with pytest.raises(Refused, match="asks nobody to confirm it"):
        perform(store, Unconfirmed("B-0001"))
