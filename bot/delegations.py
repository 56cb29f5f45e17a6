"""Whose a need or an offer is, and who lets it out: the rules for delegations, organisations and strangers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from bot import identity
from bot.commands import Command, Imported, ImportPeople, Kind, Person, Statement, WaitsFor
from bot.consent import LINKING, is_seen
from bot.delegation_commands import Item, State
from bot.dialogue import say
from bot.notices import Notice
from bot.participants import CAN_BE_WRITTEN_TO, IS_KNOWN, PEOPLE, Actor
from bot.people_commands import LinkPerson, SetRole
from bot.privacy_commands import GiveConsent
from bot.rights import GOVERNMENTS, REGISTERED, SECRETARIAT, may
from bot.store import STATEMENTS, Offer, Participant, StatementRow, number_of, to_statement

if TYPE_CHECKING:
    from bot.records import Records

FOCAL_POINT = "focal_point"
"""The role that speaks for a country; a head of delegation has it too."""


def of_their_country(actor: Actor, statement: Statement) -> Statement:
    """Return *statement* as its author may make it: who is registered speaks for their own country."""
    return replace(statement, country=actor.country) if actor.confirmed and actor.country else statement


def role_of(actor: Actor) -> str:
    """Return the role in which *actor* states something: a visitor's, as long as only they say who they are."""
    return actor.role if actor.confirmed or actor.role in SECRETARIAT else "visitor"


def settle(session: Session, row: StatementRow, actor: Actor, now: datetime) -> None:
    """Let *row* be stated in the role of *actor*, and be published unless it has to wait."""
    row.role, row.declined_at = role_of(actor), None
    waits = row.role == "delegate" and bool(focal_points(session, row.country))
    row.published_at = now if row.role in REGISTERED and not waits else None


def waits_for(row: StatementRow, author: Actor) -> WaitsFor | None:
    """Return what keeps *row* from others; None where nothing does."""
    if row.published_at is not None:
        return None
    if row.role in GOVERNMENTS:
        return "focal_point"
    return "role" if author.confirmed else "link"


def focal_points(session: Session, country: str) -> list[int]:
    """Return who speaks for *country* and can be asked: registered, linked somewhere, and agreed to be known."""
    return focal_points_by_country(session, [country]).get(country, [])


def focal_points_by_country(session: Session, countries: Collection[str]) -> dict[str, list[int]]:
    """Return who speaks for each of *countries*, as far as somebody does; see `focal_points`."""
    theirs = (PEOPLE.c.role == FOCAL_POINT) & PEOPLE.c.country.in_(countries)
    query = sql_select(PEOPLE.c.country, PEOPLE.c.id).where(theirs, IS_KNOWN, CAN_BE_WRITTEN_TO)
    found: dict[str, list[int]] = {}
    for country, person in session.execute(query.order_by(PEOPLE.c.id)):
        found.setdefault(country, []).append(person)
    return found


# Who may do what with one row


def is_own(row: StatementRow, actor: Actor) -> bool:
    """Tell whether *actor* sent it."""
    # Nobody is the author of what somebody left behind, and the command line is nobody.
    return actor.id is not None and row.participant_id == actor.id


def is_of_their_delegation(row: StatementRow, actor: Actor) -> bool:
    """Tell whether *row* is of the delegation that *actor* belongs to, as the registration list says."""
    both = actor.role in GOVERNMENTS and row.role in GOVERNMENTS
    return both and actor.confirmed and actor.country is not None and row.country == actor.country


def may_read(row: StatementRow, actor: Actor) -> bool:
    """Tell whether *row* is among what is *actor*'s; what was declined is its author's and the focal points' draft."""
    if is_own(row, actor):
        return True
    return is_of_their_delegation(row, actor) and (row.declined_at is None or actor.role == FOCAL_POINT)


def may_withdraw(row: StatementRow, actor: Actor) -> bool:
    """Tell whether *actor* may take *row* back: its author, and who speaks for the country."""
    return is_own(row, actor) or (actor.role == FOCAL_POINT and is_of_their_delegation(row, actor))


def may_publish(row: StatementRow, actor: Actor) -> bool:
    """Tell whether *actor* may let *row* out: who speaks for its country, or the secretariat in their place."""
    if not may(actor.role, "publish") or row.role not in GOVERNMENTS:
        return False
    return actor.role in SECRETARIAT or is_of_their_delegation(row, actor)


def state_of(kind: Kind, row: StatementRow) -> State:
    """Return how *row* stands."""
    if isinstance(row, Offer) and row.published_at is not None and row.checked_at is None:
        return "at_check" if row.refused_at is None else "refused"
    if row.published_at is not None:
        return "published"
    if row.declined_at is not None:
        return "declined"
    return "waiting" if row.role in GOVERNMENTS else "kept"


def to_item(kind: Kind, row: StatementRow, actor: Actor) -> Item:
    """Return *row* as *actor* sees it."""
    state = state_of(kind, row)
    return Item(
        to_statement(kind, row),
        state,
        row.role,
        own=is_own(row, actor),
        edition=row.edition,
        by_another=row.changed_by is not None and row.changed_by != row.participant_id,
        confirmable=state in ("waiting", "declined") and may_publish(row, actor),
        checkable=state in ("at_check", "refused") and may(actor.role, "check_offer"),
        withdrawable=may_withdraw(row, actor),
        refusal=row.refusal if isinstance(row, Offer) else None,
    )


def to_signed_item(session: Session, kind: Kind, row: StatementRow, actor: Actor) -> Item:
    """Return *row* as *actor* sees it, with its author's name where they let *actor* see that."""
    item = to_item(kind, row, actor)
    if item.own or row.participant_id is None:
        return item
    author = session.get_one(Participant, row.participant_id)
    return replace(item, author=author.name) if is_seen(author.visible_to, author.country, actor) else item


# Who is told


def ask_focal_points(records: Records, kind: Kind, row: StatementRow, *, again: bool = False) -> None:
    """Show *row* to everybody who can publish it, but the actor."""
    for one in focal_points(records.session, row.country):
        if one != records.actor.id:
            asked = to_item(kind, row, identity.actor_of(records.session, one))
            records.notices.append(Notice(one, say("delegation/asked", item=asked, again=again)))


def ask_who_lets_it_out(records: Records, kind: Kind, row: StatementRow, *, again: bool = False) -> None:
    """Show *row* to whoever it waits for: the focal points, or the secretariat."""
    match state_of(kind, row):
        case "waiting":
            ask_focal_points(records, kind, row, again=again)
        case "at_check":
            asked = to_item(kind, row, Actor(role="secretariat"))
            records.tell_colleagues(say("ours/to_check", item=asked, again=again))


def tell_author(records: Records, row: StatementRow, template: str, **values: Any) -> None:
    """Have the author told what became of *row*, unless they did it themselves."""
    if row.participant_id is not None and row.participant_id != records.actor.id:
        records.notices.append(Notice(row.participant_id, say(template, **values)))


def changed(records: Records, kind: Kind, row: StatementRow, what: str, before: str = "") -> Item:
    """
    Count the change that the actor made to *row*, and have the author and the focal points told; return how it stands.

    *what* is text, theme or readers. What waits, or was declined, is shown to the focal points anew.
    """
    row.edition += 1
    row.changed_by = records.actor.id
    if isinstance(row, Offer) and what == "text":
        # What the secretariat has read are other words.
        row.checked_at = row.refused_at = row.refusal = None
    if row.published_at is None and is_own(row, records.actor):
        settle(records.session, row, records.actor, records.now)
    records.session.add(row)
    records.session.flush()
    item = to_item(kind, row, records.actor)
    news: dict[str, Any] = {"item": item, "role": role_of(records.actor), "what": what, "before": before}
    tell_author(records, row, "delegation/changed", **news)
    if item.state == "waiting" or (item.state == "at_check" and what == "text"):
        ask_who_lets_it_out(records, kind, row, again=True)
    if item.state != "waiting" and row.role in GOVERNMENTS and item.state != "declined":
        for one in focal_points(records.session, row.country):
            if one not in (records.actor.id, row.participant_id):
                records.notices.append(Notice(one, say("delegation/changed", **news)))
    return item


# When somebody is known


def arrived(records: Records, participant: int) -> None:
    """
    Let what *participant* stated as a stranger be their country's, in the role that they are registered in.

    They are told what has become of it, and who speaks for a country is shown what waits for them. Nothing comes of it
    before they agree to be known.
    """
    actor = identity.actor_of(records.session, participant)
    if not actor.confirmed or actor.consented is None:
        return
    told: dict[str, Any] = {"published": [], "checked": [], "waiting": [], "kept": []}
    became = {"published": "published", "at_check": "checked", "waiting": "waiting"}
    for kind, table in STATEMENTS.items():
        theirs = _unpublished(table).where(
            col(table.participant_id) == participant, col(table.role).not_in(sorted(REGISTERED))
        )
        for row in records.session.exec(theirs.with_for_update()).all():
            row.country = actor.country or row.country
            settle(records.session, row, actor, records.now)
            records.session.add(row)
            state = state_of(kind, row)
            told[became.get(state, "kept")].append(number_of(kind, row.id or 0))
            ask_who_lets_it_out(records, kind, row)
    if any(told.values()):
        records.notices.append(Notice(participant, say("statement/arrived", **told)))
    if actor.role == FOCAL_POINT:
        _offer_what_waits(records, actor)


def _unpublished(table: type[StatementRow]) -> Any:
    open_ones = select(table).where(
        col(table.withdrawn_at).is_(None), col(table.published_at).is_(None), col(table.declined_at).is_(None)
    )
    return open_ones.order_by(col(table.id))


def _unchecked() -> Any:
    open_ones = select(Offer).where(
        col(Offer.withdrawn_at).is_(None),
        col(Offer.published_at).is_not(None),
        col(Offer.checked_at).is_(None),
    )
    return open_ones.order_by(col(Offer.refused_at).is_not(None), col(Offer.id))


def waiting(session: Session, actor: Actor) -> tuple[Item, ...]:
    """Return all that others do not see yet, or not its words, as *actor* sees it; what was refused comes last."""
    unpublished = tuple(
        to_item(kind, row, actor)
        for kind, table in STATEMENTS.items()
        for row in session.exec(_unpublished(table))
    )
    return unpublished + tuple(to_item("offer", row, actor) for row in session.exec(_unchecked()))


def _offer_what_waits(records: Records, actor: Actor) -> None:
    for item in waiting(records.session, actor):
        if item.confirmable and not item.own and actor.id is not None:
            records.notices.append(Notice(actor.id, say("delegation/asked", item=item, again=False)))


def _consented(records: Records, command: GiveConsent, first: bool) -> None:
    if command.kind == LINKING and first:
        arrived(records, records.actor_id)


def _changed(records: Records, _command: Command, person: Person) -> None:
    arrived(records, person.id)


def _imported(records: Records, _command: ImportPeople, imported: Imported) -> None:
    for change in imported.changed:
        if any(name == "role" for name, _, _ in change.fields):
            arrived(records, change.person.id)


AFTERWARDS: Mapping[type[Command], Callable[[Any, Any, Any], None]] = {
    GiveConsent: _consented,
    LinkPerson: _changed,
    SetRole: _changed,
    ImportPeople: _imported,
}
"""What follows for the needs and offers of whom a command makes known."""
