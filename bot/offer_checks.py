"""The secretariat's check of offers: nobody reads the words of one before; carried out for `bot.records`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bot import delegations
from bot.commands import Command
from bot.delegation_commands import Answered, CheckOffer, RefuseOffer
from bot.participants import Actor
from bot.statements import answered, open_row
from bot.store import Offer, StatementRow

if TYPE_CHECKING:
    from bot.records import Records

LONGEST = 500
"""Letters of a reason that are kept."""


def check(records: Records, command: CheckOffer) -> Answered:
    """Let others read it, unless somebody was first or it reads otherwise by now; tell its author."""
    offer = _to_check(records, command)
    if isinstance(offer, Answered):
        return offer
    offer.checked_at, offer.refused_at, offer.refusal = records.now, None, None
    return answered(records, "offer", offer, "published")


def refuse(records: Records, command: RefuseOffer) -> Answered:
    """Keep it from others and tell its author why."""
    offer = _to_check(records, command)
    if isinstance(offer, Answered):
        return offer
    offer.refused_at, offer.refusal = records.now, command.reason[:LONGEST]
    return answered(records, "offer", offer, "declined")


def _to_check(records: Records, command: CheckOffer | RefuseOffer) -> Offer | Answered:
    """Return the offer that waits for the check, or why there is nothing to answer any more."""
    found = open_row(records, command.number, _is_out)
    if found is None or not isinstance(found[1], Offer):
        return Answered("gone")
    offer = found[1]
    item = delegations.to_item("offer", offer, records.actor)
    if offer.checked_at is not None:
        return Answered("published_before", item)
    if offer.refused_at is not None and isinstance(command, RefuseOffer):
        return Answered("declined_before", item)
    return offer if offer.edition == command.edition else Answered("changed", item)


def _is_out(row: StatementRow, _actor: Actor) -> bool:
    return row.published_at is not None


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {CheckOffer: check, RefuseOffer: refuse}
"""What carries each command out."""
