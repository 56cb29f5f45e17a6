"""Two people who may be introduced, and what tests of it do with them."""

from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, NamedTuple

import pytest

from bot import invitations
from bot.commands import Sent, Statement, StateNeed
from bot.consent import CONSENT_VERSION
from bot.database import Store
from bot.introduction_commands import (
    AgreeIntroduction,
    AskIntroduction,
    DeclineIntroduction,
    Introduced,
    MyIntroductions,
)
from bot.participants import Actor
from tests.bot.ledgers import NOW, a_press, perform, person

ABOUT = "N-0001"
LATER = timedelta(hours=1)
MELE = {"name": "Mele Tupou", "email": "mele@tonga.example", "country": "TON", "position": "Director"}
ANA = {
    "name": "Ana Silva",
    "email": "ana@tls.example",
    "country": "TLS",
    "organisation": "Ministry of Health",
}


class Pair(NamedTuple):
    """Who sent a need, and who may read it."""

    mele: Actor
    ana: Actor


def registered(store: Store, values: dict[str, str], **more: Any) -> Actor:
    known = {"role": "delegate", "confirmed": True, "consented": CONSENT_VERSION, **values, **more}
    own = person(store, token_hex(4), **known)
    facts = {name: known[name] for name in ("role", "name", "email", "country", "confirmed")}
    return Actor(id=own, **facts)


@pytest.fixture
def pair(store: Store) -> Pair:
    mele = registered(store, MELE)
    perform(store, StateNeed(Statement("need", "Cold rooms", "TON", readers="all")), mele)
    return Pair(mele, registered(store, ANA))


def asked(store: Store, pair: Pair, *fields: str) -> str:
    found: Introduced = perform(store, AskIntroduction(ABOUT, fields), pair.ana)  # type: ignore[arg-type]
    return found.number


def agree(store: Store, actor: Actor, number: str, *fields: str, now: datetime = NOW) -> Introduced:
    done: Introduced = perform(store, AgreeIntroduction(number, fields), actor, now)  # type: ignore[arg-type]
    return done


def decline(store: Store, actor: Actor, number: str, now: datetime = NOW) -> Introduced:
    done: Introduced = perform(store, DeclineIntroduction(number), actor, now)
    return done


def seen(store: Store, actor: Actor, now: datetime = NOW) -> Introduced:
    (found,) = perform(store, MyIntroductions(), actor, now)
    return found  # type: ignore[no-any-return]


def by_itself(store: Store, now: datetime = NOW) -> list[tuple[int, str]]:
    """Do what is due of introductions at *now*; return who was told with which template."""
    notices = store.write(lambda session: invitations.do_due(session, a_press(), now)).result()
    return [(one.participant_id, one.saying.template) for one in notices]


def due(store: Store, now: datetime = NOW) -> datetime | None:
    return store.read(lambda session: invitations.next_due(session, now))


def need(store: Store, actor: Actor, text: str = "Cold rooms", **more: Any) -> str:
    statement = Statement("need", text, actor.country or "", readers="all", **more)
    sent: Sent = perform(store, StateNeed(statement), actor)
    return sent.number


def ask(store: Store, actor: Actor, about: str, fits: str = "", now: datetime = NOW) -> Introduced:
    found: Introduced = perform(store, AskIntroduction(about, ("name",), fits), actor, now)
    return found
