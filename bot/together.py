"""Whom the secretariat brings together: a joint project's countries, who was introduced, or people by their numbers."""

from collections.abc import Sequence

from sqlmodel import Session

from bot import introductions, joining, meetings, projects
from bot.desk import Desk
from bot.errors import Refused
from bot.meetings import MeetingRow
from bot.numbers import spelt, to_row


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
            people = _registered(desk.session, whom)
            return people, None, meetings.open_one_of(desk, people)
    return people, about, meetings.open_one(desk, about)


def _registered(session: Session, whom: Sequence[str]) -> list[int]:
    """Return the rows of two or more people who are registered."""
    people = sorted({to_row(one) or 0 for one in whom})
    if len(people) < 2 or not all(meetings.is_registered(session, one) for one in people):
        raise Refused(f"{' '.join(whom)}: a meeting needs two or more people who are registered")
    return people
