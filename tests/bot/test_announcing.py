"""The life of an announcement until it is out: found again, held, approved, undone, begun."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select as sql_select
from sqlalchemy import update
from sqlmodel import Session, col, select

from bot import announcing, audiences, ledger
from bot.announcement_commands import Announced, Approve, SendNow, Undo
from bot.broadcasts import HOLD, Announcement, Change, Quiet, Rules
from bot.compositions import Words
from bot.database import Store
from bot.errors import NotAllowed, Refused
from bot.messages import Attachment
from bot.participants import Actor
from bot.records import Records
from bot.store import Broadcast, Participant
from tests.bot.ledgers import NOW, a_press, bodies, broadcast, lunch, people, perform, person, rows
from tests.bot.officers import MINUTE, announce, begin, kept, officers, own

NIGHT = datetime(2022, 9, 13, 16, 0, tzinfo=UTC)
"""23:00 at the forum's place."""


# Once, and to everyone


def test_an_announcement_is_a_delivery_for_each_recipient_in_their_language(store: Store) -> None:
    person(store, "1", role="delegate", country="FJI", language="fr")
    person(store, "U2", "slack", role="partner", guessed_language="zh")
    person(store, "w3", "web", guessed_language="ru")
    person(store, "4", guessed_language="th")
    announced = broadcast(store)
    assert announced == Announced("B-0001", 4, True, "running", NOW)
    said = bodies(store)
    found = [
        (row.ref, row.kind, row.priority, row.state, row.channel, row.user, row.participant_id, said[row.ref])
        for row in rows(store)
    ]
    assert found == [
        ("b1.1", "announcement", 5, "queued", "telegram", "1", 1, "fr: Lunch is served."),
        ("b1.2", "announcement", 5, "queued", "slack", "U2", 2, "zh: Lunch is served."),
        ("b1.3", "announcement", 5, "queued", "web", "w3", 3, "ru: Lunch is served."),
        ("b1.4", "announcement", 5, "queued", "telegram", "4", 4, "en: Lunch is served."),
    ]
    assert {(row.created_at, row.settled_at, row.broadcast_id) for row in rows(store)} == {(NOW, None, 1)}


def test_the_same_announcement_again_sends_nothing(store: Store) -> None:
    people(store, "1")
    first = broadcast(store, roles={"visitor"})
    people(store, "2")
    assert broadcast(store, roles={"visitor"}) == replace(first, fresh=False)
    assert len(rows(store)) == 1


def test_the_same_words_can_be_sent_again_on_purpose(store: Store) -> None:
    people(store, "1")
    broadcast(store)
    numbers = [announce(store, replace(lunch(), again=True)).number for _ in range(2)]
    assert (numbers, len(rows(store))) == (["B-0002", "B-0003"], 3)


@pytest.mark.parametrize(
    ("text", "audience"), [("Dinner is served.", {}), ("Lunch is served.", {"channels": {"telegram"}})]
)
def test_other_words_or_another_audience_are_another_announcement(
    store: Store, text: str, audience: dict[str, set[str]]
) -> None:
    people(store, "1")
    broadcast(store)
    again = broadcast(store, text, **audience)
    assert (again.number, again.recipients, again.fresh) == ("B-0002", 1, True)
    assert [row.ref for row in rows(store)] == ["b1.1", "b2.1"]


def test_personal_words_are_written_for_each_reader(store: Store) -> None:
    person(store, "1", name="Ana <3", country="FJI")
    person(store, "2", name="Ben", country="TON", guessed_language="fr")
    person(store, "3")
    texts = {
        "en": "Dear {{ name|default('friend') }}, welcome.",
        "fr": "Bienvenue{% if country %}, {{ country }}{% endif %}.",
    }
    announce(store, Announcement(Words(texts=texts), now=True))
    assert bodies(store) == {
        "b1.1": "Dear Ana &lt;3, welcome.",
        "b1.2": "Bienvenue, Tonga.",
        "b1.3": "Dear friend, welcome.",
    }
    assert {row.shared_card_id for row in rows(store)} == {None}


def test_nobody_but_the_secretariat_announces(store: Store) -> None:
    with pytest.raises(NotAllowed):
        announce(store, own(), Actor(id=person(store, "1"), role="delegate"))


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_kept(store: Store) -> None:
    picture = Attachment("map.png", "image/png", b"", "  ")
    wrong = replace(
        own("Hello {{ friend }}", attachment=picture, change=Change("s99")),
        audience=audiences.Audience(roles=frozenset({"king"})),
    )
    with pytest.raises(Refused) as refusal:
        announce(store, wrong)
    assert [line.split(";")[0] for line in str(refusal.value).splitlines()] == [
        "en, line 1: “friend” is not possible here",
        "“king” is not a role",
        "“s99” is not a session",
        "map.png has no description",
    ]
    assert store.read(lambda session: session.exec(select(Broadcast)).all()) == []


def test_a_file_without_anything_in_it_is_refused(store: Store) -> None:
    """No platform takes one: it would fail for everyone."""
    with pytest.raises(Refused, match=r"report\.pdf is empty"):
        announce(store, own(attachment=Attachment("report.pdf", "application/pdf", b"", "The report")))


# Held, and undone


def test_an_announcement_is_held_for_half_a_minute(store: Store) -> None:
    people(store, "1")
    announced = announce(store, own())
    assert announced == Announced("B-0001", 1, True, "held", NOW + HOLD)
    assert rows(store) == []
    assert begin(store)
    assert (kept(store).state, kept(store).started_at, len(rows(store))) == ("running", NOW + HOLD, 1)


def test_it_begins_once_however_many_try(store: Store) -> None:
    people(store, "1")
    announce(store, own())
    assert [begin(store), begin(store)] == [True, False]
    assert len(rows(store)) == 1


def test_it_goes_to_who_is_there_when_it_begins(store: Store) -> None:
    people(store, "1")
    assert announce(store, own()).recipients == 1
    people(store, "2")
    begin(store)
    assert kept(store).recipients == 2


def test_what_is_held_can_be_undone_and_sent_after_all(store: Store) -> None:
    people(store, "1")
    announce(store, own())
    assert perform(store, Undo("B-0001")) is True
    assert [begin(store), perform(store, Undo("B-0001"))] == [False, False]
    again = announce(store, own())
    assert (again.number, again.fresh, kept(store).state) == ("B-0002", True, "undone")


def test_what_has_left_cannot_be_undone(store: Store) -> None:
    people(store, "1")
    broadcast(store)
    assert perform(store, Undo("B-0001")) is False
    assert kept(store).state == "running"


def test_it_can_be_sent_without_waiting(store: Store) -> None:
    people(store, "1")
    announce(store, own(starts_at=NOW + timedelta(hours=5)))
    assert [perform(store, SendNow("B-0001")), perform(store, SendNow("B-0001"))] == [True, False]
    assert (kept(store).starts_at, len(rows(store))) == (NOW, 1)


@pytest.mark.parametrize("command", [Undo, SendNow, Approve])
@pytest.mark.parametrize("number", ["B-0009", "lunch", "B-²"])
def test_an_announcement_that_there_is_not(store: Store, command: Any, number: str) -> None:
    with pytest.raises(Refused, match="there is no announcement"):
        perform(store, command(number))


# Schedules


def test_it_waits_for_its_time(store: Store) -> None:
    starts_at = NOW + timedelta(hours=2)
    assert announce(store, own(starts_at=starts_at)).starts_at == starts_at


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ({"starts_at": NOW - MINUTE}, "10:41 on 13 September has passed"),
        ({"use_by": NOW}, "use-by 10:42 on 13 September is over before"),
        ({"starts_at": NOW + 5 * MINUTE, "use_by": NOW + 5 * MINUTE}, "give a later one"),
        ({"starts_at": NOW.replace(tzinfo=None)}, "has no zone"),
    ],
)
def test_a_time_that_cannot_be(store: Store, times: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        announce(store, own(**times))


@pytest.mark.parametrize(
    ("values", "starts_at"),
    [
        ({}, NIGHT + timedelta(hours=8)),
        ({"kind": "reminder"}, NIGHT + timedelta(hours=8)),
        ({"starts_at": NIGHT + timedelta(hours=10)}, NIGHT + timedelta(hours=10)),
        ({"starts_at": NIGHT + timedelta(hours=7)}, NIGHT + timedelta(hours=8)),
        ({"now": True}, NIGHT),
        ({"kind": "safety"}, NIGHT),
    ],
)
def test_nothing_leaves_at_night_unless_it_must(
    store: Store, values: dict[str, Any], starts_at: datetime
) -> None:
    assert announce(store, own(**values), now=NIGHT).starts_at == starts_at


def test_what_is_of_no_use_after_the_night_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match="it would leave at 07:00 on 14 September"):
        announce(store, own(use_by=NIGHT + timedelta(hours=1)), now=NIGHT)


@pytest.mark.parametrize(
    ("quiet", "hour", "after"),
    [
        ("22:00-07:00", 22, 7),
        ("22:00-07:00", 6, 7),
        ("22:00-07:00", 7, 7),
        ("22:00-07:00", 21, 21),
        ("12:00-14:00", 13, 14),
    ],
)
def test_quiet_hours(quiet: str, hour: int, after: int) -> None:
    zone = a_press().know.forum.time_zone
    hours = Quiet.read(quiet)
    assert hours is not None
    assert hours.after(datetime(2022, 9, 13, hour, tzinfo=zone), zone).hour == after


def test_quiet_hours_can_be_none_but_not_nonsense() -> None:
    assert Quiet.read(" ") is None
    for wrong in ("22", "22:00-22:00", "a-b"):
        with pytest.raises(ValueError, match="quiet hours"):
            Quiet.read(wrong)


def test_what_was_too_late_to_begin_is_given_up(store: Store) -> None:
    announce(store, own(use_by=NOW + MINUTE))

    def work(session: Session) -> bool:
        return announcing.give_up(session, session.get_one(Broadcast, 1), NOW + MINUTE)

    assert [store.write(work).result(), store.write(work).result()] == [True, False]
    assert (kept(store).state, begin(store)) == ("late", False)


def test_a_late_reminder_says_so(store: Store) -> None:
    people(store, "1")
    slots = {"minutes": 10, "what": "The group photo"}
    reminder = Announcement(Words("reminder", slots), kind="reminder", starts_at=NOW + MINUTE)
    announce(store, reminder)
    begin(store, now=NOW + 5 * MINUTE)
    query = sql_select(ledger.CARD).select_from(ledger.WITH_CARDS)
    (card,) = store.read(lambda session: session.execute(query).scalars().all())
    assert (rows(store)[0].kind, card["note"].splitlines()[0]) == ("reminder", "late by 4 min")


# A second officer


FEW = Rules(approval_above=1)


def test_many_recipients_need_a_second_officer(store: Store) -> None:
    ana, ben = officers(store)
    press = replace(a_press(), rules=FEW)
    announced = announce(store, own(), ana, press=press)
    assert (announced.state, begin(store)) == ("awaiting", False)
    with pytest.raises(Refused, match="needs a second officer"):
        perform(store, Approve("B-0001"), ana)
    with pytest.raises(Refused, match="waits for a second officer"):
        perform(store, SendNow("B-0001"), ana)
    later = NOW + 5 * MINUTE
    approved = perform(store, Approve("B-0001"), ben, later)
    assert (approved.state, approved.starts_at, approved.fresh) == ("held", later + HOLD, True)
    assert perform(store, Approve("B-0001"), ben, later).fresh is False
    assert kept(store).approved_by == ben.id
    assert begin(store, now=later + HOLD)


def noticed(store: Store, command: Any, actor: Actor) -> list[tuple[int, str]]:
    """Carry *command* out and return who is to be told what."""

    def work(session: Session) -> list[tuple[int, str]]:
        records = Records(session, actor, NOW + MINUTE, a_press())
        records.perform(command)
        return [(notice.participant_id, notice.saying.template) for notice in records.notices]

    return store.write(work).result()


def test_the_author_is_told_what_the_second_officer_did(store: Store) -> None:
    ana, ben = officers(store)
    press = replace(a_press(), rules=FEW)
    for text in ("Lunch is served.", "The bus leaves."):
        announce(store, own(text), ana, press=press)
    assert noticed(store, Approve("B-0001"), ben) == [(ana.id, "announcement/approved")]
    assert noticed(store, Approve("B-0001"), ben) == []
    assert noticed(store, Undo("B-0002"), ben) == [(ana.id, "announcement/stopped_by")]
    assert noticed(store, Undo("B-0001"), ana) == []


def test_what_was_to_leave_at_once_does_when_it_is_approved(store: Store) -> None:
    ana, ben = officers(store)
    announce(store, own(now=True), ana, press=replace(a_press(), rules=FEW))
    assert perform(store, Approve("B-0001"), ben, NOW + MINUTE).state == "running"
    assert len(rows(store)) == 2


def test_what_is_approved_after_its_use_by_stays(store: Store) -> None:
    ana, ben = officers(store)
    announce(store, own(use_by=NOW + MINUTE), ana, press=replace(a_press(), rules=FEW))
    with pytest.raises(Refused, match="was of use until"):
        perform(store, Approve("B-0001"), ben, NOW + MINUTE)


def test_few_recipients_and_safety_need_nobody_else(store: Store) -> None:
    ana, _ = officers(store)
    press = replace(a_press(), rules=Rules(approval_above=2))
    assert announce(store, own(), ana, press=press).state == "held"
    safety = own("Stay inside.", kind="safety")
    assert announce(store, safety, ana, press=replace(press, rules=FEW)).state == "running"
    assert {(row.kind, row.priority) for row in rows(store)} == {("safety", 0)}


def test_evacuation_is_a_safety_message_and_lunch_is_none(store: Store) -> None:
    with pytest.raises(Refused, match="evacuation is a safety message"):
        announce(store, Announcement(Words("evacuation")))
    slots = {"what": "A key", "place": "the desk"}
    with pytest.raises(Refused, match="lost_property is no safety message"):
        announce(store, Announcement(Words("lost_property", slots), kind="safety"))


# Mutes


def muted(store: Store, participant: int, mute: str, until: datetime | None) -> None:
    mine = update(audiences.PEOPLE).where(col(Participant.id) == participant)
    store.write(lambda session: session.execute(mine.values(muted=mute, muted_until=until))).result()


def test_a_message_waits_for_the_end_of_a_mute(store: Store) -> None:
    people(store, *"12345")
    muted(store, 1, "all", NOW + 10 * MINUTE)
    muted(store, 2, "all", NOW + 60 * MINUTE)
    muted(store, 3, "until_written", None)
    muted(store, 4, "but_changes", NOW - MINUTE)
    ahead = timedelta(days=-1000)
    use_by = NOW + 30 * MINUTE
    announced = announce(store, own(now=True, use_by=use_by), press=replace(a_press(), ahead=ahead))
    assert announced.recipients == 5
    machine = NOW - ahead
    assert [(row.state, row.cause, row.not_before, row.settled_at) for row in rows(store)] == [
        ("queued", None, machine + 10 * MINUTE, None),
        ("failed", "muted", None, machine),
        ("failed", "muted", None, machine),
        ("queued", None, None, None),
        ("queued", None, None, None),
    ]


@pytest.mark.parametrize(
    ("kind", "states"), [("announcement", ["queued", "failed"]), ("safety", ["queued", "queued"])]
)
def test_changes_pass_mutes_and_safety_passes_all(store: Store, kind: Any, states: list[str]) -> None:
    people(store, "1", "2")
    muted(store, 1, "all", None)
    muted(store, 2, "until_written", None)
    announce(store, own(now=True, kind=kind, change=Change("s3", room="room-d")))
    assert [row.state for row in rows(store)] == states
