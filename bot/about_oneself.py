"""What people do about themselves, what is read of the record, and the purge; carried out for `bot.records`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot import (
    arranging,
    audit,
    consent,
    forgetting,
    handing_on,
    introductions,
    leaving,
    retention,
    takeout,
    tombstones,
)
from bot.commands import Command
from bot.errors import Refused
from bot.meeting_commands import MyMeetings
from bot.participants import changed
from bot.privacy_commands import (
    ChooseVisibility,
    Forget,
    GiveConsent,
    MyData,
    ObjectToMatching,
    Purge,
    ShowAudit,
    Stop,
    TakeAlong,
    VerifyAudit,
    WhatGoes,
    WithdrawConsent,
)

if TYPE_CHECKING:
    from bot.records import Records


def give_consent(records: Records, command: GiveConsent) -> bool:
    """Keep what the actor agrees to, in place of what they agreed to before."""
    assert records.actor_id  # noqa: S101 - a participant, or refused
    first = not any(one.kind == command.kind for one in consent.agreed(records.session, records.actor))
    records.actor = consent.give(records.session, records.actor, command.kind, command.version, records.now)
    return first


def withdraw_consent(records: Records, _command: WithdrawConsent) -> bool:
    """Unlink the actor everywhere, if they had agreed to be linked."""
    if not any(one.kind == consent.LINKING for one in consent.agreed(records.session, records.actor)):
        return False
    arranging.call_all_off(records)
    introductions.leave_all(records)
    leaving.withdraw(records.session, records.actor, records.now, records.desk.machine)
    records.gone = True
    return True


def choose_visibility(records: Records, command: ChooseVisibility) -> None:
    """Keep who may see the actor's name."""
    assert records.actor_id  # noqa: S101 - a participant, or refused
    records.actor = changed(records.session, records.actor, visible_to=command.to)


def object_to_matching(records: Records, command: ObjectToMatching) -> None:
    """Keep whether the actor is nobody's possible partner, and nobody theirs."""
    assert records.actor_id  # noqa: S101 - a participant, or refused
    records.actor = changed(records.session, records.actor, unmatched=command.objects)


def my_data(records: Records, _command: MyData) -> takeout.Kept:
    """Read what is kept about the actor."""
    return takeout.kept(records.session, records.actor)


def take_along(records: Records, _command: TakeAlong) -> takeout.TakenAlong:
    """Copy all that is kept about the actor."""
    assert records.actor_id  # noqa: S101 - a participant, or refused
    return takeout.take_along(records.session, records.actor, records.press, records.now)


def what_goes(records: Records, _command: WhatGoes) -> forgetting.Going:
    """Find what becomes of the actor's records."""
    going = forgetting.going(records.session, records.actor)
    ahead = (one for one in arranging.my_meetings(records, MyMeetings()) if one.is_ahead(records.now))
    return replace(
        going,
        meetings=tuple((one.slot.starts, one.slot.place) for one in ahead if one.slot),
        handed_on=len(handing_on.can_be_handed_on(records)),
    )


def forget(records: Records, command: Forget) -> None:
    """Take the actor out of every table, for good: no list brings them back."""
    assert records.actor_id  # noqa: S101 - a participant, or refused
    tombstones.leave(records.desk, records.actor)
    if command.hand_on:
        handing_on.hand_all_on(records)
    arranging.call_all_off(records)
    introductions.leave_all(records)
    forgetting.forget(records.session, records.actor, records.desk.machine)
    records.gone = True


def stop(records: Records, _command: Stop) -> None:
    """Send nothing more to the place where the actor writes from."""
    if records.place is None:
        raise Refused("this is done in a chat, by a participant")
    leaving.stop(records.session, records.actor, records.place, records.now, records.desk.machine)
    records.gone = True


def show_audit(records: Records, command: ShowAudit) -> tuple[audit.AuditEntry, ...]:
    """Read the newest of the record."""
    return audit.entries(records.session, newest=command.newest)


def verify_audit(records: Records, command: VerifyAudit) -> audit.Verdict:
    """Walk along the record."""
    return audit.verify(records.session, command.expected)


def purge(records: Records, command: Purge) -> retention.Purged:
    """Take away what is kept no longer."""
    by = audit.OPERATOR if records.actor.id is None else records.actor.id
    return retention.purge(records.session, records.press, records.now, by=by, dry_run=command.dry_run)


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    GiveConsent: give_consent,
    WithdrawConsent: withdraw_consent,
    ChooseVisibility: choose_visibility,
    ObjectToMatching: object_to_matching,
    MyData: my_data,
    TakeAlong: take_along,
    WhatGoes: what_goes,
    Forget: forget,
    Stop: stop,
    ShowAudit: show_audit,
    VerifyAudit: verify_audit,
    Purge: purge,
}
"""What carries each command out."""
