"""Stopping: nothing more is sent to an address, and nothing is deleted."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlmodel import Session

from bot import consent
from bot.audiences import ADDRESSES, DELIVERIES
from bot.forgetting import places
from bot.messages import Address
from bot.participants import CONVERSATIONS, Actor


def withdraw(session: Session, actor: Actor, now: datetime, machine: datetime) -> None:
    """Let *actor*, who takes their consent back, be linked nowhere, and nothing more leave for their accounts."""
    for place in places(session, actor.id):
        stop(session, actor, place, now, machine)
    consent.withdraw(session, actor, now)


def stop(session: Session, actor: Actor, place: Address, now: datetime, machine: datetime) -> None:
    """
    Let nothing more leave for *place*; who is registered is unlinked from it and has agreed to nothing any more.

    A visitor has nothing but their address to be known by: it stays theirs, so that they can still delete their data.
    """
    here = (ADDRESSES.c.channel == place.channel) & (ADDRESSES.c.user == place.user)
    waiting = (DELIVERIES.c.channel == place.channel) & (DELIVERIES.c.user == place.user)
    ended = update(DELIVERIES).where(waiting, DELIVERIES.c.state == "queued")
    session.execute(ended.values(state="failed", cause="unsubscribed", settled_at=machine))
    if not actor.confirmed:
        session.execute(update(ADDRESSES).where(here).values(unsubscribed_at=now))
        return
    session.execute(delete(ADDRESSES).where(here))
    others = select(ADDRESSES.c.user).where(ADDRESSES.c.participant_id == actor.id).limit(1)
    if session.execute(others).first() is None:
        consent.withdraw(session, actor, now)
        session.execute(delete(CONVERSATIONS).where(CONVERSATIONS.c.participant_id == actor.id))
