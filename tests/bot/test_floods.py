"""Somebody who writes faster than they are answered: told once, and their last message is answered in time."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot import inbox
from bot.consent import CONSENT_VERSION
from bot.database import Store
from bot.floods import Rush
from bot.limits import MESSAGES
from bot.messages import Address, Heard, Inbound, Opened, Tap, Text
from bot.store import KnownAddress, Participant
from tests.bot.ledgers import NOW, rows
from tests.transcript import Stage, Watch

MELE = Address("telegram", "5001")
TOO_FAST = "You are writing faster than I can answer. I will answer the last one."
SECOND = timedelta(seconds=1)


class Crowd:
    """People who write to an assistant on *store*, a second after each other."""

    def __init__(self, store: Store) -> None:
        self.watch = Watch(NOW)
        self.store = store
        self.count = 0
        self.restart()

    def restart(self) -> None:
        """Begin anew with what the database holds, as after a crash."""
        self.stage = Stage(self.store, self.watch)

    async def write(self, words: str | Heard, who: Address = MELE, key: str = "", after: float = 1) -> None:
        self.watch.now += after * SECOND
        self.count += 1
        heard = Text(words) if isinstance(words, str) else words
        inbound = Inbound(
            key or f"k{self.count}", who, self.watch.now, heard, who.user, message=f"u{self.count}"
        )
        await self.stage.assistant.receive(inbound)
        await self.stage.assistant.drain()

    async def recover(self) -> int:
        return await self.stage.assistant.recover()

    def said(self, who: Address = MELE) -> list[str]:
        """Return what was queued for *who*, in its order."""
        found = [row for row in rows(self.store) if (row.channel, row.user) == (who.channel, who.user)]
        return [str((row.card or {})["body"]) for row in found]

    def register(self, role: str, *addresses: Address) -> None:
        def keep(session: Session) -> None:
            known = {"name": "Mele", "country": "FJI", "confirmed": True, "consented": CONSENT_VERSION}
            row = Participant(role=role, created_at=NOW, **known)
            session.add(row)
            session.flush()
            for one in addresses:
                session.add(
                    KnownAddress(channel=one.channel, user=one.user, participant_id=row.id, chat=one.user)
                )

        self.store.write(keep).result()

    def payloads(self) -> list[object]:
        """Return what is kept of messages as they came."""
        kept = select(inbox.ROWS.c.payload).where(inbox.ROWS.c.payload.is_not(None))
        return list(self.store.read(lambda session: session.execute(kept).scalars().all()))


@pytest.fixture
def crowd(store: Store) -> Crowd:
    return Crowd(store)


async def test_who_writes_too_fast_is_told_once_and_the_last_message_is_answered(crowd: Crowd) -> None:
    for number in range(25):
        await crowd.write("/now" if number < 24 else "/privacy")
    said = crowd.said()
    assert (len(said), said.count(TOO_FAST), said[-1]) == (21, 1, TOO_FAST)
    assert len(crowd.payloads()) == 1
    assert await crowd.recover() == 0
    crowd.watch.now += 36 * SECOND  # a minute after the first of the twenty
    assert await crowd.recover() == 1
    await crowd.write("/privacy", Address("telegram", "another"))
    assert crowd.said()[21:] == crowd.said(Address("telegram", "another"))
    assert crowd.payloads() == []


async def test_the_last_message_is_answered_after_a_restart(crowd: Crowd) -> None:
    for _ in range(22):
        await crowd.write("/now")
    crowd.restart()
    crowd.watch.now += 60 * SECOND
    assert await crowd.recover() == 1
    assert await crowd.recover() == 0
    assert len(crowd.said()) == 22


async def test_a_flood_that_goes_on_is_told_once(crowd: Crowd) -> None:
    for _ in range(120):
        await crowd.write("/now")
        await crowd.recover()
    assert crowd.said().count(TOO_FAST) == 1
    assert len(crowd.said()) - 1 <= 3 * MESSAGES.most
    crowd.watch.now += 120 * SECOND
    for _ in range(21):
        await crowd.write("/now")
    assert crowd.said().count(TOO_FAST) == 2


async def test_a_linked_person_has_one_minute_on_all_channels(crowd: Crowd) -> None:
    slack = Address("slack", "U1")
    crowd.register("delegate", MELE, slack)
    for number in range(22):
        await crowd.write("/now", (MELE, slack)[number % 2])
    assert len(crowd.said()) + len(crowd.said(slack)) == 21
    assert (crowd.said() + crowd.said(slack)).count(TOO_FAST) == 1


async def test_one_flood_does_not_silence_another_person(crowd: Crowd) -> None:
    for _ in range(25):
        await crowd.write("/now")
    other = Address("telegram", "5002")
    await crowd.write("/now", other)
    assert len(crowd.said(other)) == 1
    assert TOO_FAST not in crowd.said(other)


async def test_a_cry_for_help_is_answered_in_a_flood(crowd: Crowd) -> None:
    for _ in range(24):
        await crowd.write("/now")
    before = len(crowd.said())
    await crowd.write("I need a doctor")
    assert len(crowd.said()) > before


async def test_an_officer_is_never_too_fast(crowd: Crowd) -> None:
    crowd.register("secretariat", MELE)
    for _ in range(25):
        await crowd.write("/now")
    assert len(crowd.said()) == 25


async def test_a_double_tap_does_not_count(crowd: Crowd) -> None:
    await crowd.write("/lang")
    (row,) = rows(crowd.store)
    for _ in range(30):
        await crowd.write(Tap(row.ref, 0, "m1"), after=0.01)
    await crowd.write("/now")
    assert TOO_FAST not in crowd.said()


async def test_a_message_that_comes_again_while_it_is_held_is_not_answered_sooner(crowd: Crowd) -> None:
    for _ in range(21):
        await crowd.write("/now")
    await crowd.write("/now", key="k21")
    assert len(crowd.said()) == 21
    crowd.watch.now += 60 * SECOND
    assert await crowd.recover() == 1
    await crowd.write("/now", key="k21")
    assert len(crowd.said()) == 22


async def test_deleting_oneself_begins_no_new_minute(crowd: Crowd) -> None:
    for _ in range(15):
        await crowd.write("/now")
    for words in ("/forgetme", "1", "DELETE"):
        await crowd.write(words)
    people = select_rows(Participant).where(col(Participant.id) > 0)
    assert crowd.store.read(lambda session: session.exec(people).all()) == []
    for _ in range(3):
        await crowd.write("/now")
    assert crowd.said()[-1] == TOO_FAST


async def test_what_a_program_sends_is_not_even_read() -> None:
    rush = Rush()
    read = [not rush.has(MELE, NOW + number * SECOND / 100) for number in range(2000)]
    assert sum(read) == MESSAGES.most + 19
    assert not rush.has(Address("telegram", "5002"), NOW)
    assert not rush.has(Address("terminal", "me"), NOW)


async def test_of_what_comes_in_a_rush_only_the_last_is_written_down() -> None:
    rush = Rush()
    burst = [Inbound(f"b{number}", MELE, NOW, Text("/now"), MELE.user) for number in range(50)]
    assert await asyncio.gather(*(rush.is_last(one) for one in burst)) == [False] * 49 + [True]


async def test_a_burst_at_once_leaves_one_message_to_be_answered(crowd: Crowd) -> None:
    burst = [Inbound(f"b{number}", MELE, NOW, Text(f"/where {number}"), MELE.user) for number in range(100)]
    await asyncio.gather(*(crowd.stage.assistant.receive(one) for one in burst))
    await crowd.stage.assistant.drain()
    assert (len(crowd.said()), len(crowd.payloads())) == (21, 1)
    crowd.watch.now += 61 * SECOND
    assert await crowd.recover() == 1


async def test_opening_the_chat_counts_like_a_message(crowd: Crowd) -> None:
    for _ in range(21):
        await crowd.write(Opened())
    assert crowd.said()[-1] == TOO_FAST
