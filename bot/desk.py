"""Where the secretariat's announcements are worked on: what it takes to write one out, and who does it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import update
from sqlmodel import Session

from bot.broadcasts import NUMBER, Announcement, Kind, Rules, State
from bot.compositions import Words
from bot.errors import Refused
from bot.keys import Keys
from bot.messages import Address
from bot.numbers import numbered
from bot.participants import Actor
from bot.reasons import because
from bot.store import Broadcast, Participant
from bot.wording import Wording
from knowledge.snapshot import Snapshot

BROADCASTS: Any = Broadcast.__table__  # type: ignore[attr-defined]
OPERATOR = "the operator"
"""Who acts on the command line."""


@dataclass(frozen=True, slots=True)
class Press:
    """What it takes to write an announcement out; *ahead* is how far the forum's clock is before the machine's."""

    know: Snapshot
    wording: Wording
    rules: Rules = field(default_factory=Rules)
    ahead: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Desk:
    """
    The announcements and people in the database, as one officer works on them in one transaction.

    *keys* is what secrets are known by; None where nothing is given out or looked for by one. *place* is where the
    actor writes from, None at the command line.
    """

    session: Session
    press: Press
    actor: Actor
    now: datetime
    keys: Keys | None = None
    place: Address | None = None

    @property
    def own(self) -> int:
        """Return the actor's row; raises Refused for the command line, which is nobody in particular."""
        if self.actor.id is None:
            raise Refused("this is done in a chat, by a participant")
        return self.actor.id

    @property
    def secret_keys(self) -> Keys:
        """Return the keys; raises Refused where there are none."""
        if self.keys is None:
            raise Refused("this needs the secret key: set SAPHAN_SECRET_KEY")
        return self.keys

    @property
    def machine(self) -> datetime:
        """Return the machine's time, which deliveries are settled by."""
        return self.now - self.press.ahead

    def row(self, number: str) -> Broadcast:
        """Return the announcement with that number; raises Refused when there is none."""
        row_id = id_of(number)
        row = self.session.get(Broadcast, row_id) if row_id is not None else None
        if row is None:
            none = f"there is no announcement {number}; see: saphan broadcast status"
            raise Refused(because("unknown", none, number=number))
        return row

    def move(self, row: Broadcast, before: tuple[State, ...], to: State, **values: Any) -> bool:
        """Take *row* from one of the states *before* into another; False when it is in none of them any more."""
        return move(self.session, row, before, to, **values)

    def officer(self, row: Broadcast) -> str:
        """Return the name of whoever made *row*."""
        author = self.session.get(Participant, row.created_by) if row.created_by is not None else None
        return _named(author.name) if author else OPERATOR

    @property
    def acting(self) -> str:
        """Return the name of whoever works here."""
        return _named(self.actor.name) if self.actor.id is not None else OPERATOR


def _named(officer: str | None) -> str:
    return officer or "another officer"


def move(session: Session, row: Broadcast, before: tuple[State, ...], to: State, **values: Any) -> bool:
    """Take *row* from one of the states *before* into another; False when it is in none of them any more."""
    session.flush()
    mine = (BROADCASTS.c.id == row.id) & BROADCASTS.c.state.in_(before)
    moved: Any = session.execute(update(BROADCASTS).where(mine).values(state=to, **values))
    session.refresh(row)
    return bool(moved.rowcount)


def number_of(row: Broadcast) -> str:
    """Return the number people see: `B-0003`, or `R-0005` for a reminder."""
    return numbered("R" if row.kind == "reminder" else "B", row.id)


def id_of(number: str) -> int | None:
    """Return the row that a number names, None when it is not one."""
    named = NUMBER.fullmatch(number)
    return int(named[2]) if named else None


def row_id(row: Broadcast) -> int:
    """Return the id of a row that was kept."""
    assert row.id is not None  # noqa: S101 - kept
    return row.id


def kind_of(row: Broadcast) -> Kind:
    """Return what *row* is to the ledger and to mutes."""
    return cast("Kind", row.kind)


def state_of(row: Broadcast) -> State:
    """Return where *row* stands."""
    return cast("State", row.state)


def words_of(row: Broadcast) -> Words:
    """Return what *row* says."""
    return Words.from_json(row.words)


def to_row(announcement: Announcement, key: str) -> dict[str, Any]:
    """Return the columns that keep what is to be said, and to whom."""
    words, attached = announcement.words, announcement.attachment
    return {
        "key": key,
        "kind": announcement.kind,
        "audience": announcement.audience.to_json(),
        "words": {**words.to_json(), **({"attachment": attached.to_json()} if attached else {})},
        "session": announcement.change.session if announcement.change else words.session,
        "confirmable": announcement.confirmable,
        "about_id": id_of(announcement.about) if announcement.about else None,
        "use_by": announcement.use_by,
    }
