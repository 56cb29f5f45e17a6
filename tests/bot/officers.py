"""Officers of the secretariat at work: what they announce, and what is kept of it."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot import announcing
from bot.announcement_commands import Announce, Announced
from bot.broadcasts import HOLD, Announcement
from bot.compositions import Words
from bot.database import Store
from bot.participants import Actor
from bot.store import Broadcast
from tests.bot.ledgers import NOW, OFFICER, a_press, perform, person

MINUTE = timedelta(minutes=1)


def own(text: str = "Lunch is served.", **values: Any) -> Announcement:
    return Announcement(Words(texts={"en": text}), **values)


def announce(store: Store, announcement: Announcement, actor: Actor = OFFICER, **context: Any) -> Announced:
    found = perform(store, Announce(announcement), actor, **context)
    assert isinstance(found, Announced)
    return found


def kept(store: Store, number: int = 1) -> Broadcast:
    return store.read(lambda session: session.get_one(Broadcast, number))


def begin(store: Store, number: int = 1, now: datetime = NOW + HOLD) -> bool:
    def work(session: Session) -> bool:
        return announcing.begin(session, session.get_one(Broadcast, number), a_press(), now)

    return store.write(work).result()


def officers(store: Store) -> tuple[Actor, Actor]:
    ids = [person(store, f"o{name}", role="secretariat", name=name) for name in ("Ana", "Ben")]
    first, second = (
        Actor(id=one, role="secretariat", name=name) for one, name in zip(ids, ("Ana", "Ben"), strict=True)
    )
    return first, second
