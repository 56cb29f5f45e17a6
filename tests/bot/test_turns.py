"""Turns that come at the same moment, on both databases."""

import asyncio

import pytest
from sqlmodel import col, func, select

from bot.database import Store
from bot.messages import Address, Inbound, Text
from bot.store import Delivery, Participant
from tests.bot.ledgers import NOW, rows
from tests.transcript import Stage, Watch


@pytest.fixture
def stage(store: Store) -> Stage:
    return Stage(store, Watch())


def inbound(key: int, text: str, user: str = "mele") -> Inbound:
    return Inbound(
        key=str(key),
        address=Address("telegram", user),
        at=NOW,
        heard=Text(text),
        chat=user,
        message=f"u{key}",
    )


async def test_many_messages_of_a_stranger_at_once_make_one_participant(stage: Stage) -> None:
    heard = [inbound(number, "/now") for number in range(20)]
    await asyncio.gather(*(stage.assistant.receive(one) for one in heard))
    await stage.assistant.drain()
    people = stage.store.read(lambda session: session.exec(select(func.count(col(Participant.id)))).one())
    assert (people, len({row.ref for row in rows(stage.store)})) == (1, 20)


async def test_a_message_that_comes_several_times_at_once_is_answered_once(stage: Stage) -> None:
    await asyncio.gather(*(stage.assistant.receive(inbound(1, "/now")) for _ in range(8)))
    await stage.assistant.drain()
    assert len(rows(stage.store)) == 1


async def test_what_comes_to_two_programs_at_once_is_answered_once(stage: Stage) -> None:
    store = Store(stage.store.url.render_as_string(hide_password=False))
    other = Stage(store, Watch())
    heard = [inbound(number, "/now") for number in range(20)]
    await asyncio.gather(*(place.assistant.receive(one) for one in heard for place in (stage, other)))
    await asyncio.gather(stage.assistant.drain(), other.assistant.drain())
    store.close()
    people = stage.store.read(lambda session: session.exec(select(func.count(col(Participant.id)))).one())
    assert (people, len(rows(stage.store))) == (1, 20)


async def test_the_messages_of_a_participant_are_answered_in_their_order(stage: Stage) -> None:
    texts = ["/now", "/need", "/menu", "/lang", "/privacy"] * 4
    await asyncio.gather(
        *(
            stage.assistant.receive(inbound(100 * number + place, text, user))
            for number, user in enumerate(("mele", "sefa", "ana"))
            for place, text in enumerate(texts)
        )
    )
    await stage.assistant.drain()
    alone = Stage(stage.store, Watch())
    for place, text in enumerate(texts):
        await alone.assistant.receive(inbound(1000 + place, text, "alone"))
        await alone.assistant.drain()
    said: dict[str, list[str]] = {}
    for row in rows(stage.store):
        said.setdefault(row.user, []).append(said_by(row))
    assert said["mele"] == said["sefa"] == said["ana"] == said["alone"]


def said_by(row: Delivery) -> str:
    assert row.card is not None
    return str(row.card["body"])
