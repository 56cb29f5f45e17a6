"""Announcements that were wrong: corrected where they are, sent anew where that is needed, taken back."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select as sql_select
from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.announcement_commands import (
    Announce,
    Correct,
    Corrected,
    Preview,
    ResendUnknown,
    Retract,
    Sample,
    TestSend,
    Undo,
)
from bot.announcing import begin
from bot.audiences import DELIVERIES
from bot.broadcasts import Announcement, Change
from bot.compositions import Words
from bot.database import Store
from bot.errors import Refused
from bot.ledger import CARD, ROWS, WITH_CARDS
from bot.messages import Attachment
from bot.participants import Actor
from bot.store import Broadcast, Delivery, SessionChange
from knowledge.snapshot import Snapshot
from tests.bot.ledgers import NOW, a_press, bodies, broadcast, lunch, people, perform, person, rows

LATER = datetime(2022, 9, 13, 7, 7, tzinfo=UTC)
"""14:07 at the forum's place."""
DINNER = Words(texts={"en": "Dinner is served."})


def sent(store: Store, *states: str) -> None:
    """Let the deliveries end in these *states*, in their order."""

    def work(session: Session) -> None:
        for row, state in enumerate(states, start=1):
            ended = None if state in ("queued", "sending") else NOW
            message = f"m{row}" if state == "sent" else None
            values = {"state": state, "settled_at": ended, "message": message}
            session.execute(update(DELIVERIES).where(DELIVERIES.c.id == row).values(values))

    store.write(work).result()


def correct(store: Store, words: Words = DINNER, change: Change | None = None, **context: Any) -> Corrected:
    found = perform(store, Correct("B-0001", words, change), now=LATER, **context)
    assert isinstance(found, Corrected)
    return found


def kept(store: Store) -> Broadcast:
    return store.read(lambda session: session.get_one(Broadcast, 1))


def added(store: Store, after: int) -> list[Delivery]:
    return rows(store)[after:]


def note(store: Store, ref: str) -> str:
    query = sql_select(CARD).select_from(WITH_CARDS).where(ROWS.c.ref == ref)
    return str(store.read(lambda session: session.execute(query).scalar_one())["note"])


def test_what_arrived_is_edited_where_it_is_and_what_waits_leaves_right(store: Store) -> None:
    people(store, "1", "2", "3", "4")
    broadcast(store)
    sent(store, "sent", "queued", "failed", "sending")
    assert correct(store) == Corrected(edits=2, anew=0, queued=1)
    found = [
        (
            row.ref,
            row.kind,
            row.priority,
            row.user,
            row.replaces,
            row.corrects_id,
            row.broadcast_id,
            row.state,
        )
        for row in added(store, 4)
    ]
    assert found == [
        ("b1.1c2", "correction", 2, "1", "m1", 1, None, "queued"),
        ("b1.4c2", "correction", 2, "4", None, 4, None, "queued"),
    ]
    said = bodies(store)
    dinner, lunch = "Dinner is served.", "en: Lunch is served."
    assert [said[row.ref] for row in rows(store)] == [lunch, dinner, dinner, lunch, dinner, dinner]
    assert note(store, "b1.1c2").splitlines()[-1] == "corrected 14:07"
    assert (kept(store).edition, kept(store).corrected_at) == (2, LATER)


def test_who_may_not_have_it_gets_the_right_one(store: Store) -> None:
    people(store, "1", "2")
    broadcast(store)
    sent(store, "sent", "unknown")
    assert correct(store) == Corrected(edits=1, anew=1)
    edit, anew = added(store, 2)
    assert (edit.ref, anew.ref) == ("b1.1c2", "b1.2n2")
    assert (anew.kind, anew.priority, anew.replaces, anew.broadcast_id) == ("announcement", 5, None, 1)
    assert perform(store, ResendUnknown("B-0001"), now=LATER) == 0


def test_a_second_correction_overtakes_the_first(store: Store) -> None:
    people(store, "1", "2")
    broadcast(store)
    sent(store, "sent", "unknown")
    correct(store)
    supper = Words(texts={"en": "Supper is served."})
    assert correct(store, supper) == Corrected(edits=1)
    assert {bodies(store)[row.ref] for row in added(store, 2)} == {"Supper is served."}
    sent(store, "sent", "unknown", "sent", "sent")
    assert correct(store) == Corrected(edits=2, anew=1)
    assert [row.replaces for row in added(store, 4)] == ["m1", "m4", None]


def test_the_same_words_correct_nothing(store: Store) -> None:
    people(store, "1")
    broadcast(store)
    sent(store, "sent")
    correct(store)
    assert (correct(store), kept(store).edition) == (Corrected(), 2)


def test_what_is_held_is_only_written_anew(store: Store) -> None:
    people(store, "1")
    perform(store, Announce(replace(lunch(), now=False)))
    assert correct(store) == Corrected(queued=1)
    row = kept(store)
    assert store.write(
        lambda session: begin(session, session.get_one(Broadcast, row.id), a_press(), LATER)
    ).result()
    assert bodies(store) == {"b1.1": "Dinner is served."}
    assert note(store, "b1.1") == ""


def test_personal_words_are_corrected_for_each(store: Store) -> None:
    person(store, "1", name="Ana")
    person(store, "2", name="Ben")
    hello = Words(texts={"en": "Hello {{ name|default('friend') }}."})
    perform(store, Announce(Announcement(hello, now=True)))
    sent(store, "sent", "queued")
    correct(store, Words(texts={"en": "Good day {{ name|default('friend') }}."}))
    assert bodies(store) == {"b1.1": "Hello Ana.", "b1.2": "Good day Ben.", "b1.1c2": "Good day Ana."}
    correct(store, DINNER)
    assert (bodies(store)["b1.2"], bodies(store)["b1.1c2"]) == ("Dinner is served.", "Dinner is served.")
    correct(store, hello)
    assert (bodies(store)["b1.2"], bodies(store)["b1.1c2"]) == ("Hello Ben.", "Hello Ana.")


def room(name: str) -> Words:
    return Words("room_change", {"session": "s3", "room": name})


def in_room(name: str) -> Any:
    """Return what announcements are written with once session 3 is in that room."""
    press = a_press()
    programme = [
        replace(session, room=name) if session.id == "s3" else session for session in press.know.programme
    ]
    know: Snapshot = replace(press.know, programme=type(press.know.programme)(programme))
    return replace(press, know=know)


def test_another_room_is_edited_and_told_anew(store: Store) -> None:
    people(store, "1", "2")
    perform(store, Announce(Announcement(room("room-d"), change=Change("s3", room="room-d"), now=True)))
    sent(store, "sent", "queued")
    found = correct(store, room("room-c"), Change("s3", room="room-c"), press=in_room("room-d"))
    assert found == Corrected(edits=1, anew=1, queued=1)
    said = bodies(store)["b1.1n2"]
    assert said.startswith("Session 3 is now in Room C, first floor (it was Room B).")
    changes = store.read(
        lambda session: session.exec(select(SessionChange).order_by(col(SessionChange.id))).all()
    )
    assert [(one.room, one.undone_at, one.broadcast_id) for one in changes] == [
        ("room-d", LATER, 1),
        ("room-c", None, 1),
    ]


def test_another_way_of_saying_the_same_is_not_told_anew(store: Store) -> None:
    people(store, "1")
    perform(store, Announce(Announcement(room("room-d"), change=Change("s3", room="room-d"), now=True)))
    sent(store, "sent")
    better = replace(room("room-d"), slots={**room("room-d").slots, "way": "Take the lift."})
    found = correct(store, better, Change("s3", room="room-d"), press=in_room("room-d"))
    assert found == Corrected(edits=1)
    assert "it was Room B" in bodies(store)["b1.1c2"]


def test_a_cancelled_one_is_corrected_for_those_who_have_it(store: Store) -> None:
    people(store, "1", "2")
    broadcast(store)
    sent(store, "sent", "unknown")
    store.write(lambda session: session.execute(update(Broadcast).values(state="cancelled"))).result()
    assert correct(store) == Corrected(edits=1)


def test_what_is_wrong_with_a_correction_is_said_and_nothing_changes(store: Store) -> None:
    people(store, "1")
    broadcast(store)
    with pytest.raises(Refused, match="the English text is missing"):
        correct(store, Words(texts={"fr": "Le dîner."}))
    assert (kept(store).edition, len(rows(store))) == (1, 1)


def test_what_was_undone_cannot_be_corrected(store: Store) -> None:
    perform(store, Announce(replace(lunch(), now=False)))
    perform(store, Undo("B-0001"))
    with pytest.raises(Refused, match="was undone; there is nothing to correct"):
        correct(store)


# Taken back


def test_a_withdrawn_one_is_taken_from_the_queue_and_from_everyone(store: Store) -> None:
    people(store, "1", "2", "3", "4")
    person(store, "5", language="fr")
    change = Change("s3", room="room-d")
    perform(store, Announce(replace(lunch(), change=change)))
    sent(store, "sent", "queued", "unknown", "failed", "sent")
    found = perform(store, Retract("B-0001"), now=LATER)
    assert found == Corrected(edits=2, queued=1)
    assert (rows(store)[1].state, rows(store)[1].cause) == ("failed", "withdrawn")
    taken = [(row.ref, row.kind, row.replaces, row.deletes, row.broadcast_id) for row in added(store, 5)]
    assert taken == [("b1.1c2", "correction", "m1", True, None), ("b1.5c2", "correction", "m5", True, None)]
    assert bodies(store)["b1.1c2"] == "This announcement was withdrawn at 14:07."
    assert bodies(store)["b1.5c2"] != bodies(store)["b1.1c2"]
    assert (kept(store).state, kept(store).withdrawn_at) == ("withdrawn", LATER)
    undone = store.read(lambda session: session.exec(select(SessionChange.undone_at)).all())
    assert undone == [LATER]
    assert perform(store, Retract("B-0001"), now=LATER) == Corrected()


def test_an_edit_that_still_waits_gives_way_to_the_withdrawal(store: Store) -> None:
    people(store, "1")
    broadcast(store)
    sent(store, "sent")
    correct(store)
    assert perform(store, Retract("B-0001"), now=LATER) == Corrected(edits=1)
    assert [(row.ref, row.state, row.deletes) for row in added(store, 1)] == [
        ("b1.1c2", "failed", False),
        ("b1.1c3", "queued", True),
    ]


def test_to_withdraw_what_is_held_is_to_undo_it(store: Store) -> None:
    people(store, "1")
    perform(store, Announce(replace(lunch(), now=False)))
    assert perform(store, Retract("B-0001")) == Corrected(queued=1)
    assert kept(store).state == "undone"


# Seen before


def test_a_preview_is_what_a_real_recipient_of_each_place_would_read(store: Store) -> None:
    person(store, "1", name="Ana")
    person(store, "2", name="Ben")
    person(store, "U3", "slack", language="fr", name="Chloé")
    words = Words(
        texts={"en": "Hello {{ name|default('you') }}.", "fr": "Bonjour {{ name|default('à vous') }}."}
    )
    found: tuple[Sample, ...] = perform(store, Preview(Announcement(words)))
    assert [(one.channel, one.lang, one.count, one.card.body) for one in found] == [
        ("telegram", "en", 2, "Hello Ana."),
        ("slack", "fr", 1, "Bonjour Chloé."),
    ]
    assert store.read(lambda session: session.exec(select(Broadcast)).all()) == []
    with pytest.raises(Refused, match="line 1"):
        perform(store, Preview(Announcement(Words(texts={"en": "{{ loop }}"}))))


def test_a_test_goes_to_whoever_asks_for_it(store: Store) -> None:
    officer = Actor(id=person(store, "o", role="secretariat", name="Ana"), role="secretariat", name="Ana")
    person(store, "2", language="ru")
    picture = Attachment("map.png", "image/png", b"\x89", "The way to Room D")
    announcement = replace(lunch(), attachment=picture, confirmable=True)
    assert [perform(store, TestSend(announcement), officer) for _ in range(2)] == [2, 2]
    found = [(row.kind, row.user, row.broadcast_id, bodies(store)[row.ref]) for row in rows(store)]
    assert (
        found
        == [
            ("notice", "o", None, "<b>Announcement from the secretariat</b>\nen: Lunch is served."),
            ("notice", "o", None, "<b>Объявление секретариата</b>\nru: Lunch is served."),
        ]
        * 2
    )
    headings = [(row.card or {})["heading"] for row in rows(store)[:2]]
    assert headings == ["TEST: only you get this.", "ТЕСТ: это сообщение получили только вы."]
    card = rows(store)[0].card or {}
    assert (card["attachment"]["description"], card["choices"]) == ("The way to Room D", [])
    with pytest.raises(Refused, match="in their chat"):
        perform(store, TestSend(announcement))
