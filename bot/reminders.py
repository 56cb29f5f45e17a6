"""Reminders of the sessions that participants follow: each once, in time or not at all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2s
from typing import Any

from sqlalchemy import and_, case, func, insert, or_, select, update
from sqlmodel import Session as Database

from bot.audiences import PEOPLE, muted, recipients
from bot.broadcasts import Audience, Recipient
from bot.composing import Reader, Words, card
from bot.deliveries import PRIORITY
from bot.desk import Press
from bot.following import FOLLOWING
from bot.messages import Card
from bot.prepared import Prepared
from bot.store import Delivery
from knowledge.forum import Session

AT_ONCE = 1000
"""Reminders of one transaction: turns wait meanwhile."""
PUNCTUAL = timedelta(minutes=1)
"""A reminder that comes later than this says so."""
LONGEST_ID = 24
"""Characters of a session's id in a ref; buttons have room for little more."""

ROWS: Any = Delivery.__table__  # type: ignore[attr-defined]
WAITING = and_(FOLLOWING.c.due_at.is_not(None), FOLLOWING.c.reminded_at.is_(None))
WITH_PEOPLE = FOLLOWING.join(PEOPLE, PEOPLE.c.id == FOLLOWING.c.participant_id)
QUEUE = Prepared(
    insert(ROWS),
    *("ref", "kind", "priority", "participant_id", "channel", "user", "chat", "deletes", "card"),
    *("state", "attempts", "created_at"),
)


@dataclass(frozen=True, slots=True)
class Reminded:
    """What a round of reminders came to: how many were *taken* up, and how many came too late, by session."""

    taken: int = 0
    missed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Due:
    participant: int
    session: str
    minutes: int
    due_at: datetime
    use_by: datetime
    muted: bool


FIRST_DUE = Prepared(select(func.min(FOLLOWING.c.due_at)).select_from(WITH_PEOPLE).where(WAITING))


def next_due(session: Database, now: datetime) -> datetime | None:
    """Return when there is something to be done next (the forum's time), None when nothing waits."""
    if FIRST_DUE.scalar(session) is None:
        return None
    quiet_until = case(
        (
            and_(PEOPLE.c.muted_until.is_not(None), PEOPLE.c.muted_until < FOLLOWING.c.use_by),
            PEOPLE.c.muted_until,
        ),
        else_=FOLLOWING.c.use_by,
    )
    at = case((and_(_muted(now), FOLLOWING.c.due_at <= now), quiet_until), else_=FOLLOWING.c.due_at)
    found: datetime | None = session.execute(
        select(func.min(at)).select_from(WITH_PEOPLE).where(WAITING)
    ).scalar()
    return found


def remind_due(session: Database, press: Press, now: datetime) -> Reminded:
    """
    Queue what is due at *now*, AT_ONCE of it at the most, each in the transaction that notes that it was done.

    Who is muted is reminded when the mute ends, unless that is too late; they asked for it, so nobody is told. What is
    too late for another reason is not sent either, and counted as missed.
    """
    due = _claimed(session, now)
    in_time = [one for one in due if now < one.use_by]
    missed = Counter(one.session for one in due if now >= one.use_by and not one.muted)
    _queue(session, in_time, press, now)
    return Reminded(len(due), missed)


def _muted(at: Any) -> Any:
    """Return what makes a participant one who wants no reminder at the moment *at*, which may be a column."""
    return muted("reminder", changes=False, now=at)


def _claimed(session: Database, now: datetime) -> list[_Due]:
    """Note for what is due that it was done, and return it; what another process has just claimed is not in it."""
    ready = or_(FOLLOWING.c.use_by <= now, ~_muted(now))
    key = FOLLOWING.c.participant_id, FOLLOWING.c.session
    wanted = (
        select(*key, FOLLOWING.c.minutes, FOLLOWING.c.due_at, FOLLOWING.c.use_by)
        .add_columns(_muted(FOLLOWING.c.use_by))
        .select_from(WITH_PEOPLE)
        .where(WAITING, FOLLOWING.c.due_at <= now, ready)
        .order_by(FOLLOWING.c.due_at, *key)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=FOLLOWING)
    )
    due = [_Due(row[0], row[1], row[2], row[3], row[4], bool(row[5])) for row in session.execute(wanted)]
    for name in {one.session for one in due}:
        people = [one.participant for one in due if one.session == name]
        mine = FOLLOWING.c.participant_id.in_(people) & (FOLLOWING.c.session == name)
        session.execute(update(FOLLOWING).where(mine, WAITING).values(reminded_at=now))
    return due


def _queue(session: Database, due: Sequence[_Due], press: Press, now: datetime) -> None:
    """Write a delivery for each, to where the participant is written to; who cannot be is left out."""
    if not due:
        return
    followers = Audience(people=frozenset(one.participant for one in due))
    found = recipients(session, followers, press.know.vocabulary)
    places = {place.participant_id: place for place in found}
    cards = _Cards(press, now)
    rows = []
    for one in due:
        place, about = places.get(one.participant), press.know.programme.get(one.session)
        if place is not None and about is not None:
            rows.append(_row(one, about, place, cards.of(one, about, place.lang), now))
    QUEUE.each(session, rows)


class _Cards:
    """The cards of one round; those who were to be reminded at the same time read the same in their language."""

    def __init__(self, press: Press, now: datetime) -> None:
        self._press, self._now = press, now
        self._written: dict[tuple[str, int, str], Card] = {}

    def of(self, due: _Due, about: Session, lang: str) -> Card:
        """Return what a reader of *lang* is told of *about*."""
        key = (due.session, due.minutes, lang)
        if key not in self._written:
            late = self._now - due.due_at
            words = Words(
                template="reminder",
                slots={
                    "session": about.id,
                    "minutes": due.minutes,
                    "place": about.room,
                    "time": about.starts.isoformat(),
                },
                session=about.id,
            )
            self._written[key] = card(
                words,
                Reader(lang),
                self._press.know,
                self._press.wording,
                "reminder",
                late=late if late > PUNCTUAL else None,
                rehearsal=bool(self._press.ahead),
            )
        return self._written[key]


def _row(due: _Due, about: Session, place: Recipient, card: Card, now: datetime) -> dict[str, Any]:
    return {
        "ref": ref_of(due.participant, about, due.minutes),
        "kind": "reminder",
        "priority": PRIORITY["reminder"],
        "participant_id": due.participant,
        "channel": place.channel,
        "user": place.user,
        "chat": place.chat,
        "deletes": False,
        "card": card.to_json(),
        "state": "queued",
        "attempts": 0,
        "created_at": now,
    }


def ref_of(participant: int, about: Session, minutes: int) -> str:
    """Return the ref of a reminder: one for each participant, session, time of its start and minutes before it."""
    id_ = about.id if len(about.id) <= LONGEST_ID else blake2s(about.id.encode(), digest_size=8).hexdigest()
    start = int(about.starts.timestamp()) // 60
    return f"r{participant:x}.{id_}.{start:x}.{minutes}"
