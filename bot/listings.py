"""Whom one asks about what participants wrote into the directory: profiles of the network, and good practices."""

from __future__ import annotations

from sqlmodel import Session

from bot import practices, profiles
from bot.errors import Refused
from bot.introduction_commands import OwnEntry
from bot.numbers import named
from bot.participants import Actor
from bot.practices import SubmittedPractice
from bot.profiles import ProviderProfile


def is_listing(number: str) -> bool:
    """Tell whether *number* is one of a profile or of a practice that a participant told of."""
    return named("D", number) is not None or named("P", number) is not None


def author_of(session: Session, number: str, reader: Actor) -> int:
    """
    Return who wrote the entry *number*, as far as *reader* finds it.

    Raises OwnEntry where that is *reader*, Refused where there is nothing that they may see.
    """
    row: ProviderProfile | SubmittedPractice | None = profiles.row_of(session, number)
    if isinstance(row, ProviderProfile):
        shown = profiles.is_shown(session, row, reader)
    else:
        row = practices.row_of(session, number)
        shown = row is not None and row.checked_at is not None
    if row is not None and row.participant_id == reader.id:
        raise OwnEntry(f"{number} is the actor's own")
    if row is None or not shown:
        raise Refused(f"nobody can be asked about {number}")
    return row.participant_id


def themes_of(session: Session, number: str) -> tuple[str, ...]:
    """Return the themes of the entry *number*, by their ids; none where there is no such entry."""
    if (profile := profiles.row_of(session, number)) is not None:
        return tuple(profile.details.get("themes", ()))
    row_id = named("P", number)
    practice = session.get(SubmittedPractice, row_id) if row_id is not None else None
    return (practice.theme,) if practice is not None else ()
