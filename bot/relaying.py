"""
Passes words on between two who are introduced, without what they could be reached by.

The words stand in the ledger of deliveries only, as all that was sent, and nobody of the secretariat reads them there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlmodel import Session

from bot import questions
from bot.commands import AskSecretariat, Command
from bot.dialogue import say
from bot.errors import Refused
from bot.introductions import MUTUAL, SIDES, held, number_of, others, seen
from bot.invitations import is_silent
from bot.notices import Notice
from bot.participants import PEOPLE
from bot.relay_commands import NoAnswerYet, Relayed, ReportIntroduced, WantsQuiet, WriteIntroduced
from knowledge.contacts import MASK, mask_contacts

if TYPE_CHECKING:
    from bot.records import Records

UNANSWERED = 3
"""Messages that one side may write before the other answers (the forum's privacy concept, under abuse)."""
LINK = re.compile(
    r"(?:https?://|www\.)\S+|(?<![\w.])@\w{3,}"
    r"|(?<![\w@.-])(?:[\w-]+\.)+(?:com|org|net|int|info|io|me|app|gl|ly|gov|edu)(?:\.[a-z]{2})?(?:/\S*)?(?!\w)",
    re.IGNORECASE,
)
"""Addresses of pages, and names of accounts."""


def write(records: Records, command: WriteIntroduced) -> Relayed:
    """Have the other side told what the actor writes; what the other wrote before counts as answered."""
    row = held(records, command.number)
    mine = seen(records.session, (row,), records.actor_id, records.now)[0]
    if mine.state != "introduced":
        raise Refused(f"the introduction {command.number} is no longer open")
    (other,) = others(records, row)
    if records.session.execute(
        select(PEOPLE.c.id).where(PEOPLE.c.id == other, is_silent(records.now))
    ).first():
        raise WantsQuiet("they want quiet now")
    left = _count(records.session, row.id, records.actor_id)
    shared = set(mine.given) & set(mine.shown) >= MUTUAL
    text = command.text if shared else mask(command.text)
    told = seen(records.session, (row,), other, records.now)[0]
    records.notices.append(Notice(other, say("introduction/message", introduced=told, text=text)))
    return Relayed(mine.number, left, text != command.text)


def _count(session: Session, row: int | None, own: int) -> int:
    """Count one more message of *own* and return how many may follow; raises NoAnswerYet where none may."""
    this = SIDES.c.introduction_id == row
    mine = this & (SIDES.c.participant_id == own)
    counted: Any = session.execute(
        update(SIDES).where(mine, SIDES.c.unanswered < UNANSWERED).values(unanswered=SIDES.c.unanswered + 1)
    )
    if not counted.rowcount:
        raise NoAnswerYet("they answer first")
    session.execute(update(SIDES).where(this, SIDES.c.participant_id != own).values(unanswered=0))
    session.expire_all()
    return UNANSWERED - int(session.execute(select(SIDES.c.unanswered).where(mine)).scalar_one())


def mask(text: str) -> str:
    """Return *text* without addresses, numbers, links and names of accounts."""
    return LINK.sub(MASK, mask_contacts(text).text)


def report(records: Records, command: ReportIntroduced) -> str:
    """Queue the report as a question, with whom it is about: whoever reports agreed to that."""
    row = held(records, command.number)
    sides = (_called(records.session, one) for one in (records.actor_id, *others(records, row)))
    return questions.ask(
        records, AskSecretariat(f"{number_of(row.id or 0)} ({' → '.join(sides)}): {command.text}")
    )


def _called(session: Session, participant: int) -> str:
    columns = select(PEOPLE.c.name, PEOPLE.c.country).where(PEOPLE.c.id == participant)
    return ", ".join(filter(None, session.execute(columns).one())) or "?"


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    WriteIntroduced: write,
    ReportIntroduced: report,
}
"""What carries each of these commands out."""
