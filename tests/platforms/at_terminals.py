"""`saphan chat`."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from rich.console import Console

from adapters.terminal import Terminal, converse
from bot.messages import (
    Address,
    Inbound,
    Outbound,
    Tap,
    Text,
)
from tests.channels import Told, from_terminal
from tests.platforms.platform import Platform


class AtTerminals(Platform):
    """`saphan chat`: a terminal for each person."""

    channel = "terminal"

    def __init__(self) -> None:
        super().__init__()
        self._terminals: dict[str, Terminal] = {}
        self._paper = io.StringIO()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["AtTerminals"]:
        yield self

    async def clear(self) -> None:
        self._terminals.clear()

    def _terminal(self, name: str) -> Terminal:
        console = Console(file=self._paper, highlight=False)
        return self._terminals.setdefault(name, Terminal(name, console))

    async def deliver(self, name: str, inbound: Inbound) -> bool:
        match inbound.heard:
            case Tap(ref, number, _) as tap:
                line = str(number + 1)
                if self._terminal(name).meant(line) != replace(tap, message=ref):
                    return False  # it has scrolled away
            case Text(text, forwarded=False) if inbound.answers is None and is_typed(text):
                line = text
            case _:
                return False

        async def typed() -> AsyncIterator[str]:
            yield line

        async def settled(_: Address) -> None:
            """Nothing is sent before the turn has ended."""

        await converse(self._terminal(name), self.relay.receive, settled, typed(), greet=False)
        return True

    async def tell(self, outbound: Outbound) -> Told:
        self._paper.truncate(0)
        self._paper.seek(0)
        self.keep(f"m{outbound.delivery}", await self._terminal(outbound.address.user).send(outbound))
        return from_terminal(self._paper.getvalue())


def is_typed(text: str) -> bool:
    """Tell whether *text* is a line that means itself at a terminal."""
    return bool(text.strip()) and "\n" not in text and text.isprintable()
