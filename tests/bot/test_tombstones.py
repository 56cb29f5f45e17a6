"""Who asked to be forgotten is brought back by no registration list, and nothing says who that was."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.audit import AuditEntry
from bot.commands import CompareList, Imported, ImportPeople, Registered
from bot.database import Store
from bot.errors import NotAllowed, Refused
from bot.keys import Keys
from bot.linking import Door
from bot.links import Ways
from bot.participants import Actor
from bot.people_commands import Readmit
from bot.privacy_commands import Forget
from bot.records import Records
from bot.store import Participant
from bot.tombstones import Tombstone
from tests.bot.ledgers import NOW, OFFICER, a_press, perform
from tests.bot.test_forgetting import left_in

MELE = Registered("Mele Tupou", "mission@tonga.example", "TON", "delegate", None)
SIONE = replace(MELE, name="Sione Vea")
ANA = replace(MELE, name="Ana Silva", email="ana@forum.example")


def take_in(store: Store, *people: Registered) -> Imported:
    done: Imported = perform(store, ImportPeople(people))
    return done


def forget(store: Store, name: str) -> None:
    """Let whoever is registered as *name* be forgotten."""
    perform(store, Forget(), actor_of(store, name))


def actor_of(store: Store, name: str) -> Actor:
    def read(session: Session) -> Actor:
        row = session.exec(select(Participant).where(Participant.name == name)).one()
        return Actor(row.id, row.role, row.country, name=row.name, email=row.email, confirmed=row.confirmed)

    return store.read(read)


def names(store: Store) -> Sequence[str | None]:
    return store.read(lambda session: sorted(session.exec(select(Participant.name)).all(), key=str))


def test_the_next_list_leaves_them_out_in_a_dry_run_and_in_earnest(store: Store) -> None:
    take_in(store, MELE, ANA)
    forget(store, "Mele Tupou")
    assert perform(store, CompareList((ANA, MELE))) == Imported(unchanged=1, held_back=(1,))
    assert take_in(store, ANA, MELE) == Imported(unchanged=1, held_back=(1,))
    assert names(store) == ["Ana Silva"]


@pytest.mark.parametrize(
    "again",
    [
        replace(MELE, name="TUPOU Mele"),
        replace(MELE, name="Mélé  Tupou"),
        replace(MELE, name="Tupou, Mele", email="Mission@Tonga.Example"),
    ],
    ids=lambda one: one.name,
)
def test_of_a_shared_mailbox_only_the_one_who_asked_is_left_out(store: Store, again: Registered) -> None:
    take_in(store, MELE, SIONE)
    forget(store, "Mele Tupou")
    assert take_in(store, again, SIONE).held_back == (0,)
    assert take_in(store, again).held_back == (0,)
    assert take_in(store, replace(MELE, name="Ana Silva")).held_back == ()


def test_a_mailbox_that_was_theirs_alone_is_enough(store: Store) -> None:
    take_in(store, MELE)
    forget(store, "Mele Tupou")
    assert take_in(store, replace(MELE, name="Mele Tupo'u-Vea")).held_back == (0,)


def test_in_a_mailbox_that_is_shared_now_only_the_name_counts(store: Store) -> None:
    take_in(store, MELE)
    forget(store, "Mele Tupou")
    assert take_in(store, SIONE, MELE, replace(SIONE, name="Ana Silva")).held_back == (1,)
    assert names(store) == ["Ana Silva", "Sione Vea"]


def test_who_comes_with_another_address_is_new(store: Store) -> None:
    take_in(store, MELE)
    forget(store, "Mele Tupou")
    assert take_in(store, replace(MELE, email="mele@tonga.example")).held_back == ()


def test_of_a_long_list_each_is_looked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.tombstones.AT_ONCE", 2)
    people = [replace(ANA, name=f"Ana {number}", email=f"{number}@x.example") for number in range(7)]
    take_in(store, *people)
    for number in (1, 4, 6):
        forget(store, f"Ana {number}")
    assert take_in(store, *people).held_back == (1, 4, 6)


def test_who_is_on_no_list_leaves_no_tombstone(store: Store) -> None:
    take_in(store, ANA)
    perform(store, Forget(), replace(actor_of(store, "Ana Silva"), confirmed=False))
    assert stones(store) == []


def stones(store: Store) -> list[Tombstone]:
    return store.read(lambda session: list(session.exec(select(Tombstone)).all()))


def test_nothing_says_who_it_was(store: Store) -> None:
    take_in(store, MELE)
    forget(store, "Mele Tupou")
    assert left_in(store, "Mele", "Tupou", "mission@tonga.example") == []
    (stone,) = stones(store)
    guesses = {hashlib.sha256(word.encode()).hexdigest() for word in ("mission@tonga.example", "mele tupou")}
    assert guesses.isdisjoint({stone.person, stone.mailbox})
    assert set(stone.model_dump()) == {"person", "mailbox", "alone"}


def test_an_old_key_still_knows_them_and_another_does_not(store: Store) -> None:
    take_in(store, MELE)
    first, second = b"the first key of all", b"the second key of all"
    forget_with(store, Keys(first))
    assert compared_with(store, Keys(second, (first,))).held_back == (0,)
    assert compared_with(store, Keys(second)).held_back == ()


def forget_with(store: Store, keys: Keys) -> None:
    actor = actor_of(store, "Mele Tupou")
    with_keys(store, keys, actor, Forget())


def compared_with(store: Store, keys: Keys) -> Imported:
    found: Imported = with_keys(store, keys, OFFICER, CompareList((MELE,)))
    return found


def with_keys(store: Store, keys: Keys, actor: Actor, command: Any) -> Any:
    door = Door(keys, Ways())
    return store.write(
        lambda session: Records(session, actor, NOW, a_press(), door).perform(command)
    ).result()


def test_without_a_key_nobody_comes_back_unseen(store: Store) -> None:
    take_in(store, MELE)
    forget(store, "Mele Tupou")
    with pytest.raises(Refused, match="SAPHAN_SECRET_KEY"):
        store.write(
            lambda session: Records(session, OFFICER, NOW, a_press()).perform(ImportPeople((MELE,)))
        ).result()


def test_an_administrator_lets_them_come_back_and_the_record_does_not_say_whom(store: Store) -> None:
    take_in(store, MELE)
    forget(store, "Mele Tupou")
    command = Readmit(" Mission@Tonga.example ")
    with pytest.raises(NotAllowed):
        perform(store, command, Actor(role="secretariat"))
    assert perform(store, command) == 1
    with pytest.raises(Refused, match="nobody"):
        perform(store, command)
    entry = store.read(lambda session: session.exec(select(AuditEntry)).all())[-1]
    assert (entry.action, entry.subject, entry.details) == ("readmit", None, {"people": 1})
    assert take_in(store, MELE).held_back == ()


def test_of_several_in_one_mailbox_one_comes_back_by_name(store: Store) -> None:
    take_in(store, MELE, SIONE)
    forget(store, "Mele Tupou")
    forget(store, "Sione Vea")
    assert perform(store, Readmit("mission@tonga.example", "vea SIONE")) == 1
    assert take_in(store, MELE, SIONE).held_back == (0,)
    assert perform(store, Readmit("mission@tonga.example")) == 1
