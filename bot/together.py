"""Whom the secretariat brings together: a joint project's countries, who was introduced, or people by their numbers."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlmodel import Session

from bot import introductions, joining, meetings, projects
from bot.desk import Desk
from bot.errors import Refused
from bot.meetings import MeetingRow
from bot.numbers import spelt, to_row
from bot.participants import ADDRESSES, PEOPLE


def called(desk: Desk, whom: Sequence[str]) -> tuple[list[int], str | None, MeetingRow | None]:
    """
    Return who is to meet, what about, and the meeting that they have already; None before the first.

    Raises Refused where *whom* names nobody, or not everybody can be asked.
    """
    about = spelt(whom[0]) if len(whom) == 1 else ""
    match about.partition("-")[0]:
        case "M":
            row = meetings.held(desk, about)
            return [side.participant_id for side in meetings.sides(desk.session, row)], row.about, row
        case "JP":
            people = projects.speakers_of(desk.session, about)
        case "I":
            people = introductions.both_of(desk.session, about)
        case "J":
            people = joining.three_of(desk.session, about)
        case _:
            people = sorted({to_row(one) or 0 for one in whom})
            _check(desk.session, people)
            return people, None, meetings.open_one_of(desk, people)
    _check(desk.session, people)
    return people, about, meetings.open_one(desk, about)


def _check(session: Session, people: Collection[int]) -> None:
    """Raise Refused where they are less than two, or one of them is not registered or linked nowhere."""
    registered = select(PEOPLE.c.id).where(PEOPLE.c.id.in_(people), PEOPLE.c.confirmed)
    found = set(session.execute(registered).scalars())
    if len(found) < 2 or found != set(people):
        raise Refused("a meeting needs two or more people who are registered")
    linked = select(ADDRESSES.c.participant_id).where(
        ADDRESSES.c.participant_id.in_(people), ADDRESSES.c.unsubscribed_at.is_(None)
    )
    silent = found - set(session.execute(linked).scalars())
    if silent:
        who = ", ".join(str(one) for one in sorted(silent))
        raise Refused(f"number {who} of the registration list cannot be asked: no chat is linked")
