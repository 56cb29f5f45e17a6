"""Quiet that participants ask for; what passes it, `bot.audiences.muted` says."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session

from bot.broadcasts import Mute
from bot.store import Participant

PEOPLE: Any = Participant.__table__  # type: ignore[attr-defined]


def mute(session: Session, participant: int, kind: Mute | None, until: datetime | None) -> None:
    """Keep *kind* until *until* (the forum's time; None: until it is taken back); the kind None ends the quiet."""
    own = update(PEOPLE).where(PEOPLE.c.id == participant)
    session.execute(own.values(muted=kind, muted_until=until if kind else None))
