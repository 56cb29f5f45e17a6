"""
The real ways to the assistant: each platform's adapter in this process, and the platform on this machine.

What somebody in a transcript does goes in as the platform delivers it, and what they are told is read where the
platform keeps it. It has to be what the card says, word by word. What a platform has no way to do (a sticker at the
terminal) is handed over as if it had, so that the conversation goes on.
"""

import asyncio
import re
from abc import abstractmethod
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from bot.assistant import Assistant
from bot.markup import plain
from bot.messages import (
    Card,
    Edit,
    Immediate,
    Inbound,
    Outbound,
    Place,
    Tap,
)
from tests import PATIENCE
from tests.channels import Told
from tests.doors import Door

COLON = re.compile("\u00a0: |：")


class Relay:
    """Stands where an adapter expects the assistant, and hands on to the one of the transcript that is replayed."""

    def __init__(self) -> None:
        self.assistant: Assistant | None = None
        self.message: str | None = None
        self.known: dict[str, str] = {}
        self._answers: asyncio.Queue[Immediate | None] = asyncio.Queue()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.assistant, name)

    async def receive(self, inbound: Inbound) -> Immediate | None:
        """Hand on what came, with the transcript's names of messages in place of the platform's."""
        assert self.assistant is not None
        answer = await self.assistant.receive(self._translated(inbound))
        self._answers.put_nowait(answer)
        return answer

    async def answered(self) -> Immediate | None:
        """Return the answer to what came next."""
        async with asyncio.timeout(PATIENCE):
            return await self._answers.get()

    def _translated(self, inbound: Inbound) -> Inbound:
        match inbound.heard:
            case Tap(ref, number, message) if message is not None:
                own = replace(inbound, heard=Tap(ref, number, self.known[message]))
            case Edit(text, message):
                own = replace(inbound, heard=Edit(text, self.known[message]))
            case _:
                own = inbound
        # A page and a terminal have no names for messages.
        name = self.message if inbound.message is None else self.known.get(inbound.message, inbound.message)
        answers = None if inbound.answers is None else self.known[inbound.answers]
        # That Slack answers apart what is not for a channel is told in its own tests: other channels cannot.
        return replace(own, message=name, answers=answers, apart=False)


class Platform(Door):
    """One platform, which keeps running from transcript to transcript."""

    places: tuple[Place, ...] = ("private",)

    def __init__(self) -> None:
        self.relay = Relay()
        self._ids: dict[str, str] = {}
        self._begun = False

    async def hear(self, assistant: Assistant, name: str, inbound: Inbound) -> Immediate | None:
        """Let the platform deliver what *inbound* says, or hand it over where the platform has no such thing."""
        await self.ready(assistant)
        self.relay.message = inbound.message
        has_place = inbound.place in self.places
        if not has_place or not await self.deliver(name, inbound):
            return await assistant.receive(inbound)
        answer = await self.relay.answered()
        if answer and answer.toast:
            await self.flashed(inbound, answer.toast)
        return answer

    def begin(self) -> None:
        self.relay.known.clear()
        self._ids.clear()
        self._begun = False

    async def ready(self, assistant: Assistant) -> None:
        """Serve *assistant* from now on."""
        self.relay.assistant = assistant
        if not self._begun:
            self._begun = True
            await self.clear()

    async def clear(self) -> None:
        """Put away what is left of the transcript before."""

    async def show(self, outbounds: Sequence[Outbound]) -> None:
        """Send each card and compare what is read of it."""
        for outbound in outbounds:
            replaces = self._ids.get(outbound.replaces or "", outbound.replaces)
            told = await self.tell(replace(outbound, replaces=replaces))
            if told is not None:
                assert read(told.lines, outbound.card) == read(lines_of(outbound.card)), self.channel

    def keep(self, name: str, own: str, *more: str) -> None:
        """Take note that the platform calls the message *name* by the id *own*, or by *more* ids."""
        self._ids[name] = own
        self.relay.known |= dict.fromkeys((own, *more), name)

    @abstractmethod
    async def deliver(self, name: str, inbound: Inbound) -> bool:
        """Have the platform deliver it; tell whether it could."""

    @abstractmethod
    async def tell(self, outbound: Outbound) -> Told | None:
        """Send it and return what is read then; None where it was taken away."""

    async def flashed(self, inbound: Inbound, toast: str) -> None:
        """Return once *toast* was shown."""


def lines_of(card: Card) -> list[str]:
    """Return what is to be read of *card*, line by line, the choices in brackets at the end."""
    parts = [card.heading, card.body, *(f"{fact.label}: {fact.value}" for fact in card.fields)]
    if card.attachment is not None:
        parts.append(card.attachment.description)
    lines = [line for part in (*parts, card.note) for line in plain(part).splitlines()]
    return [*lines, *(f"[{choice.label}]" for _, choice in card.numbered())]


def read(lines: Iterable[str], card: Card | None = None) -> list[str]:
    """Return *lines* in one order, without what is not seen, the kinds of colon, and the name of the file of *card*."""
    name = card.attachment.name if card and card.attachment else None
    seen = [COLON.sub(": ", line).strip().removeprefix(f"{name}: ") for line in lines]
    return sorted(line for line in seen if line and line != name)


@asynccontextmanager
async def running(run: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let *run* go on meanwhile."""
    task = asyncio.create_task(run)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
