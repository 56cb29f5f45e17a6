"""Which needs and offers are in talks: an introduction about them goes on, to which both sides agreed."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import or_, select
from sqlmodel import Session

from bot.commands import Statement
from bot.introductions import INTRODUCTIONS


def in_talks(session: Session, statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Return *statements* in their order, those that are open marked as in talks where they are."""
    statements = tuple(statements)
    numbers = [one.number for one in statements if one.progress == "open"]
    if not numbers:
        return statements
    columns = (INTRODUCTIONS.c.about, INTRODUCTIONS.c.fits)
    going = INTRODUCTIONS.c.introduced_at.is_not(None) & INTRODUCTIONS.c.over_at.is_(None)
    query = select(*columns).where(going, or_(*(one.in_(numbers) for one in columns)))
    talking = {number for row in session.execute(query) for number in row}
    return tuple(
        replace(one, progress="in_talks") if one.number in talking and one.progress == "open" else one
        for one in statements
    )
