"""A database with people in it, and a platform that fails on request, for tests of what leaves."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from bot import ledger, schema
from bot.announcement_commands import Announce, Announced
from bot.broadcasts import Announcement, Audience, Rules
from bot.channel import Channel
from bot.clock import Clock, Stopwatch
from bot.commands import Command
from bot.compositions import Words
from bot.database import Store
from bot.deliveries import Due, Kind
from bot.desk import Press
from bot.keys import Keys
from bot.leases import Leases
from bot.linking import Door
from bot.links import Ways
from bot.messages import Address, Card, Outbound
from bot.pace import Pace
from bot.participants import Actor
from bot.records import Records
from bot.sender import Sender
from bot.store import Broadcast, Delivery, KnownAddress, Participant
from knowledge.loaders.pack import read_pack
from knowledge.sample import sample_pack
from knowledge.snapshot import Snapshot
from knowledge.vocabulary import LANGUAGES
from tests import PATIENCE
from tests.samples import wording

NOW = datetime(2022, 9, 13, 3, 42, tzinfo=UTC)
OFFICER = Actor(role="admin")
"""Whoever runs the command line."""


def a_store(folder: Path, name: str = "saphan.db") -> Store:
    """Return a store on a file in *folder*, with the tables."""
    store = Store(f"sqlite:///{folder / name}", synchronous="OFF")
    schema.ensure(store)
    return store


def person(store: Store, user: str, channel: str = "telegram", **values: Any) -> int:
    """Keep a participant with an address and return their id."""

    def keep(session: Session) -> int:
        row = Participant(created_at=NOW, **values)
        session.add(row)
        session.flush()
        assert row.id is not None
        session.add(KnownAddress(channel=channel, user=user, participant_id=row.id, chat=user))
        return row.id

    return store.write(keep).result()


def people(store: Store, *users: str, channel: str = "telegram") -> dict[str, int]:
    """Keep a participant for each of *users*."""
    return {user: person(store, user, channel) for user in users}


def an_outbound(user: str, ref: str, body: str = "", channel: str = "telegram") -> Outbound:
    """Return a card on its way to *user*, whose chat has the same name."""
    return Outbound(0, Address(channel, user), user, Card(ref, "en", body=body or ref))


def queue(store: Store, user: str, *refs: str, kind: Kind = "reply", channel: str = "telegram") -> list[Due]:
    """Write a delivery to *user* for each of *refs*, who must be known."""

    def write(session: Session) -> list[Due]:
        address = session.get_one(KnownAddress, (channel, user))
        outbounds = [an_outbound(user, ref, channel=channel) for ref in refs]
        return ledger.enqueue(session, kind, outbounds, address.participant_id, NOW)

    return store.write(write).result()


def broadcast(store: Store, text: str = "Lunch is served.", **audience: Any) -> Announced:
    """Send an announcement at once; each language's text is *text* with the language before it."""
    return perform(store, Announce(lunch(text, **audience)))


def lunch(text: str = "Lunch is served.", **audience: Any) -> Announcement:
    """Return an announcement that leaves at once; each language's text is *text* with the language before it."""
    wanted = {name: frozenset(v) if isinstance(v, set) else v for name, v in audience.items()}
    words = Words(texts={lang: f"{lang}: {text}" for lang in LANGUAGES})
    return Announcement(words, Audience(**wanted), now=True)


def perform(
    store: Store, command: Command, actor: Actor = OFFICER, now: datetime = NOW, press: Press | None = None
) -> Any:
    """Carry *command* out as *actor* and return what it gives."""
    return store.write(
        lambda session: Records(session, actor, now, press or a_press(), a_door()).perform(command)
    ).result()


@cache
def a_door() -> Door:
    """Return what secrets are known by."""
    return Door(Keys(b"the key of all tests"), Ways())


@cache
def a_press() -> Press:
    """Return what announcements of the sample's forum are written with; they need no second officer."""
    know = Snapshot.of(read_pack(sample_pack()))
    return Press(know, wording(), Rules(approval_above=1_000_000))


def steer(store: Store, broadcast_id: int = 1, **values: Any) -> None:
    """Change the row of an announcement, as the secretariat's commands do."""

    def change(session: Session) -> None:
        row = session.get_one(Broadcast, broadcast_id)
        row.sqlmodel_update(values)
        session.add(row)

    store.write(change).result()


def second_address(store: Store, participant: int, channel: str, user: str, **values: Any) -> None:
    """Let *participant* be reached on another channel as well."""
    place = KnownAddress(channel=channel, user=user, participant_id=participant, chat=user, **values)
    store.write(lambda session: session.add(place)).result()


def rows(store: Store) -> list[Delivery]:
    """Return the whole ledger, oldest first."""
    return store.read(lambda session: list(session.exec(select(Delivery).order_by(col(Delivery.id)))))


def bodies(store: Store) -> dict[str, str]:
    """Return the body of each delivery's card by its ref."""
    query = sql_select(ledger.ROWS.c.ref, ledger.CARD).select_from(ledger.WITH_CARDS)
    return {ref: card["body"] for ref, card in store.read(lambda session: session.execute(query).all())}


def states(store: Store) -> dict[str, str]:
    """Return the state of each delivery by its ref."""
    return {row.ref: row.state for row in rows(store)}


Answer = BaseException | Callable[[], Any]


class Platform:
    """
    A channel that keeps what it is sent; *answers* of a chat are faults to raise, or what to wait for first.

    A fault counts as a call, but leaves nothing in *sent*.
    """

    def __init__(self, name: str = "telegram") -> None:
        self.name = name
        self.calls: list[tuple[float, str, str]] = []
        self.sent: list[str] = []
        self.outbounds: list[Outbound] = []
        self.in_flight: defaultdict[str, int] = defaultdict(int)
        self.answers: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self._news = asyncio.Condition()

    async def send(self, outbound: Outbound) -> str:
        chat, ref = outbound.chat, outbound.card.ref
        self.in_flight[chat] += 1
        assert self.in_flight[chat] == 1, "two messages of one chat are out at once"
        self.calls.append((time.monotonic(), chat, ref))
        self.outbounds.append(outbound)
        try:
            async with self._news:
                self._news.notify_all()
            answer = self.answers[chat].popleft() if self.answers[chat] else None
            if isinstance(answer, BaseException):
                raise answer
            if answer is not None:
                await answer()
            async with self._news:
                self.sent.append(ref)
                self._news.notify_all()
            return f"m{len(self.sent)}"
        finally:
            self.in_flight[chat] -= 1

    async def wait_for(self, *refs: str) -> None:
        """Return once each of *refs* has arrived."""
        await self.wait_until(lambda: set(refs) <= set(self.sent))

    async def wait_until(self, enough: Callable[[], bool]) -> None:
        """Return once *enough*; looks again after every call."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(enough)

    def refs(self, chat: str | None = None) -> list[str]:
        """Return what was called for, in order; only for *chat* when it is given."""
        return [ref for _, its, ref in self.calls if chat in (None, its)]


@asynccontextmanager
async def sending(
    store: Store,
    *platforms: Channel,
    pace: Pace | None = None,
    clock: Clock | None = None,
    user: str | None = None,
    leases: Leases | None = None,
    watch: Stopwatch | None = None,
) -> AsyncIterator[Sender]:
    """Give a sender at work; what is in flight settles at the end."""
    paces = {platform.name: pace for platform in platforms} if pace else None
    sender = Sender(store, platforms, clock or Clock(), paces, user, leases, watch)
    running = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        running.cancel()
        await asyncio.wait({running})
        assert running.cancelled(), running.exception()


async def settled(store: Store, enough: Callable[[Sequence[Delivery]], bool]) -> list[Delivery]:
    """Return the ledger once it is *enough*; the sender tells nobody when a row has ended."""
    async with asyncio.timeout(PATIENCE):
        while not enough(found := await asyncio.to_thread(rows, store)):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return found


def over(found: Sequence[Delivery]) -> bool:
    """Tell whether every delivery has ended."""
    return all(row.settled_at is not None for row in found)
