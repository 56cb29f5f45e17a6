"""Others see of a need or an offer what its author and the rules allow, from the moment it is sent."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.commands import ReplaceText, Statement, StateNeed, StateOffer, Withdraw
from bot.database import Store
from bot.live import Live, live
from bot.participants import Actor
from bot.privacy_commands import ObjectToMatching
from bot.records import Records
from bot.rights import ROLES
from bot.store import Offer, Participant
from tests.bot.ledgers import a_press

NOW = datetime(2022, 9, 13, 3, 20, tzinfo=UTC)
READER = Actor(id=99, role="delegate", confirmed=True)


def an_author(store: Store, role: str = "delegate") -> Actor:
    def keep(session) -> Actor:  # type: ignore[no-untyped-def]
        row = Participant(role=role, confirmed=True, created_at=NOW)
        session.add(row)
        session.flush()
        return Actor(id=row.id, role=role, confirmed=True)

    return store.write(keep).result()


def do(store: Store, author: Actor, command: object) -> Any:
    return store.write(lambda session: Records(session, author, NOW, a_press()).perform(command)).result()  # type: ignore[arg-type]


def seen(store: Store, kind: str, reader: Actor = READER) -> list[Live]:
    return list(store.read(lambda session: live(session, kind, reader)))  # type: ignore[arg-type]


def a_need(**changes: object) -> Statement:
    return Statement(**{"kind": "need", "text": "solar pumps", "country": "FJI", **changes})  # type: ignore[arg-type]


def test_a_need_is_there_when_sent_changes_when_edited_and_goes_when_withdrawn(store: Store) -> None:
    author = an_author(store)
    number = do(store, author, StateNeed(a_need())).number
    assert [one.statement.text for one in seen(store, "need")] == ["solar pumps"]
    do(store, author, ReplaceText(number, "wind pumps", 1))
    assert [one.statement.text for one in seen(store, "need")] == ["wind pumps"]
    do(store, author, Withdraw(number))
    assert seen(store, "need") == []


@pytest.mark.parametrize(
    ("readers", "roles"),
    [
        ("governments", {"delegate", "focal_point", "secretariat", "admin"}),
        ("all", set(ROLES) - {"visitor", "media"}),
        ("secretariat", {"secretariat", "admin"}),
    ],
)
def test_only_those_see_it_whom_its_author_chose(store: Store, readers: str, roles: set[str]) -> None:
    do(store, an_author(store), StateNeed(a_need(readers=readers)))
    assert {role for role in ROLES if seen(store, "need", Actor(id=99, role=role))} == roles


def test_words_are_for_those_on_the_registration_list(store: Store) -> None:
    do(store, an_author(store), StateNeed(a_need()))
    assert [one.quoted for one in seen(store, "need")] == [True]
    assert [one.quoted for one in seen(store, "need", Actor(id=99, role="delegate"))] == [False]


def test_an_offer_keeps_its_words_until_it_is_checked_and_a_company_s_is_hidden(store: Store) -> None:
    do(store, an_author(store), StateOffer(a_need(kind="offer")))
    do(store, an_author(store, "private_sector"), StateOffer(a_need(kind="offer", text="turbines")))
    assert [(one.statement.text, one.quoted) for one in seen(store, "offer")] == [("solar pumps", False)]

    def check(session) -> None:  # type: ignore[no-untyped-def]
        for number in (1, 2):
            session.get(Offer, number).checked_at = NOW

    store.write(check).result()
    assert [(one.statement.text, one.quoted) for one in seen(store, "offer")] == [
        ("solar pumps", True),
        ("turbines", True),
    ]


def test_one_s_own_is_known_as_such(store: Store) -> None:
    author = an_author(store)
    do(store, author, StateNeed(a_need(readers="secretariat")))
    assert [one.own for one in seen(store, "need", author)] == [True]


def test_who_objects_to_matching_is_nobodys_partner_and_has_none(store: Store) -> None:
    ana, boris = an_author(store), an_author(store)
    do(store, ana, StateNeed(a_need()))
    do(store, boris, StateNeed(a_need(text="wind pumps", country="KAZ")))
    do(store, ana, ObjectToMatching())
    assert [one.statement.text for one in seen(store, "need", boris)] == ["wind pumps"]
    assert seen(store, "need", replace(ana, unmatched=True)) == []
    do(store, ana, ObjectToMatching(objects=False))
    assert len(seen(store, "need", boris)) == 2
