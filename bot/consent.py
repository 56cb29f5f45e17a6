"""What a participant has agreed to, in which words, and when; and who they let see their name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select, update
from sqlmodel import Field, Session, SQLModel

from bot.participants import Actor, changed
from bot.rights import GOVERNMENTS, REGISTERED, SECRETARIAT

CONSENT_VERSION = "1"
"""Of the words to which people agree; whoever agreed to an older version is asked again."""
LINKING = "linking"
"""The consent to be known: asked when an account is linked to a registration."""

VisibleTo = Literal["nobody", "delegation", "governments", "registered"]


class Consent(SQLModel, table=True):
    """A participant agreed, in the words of *version* in *lang*; *withdrawn_at* is when they took that back."""

    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    kind: str
    version: str
    lang: str
    at: datetime
    withdrawn_at: datetime | None = None


CONSENTS: Any = Consent.__table__  # type: ignore[attr-defined]


def give(session: Session, actor: Actor, kind: str, version: str, now: datetime) -> Actor:
    """Keep that *actor* agrees to *version*, in place of what they agreed to before, and return them with that."""
    assert actor.id is not None  # noqa: S101 - told by the caller
    _end(session, actor.id, now, kind)
    session.add(
        Consent(participant_id=actor.id, kind=kind, version=version, lang=actor.reads, at=now),
    )
    return changed(session, actor, consented=version) if kind == LINKING else actor


def is_outdated(actor: Actor) -> bool:
    """Tell whether *actor*, who is linked, agreed to other words than today's, or to none."""
    return actor.confirmed and actor.consented != CONSENT_VERSION


@dataclass(frozen=True, slots=True)
class Agreed:
    """What somebody agrees to: a kind of consent, the version of its words, and since when."""

    kind: str
    version: str
    at: datetime


def agreed(session: Session, actor: Actor) -> tuple[Agreed, ...]:
    """Return what *actor* agrees to now, the oldest first."""
    mine = (CONSENTS.c.participant_id == actor.id) & CONSENTS.c.withdrawn_at.is_(None)
    columns = (CONSENTS.c.kind, CONSENTS.c.version, CONSENTS.c.at)
    return tuple(
        Agreed(*row) for row in session.execute(select(*columns).where(mine).order_by(CONSENTS.c.id))
    )


def withdraw(session: Session, actor: Actor, now: datetime) -> Actor:
    """End every consent of *actor* and return them without any."""
    assert actor.id is not None  # noqa: S101 - told by the caller
    _end(session, actor.id, now)
    return changed(session, actor, consented=None)


def end(session: Session, participant: int, now: datetime, kind: str) -> None:
    """End the consent of one *kind* of a participant."""
    _end(session, participant, now, kind)


def _end(session: Session, participant: int, now: datetime, kind: str | None = None) -> None:
    mine = (CONSENTS.c.participant_id == participant) & CONSENTS.c.withdrawn_at.is_(None)
    open_ones = mine if kind is None else mine & (CONSENTS.c.kind == kind)
    session.execute(update(CONSENTS).where(open_ones).values(withdrawn_at=now))


SEEN_BY: Mapping[str, frozenset[str]] = {
    "nobody": frozenset(),
    "delegation": GOVERNMENTS,
    "governments": GOVERNMENTS,
    "registered": REGISTERED,
}
"""Maps what a participant chose to the roles that may see their name; a delegation's are also of one country."""


def is_seen(visible_to: str, country: str | None, reader: Actor) -> bool:
    """
    Tell whether *reader* may see the name of somebody from *country* who is *visible_to* a category.

    The secretariat has the registration list. Nobody else sees a name unless the list says who they are.
    """
    if reader.role in SECRETARIAT:
        return True
    if not reader.confirmed or reader.role not in SEEN_BY[visible_to]:
        return False
    return visible_to != "delegation" or (country is not None and country == reader.country)
