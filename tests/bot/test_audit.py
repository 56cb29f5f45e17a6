"""The record of who did what: complete, without names, and nothing in it can be changed unseen."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, delete, select

from bot import audit
from bot.announcement_commands import ReadProgress
from bot.audit import AuditEntry, AuditSubject, Verdict
from bot.commands import ImportPeople, Registered
from bot.consent import LINKING
from bot.database import Store
from bot.errors import NotAllowed
from bot.participants import Actor
from bot.privacy_commands import ChooseVisibility, GiveConsent, ShowAudit, VerifyAudit
from tests.bot.ledgers import NOW, broadcast, perform, person


def done(store: Store, *actions: str) -> None:
    """Add an entry for each of *actions*."""
    for action in actions:
        store.write(lambda session, action=action: audit.record(session, "operator", action, NOW)).result()


def verdict(store: Store, expected: str | None = None) -> Verdict:
    return store.read(lambda session: audit.verify(session, expected))


def entries(store: Store) -> tuple[AuditEntry, ...]:
    return store.read(audit.entries)


def change(store: Store, number: int, **values: Any) -> None:
    one = update(AuditEntry).where(col(AuditEntry.id) == number).values(**values)
    store.write(lambda session: session.execute(one)).result()


def remove(store: Store, number: int) -> None:
    store.write(lambda session: session.exec(delete(AuditEntry).where(col(AuditEntry.id) == number))).result()


def test_an_empty_record_is_whole(store: Store) -> None:
    assert verdict(store) == Verdict(0)


def test_what_follows_from_what_stands_before_it_is_whole(store: Store) -> None:
    done(store, "one", "two", "three")
    *_, last = entries(store)
    assert verdict(store) == Verdict(3, last.hash)


@pytest.mark.parametrize(
    "values",
    [
        {"action": "nothing"},
        {"actor": "somebody"},
        {"subject": "somebody"},
        {"on_behalf": "admin"},
        {"details": {"number": "B-0002"}},
        {"at": NOW + timedelta(microseconds=1)},
        {"before": "0" * 64},
        {"hash": "0" * 64},
    ],
    ids=lambda values: next(iter(values)),
)
def test_an_entry_that_was_changed_is_found(store: Store, values: dict[str, Any]) -> None:
    done(store, "one", "two", "three")
    change(store, 2, **values)
    assert verdict(store).broken == 2


def test_an_entry_that_was_written_anew_breaks_the_next_one(store: Store) -> None:
    done(store, "one", "two", "three")
    forged = entries(store)[1].model_copy(update={"action": "nothing"})
    change(store, 2, action="nothing", hash=audit.hash_of(forged))
    assert verdict(store).broken == 3


@pytest.mark.parametrize(("number", "broken"), [(1, 2), (2, 3)])
def test_an_entry_that_was_taken_out_is_missed(store: Store, number: int, broken: int) -> None:
    done(store, "one", "two", "three")
    remove(store, number)
    assert verdict(store).broken == broken


def test_an_end_that_was_taken_away_is_missed_by_whoever_noted_its_hash(store: Store) -> None:
    done(store, "one", "two")
    noted = verdict(store).head
    done(store, "three")
    assert verdict(store, noted).known
    remove(store, 3)
    remove(store, 2)
    assert verdict(store) == Verdict(1, entries(store)[0].hash)
    assert not verdict(store, noted).known


def test_a_purge_cuts_the_chain_and_says_so(store: Store) -> None:
    done(store, "one", "two")
    last = entries(store)[1].hash
    store.write(lambda session: audit.record(session, "operator", "three", NOW + timedelta(days=2))).result()
    gone = store.write(
        lambda session: audit.purge(session, NOW + timedelta(days=1), NOW + timedelta(days=3))
    ).result()
    assert gone == 2
    assert [(entry.action, entry.details) for entry in entries(store)] == [
        ("three", {}),
        ("purge_audit", {"entries": 2, "last": last}),
    ]
    assert verdict(store) == Verdict(2, entries(store)[1].hash)


def test_a_purge_of_nothing_leaves_no_entry(store: Store) -> None:
    done(store, "one")
    assert store.write(lambda session: audit.purge(session, NOW, NOW)).result() == 0
    assert [entry.action for entry in entries(store)] == ["one"]


def test_people_stand_under_random_names_that_they_keep(store: Store) -> None:
    ana, ben = person(store, "ana", name="Ana Silva"), person(store, "ben")
    for who in (ana, ben, ana):
        perform(store, ChooseVisibility("registered"), Actor(id=who, role="delegate"))
    first, second, third = (entry.actor for entry in entries(store))
    assert first == third != second
    assert len(first) == 16
    assert store.read(lambda session: session.get_one(AuditSubject, ana)).subject == first


def test_consent_and_visibility_are_kept_and_stand_in_the_record(store: Store) -> None:
    ana = Actor(id=person(store, "ana"), role="delegate")
    perform(store, GiveConsent(), ana)
    perform(store, ChooseVisibility("delegation"), ana)
    assert [(entry.action, entry.on_behalf, entry.details) for entry in entries(store)] == [
        ("give_consent", "delegate", {"kind": LINKING, "version": "1"}),
        ("choose_visibility", "delegate", {"to": "delegation"}),
    ]


def test_what_the_secretariat_does_stands_there_without_its_words(store: Store) -> None:
    person(store, "ana", role="delegate")
    broadcast(store, "The lift is out of order.")
    people = (Registered("Mele Tupou", "mele@forum.example", "TON", "delegate", None),)
    perform(store, ImportPeople(people))
    perform(store, ReadProgress())
    assert [(entry.actor, entry.on_behalf, entry.action, entry.details) for entry in entries(store)] == [
        ("operator", "admin", "announce", {"number": "B-0001", "recipients": 1}),
        ("operator", "admin", "import_people", {"added": 1, "changed": 0}),
    ]


def test_only_an_admin_reads_the_record(store: Store) -> None:
    done(store, "one")
    assert [entry.action for entry in perform(store, ShowAudit())] == ["one"]
    assert perform(store, VerifyAudit()).entries == 1
    for command in (ShowAudit(), VerifyAudit()):
        with pytest.raises(NotAllowed):
            perform(store, command, Actor(role="secretariat"))


def test_the_newest_are_shown_in_their_order(store: Store) -> None:
    done(store, "one", "two", "three")
    assert [entry.action for entry in perform(store, ShowAudit(newest=2))] == ["two", "three"]


def test_two_who_write_at_once_do_not_fork_the_chain(store: Store) -> None:
    both = [store.write(lambda session: audit.record(session, "operator", "many", NOW)) for _ in range(40)]
    for one in both:
        one.result()
    assert verdict(store).broken is None
    assert len({entry.before for entry in entries(store)}) == len(both)


def test_who_is_not_known_to_the_record_has_no_row_in_it(store: Store) -> None:
    person(store, "ana")
    assert store.read(lambda session: session.exec(select(AuditSubject)).all()) == []
