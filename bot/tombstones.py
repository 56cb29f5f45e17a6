"""Keeps a registration list from bringing back who asked to be forgotten, without knowing who that was."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlmodel import Field, Session, SQLModel

from bot.commands import Registered
from bot.desk import Desk
from bot.errors import Refused
from bot.participants import PEOPLE, Actor
from bot.people_commands import Readmit
from bot.recognising import name_key

PURPOSE = "forgotten"
AT_ONCE = 500
"""Digests that one query names."""


class Tombstone(SQLModel, table=True):
    """
    Somebody was forgotten: digests that nobody without the installation's key can make, or look for.

    *person* is of their e-mail address and name, *mailbox* of the address alone; nobody else who was registered had
    that address where it was theirs *alone*. No time stands here: it would say which entry of the record is theirs.
    """

    person: str = Field(primary_key=True)
    mailbox: str = Field(index=True)
    alone: bool


STONES: Any = Tombstone.__table__  # type: ignore[attr-defined]


def leave(desk: Desk, gone: Actor) -> None:
    """Keep that *gone*, whose row is still there, was forgotten; whoever is on no list comes back on none."""
    if not gone.is_listed:
        return
    same = select(func.count()).select_from(PEOPLE).where(PEOPLE.c.email == gone.email, PEOPLE.c.confirmed)
    alone = desk.session.execute(same.where(PEOPLE.c.id != gone.id)).scalar_one() == 0
    email, name = gone.email or "", gone.name or ""
    keys = desk.secret_keys
    stone = Tombstone(
        person=keys.digest(PURPOSE, _person(email, name)),
        mailbox=keys.digest(PURPOSE, _mailbox(email)),
        alone=alone,
    )
    desk.session.merge(stone)
    desk.session.flush()


def held_back(desk: Desk, people: Sequence[Registered]) -> tuple[int, ...]:
    """
    Return the places of those of *people* who asked to be forgotten.

    That is who has the same name in the same mailbox; and, where a mailbox was theirs alone and only one of *people*
    has it, whoever that is: a name may be spelt in too many ways.
    """
    if desk.session.execute(select(STONES.c.person).limit(1)).first() is None:
        return ()
    keys = desk.secret_keys
    named = [keys.digests(PURPOSE, _person(one.email, one.name)) for one in people]
    boxes = [keys.digests(PURPOSE, _mailbox(one.email)) for one in people]
    gone = _found(desk.session, STONES.c.person, named)
    closed = _found(desk.session, STONES.c.mailbox, boxes, STONES.c.alone)
    times = Counter(one.email for one in people)
    return tuple(
        place
        for place, one in enumerate(people)
        if not gone.isdisjoint(named[place])
        or (times[one.email] == 1 and not closed.isdisjoint(boxes[place]))
    )


def readmit(desk: Desk, command: Readmit) -> int:
    """Let the next list bring back whoever had the address, or only the one with that name; return how many."""
    email = command.email.strip().casefold()
    column, secret = (
        (STONES.c.person, _person(email, command.name))
        if command.name
        else (STONES.c.mailbox, _mailbox(email))
    )
    digests = desk.secret_keys.digests(PURPOSE, secret)
    done: Any = desk.session.execute(delete(STONES).where(column.in_(digests)))
    if not done.rowcount:
        raise Refused("nobody with that address and name asked to be forgotten")
    return int(done.rowcount)


def _found(session: Session, column: Any, made: Sequence[Sequence[str]], *more: Any) -> frozenset[str]:
    """Return those of the digests *made* that stand in *column*."""
    wanted = sorted({digest for digests in made for digest in digests})
    found: set[str] = set()
    for start in range(0, len(wanted), AT_ONCE):
        some = select(column).where(column.in_(wanted[start : start + AT_ONCE]), *more)
        found.update(session.execute(some).scalars())
    return frozenset(found)


def _mailbox(email: str) -> str:
    return email.casefold()


def _person(email: str, name: str) -> str:
    # No address holds a line break, so no address and name can pretend to be another's.
    return f"{email.casefold()}\n{name_key(name) or name}"
