"""What others are told of a turn, a job or a command: each in their own language, where they are written to."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from bot import audiences, identity, ledger
from bot.broadcasts import Audience
from bot.deliveries import Due
from bot.desk import Press
from bot.dialogue import Saying
from bot.messages import Address, Card, Outbound


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a command has to tell somebody else."""

    participant_id: int
    saying: Saying


def tell(
    session: Session,
    notices: Sequence[Notice],
    write_out: Callable[[Saying, str, str], Card],
    ref: str,
    now: datetime,
) -> list[Due]:
    """Queue what others are to be told, each where they are written to; who cannot be reached is left out."""
    people = {notice.participant_id for notice in notices}
    query = audiences.reached(Audience(), [audiences.PEOPLE.c.id.in_(people)])
    places = {row.id: row for row in session.execute(query)} if people else {}
    due: list[Due] = []
    for number, notice in enumerate(notices):
        if place := places.get(notice.participant_id):
            card = write_out(notice.saying, place.lang, f"{ref}.n{number}")
            outbound = Outbound(0, Address(place.channel, place.user), place.chat, card)
            due += ledger.enqueue(session, "notice", [outbound], place.id, now)
    return due


def notify(session: Session, press: Press, notices: Sequence[Notice], now: datetime) -> list[Due]:
    """Queue what a job or a command has to tell, outside of anybody's turn."""

    def write_out(saying: Saying, lang: str, ref: str) -> Card:
        return press.wording.card(saying, lang, ref, press.know)

    return tell(session, notices, write_out, f"j{secrets.token_hex(6)}", now)


def tell_everywhere(
    session: Session, press: Press, participant: int, saying: Saying, ref: str, now: datetime
) -> tuple[Due, ...]:
    """Queue for each account of *participant* what all of them have to know, such as that another one came or went."""
    lang = identity.actor_of(session, participant).reads
    places = audiences.ADDRESSES.c
    query = select(places.channel, places.user, places.chat).where(
        places.participant_id == participant, places.unsubscribed_at.is_(None)
    )
    outbounds = [
        Outbound(
            0, Address(channel, user), chat, press.wording.card(saying, lang, f"{ref}.{number}", press.know)
        )
        for number, (channel, user, chat) in enumerate(session.execute(query))
    ]
    return tuple(ledger.enqueue(session, "notice", outbounds, participant, now))
