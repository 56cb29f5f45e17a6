"""A conversation in a real terminal or pipe, with an assistant that repeats what it hears."""

import asyncio
import sys
from dataclasses import dataclass, field

from adapters.terminal import Terminal, converse, keyboard, typed
from bot.markup import escape
from bot.messages import Address, Card, Choice, Immediate, Inbound, Opened, Outbound, Tap, Text


@dataclass
class Echo:
    terminal: Terminal
    inbox: list[Inbound] = field(default_factory=list)
    numbers: int = 0

    async def receive(self, inbound: Inbound) -> Immediate | None:
        self.inbox.append(inbound)
        return Immediate("A short word.") if inbound.heard == Text("toast") else None

    async def settled(self, address: Address) -> None:
        while self.inbox:
            inbound = self.inbox.pop(0)
            self.numbers += 1
            for card in answers(inbound, f"r{self.numbers}"):
                await self.terminal.send(Outbound(self.numbers, address, inbound.chat, card))


def answers(inbound: Inbound, ref: str) -> list[Card]:
    match inbound.heard:
        case Opened():
            return [Card(ref, "en", "Welcome", choices=((Choice("a", "Rooms"), Choice("b", "房间")),))]
        case Text("long"):
            return [Card(ref, "en", body="word " * 60)]
        case Text("two"):
            return [Card(ref, "en", body="One."), Card(f"{ref}b", "en", body="Two.")]
        case Text("later"):
            asyncio.get_running_loop().call_later(0.3, print_later, inbound)
            return []
        case Tap(_, number):
            return [Card(ref, "en", body=f"You chose: {number}")]
        case Text(text):
            return [Card(ref, "en", body=f"You said: {escape(text)}")]
    return []


def print_later(inbound: Inbound) -> None:
    card = Card("later", "en", body="The room has changed.")
    TASKS.add(asyncio.create_task(TERMINAL.send(Outbound(0, inbound.address, inbound.chat, card))))


TERMINAL = Terminal("nadia")
TASKS: set[asyncio.Task[str]] = set()


async def main() -> None:
    echo = Echo(TERMINAL)
    greet = "--greet" in sys.argv
    await converse(TERMINAL, echo.receive, echo.settled, typed(keyboard()), greet=greet)


if __name__ == "__main__":
    asyncio.run(main())
