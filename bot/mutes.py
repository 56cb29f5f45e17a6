"""Quiet that participants ask for; what passes it, `bot.audiences.muted` says."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session

from bot.audiences import DELIVERIES, PEOPLE
from bot.broadcasts import Mute


def mute(
    session: Session,
    participant: int,
    kind: Mute | None,
    until: datetime | None,
    now: datetime,
    ahead: timedelta = timedelta(),
) -> None:
    """
    Keep *kind* until *until* (the forum's time; None: until it is taken back); the kind None ends the quiet.

    What a quiet before it has put off waits for the new end: it leaves when there is none any more, and fails when
    there is never to be one. The forum's clock is *ahead* of the machine's.
    """
    own = update(PEOPLE).where(PEOPLE.c.id == participant)
    session.execute(own.values(muted=kind, muted_until=until if kind else None))
    if kind is None:
        waits: dict[str, Any] = {"not_before": None}
    elif until is not None:
        waits = {"not_before": until - ahead}
    else:
        waits = {"state": "failed", "cause": "muted", "settled_at": now - ahead}
    put_off = update(DELIVERIES).where(
        DELIVERIES.c.participant_id == participant,
        DELIVERIES.c.state == "queued",
        DELIVERIES.c.broadcast_id.is_not(None),
        DELIVERIES.c.not_before.is_not(None),
        DELIVERIES.c.cause.is_(None),
    )
    session.execute(put_off.values(waits))
