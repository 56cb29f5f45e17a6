"""
Sessions as a calendar that telephones and desks read (RFC 5545): a file to keep, or an address that stays current.

An address shows what its participant follows to whoever has it, and opens nothing else.
"""

from __future__ import annotations

import secrets
import uuid
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import delete, select
from sqlmodel import Field, SQLModel, col
from sqlmodel import Session as Database
from sqlmodel import select as select_rows

from bot import following, meetings
from bot.changes import BROADCASTS, CHANGES, OUT
from bot.commands import Command
from bot.desk import Press
from bot.dialogue import say
from bot.identity import actor_of
from bot.keys import Keys
from bot.markup import plain
from bot.meeting_commands import Meeting
from bot.messages import Attachment, Card
from bot.participants import Actor
from knowledge import store as packs
from knowledge.forum import Session

if TYPE_CHECKING:
    from icalendar import Component

    from bot.records import Records

MEDIA_TYPE = "text/calendar"
PURPOSE = "calendar"
MAKER = "-//Saphan//Forum programme//EN"
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
"""Before any pack was loaded: what revisions are counted from, so that they stay small numbers."""
NAMESPACE = uuid.UUID("6f3c1c66-8a4e-4d0b-9f0e-1d6b0a2f7c15")
"""Of the ids of sessions; a calendar knows a session again by its id, whatever else changes."""


@dataclass(frozen=True, slots=True)
class TakeCalendar(Command):
    """Write a calendar of what the actor follows, or of the *whole* programme. Gives the `Taken`."""

    action: ClassVar[str] = "read_programme"
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ShareCalendar(Command):
    """
    Give the address at which a calendar program finds what the actor follows, as it is each time it looks.

    Gives the address, None where the installation has no public one. A *new* one makes those before void.
    """

    action: ClassVar[str] = "read_programme"
    new: bool = False


class CalendarFeed(SQLModel, table=True):
    """An address of a participant's calendar; its token is made from *salt* and the installation's key."""

    __tablename__ = "calendar_feed"
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    salt: str
    token_digest: str = Field(unique=True)
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """
    A calendar as a file, None where there is no session to put into it.

    It is of the *whole* programme also where the actor follows nothing yet. *shareable* tells whether there can be an
    address as well, which stays current.
    """

    file: Attachment | None
    whole: bool
    shareable: bool = False


def take(records: Records, command: TakeCalendar) -> Taken:
    """Write the calendar that is asked for."""
    press, actor = records.press, records.actor
    followed = _followed(records.session, actor.id) if not command.whole else frozenset()
    sessions = _sessions(press.know.programme, followed)
    mine = () if command.whole else _meetings(records.session, actor, records.now)
    if not sessions and not mine:
        return Taken(None, not followed)
    file = Attachment(
        name="programme.ics",
        media_type=MEDIA_TYPE,
        content=written(sessions, press, actor.reads, revisions(records.session), mine),
        description=press.wording.text("calendar/description", actor.reads, sessions=len(sessions)),
    )
    shareable = records.door is not None and bool(records.door.ways.calendar)
    return Taken(file, not followed, shareable)


def share(records: Records, command: ShareCalendar) -> str | None:
    """Give the address that works already, or make one."""
    if records.door is None or not (start := records.door.ways.calendar):
        return None
    keys, session, me = records.door.keys, records.session, records.actor_id
    mine = col(CalendarFeed.participant_id) == me
    if command.new:
        session.execute(delete(CalendarFeed).where(mine))
    feed = session.exec(select_rows(CalendarFeed).where(mine).order_by(col(CalendarFeed.id).desc())).first()
    # What was made with a key that has been replaced works on; it cannot be shown once more.
    if feed is None or feed.token_digest != keys.digest(PURPOSE, token_of(keys, feed.salt)):
        salt = secrets.token_hex(16)
        digest = keys.digest(PURPOSE, token_of(keys, salt))
        made_at = records.desk.machine
        session.add(feed := CalendarFeed(participant_id=me, salt=salt, token_digest=digest, made_at=made_at))
    return f"{start}{token_of(keys, feed.salt)}.ics"


def token_of(keys: Keys, salt: str) -> str:
    """Return the token that belongs to *salt*: 43 characters."""
    return urlsafe_b64encode(keys.derive(PURPOSE, salt, 32)).decode().rstrip("=")


def read(database: Database, keys: Keys, token: str, press: Press, now: datetime) -> bytes | None:
    """Return the calendar at the address that ends with *token*, None where there is none (any more)."""
    query = select_rows(CalendarFeed).where(col(CalendarFeed.token_digest).in_(keys.digests(PURPOSE, token)))
    feed = database.exec(query).first()
    if feed is None:
        return None
    sessions = _sessions(press.know.programme, _followed(database, feed.participant_id))
    reader = actor_of(database, feed.participant_id)
    mine = _meetings(database, reader, now)
    return written(sessions, press, reader.reads, revisions(database), mine)


def _meetings(database: Database, reader: Actor, now: datetime) -> tuple[Meeting, ...]:
    """Return the meetings of *reader* that are booked, or were."""
    if reader.id is None:
        return ()
    found = meetings.seen(database, meetings.mine(database, reader.id), reader, now)
    return tuple(one for one in found if one.slot is not None)


def _sessions(programme: Iterable[Session], followed: frozenset[str]) -> list[Session]:
    """Return the sessions that are *followed*, all where none is."""
    return [one for one in programme if not followed or one.id in followed]


def _followed(database: Database, participant: int | None) -> frozenset[str]:
    if participant is None:
        return frozenset()
    return frozenset(one.session for one in following.followed(database, participant))


def revisions(database: Database) -> Callable[[str], int]:
    """
    Return what maps a session's id to its revision: a number that rises with each change that people can see.

    It counts from when the pack was loaded, so that a new pack is newer than all changes of the one before.
    """
    loaded = packs.loaded_at(database)
    start = int((loaded - EPOCH).total_seconds()) if loaded else 0
    rows = (
        select(CHANGES.c.session, CHANGES.c.undone_at, CHANGES.c.broadcast_id, BROADCASTS.c.state)
        .outerjoin(BROADCASTS, BROADCASTS.c.id == CHANGES.c.broadcast_id)
        .order_by(CHANGES.c.id)
    )
    steps: Counter[str] = Counter()
    for session, undone_at, broadcast, state in database.execute(rows):
        # A change that was taken back is two: there, and back.
        steps[session] += 2 if undone_at is not None else int(broadcast is None or state in OUT)
    return lambda session: start + steps[session]


def written(
    sessions: Iterable[Session],
    press: Press,
    lang: str,
    revision: Callable[[str], int],
    mine: Iterable[Meeting] = (),
) -> bytes:
    """
    Return *sessions* and meetings as a calendar in *lang*, in the forum's time zone; the same give the same bytes.

    One that is cancelled stays in it and says so, or a calendar that had it would keep it.
    """
    from icalendar import Calendar  # takes a while, and few turns need it

    calendar = Calendar()
    title = press.know.forum.short_name.in_(lang)
    for name, value in _about(title).items():
        calendar.add(name, value)
    for session in sessions:
        calendar.add_component(_event(session, press, lang, revision(session.id)))
    for meeting in mine:
        calendar.add_component(_meeting_event(meeting, press, lang))
    calendar.add_component(_zone(press.know.forum.time_zone.key))
    content: bytes = calendar.to_ical()
    return content


@lru_cache(maxsize=8)
def _zone(name: str) -> Component:
    from icalendar import Timezone

    return Timezone.from_tzid(name)


def _about(title: str) -> Mapping[str, str]:
    return {"prodid": MAKER, "version": "2.0", "method": "PUBLISH", "name": title, "x-wr-calname": title}


def _event(session: Session, press: Press, lang: str, revision: int) -> Component:
    words = press.wording.card(
        say("calendar/session", session=session, rehearsal=bool(press.ahead)), lang, "calendar", press.know
    )
    stamp = EPOCH + timedelta(seconds=revision)
    return _written(
        words, press, session.id, revision, stamp, (session.starts, session.ends), cancelled=session.cancelled
    )


def _meeting_event(meeting: Meeting, press: Press, lang: str) -> Component:
    assert meeting.slot is not None  # noqa: S101 - the caller looked
    cancelled = meeting.state == "cancelled"
    shown = say("calendar/meeting", meeting=meeting, cancelled=cancelled, rehearsal=bool(press.ahead))
    words = press.wording.card(shown, lang, "calendar", press.know)
    times = (meeting.slot.starts, meeting.slot.ends)
    stamp = meeting.changed_at or EPOCH
    return _written(words, press, meeting.number, meeting.revision, stamp, times, cancelled=cancelled)


def _written(
    words: Card,
    press: Press,
    id_: str,
    revision: int,
    stamp: datetime,
    times: tuple[datetime, datetime],
    *,
    cancelled: bool,
) -> Component:
    from icalendar import Event

    zone = press.know.forum.time_zone
    event = Event()
    event.add("uid", str(uuid.uuid5(NAMESPACE, f"{press.know.forum.edition}/{id_}")))
    event.add("sequence", revision)
    event.add("dtstamp", stamp)
    event.add("dtstart", times[0].astimezone(zone))
    event.add("dtend", times[1].astimezone(zone))
    event.add("summary", plain(words.heading))
    event.add("location", plain(words.body))
    if words.note:
        event.add("description", plain(words.note))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    return event


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {TakeCalendar: take, ShareCalendar: share}
"""What carries each command out."""
