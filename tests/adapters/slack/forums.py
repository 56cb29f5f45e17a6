"""A running bot on Slack with the real core behind it, as one person sees it."""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from adapters.settings import Settings
from adapters.slack import Slack
from adapters.wiring import Parts, open_parts
from bot.consent import CONSENT_VERSION
from bot.messages import Address
from bot.pace import Pace
from bot.participants import known
from bot.sender import Sender
from bot.store import Participant
from tests import PATIENCE
from tests.adapters.slack.conftest import running
from tests.loopback.slack import Loopback
from tests.loopback.slack_events import (
    Json,
    message,
    press,
)

PEOPLE = itertools.count(1)


@dataclass
class Forum:
    """One person's view of a running bot."""

    slack: Loopback
    parts: Parts
    sender: Sender
    person: str

    async def does(self, kind: str, payload: Json) -> Json:
        """Let Slack deliver something, and return what the acknowledgement carried."""
        return await self.slack.ack(kind, payload)

    async def say(self, text: str) -> list[str]:
        """Write *text* to the bot and return all that has been answered, oldest first."""
        await self.does("events_api", message(text, user=self.person, ts=self.slack.timestamp()))
        return await self.answers()

    async def answers(self, channel: str = "") -> list[str]:
        """Return what the bot has said in a channel, its direct one when none is named, once it is done."""
        await self.parts.assistant.drain()
        await self.sender.settled(Address("slack", self.person))
        place = channel or f"D{self.person[1:]}"
        return [shown["text"] for (where, _), shown in self.slack.messages.items() if where == place]

    def appoint(self, country: str, role: str) -> None:
        """Let the secretariat's list say that the person is *role* of *country*."""

        def write(session: Session) -> None:
            found = known(session, Address("slack", self.person))
            assert found is not None
            theirs = update(Participant).where(col(Participant.id) == found.actor.id)
            session.execute(
                theirs.values(country=country, role=role, confirmed=True, consented=CONSENT_VERSION)
            )

        self.parts.store.write(write).result()

    def last(self) -> tuple[str, Json]:
        """Return the `ts` and the content of the newest message to the person."""
        return [(ts, shown) for (_, ts), shown in self.slack.messages.items()][-1]

    def button(self, number: int = 0) -> Json:
        """Return a press on a button of the newest message."""
        ts, shown = self.last()
        buttons = [
            button for block in shown["blocks"] if block["type"] == "actions" for button in block["elements"]
        ]
        action = buttons[number]["action_id"]
        return press(action, user=self.person, ts=ts, action_ts=self.slack.timestamp())


@pytest.fixture(scope="module")
def parts(started_before: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    database = shutil.copy(started_before, tmp_path_factory.mktemp("saphan"))
    with open_parts(Settings(_env_file=None, database_url=f"sqlite:///{database}")) as opened:
        yield opened


@asynccontextmanager
async def at_work(slack: Loopback, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sender]:
    """Have the whole assistant hear and write on Slack; give its sender."""
    # A busy machine answers within the request, too: what is said only there would be lost otherwise.
    monkeypatch.setattr("bot.assistant.PATIENCE", PATIENCE)
    adapter = Slack(
        parts.assistant,
        bot_token="xoxb-1",
        app_token="xapp-1",
        api_url=slack.url,
        timeout=PATIENCE,
        backoff=(0.01,),
    )
    sender = Sender(parts.store, [adapter], parts.clock, {"slack": Pace(1000, 0.0)})
    parts.assistant.connect(sender)
    sending = asyncio.create_task(sender.run())
    async with running(adapter):
        await slack.connected()
        yield sender
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


@pytest.fixture
async def forum(slack: Loopback, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Forum]:
    async with at_work(slack, parts, monkeypatch) as sender:
        yield Forum(slack, parts, sender, f"U{next(PEOPLE):08}")
