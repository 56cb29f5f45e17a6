"""What is kept no longer goes when its days are over, and nothing before, nothing in a rehearsal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from bot import audit, retention
from bot.commands import AskSecretariat, Statement, StateNeed
from bot.database import Store
from bot.desk import Press
from bot.errors import NotAllowed
from bot.jobs import JOBS
from bot.messages import Attachment, Card
from bot.participants import Actor
from bot.privacy_commands import Forget, Purge, TakeAlong
from bot.retention import Purged, PurgeReport
from bot.store import Delivery, Need, Participant
from bot.tombstones import Tombstone
from tests.bot.ledgers import NOW, a_press, perform, person, queue, rows

KEPT = {"messages": 30, "links": 1, "needs_and_offers": 365, "participants": 365, "audit": 365}
DAY = timedelta(days=1)
OVER = {
    "links": datetime(2022, 9, 14, 17, tzinfo=UTC),
    "messages": datetime(2022, 10, 13, 17, tzinfo=UTC),
    "needs_and_offers": datetime(2023, 9, 13, 17, tzinfo=UTC),
}
"""The midnights in Bangkok after the days that the privacy page names."""


def press(ahead: timedelta = timedelta(), *, sample: bool = False) -> Press:
    """Return what the job works with, of a pack that is no sample."""
    given = a_press()
    forum = replace(
        given.know.forum, sample_programme=sample, sample_rooms=False, retention=KEPT, rehearsal_start=None
    )
    return replace(given, know=replace(given.know, forum=forum), ahead=ahead)


def purge(store: Store, at: datetime, with_press: Press | None = None, **how: Any) -> Purged:
    return store.write(lambda session: retention.purge(session, with_press or press(), at, **how)).result()


def reports(store: Store) -> list[PurgeReport]:
    return store.read(lambda session: list(session.exec(select(PurgeReport).order_by(col(PurgeReport.id)))))


def a_forum(store: Store) -> Actor:
    """Let a delegate say and be told something; return them."""
    ana = Actor(id=person(store, "ana", role="delegate", name="Ana Silva"), role="delegate", name="Ana Silva")
    perform(store, AskSecretariat("Who signs?"), ana)
    perform(store, StateNeed(Statement("need", "Cold rooms", "TLS")), ana)
    queue(store, "ana", "r1")
    settle = "UPDATE delivery SET state = 'sent', settled_at = created_at"
    store.write(lambda session: session.execute(text(settle))).result()
    return ana


def test_nothing_goes_before_its_day_is_over(store: Store) -> None:
    a_forum(store)
    done = purge(store, OVER["messages"] - timedelta(seconds=1))
    assert (done.counts, done.refused) == ({}, None)
    assert {kind: done.until[kind] for kind in OVER} == OVER
    assert len(rows(store)) == 1


def test_messages_and_questions_go_with_their_day(store: Store) -> None:
    a_forum(store)
    done = purge(store, OVER["messages"])
    assert done.counts == {"messages": {"delivery": 1, "question": 1}}
    assert rows(store) == []
    assert len(store.read(lambda session: session.exec(select(Need)).all())) == 1


def test_what_came_after_the_forum_has_its_days_too(store: Store) -> None:
    a_forum(store)
    later = OVER["messages"] - DAY
    store.write(
        lambda session: session.execute(Delivery.__table__.update().values(created_at=later))
    ).result()  # type: ignore[attr-defined]
    assert purge(store, OVER["messages"]).counts == {"messages": {"question": 1}}
    assert purge(store, OVER["messages"] + timedelta(days=30)).counts == {"messages": {"delivery": 1}}


def test_what_has_not_left_yet_stays(store: Store) -> None:
    person(store, "ana")
    queue(store, "ana", "r1")
    assert purge(store, OVER["messages"]).counts == {}


def test_needs_and_people_go_and_the_secretariat_stays(store: Store) -> None:
    a_forum(store)
    person(store, "officer", role="secretariat", name="An Officer")
    done = purge(store, OVER["needs_and_offers"])
    assert done.counts["needs_and_offers"] == {"need": 1}
    assert done.counts["participants"] == {"participant": 1}
    assert store.read(lambda session: session.exec(select(Participant.name)).all()) == ["An Officer"]
    assert store.read(audit.verify).broken is None


def test_a_copy_of_somebodys_data_is_not_kept_beside_it(store: Store) -> None:
    ana = a_forum(store)
    copy = perform(store, TakeAlong(), ana).file
    assert isinstance(copy, Attachment)
    card = Card("r2", "en", body="Here it is.", attachment=copy).to_json()
    store.write(lambda session: session.execute(Delivery.__table__.update().values(card=card))).result()  # type: ignore[attr-defined]
    assert purge(store, OVER["links"]).counts == {"links": {"copies": 1}}
    (row,) = rows(store)
    assert row.card == Card("r2", "en", body="Here it is.").to_json()


def test_the_record_of_last_year_goes_and_says_so(store: Store) -> None:
    store.write(lambda session: audit.record(session, "operator", "old", NOW)).result()
    done = purge(store, OVER["needs_and_offers"])
    assert done.counts["audit"] == {"audit_entry": 1}
    actions = [entry.action for entry in store.read(audit.entries)]
    assert actions == ["purge_audit", "purge"]
    assert store.read(audit.verify).broken is None


def test_a_dry_run_counts_and_changes_nothing(store: Store) -> None:
    a_forum(store)
    counted = purge(store, OVER["needs_and_offers"], dry_run=True)
    assert (len(rows(store)), reports(store)) == (1, [])
    assert counted.counts == purge(store, OVER["needs_and_offers"]).counts


def test_the_record_proves_what_was_deleted(store: Store) -> None:
    a_forum(store)
    counts = purge(store, OVER["messages"]).counts
    *_, entry = store.read(audit.entries)
    assert (entry.actor, entry.action, entry.details) == ("assistant", "purge", counts)
    assert [(report.at, report.counts) for report in reports(store)] == [(OVER["messages"], counts)]


@pytest.mark.parametrize("in_use", [{"sample": True}, {"ahead": timedelta(days=-1)}], ids=str)
def test_nothing_is_purged_of_a_sample_or_in_a_rehearsal(store: Store, in_use: dict[str, Any]) -> None:
    a_forum(store)
    done = purge(store, OVER["needs_and_offers"], press(**in_use))
    assert done.refused is not None
    assert (done.counts, len(rows(store))) == ({}, 1)
    assert [report.refused for report in reports(store)] == [done.refused]


def test_it_happens_every_day_and_begins_a_day_after_the_first_participant(store: Store) -> None:
    (job,) = [job for job in JOBS if job.name == "retention"]
    assert store.read(lambda session: job.next(session, NOW)) is None
    person(store, "ana")
    assert store.read(lambda session: job.next(session, NOW)) == NOW + DAY
    store.write(lambda session: job.do(session, press(), NOW + DAY)).result()
    assert store.read(lambda session: job.next(session, NOW)) == NOW + 2 * DAY


def test_only_an_admin_purges(store: Store) -> None:
    assert perform(store, Purge(dry_run=True)).counts == {}
    with pytest.raises(NotAllowed):
        perform(store, Purge(), Actor(role="secretariat"))


def test_reports_are_not_kept_for_ever(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "REPORTS", 2)
    for day in range(3):
        purge(store, NOW + day * DAY)
    assert [report.at for report in reports(store)] == [NOW + DAY, NOW + 2 * DAY]


def test_after_the_forum_nobody_leaves_a_tombstone_and_those_there_are_go(store: Store) -> None:
    for name in ("Ana Silva", "Ben Lee"):
        person(store, name, role="delegate", name=name, email="office@x.example", confirmed=True)
    ana = Actor(id=1, role="delegate", name="Ana Silva", email="office@x.example", confirmed=True)
    perform(store, Forget(), ana)
    done = purge(store, OVER["needs_and_offers"])
    assert done.counts["participants"] == {"participant": 1, "tombstone": 1}
    assert store.read(lambda session: session.exec(select(Tombstone)).all()) == []
