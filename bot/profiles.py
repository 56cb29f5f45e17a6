"""The profiles of those who list themselves in the network of technical cooperation providers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import JSON, Column, func, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot import consent
from bot.commands import Command
from bot.consent import is_seen
from bot.desk import Press
from bot.dialogue import say
from bot.introductions import end_with
from bot.notices import Notice, notify
from bot.numbers import named, numbered
from bot.participants import Actor
from bot.prepared import Prepared
from bot.profile_commands import (
    CheckProfile,
    ConfirmProfile,
    FindProfiles,
    KeepProfile,
    Listed,
    MyProfile,
    Profile,
    SeenBy,
    UncheckedProfiles,
    WithdrawProfile,
)
from bot.store import COUNTING, Participant

if TYPE_CHECKING:
    from bot.records import Records

AGE = timedelta(days=60)
"""After which somebody is asked whether their profile is still right."""
AT_ONCE = 20
"""People who are asked in one transaction."""
LISTING = "network"
"""The consent to be listed, and the version of its words."""
VERSION = "1"


class ProviderProfile(SQLModel, table=True):
    """
    What a participant can give, as others may find it; *details* is JSON of the rest of a Profile.

    At *due_at*, the forum's time, they are asked whether it is still right. One of the private sector is shown to
    others once the secretariat has *checked_at*.
    """

    __tablename__ = "provider_profile"
    __table_args__ = COUNTING
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", unique=True)
    text: str
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    seen_by: str
    changed_at: datetime
    due_at: datetime = Field(index=True)
    checked_at: datetime | None = None


PROFILES: Any = ProviderProfile.__table__  # type: ignore[attr-defined]


def number_of(row: ProviderProfile) -> str:
    """Return the number people see: `D-0003`."""
    return numbered("D", row.id)


def row_of(session: Session, number: str) -> ProviderProfile | None:
    """Return the profile with that number, None where there is none."""
    row_id = named("D", number)
    return session.get(ProviderProfile, row_id) if row_id is not None else None


def mine(records: Records, _command: MyProfile) -> Listed | None:
    """Read the actor's own."""
    row = _own(records)
    return None if row is None else _listed(row, _author(records.session, row), records.actor)


def keep(records: Records, command: KeepProfile) -> Listed:
    """Keep it, with the consent to be listed; another text of the private sector is checked anew."""
    row, given = _own(records), command.profile
    details = {name: value for name, value in asdict(given).items() if name not in ("text", "seen_by")}
    if row is None:
        row = ProviderProfile(
            participant_id=records.actor_id,
            text=given.text,
            details=details,
            seen_by=given.seen_by,
            changed_at=records.now,
            due_at=records.now + AGE,
        )
        records.actor = consent.give(records.session, records.actor, LISTING, VERSION, records.now)
    elif row.text != given.text:
        row.checked_at = None
    row.text, row.details, row.seen_by = given.text, details, given.seen_by
    row.changed_at, row.due_at = records.now, records.now + AGE
    records.session.add(row)
    records.session.flush()
    listed = _listed(row, _author(records.session, row), records.actor)
    if not listed.checked:
        records.tell_colleagues(say("profile/check", listed=listed))
    return listed


def confirm(records: Records, _command: ConfirmProfile) -> bool:
    """Ask about it again only later."""
    row = _own(records)
    if row is not None:
        row.due_at = records.now + AGE
        records.session.add(row)
    return row is not None


def withdraw(records: Records, _command: WithdrawProfile) -> bool:
    """Delete it, and end the consent; who asked about it is told."""
    row = _own(records)
    if row is not None:
        end_with(records, number_of(row))
        records.session.delete(row)
        consent.end(records.session, records.actor_id, records.now, LISTING)
    return row is not None


def find(records: Records, _command: FindProfiles) -> tuple[Listed, ...]:
    """Read those that the actor may see, the newest first."""
    if not (records.actor.confirmed or records.actor.id is None):
        return ()
    query = (
        select_rows(ProviderProfile, Participant)
        .join(Participant, col(Participant.id) == col(ProviderProfile.participant_id))
        .where(
            col(Participant.confirmed), ~col(Participant.unmatched), col(Participant.consented).is_not(None)
        )
        .order_by(col(ProviderProfile.id).desc())
    )
    found = (
        (row, author, _listed(row, author, records.actor)) for row, author in records.session.exec(query)
    )
    return tuple(
        listed for row, author, listed in found if listed.own or _is_found(row, author, records.actor)
    )


def unchecked(records: Records, _command: UncheckedProfiles) -> tuple[Listed, ...]:
    """Read those that only the secretariat and whoever listed themselves can see."""
    waiting = select_rows(ProviderProfile).where(col(ProviderProfile.checked_at).is_(None))
    rows = records.session.exec(waiting.order_by(col(ProviderProfile.id))).all()
    found = (_listed(row, _author(records.session, row), records.actor) for row in rows)
    return tuple(listed for listed in found if not listed.checked)


def is_shown(session: Session, row: ProviderProfile, reader: Actor) -> bool:
    """Tell whether *reader* finds the profile of somebody else."""
    return _is_found(row, _author(session, row), reader)


def _is_found(row: ProviderProfile, author: Participant, reader: Actor) -> bool:
    return _is_checked(row, author) and is_seen(row.seen_by, author.country, reader)


def _is_checked(row: ProviderProfile, author: Participant) -> bool:
    return author.role != "private_sector" or row.checked_at is not None


def check(records: Records, command: CheckProfile) -> Listed | None:
    """Keep what the secretariat decides, and tell whoever listed themselves."""
    row = row_of(records.session, command.number)
    if row is None:
        return None
    row.checked_at = records.now if command.shown else None
    records.session.add(row)
    records.session.flush()
    if not command.shown:
        end_with(records, number_of(row))
    listed = _listed(row, _author(records.session, row), records.actor)
    told = say("profile/checked", number=listed.number, shown=command.shown)
    records.notices.append(Notice(row.participant_id, told))
    return listed


def _own(records: Records) -> ProviderProfile | None:
    mine = select_rows(ProviderProfile).where(col(ProviderProfile.participant_id) == records.actor_id)
    return records.session.exec(mine).first()


def _author(session: Session, row: ProviderProfile) -> Participant:
    return session.get_one(Participant, row.participant_id)


def _listed(row: ProviderProfile, author: Participant, reader: Actor) -> Listed:
    details = {name: tuple(values) for name, values in row.details.items()}
    return Listed(
        number_of(row),
        Profile(row.text, seen_by=cast("SeenBy", row.seen_by), **details),
        author.name,
        author.organisation,
        author.country,
        author.role,
        own=reader.id == author.id,
        checked=_is_checked(row, author),
    )


# Asked again


FIRST_DUE = Prepared(select(func.min(PROFILES.c.due_at)))


def next_due(session: Session, _now: datetime) -> datetime | None:
    """Return when the next profile is old enough to be asked about."""
    found: datetime | None = FIRST_DUE.scalar(session)
    return found


def ask_again(session: Session, press: Press, now: datetime) -> None:
    """Ask whose profile is old whether it is still right; who does not answer is asked again as much later."""
    old = select_rows(ProviderProfile).where(col(ProviderProfile.due_at) <= now)
    rows = session.exec(
        old.order_by(col(ProviderProfile.due_at)).limit(AT_ONCE).with_for_update(skip_locked=True)
    ).all()
    notices = []
    for row in rows:
        row.due_at = now + AGE
        session.add(row)
        asked = say("profile/still_right", number=number_of(row), text=row.text, since=row.changed_at)
        notices.append(Notice(row.participant_id, asked))
    notify(session, press, notices, now)


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    MyProfile: mine,
    KeepProfile: keep,
    ConfirmProfile: confirm,
    WithdrawProfile: withdraw,
    FindProfiles: find,
    UncheckedProfiles: unchecked,
    CheckProfile: check,
}
"""What carries each of these commands out."""
