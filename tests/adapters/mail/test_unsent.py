"""A mail server that is down: whoever asked is told once, and nobody learns by it who is registered."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.mail.channel import Mail
from adapters.mail.server import Server
from bot import links, unsent
from bot.clock import Clock
from bot.messages import Address, Inbound, Text
from bot.sender import Sender
from bot.store import LinkRequest
from bot.turns import DELIVERIES
from tests import PATIENCE
from tests.adapters.mail.post import HOST, Box, mail_server
from tests.transcript import KEYS, Stage, Watch, stage

KNOWN, UNKNOWN = "mele@ministry.example", "nobody@ministry.example"
TOLD = "The e-mail could not be sent: the mail server does not answer. I go on trying for 20 minutes."


@dataclass
class Office:
    """A stage whose letters leave by a real mail server, or do not."""

    play: Stage
    port: int
    count: int = 0

    async def says(self, who: str, *texts: str) -> None:
        """Let *who* write."""
        for text in texts:
            self.count += 1
            inbound = Inbound(
                str(self.count), Address("telegram", who), self.play.watch.now, Text(text), chat=who
            )
            await self.play.assistant.receive(inbound)
            await self.play.assistant.drain()

    def rows(self, *columns: str, **where: str) -> list[Any]:
        """Return these columns of the ledger's rows, oldest first."""
        table = DELIVERIES.c
        query = select(*(table[name] for name in columns)).order_by(table.id)
        query = query.where(*(table[name] == value for name, value in where.items()))
        return [tuple(row) for row in self.play.store.read(lambda session: session.execute(query).all())]

    def passes(self, pause: timedelta) -> None:
        """Let time go by, with what happens by itself: the letters that have not left are looked for."""
        self.play.watch.now += pause
        now = self.play.watch.now
        while (at := self.play.store.read(lambda session: unsent.next_due(session, now))) and at <= now:
            press = self.play.turns.press(self.play.know)
            self.play.store.write(partial(unsent.tell, press=press, now=now)).result()

    def told(self, who: str) -> list[str]:
        """Return the messages that *who* was told besides the conversation."""
        cards = self.rows("card", channel="telegram", user=who, kind="notice")
        return [card["body"].split("\n")[0] for (card,) in cards]

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """Have the letters sent meanwhile."""
        mail = Mail(
            Server.read(f"smtp://{HOST}:{self.port}"),
            "forum@host.example",
            keys=KEYS,
            now=lambda: self.play.watch.now,
        )
        sender = Sender(self.play.store, [mail], Clock(source=self.play.watch))
        task = asyncio.create_task(sender.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, state: str, cause: str | None, count: int) -> None:
        """Return once *count* letters stand so."""
        async with asyncio.timeout(PATIENCE):
            while self.rows("state", "cause", channel="mail").count((state, cause)) != count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    with socket.create_server((HOST, 0)) as taken:
        closed = taken.getsockname()[1]
    with stage(tmp_path, Watch()) as play:
        play.register("mele", "delegate", "TON", "en", email=KNOWN)
        yield Office(play, closed)


async def test_what_waits_behind_another_letter_says_nothing_of_its_address(office: Office) -> None:
    for who, email in (("1", KNOWN), ("2", UNKNOWN), ("3", KNOWN), ("4", UNKNOWN)):
        await office.says(who, "/link", email)
    async with office.sending():
        await office.until("queued", "down", 2)
    office.passes(timedelta(seconds=30))
    assert [office.told(str(who)) for who in range(1, 5)] == [[TOLD]] * 4


async def test_who_asked_is_told_once_whether_registered_or_not(office: Office) -> None:
    await office.says("1", "/link", KNOWN)
    await office.says("2", "/link", UNKNOWN)
    async with office.sending():
        await office.until("queued", "down", 2)
    office.passes(timedelta(seconds=19))
    assert (office.told("1"), office.told("2")) == ([], [])
    for _ in range(3):
        office.passes(timedelta(seconds=10))
    assert office.told("1") == office.told("2") == [TOLD]
    (first, second) = (office.rows("card", user=who, kind="notice")[0][0] for who in ("1", "2"))
    assert first["choices"] == second["choices"]
    assert first["choices"][0][0] == ["/link", "Send again"]


async def test_what_one_mailbox_refuses_is_told_to_nobody(office: Office) -> None:
    box = Box(answers={"RCPT": "450 try later"})
    async with mail_server(box) as port:
        office.port = port
        await office.says("1", "/link", KNOWN)
        await office.says("2", "/link", UNKNOWN)
        async with office.sending():
            await office.until("queued", "mailbox", 1)
            await office.until("sent", None, 1)
        office.passes(timedelta(minutes=5))
    assert (office.told("1"), office.told("2")) == ([], [])


async def test_it_leaves_by_itself_when_the_server_is_back(office: Office) -> None:
    await office.says("1", "/link", KNOWN)
    async with office.sending():
        await office.until("queued", "down", 1)
    office.passes(timedelta(seconds=30))
    box = Box()
    async with mail_server(box) as port:
        office.port = port
        async with office.sending():
            await office.until("sent", None, 1)
    assert [to for to, _ in box.taken] == [KNOWN]
    assert office.told("1") == [TOLD]


async def test_it_may_be_asked_for_again_and_only_the_last_one_leaves(office: Office) -> None:
    for number in range(6):
        await office.says("1", "/link", KNOWN)
        async with office.sending():
            await office.until("queued", "down", 1)
        office.passes(timedelta(seconds=30))
        assert office.told("1") == [TOLD] * (number + 1)
    assert office.rows("state", channel="mail") == [("failed",)] * 5 + [("queued",)]
    box = Box()
    async with mail_server(box) as port:
        office.port = port
        async with office.sending():
            await office.until("sent", None, 1)
    assert len(box.taken) == 1


async def test_letters_that_wait_for_the_server_count_for_their_address(office: Office) -> None:
    async with office.sending():
        for who in ("1", "2", "3"):
            await office.says(who, "/link", KNOWN)
        await office.until("queued", "down", 1)
    office.passes(timedelta(seconds=30))
    assert [office.told(who) for who in ("1", "2", "3")] == [[TOLD]] * 3
    await office.says("4", "/link", KNOWN)
    assert len(office.rows("id", channel="mail")) == 3
    requests = office.play.store.read(
        lambda session: session.execute(select(LinkRequest.id).where(~links.NEVER_LEFT)).all()
    )
    assert len(requests) == 3


async def test_one_that_has_expired_counts_no_more(office: Office) -> None:
    await office.says("1", "/link", KNOWN)
    async with office.sending():
        await office.until("queued", "down", 1)
        office.passes(timedelta(minutes=20))
    async with office.sending():
        await office.until("failed", "refused", 1)
    for who in ("2", "3", "4"):
        await office.says(who, "/link", KNOWN)
    assert len(office.rows("id", channel="mail")) == 4
