"""Links and codes that are given out on paper: in the letter of registration, and as cards for when mail is slow."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from bot.commands import Command, Person
from bot.keys import Keys
from bot.linking import Done, Doorstep
from bot.links import REQUESTS, printed_code, row_id, seed_of, token_of
from bot.people import listed
from bot.people_commands import GiveCodes, GiveLetters
from bot.rights import SECRETARIAT
from bot.store import LinkRequest


@dataclass(frozen=True, slots=True)
class Paper:
    """What *person* is given: the *secret*, a token or a code, works once until *until*, the machine's time."""

    person: Person
    secret: str
    until: datetime


def give_letters(step: Doorstep, command: GiveLetters) -> Done:
    """
    Return a letter for each person; who has one that still works gets the same again, unless it is to be renewed.

    Its token is made again from the row and the key: what was printed already stays good.
    """
    people = _entitled(step, command.people)
    mine = {} if command.renew else _open(step, people)
    _void(step, "letter", [one.id for one in people if one.id not in mine])
    papers = [mine.get(one.id) or _letter(step, one, command.days) for one in people]
    return Done(tuple(papers), step.actor)


def give_codes(step: Doorstep, command: GiveCodes) -> Done:
    """Return a new code for each person; what they had before works no more."""
    people = _entitled(step, command.people)
    _void(step, "code", [one.id for one in people])
    papers = []
    for one in people:
        row = _row(step, "code", one, command.days)
        code = printed_code()
        row.token_digest = step.door.keys.digest("link token", code)
        step.session.add(row)
        papers.append(Paper(one, code, row.expires_at))
    step.session.flush()
    return Done(tuple(papers), step.actor)


def _entitled(step: Doorstep, ids: Iterable[int] | None) -> list[Person]:
    """
    Return whom papers are for: the registered people with *ids*, or all who have not linked a chat.

    Nobody of the secretariat is among them: whoever found such a paper would be of the secretariat.
    """
    registered = {one.id: one for one in listed(step.session)}
    chosen = registered if ids is None else {key: registered[key] for key in ids if key in registered}
    return [
        one
        for one in chosen.values()
        if one.role not in SECRETARIAT and (ids is not None or not one.channels)
    ]


def _open(step: Doorstep, people: Iterable[Person]) -> dict[int, Paper]:
    """Map whoever of *people* has a letter that still works to it."""
    entitled = {one.id: one for one in people}
    query = select(LinkRequest).where(
        col(LinkRequest.purpose) == "letter",
        col(LinkRequest.used_at).is_(None),
        col(LinkRequest.expires_at) > step.machine,
    )
    found = {}
    for row in step.session.exec(query):
        person, token = entitled.get(row.participant_id or 0), _token(step.door.keys, row)
        if person is not None and token is not None:
            found[person.id] = Paper(person, token, row.expires_at)
    return found


def _token(keys: Keys, row: LinkRequest) -> str | None:
    """Return the token that *row* keeps the digest of; None when the key that it was made with is gone."""
    for key in (keys.current, *keys.old):
        token = token_of(Keys(key), seed_of(row_id(row), row.asked_at))
        if keys.matches("link token", token, row.token_digest):
            return token
    return None


def _letter(step: Doorstep, person: Person, days: int) -> Paper:
    row = _row(step, "letter", person, days)
    token = token_of(step.door.keys, seed_of(row_id(row), row.asked_at))
    row.token_digest = step.door.keys.digest("link token", token)
    step.session.add(row)
    step.session.flush()
    return Paper(person, token, row.expires_at)


def _row(step: Doorstep, purpose: str, person: Person, days: int) -> LinkRequest:
    row = LinkRequest(
        purpose=purpose,
        token_digest=token_hex(),
        participant_id=person.id,
        asked_at=step.machine,
        expires_at=step.machine + timedelta(days=days),
    )
    step.session.add(row)
    step.session.flush()
    return row


def _void(step: Doorstep, purpose: str, people: Iterable[int]) -> None:
    """Let no paper work any more that *people* were given for *purpose*."""
    wanted = set(people)
    still = (REQUESTS.c.purpose == purpose) & (REQUESTS.c.expires_at > step.machine)
    rows = step.session.exec(select(LinkRequest.id, LinkRequest.participant_id).where(still))
    for row, participant in rows.all():
        if participant in wanted:
            step.session.execute(update(REQUESTS).where(REQUESTS.c.id == row).values(expires_at=step.machine))


WORK: Mapping[type[Command], Callable[[Doorstep, Any], Done]] = {
    GiveLetters: give_letters,
    GiveCodes: give_codes,
}
"""What carries each of these commands out."""
