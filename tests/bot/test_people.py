"""The registration list taken in: nothing half done, the same list twice is once, and nobody taken for another."""

from collections.abc import Iterable
from typing import Any

import pytest
from sqlmodel import col, select

from bot.audiences import recipients
from bot.broadcasts import Audience
from bot.commands import Change, Imported, Person, Registered
from bot.database import Store
from bot.errors import NotAllowed
from bot.participants import Actor
from bot.people import compare, take_in
from bot.store import Participant
from tests.bot.ledgers import NOW, OFFICER, person
from tests.samples import sample_snapshot

STAFF = Actor(role="secretariat")


def registered(email: str = "mele@forum.example", **values: Any) -> Registered:
    known = {"name": "Mele", "country": "TON", "role": "delegate", "language": None}
    return Registered(email=email, **{**known, **values})


def take(store: Store, people: Iterable[Registered], actor: Actor = OFFICER, **options: Any) -> Imported:
    return store.write(lambda session: take_in(session, people, NOW, actor, **options)).result()


def counts(imported: Imported) -> tuple[int, int, int, int]:
    return len(imported.added), len(imported.changed), imported.unchanged, len(imported.missing)


def kept(store: Store) -> list[tuple[Any, ...]]:
    return store.read(
        lambda session: [
            (row.email, row.name, row.country, row.role, row.language, row.confirmed)
            for row in session.exec(select(Participant).order_by(col(Participant.id)))
        ]
    )


def ids(store: Store) -> dict[str | None, int]:
    return store.read(lambda session: {row.name: row.id for row in session.exec(select(Participant))})  # type: ignore[misc]


def fields(imported: Imported) -> list[tuple[tuple[str, str | None, str | None], ...]]:
    return [change.fields for change in imported.changed]


def test_a_list_is_taken_in(store: Store) -> None:
    people = [registered(), registered("bo@un.example", country=None)]
    assert take(store, people) == Imported(added=tuple(people))
    assert kept(store) == [
        ("mele@forum.example", "Mele", "TON", "delegate", None, True),
        ("bo@un.example", "Mele", None, "delegate", None, True),
    ]


def test_the_same_list_again_changes_nothing(store: Store) -> None:
    people = [registered(), registered("bo@un.example", language="zh")]
    take(store, people)
    before = kept(store)
    assert take(store, people) == Imported(unchanged=2)
    assert kept(store) == before


def test_a_row_that_differs_changes_its_participant(store: Store) -> None:
    take(store, [registered(), registered("bo@un.example", name="Bo")])
    found = take(store, [registered(role="focal_point"), registered("bo@un.example", name="Bo")])
    mele = Person(ids(store)["Mele"], "Mele", "mele@forum.example", "TON", "delegate")
    assert found == Imported(changed=(Change(mele, (("role", "delegate", "focal_point"),)),), unchanged=1)
    assert kept(store)[0] == ("mele@forum.example", "Mele", "TON", "focal_point", None, True)


def test_what_would_change_is_found_without_changing_it(store: Store) -> None:
    take(store, [registered(), registered("bo@un.example", name="Bo")])
    before = kept(store)
    people = [registered(role="focal_point"), registered("ana@forum.example", name="Ana")]
    found = store.read(lambda session: compare(session, people))
    assert (found.added, fields(found)) == ((people[1],), [(("role", "delegate", "focal_point"),)])
    assert [one.name for one in found.missing] == ["Bo"]
    assert kept(store) == before


def test_a_language_that_was_chosen_stays(store: Store) -> None:
    take(store, [registered(language="fr")])
    assert counts(take(store, [registered(language=None)])) == (0, 0, 1, 0)
    assert kept(store)[0][4] == "fr"
    person(
        store,
        "1",
        name="Ana",
        email="ana@forum.example",
        country="TON",
        language="ru",
        confirmed=True,
        role="delegate",
    )
    take(store, [registered("ana@forum.example", name="Ana", language="en")])
    assert kept(store)[1][4] == "ru"


def test_people_who_are_not_on_the_list_stay_as_they_are(store: Store) -> None:
    person(store, "1", name="Visitor", country="FJI")
    take(store, [registered()])
    found = take(store, [registered("bo@un.example", name="Bo")])
    assert [one.name for one in found.missing] == ["Mele"]
    assert kept(store)[:2] == [
        (None, "Visitor", "FJI", "visitor", None, False),
        ("mele@forum.example", "Mele", "TON", "delegate", None, True),
    ]


def test_those_who_are_missing_can_be_ended(store: Store) -> None:
    take(store, [registered(position="Director"), registered("bo@un.example", name="Bo")])
    found = take(store, [registered("bo@un.example", name="Bo")], end_missing=True)
    assert (found.ended, [one.name for one in found.missing]) == (True, ["Mele"])
    assert kept(store)[0] == (None, "Mele", "TON", "visitor", None, False)
    assert counts(take(store, [registered("bo@un.example", name="Bo")])) == (0, 0, 1, 0)


def test_each_list_misses_its_own_people_only(store: Store) -> None:
    take(store, [registered()], listed_in="delegates")
    found = take(store, [registered("bo@press.example", name="Bo", role="media")], listed_in="media")
    assert counts(found) == (1, 0, 0, 0)
    assert [one.name for one in take(store, [registered(name="Ana")], listed_in="delegates").missing] == [
        "Mele"
    ]


# Who is who


def test_colleagues_share_a_mailbox(store: Store) -> None:
    people = [registered("mission@tonga.example", name=name) for name in ("Mele Tupou", "Sione Vaea")]
    assert counts(take(store, people)) == (2, 0, 0, 0)
    found = take(
        store, [registered("mission@tonga.example", name="Sione Vaea", role="focal_point"), people[0]]
    )
    assert [(change.person.name, change.fields) for change in found.changed] == [
        ("Sione Vaea", (("role", "delegate", "focal_point"),))
    ]


def test_the_order_of_a_name_its_capitals_and_accents_do_not_count(store: Store) -> None:
    take(store, [registered(name="Mélé Tupou")])
    assert fields(take(store, [registered(name="TUPOU Mele")])) == [(("name", "Mélé Tupou", "TUPOU Mele"),)]


def test_a_name_that_was_spelt_wrong_is_the_same_person(store: Store) -> None:
    take(store, [registered(name="Mele Tupo"), registered(name="Sione Vaea")])
    found = take(store, [registered(name="Sione Vaea"), registered(name="Mele Tupou")])
    assert (counts(found), fields(found)) == ((0, 1, 1, 0), [(("name", "Mele Tupo", "Mele Tupou"),)])


def test_a_successor_in_the_same_mailbox_is_somebody_else(store: Store) -> None:
    """Whoever was linked as the predecessor must not be taken for the new one."""
    take(store, [registered("director@ministry.example", name="Mele Tupou")])
    found = take(store, [registered("director@ministry.example", name="Ana Fifita")])
    assert ([one.name for one in found.added], [one.name for one in found.missing]) == (
        ["Ana Fifita"],
        ["Mele Tupou"],
    )


def test_a_new_address_is_the_same_person_s(store: Store) -> None:
    take(store, [registered("mele@old.example", name="Mele Tupou")])
    found = take(store, [registered("mele@new.example", name="Mele Tupou")])
    assert fields(found) == [(("email", "mele@old.example", "mele@new.example"),)]


def test_two_of_one_name_are_not_mixed_up(store: Store) -> None:
    take(
        store,
        [registered("maria@health.example", name="Maria"), registered("maria@trade.example", name="Maria")],
    )
    found = take(store, [registered("maria@new.example", name="Maria")])
    assert counts(found) == (1, 0, 0, 2)


def test_a_number_tells_who_is_who_when_name_or_address_changes(store: Store) -> None:
    shared = "mission@tonga.example"
    take(
        store, [registered(shared, name="Mele Tupou", number="7"), registered(shared, name="Ana", number="8")]
    )
    found = take(
        store,
        [
            registered(shared, name="Mele Vaea", number="7"),
            registered("ana@home.example", name="Ana", number="8"),
        ],
    )
    assert fields(found) == [
        (("name", "Mele Tupou", "Mele Vaea"),),
        (("email", shared, "ana@home.example"),),
    ]


def test_a_number_alone_tells_nothing(store: Store) -> None:
    """A registration that was handed to somebody else keeps its number."""
    take(store, [registered(name="Mele Tupou", number="7")])
    found = take(store, [registered("ana@forum.example", name="Ana Fifita", number="7")])
    assert counts(found) == (1, 0, 0, 1)


# Rights


@pytest.mark.parametrize("role", ["secretariat", "admin"])
def test_an_officer_s_list_makes_nobody_one_of_the_secretariat(store: Store, role: str) -> None:
    with pytest.raises(NotAllowed, match="may not change role"):
        take(store, [registered(), registered("bo@un.example", role=role)], STAFF)
    assert kept(store) == []
    assert counts(take(store, [registered(role=role)])) == (1, 0, 0, 0)


def test_an_officer_s_list_takes_no_such_role_away(store: Store) -> None:
    take(store, [registered(role="admin")])
    with pytest.raises(NotAllowed):
        take(store, [registered(role="delegate")], STAFF)
    with pytest.raises(NotAllowed):
        take(store, [registered("bo@un.example", name="Bo")], STAFF, end_missing=True)
    assert counts(take(store, [registered("bo@un.example", name="Bo")], STAFF)) == (1, 0, 0, 1)


def test_a_role_that_an_administrator_gave_stays(store: Store) -> None:
    take(store, [registered()])
    row = {"role": "focal_point", "role_is_set": True}
    store.write(
        lambda session: [setattr(session.exec(select(Participant)).one(), *item) for item in row.items()]
    ).result()
    assert counts(take(store, [registered(role="delegate")])) == (0, 0, 1, 0)
    assert kept(store)[0][3] == "focal_point"


def test_who_is_ended_is_announced_to_as_a_visitor_only(store: Store) -> None:
    person(
        store,
        "1",
        name="Mele",
        email="mele@forum.example",
        country="TON",
        role="delegate",
        confirmed=True,
        listed_in="",
    )
    take(store, [registered("bo@un.example", name="Bo")], end_missing=True)

    def reached(role: str) -> int:
        audience = Audience(roles=frozenset({role}))
        return store.read(lambda session: len(recipients(session, audience, sample_snapshot().vocabulary)))

    assert (reached("delegate"), reached("visitor")) == (0, 1)


# Whole or not at all


def test_nothing_of_a_list_that_fails_half_way_is_kept(store: Store) -> None:
    def half() -> Iterable[Registered]:
        yield registered()
        raise ConnectionError("the file is gone")

    with pytest.raises(ConnectionError):
        take(store, half())
    assert kept(store) == []


def test_a_long_list_is_taken_in_whole(store: Store) -> None:
    people = [registered(f"p{number}@forum.example", name=f"Person {number}") for number in range(2000)]
    assert counts(take(store, people[:1500])) == (1500, 0, 0, 0)
    assert counts(take(store, people)) == (500, 0, 1500, 0)
