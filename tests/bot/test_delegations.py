"""Whose a need or an offer is, and who lets it out: strangers, delegations, organisations."""

from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command as alembic
from sqlalchemy import Connection
from sqlmodel import Session, col, select

from bot import identity, schema
from bot.audit import AuditEntry
from bot.commands import (
    IntroduceOneself,
    OwnStatements,
    ReplaceText,
    Sent,
    Statement,
    StateNeed,
    StateOffer,
    Withdraw,
)
from bot.consent import CONSENT_VERSION, VisibleTo
from bot.database import Store
from bot.delegation_commands import (
    AddWords,
    ChangeFacets,
    Decline,
    OurStatements,
    Publish,
    WaitingStatements,
)
from bot.dialogue import say as saying
from bot.errors import NotAllowed
from bot.identity import actor_of
from bot.live import live
from bot.markup import plain
from bot.notices import Notice
from bot.participants import Actor
from bot.people_commands import SetRole
from bot.privacy_commands import ChooseVisibility, Forget, GiveConsent
from bot.records import Records
from bot.rights import ROLES
from bot.store import Offer, Participant
from tests.bot.ledgers import NOW, OFFICER, a_press, perform, person
from tests.samples import sample_snapshot, wording

READER = Actor(id=99, role="focal_point", country="TON", confirmed=True)


def need(text: str = "cold rooms for vaccines", **values: Any) -> Statement:
    return Statement(**{"kind": "need", "text": text, "country": "KIR", **values})


def offer(text: str = "training for nurses", **values: Any) -> Statement:
    return need(text, kind="offer", **values)


def somebody(store: Store, user: str, role: str = "delegate", country: str = "KIR", **values: Any) -> Actor:
    """Keep somebody who is registered, linked and has agreed to be known, and return them."""
    known = {"confirmed": True, "consented": CONSENT_VERSION, **values}
    own = person(store, user, role=role, country=country, **known)
    return now(store, own)


def a_stranger(store: Store, user: str = "1", country: str = "KIR") -> Actor:
    own = person(store, user)
    perform(store, IntroduceOneself(country), Actor(id=own))
    return now(store, own)


def now(store: Store, participant: int) -> Actor:
    return store.read(lambda session: actor_of(session, participant))


def told(store: Store, command: Any, actor: Actor = OFFICER) -> list[Notice]:
    """Carry *command* out and return what others are told."""

    def work(session: Session) -> list[Notice]:
        records = Records(session, actor, NOW, a_press())
        records.perform(command)
        return records.notices

    return store.write(work).result()


def seen(store: Store, reader: Actor = READER) -> list[str]:
    return store.read(
        lambda session: [
            one.statement.number for kind in ("need", "offer") for one in live(session, kind, reader)
        ]
    )


# Strangers


def test_who_names_a_country_stays_a_visitor(store: Store) -> None:
    stranger = a_stranger(store)
    assert (stranger.role, stranger.country, stranger.confirmed) == ("visitor", "KIR", False)


def test_what_a_stranger_sends_is_kept_and_seen_by_nobody_else(store: Store) -> None:
    stranger = a_stranger(store)
    assert perform(store, StateNeed(need()), stranger) == Sent("N-0001", "link")
    assert perform(store, StateOffer(offer()), stranger) == Sent("O-0001", "link")
    readers = [Actor(id=99, role=role, country="KIR", confirmed=True) for role in ROLES]
    assert [seen(store, reader) for reader in readers] == [[]] * len(ROLES)
    assert seen(store, stranger) == ["N-0001", "O-0001"]
    assert [one.number for one in perform(store, OwnStatements(), stranger)] == ["O-0001", "N-0001"]


def become(store: Store, stranger: Actor, role: str, country: str) -> tuple[Actor, list[Notice]]:
    """Link the stranger to a registration, with their consent; return them and what was told."""

    def keep(session: Session) -> int:
        row = Participant(role=role, country=country, confirmed=True, created_at=NOW)
        session.add(row)
        session.flush()
        assert row.id is not None
        identity.link(session, stranger, row.id)
        return row.id

    actor = now(store, store.write(keep).result())
    assert seen(store) == []
    return actor, told(store, GiveConsent(), actor)


def test_who_is_known_sends_it_as_their_country_s(store: Store) -> None:
    stranger = a_stranger(store)
    perform(store, StateNeed(need()), stranger)
    perform(store, StateOffer(offer()), stranger)
    actor, notices = become(store, stranger, "delegate", "VUT")
    assert [(one.participant_id, one.saying.values) for one in notices] == [
        (actor.id, {"published": ["N-0001"], "checked": ["O-0001"], "waiting": [], "kept": []})
    ]
    assert seen(store) == ["N-0001", "O-0001"]
    assert {one.country for one in perform(store, OwnStatements(), actor)} == {"VUT"}
    assert told(store, GiveConsent(), actor) == []


def test_who_is_of_the_media_keeps_it_to_themselves_and_is_told(store: Store) -> None:
    stranger = a_stranger(store)
    perform(store, StateNeed(need()), stranger)
    actor, notices = become(store, stranger, "media", "KIR")
    assert [one.saying.values for one in notices] == [
        {"published": [], "checked": [], "waiting": [], "kept": ["N-0001"]}
    ]
    assert seen(store) == []
    # The list was wrong: an administrator says so.
    told(store, SetRole(actor.id or 0, "partner"))
    assert seen(store, Actor(id=99, role="delegate", confirmed=True)) == ["N-0001"]


def test_who_is_registered_speaks_for_their_own_country_only(store: Store) -> None:
    delegate = somebody(store, "1")
    perform(store, StateNeed(need(country="FJI")), delegate)
    assert [one.country for one in perform(store, OwnStatements(), delegate)] == ["KIR"]


@pytest.mark.parametrize("role", ["partner", "private_sector", "secretariat"])
def test_an_organisation_s_needs_are_out_at_once(store: Store, role: str) -> None:
    assert perform(store, StateNeed(need()), somebody(store, "1", role)) == Sent("N-0001")
    assert seen(store) == ["N-0001"]


# Delegations


def delegation(store: Store) -> tuple[Actor, Actor, Actor]:
    """Return a delegate and two focal points of one country, all of them linked."""
    return somebody(store, "1"), somebody(store, "2", "focal_point"), somebody(store, "3", "focal_point")


def sent(store: Store, author: Actor, statement: Statement | None = None) -> tuple[Sent, list[Notice]]:
    """Have *author* send something; return what became of it and who is told."""
    statement = statement or need()
    command = StateNeed(statement) if statement.kind == "need" else StateOffer(statement)

    def work(session: Session) -> tuple[Sent, list[Notice]]:
        records = Records(session, author, NOW, a_press())
        return records.perform(command), records.notices

    return store.write(work).result()


def test_a_delegate_s_need_waits_for_the_focal_points_who_are_shown_it(store: Store) -> None:
    delegate, first, second = delegation(store)
    result, notices = sent(store, delegate)
    assert result == Sent("N-0001", "focal_point")
    assert [(one.participant_id, one.saying.template) for one in notices] == [
        (first.id, "delegation/asked"),
        (second.id, "delegation/asked"),
    ]
    assert [seen(store), seen(store, first), seen(store, delegate)] == [[], [], ["N-0001"]]
    assert [one.state for one in perform(store, OurStatements(), somebody(store, "4"))] == ["waiting"]
    assert perform(store, OurStatements(), somebody(store, "5", country="FJI")) == ()


def test_one_focal_point_publishes_and_the_other_is_told_so(store: Store) -> None:
    delegate, first, second = delegation(store)
    sent(store, delegate)
    notices = told(store, Publish("N-0001", 1), first)
    assert [(one.participant_id, one.saying.values["outcome"]) for one in notices] == [
        (delegate.id, "published")
    ]
    assert seen(store) == ["N-0001"]
    assert perform(store, Publish("N-0001", 1), second).outcome == "published_before"
    assert perform(store, Decline("N-0001", 1), second).outcome == "published_before"


def test_what_is_declined_stays_a_draft_that_can_be_sent_again(store: Store) -> None:
    delegate, first, second = delegation(store)
    sent(store, delegate)
    assert [one.saying.values["outcome"] for one in told(store, Decline("N-0001", 1), first)] == ["declined"]
    assert perform(store, OurStatements(), somebody(store, "4")) == ()
    assert [one.state for one in perform(store, OurStatements(), delegate)] == ["declined"]
    notices = told(store, ReplaceText("N-0001", "cold rooms on two islands", 1), delegate)
    assert {one.participant_id for one in notices} == {first.id, second.id}
    assert perform(store, Publish("N-0001", 1), first).outcome == "changed"
    assert perform(store, Publish("N-0001", 2), first).outcome == "published"
    assert seen(store) == ["N-0001"]


def test_an_offer_is_the_focal_point_s_and_then_the_secretariat_s_to_check(store: Store) -> None:
    delegate, first, _ = delegation(store)
    assert sent(store, delegate, offer())[0] == Sent("O-0001", "focal_point")
    assert seen(store) == []
    assert perform(store, Publish("O-0001", 1), first).item.state == "at_check"
    assert sent(store, first, offer("seedlings"))[0] == Sent("O-0002")
    assert seen(store) == ["O-0001", "O-0002"]


def test_words_that_are_changed_are_checked_anew(store: Store) -> None:
    first = somebody(store, "2", "focal_point")
    sent(store, first, offer())

    def check(session: Session) -> None:
        session.get_one(Offer, 1).checked_at = NOW

    store.write(check).result()
    assert perform(store, ChangeFacets("O-0001", readers="all"), first).item.state == "published"
    assert perform(store, ReplaceText("O-0001", "training for midwives", 2), first).item.state == "at_check"


def test_without_a_focal_point_who_is_linked_nobody_waits(store: Store) -> None:
    def keep(session: Session) -> None:
        session.add(Participant(role="focal_point", country="KIR", confirmed=True, created_at=NOW))

    store.write(keep).result()
    somebody(store, "2", "focal_point", country="FJI")
    assert sent(store, somebody(store, "1"))[0] == Sent("N-0001")


def test_what_waits_is_not_stuck_when_the_last_focal_point_goes(store: Store) -> None:
    delegate, first = somebody(store, "1"), somebody(store, "2", "focal_point")
    sent(store, delegate)
    told(store, SetRole(first.id or 0, "media"))
    officer = somebody(store, "9", "secretariat")
    assert [one.statement.number for one in perform(store, WaitingStatements(), officer)] == ["N-0001"]
    # Who is a focal point from now on is offered what waits.
    second = somebody(store, "3")
    notices = told(store, SetRole(second.id or 0, "focal_point"))
    assert [(one.participant_id, one.saying.template) for one in notices] == [(second.id, "delegation/asked")]
    assert perform(store, Publish("N-0001", 1), officer).outcome == "published"


def test_nobody_publishes_what_is_of_another_delegation_or_of_a_stranger(store: Store) -> None:
    delegate, first, _ = delegation(store)
    sent(store, delegate)
    perform(store, StateNeed(need("a printer")), a_stranger(store, "8"))
    assert perform(store, Publish("N-0001", 1), somebody(store, "5", "focal_point", "FJI")).outcome == "gone"
    assert perform(store, Publish("N-0002", 1), first).outcome == "gone"
    assert perform(store, Publish("N-0002", 1), somebody(store, "9", "secretariat")).outcome == "gone"
    with pytest.raises(NotAllowed):
        perform(store, Publish("N-0001", 1), delegate)


def test_colleagues_change_it_together_and_are_told_who_did(store: Store) -> None:
    delegate, first, second = delegation(store)
    colleague = somebody(store, "4")
    sent(store, first)
    notices = told(store, ReplaceText("N-0001", "cold rooms on two islands", 1), colleague)
    assert [(one.participant_id, one.saying.values["role"]) for one in notices] == [
        (first.id, "delegate"),
        (second.id, "delegate"),
    ]
    late = perform(store, ReplaceText("N-0001", "cold rooms on three islands", 1), delegate)
    assert (late.done, late.item.statement.text, late.item.edition) == (False, "cold rooms on two islands", 2)
    assert perform(store, ChangeFacets("N-0001", themes=("health",)), delegate).done
    assert perform(store, ChangeFacets("N-0001", readers="all"), delegate).item.statement.readers == "all"
    assert perform(store, AddWords("N-0001", "and a boat"), delegate).item.statement.text == (
        "cold rooms on two islands\nand a boat"
    )
    stranger = somebody(store, "5", country="FJI")
    assert not perform(store, ReplaceText("N-0001", "nothing", 5), stranger).done
    assert not perform(store, AddWords("N-0001", "nothing"), somebody(store, "6", "partner")).done
    entries = store.read(
        lambda session: [
            (one.action, one.details.get("edition"))
            for one in session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))
        ]
    )
    assert entries == [("change_own", edition) for edition in (2, 3, 4, 5)]


def test_its_author_and_the_focal_points_take_it_back_and_no_other_colleague(store: Store) -> None:
    delegate, first, _ = delegation(store)
    sent(store, delegate)
    assert not perform(store, Withdraw("N-0001"), somebody(store, "4"))
    assert [one.participant_id for one in told(store, Withdraw("N-0001"), first)] == [delegate.id]
    assert perform(store, OurStatements(), delegate) == ()


def test_who_is_forgotten_leaves_what_waits_and_takes_the_declined_along(store: Store) -> None:
    delegate, first, _ = delegation(store)
    sent(store, delegate)
    sent(store, delegate, need("boats for the outer islands"))
    perform(store, Decline("N-0002", 1), first)
    perform(store, Forget(), delegate)
    assert [one.statement.number for one in perform(store, OurStatements(), first)] == ["N-0001"]


def test_two_focal_points_at_once_publish_it_once(store: Store) -> None:
    delegate, first, second = delegation(store)
    for number in range(1, 6):
        sent(store, delegate, need(f"cold rooms on island {number}"))
    commands = [(Publish(f"N-{number:04d}", 1), one) for number in range(1, 6) for one in (first, second)]
    outcomes = [one.outcome for one in at_once(store, commands)]
    assert sorted(outcomes) == ["published"] * 5 + ["published_before"] * 5


def test_what_is_taken_back_while_it_is_published_is_seen_by_nobody(store: Store) -> None:
    delegate, first, _ = delegation(store)
    for number in range(1, 6):
        sent(store, delegate, need(f"cold rooms on island {number}"))
    numbers = [f"N-{number:04d}" for number in range(1, 6)]
    pairs = [[(Withdraw(one), delegate), (Publish(one, 1), first)] for one in numbers]
    results = at_once(store, [command for pair in pairs for command in pair])
    assert results[::2] == [True] * 5
    assert {one.outcome for one in results[1::2]} <= {"published", "gone"}
    assert seen(store) == []


def at_once(store: Store, commands: list[tuple[Any, Actor]]) -> list[Any]:
    """Carry all *commands* out at the same time, each in its own transaction; return what they give, in their order."""
    futures = [
        store.write(lambda session, c=command, a=actor: Records(session, a, NOW, a_press()).perform(c))
        for command, actor in commands
    ]
    return [future.result() for future in futures]


# What was there before


OLD = [("delegate", True), ("delegate", False), ("private_sector", True), ("visitor", False)]
"""Roles, and whether the list confirms them: a delegate, a stranger, a company, and one who is registered no longer."""


def put(connection: Connection, name: str, **values: Any) -> None:
    """Write a row into a table as it was then."""
    # As the database has it, not as today's model says.
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    connection.execute(table.insert().values(values))


def test_an_older_database_keeps_what_is_out_and_hides_what_strangers_said(store: Store) -> None:
    config = schema._config()
    with store.migrating() as connection:
        config.attributes["connection"] = connection
        alembic.downgrade(config, "0014")
        common = {"role_is_set": False, "guessed_language": "en", "visible_to": "nobody", "created_at": NOW}
        for role, confirmed in OLD:
            put(connection, "participant", role=role, confirmed=confirmed, **common)
        words = {"country": "KIR", "lang": "en", "text": "cold rooms", "details": "{}", "readers": "all"}
        for author in (1, 2, 3, 4, None):
            put(connection, "need", participant_id=author, created_at=NOW, **words)
    schema.upgrade(store)
    with store.connection() as connection:
        rows = connection.exec_driver_sql("SELECT role, published_at FROM need ORDER BY id").all()
        roles = connection.exec_driver_sql("SELECT role FROM participant ORDER BY id").scalars().all()
    assert [(role, published is not None) for role, published in rows] == [
        ("delegate", True),
        ("visitor", False),
        ("private_sector", True),
        ("delegate", True),
        ("delegate", True),
    ]
    assert roles == ["delegate", "visitor", "private_sector", "visitor"]


# The name of a colleague


@pytest.mark.parametrize(
    ("visible_to", "seen_as"),
    [("nobody", None), ("delegation", "Tebora Iosua"), ("governments", "Tebora Iosua")],
)
def test_a_colleague_is_named_in_ours_only_where_they_let_the_delegation_see_it(
    store: Store, visible_to: VisibleTo, seen_as: str | None
) -> None:
    tebora = somebody(store, "tebora", name="Tebora Iosua")
    colleague = somebody(store, "colleague")
    perform(store, StateNeed(need()), tebora)
    perform(store, ChooseVisibility(visible_to), tebora)
    (item,) = perform(store, OurStatements(), colleague)
    assert item.author == seen_as
    card = wording().card(
        saying("ours/item", item=item, before=False, reviews=False), "en", "r", sample_snapshot()
    )
    (whose,) = [plain(part.value) for part in card.fields if plain(part.label) == "From"]
    assert whose == f"Kiribati ({'Tebora Iosua, ' if seen_as else ''}a delegate)"
    assert [one.author for one in perform(store, OurStatements(), tebora)] == [None]


def test_nobody_is_named_once_they_are_gone(store: Store) -> None:
    tebora = somebody(store, "tebora", name="Tebora Iosua", visible_to="registered")
    colleague = somebody(store, "colleague")
    perform(store, StateNeed(need()), tebora)
    perform(store, Forget(), tebora)
    assert [one.author for one in perform(store, OurStatements(), colleague)] == [None]


def test_who_has_not_agreed_to_be_known_confirms_nothing(store: Store) -> None:
    somebody(store, "tebora", "focal_point", consented=None)
    sent = perform(store, StateNeed(need()), somebody(store, "mele"))
    assert sent.waits_for is None
