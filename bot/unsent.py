"""
Letters with a link that cannot leave because the mail server does not answer: whoever asked is told, once.

It is the server's silence that is told, never an address's: what becomes of a letter at one mailbox, nobody hears in a
chat, or it would say who is registered.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session

from bot import ledger
from bot.desk import Press
from bot.dialogue import say
from bot.errors import Down
from bot.identity import actor_of
from bot.ledger import ADDRESSES, ROWS
from bot.links import LETTER, MAIL, REF, REQUESTS, UNSENT, row_id
from bot.messages import Address, Outbound
from bot.prepared import Prepared
from bot.store import LinkRequest

SOON = timedelta(seconds=20)
"""How long a letter may take: by then it was tried four times."""
LOOK = timedelta(seconds=5)
"""The time between two looks at one that takes longer."""


ON_THEIR_WAY = Prepared(
    select(ROWS.c.id)
    .where(ROWS.c.settled_at.is_(None), ROWS.c.channel == MAIL, ROWS.c.ref.startswith(LETTER))
    .limit(1)
)


def next_due(session: Session, now: datetime) -> datetime | None:
    """Return when to look whether a letter that is on its way has not left."""
    if ON_THEIR_WAY.scalar(session) is None:
        return None
    times = (max(at + SOON, now if is_stuck else now + LOOK) for _, at, is_stuck in _open(session))
    return min(times, default=None)


def tell(session: Session, press: Press, now: datetime) -> None:
    """Tell whoever has asked for a letter that has not left."""
    for ref, at, is_stuck in _open(session):
        row = session.get(LinkRequest, int(ref.removeprefix(LETTER)))
        if is_stuck and at + SOON <= now and row is not None:
            _tell(session, press, row, now)


def _open(session: Session) -> list[tuple[str, datetime, bool]]:
    """
    Return the ref and the time of each letter that is on its way, unless its asker was told.

    It is stuck when the server was away as it was tried, or when it waits behind another one for which it was.
    """
    told = ROWS.alias("told")
    letters = (
        select(ROWS.c.ref, ROWS.c.created_at, ROWS.c.cause, ROWS.c.chat)
        .where(ROWS.c.state.in_(("queued", "sending")), ROWS.c.channel == MAIL)
        .where(ROWS.c.ref.startswith(LETTER))
    )
    untold = letters.where(~select(told.c.id).where(told.c.ref == ROWS.c.ref.concat(UNSENT)).exists())
    found = session.execute(untold.order_by(ROWS.c.id)).all()
    held = {row.chat for row in session.execute(letters) if row.cause == Down.cause} if found else set()
    return [
        (row.ref, row.created_at, row.cause == Down.cause or (row.cause is None and row.chat in held))
        for row in found
    ]


def _tell(session: Session, press: Press, row: LinkRequest, now: datetime) -> None:
    here = (ADDRESSES.c.channel == row.channel) & (ADDRESSES.c.user == row.user)
    place = session.execute(select(ADDRESSES.c.chat, ADDRESSES.c.participant_id).where(here)).first()
    if place is None:
        return
    saying = say("link/unsent", rehearsal=bool(press.ahead))
    lang = actor_of(session, place.participant_id).reads
    card = press.wording.card(saying, lang, f"{LETTER}{row_id(row)}{UNSENT}", press.know)
    outbound = Outbound(0, Address(row.channel, row.user), place.chat, card)
    ledger.enqueue(session, "notice", [outbound], place.participant_id, now)


def void_earlier(session: Session, address: Address, request: int, machine: datetime) -> None:
    """End the letters on their way for what *address* asked for before *request*: their links work no more."""
    earlier = select(REF).where(
        REQUESTS.c.channel == address.channel, REQUESTS.c.user == address.user, REQUESTS.c.id != request
    )
    waiting = (ROWS.c.channel == MAIL) & (ROWS.c.state == "queued") & ROWS.c.ref.in_(earlier)
    session.execute(update(ROWS).where(waiting).values(state="failed", cause="void", settled_at=machine))
