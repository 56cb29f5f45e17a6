"""
The terminal as a channel: `saphan chat`.

The smallest channel there is, and the one to read before writing another. A channel does two things: it turns what a
person does into an `Inbound` (`converse`), and prints the cards that the sender hands it (`Terminal.send`).
"""

import asyncio
import sys
import threading
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, TextIO
from uuid import uuid4

from rich.console import Console
from rich.text import Text as Styled

from bot.clock import system_time
from bot.errors import Down, Refused, Unreachable
from bot.markup import spans
from bot.messages import Address, Card, Heard, Immediate, Inbound, Opened, Outbound, Tap, Text

if TYPE_CHECKING:
    from adapters.wiring import Parts

QUIT = "/quit"
PROMPT = "> "
# They turn the reading direction around, so that a text can show another one than it is.
OVERRIDES = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")

Receive = Callable[[Inbound], Awaitable[Immediate | None]]
Settled = Callable[[Address], Awaitable[None]]


class Screen(Console):
    """A console that says when nobody reads it any more, where Rich would end the program."""

    def on_broken_pipe(self) -> None:
        """Tell the sender."""
        raise Unreachable("the terminal was closed")


class Terminal:
    """The channel `terminal`, on which one person called *user* sits; *console* is standard output when not given."""

    name = "terminal"

    def __init__(self, user: str, console: Console | None = None) -> None:
        self.address = Address(self.name, user)
        self._console = console or Screen(highlight=False)
        self._asking = False
        self._offered: list[Card] = []

    async def send(self, outbound: Outbound) -> str:
        """Print the card. An earlier one can be neither changed nor taken away: what replaces it is printed below."""
        if outbound.address != self.address:
            raise Down(f"nobody called {outbound.address.user} sits at this terminal")
        self._show(to_lines(outbound.card))
        if outbound.card.choices:
            self._offered.append(outbound.card)
        return outbound.card.ref

    def meant(self, line: str) -> Tap | Text:
        """
        Return what *line* stands for: a choice by its number on the newest card that has any, or by its exact label.

        What was offered counts whoever it came from: as the answer to the last line, or as news in between.
        """
        for card in reversed(self._offered):
            newest = card is self._offered[-1]
            for number, choice in card.numbered():
                if line == choice.label or (newest and line == str(number + 1)):
                    return Tap(card.ref, number, card.ref)
        return Text(line)

    def toast(self, text: str) -> None:
        """Print a short word that was said inside the request itself."""
        self._show(Styled(harmless(text), style="italic"))

    def ask(self) -> None:
        """Show that the next line is awaited; when lines come out of a pipe nobody needs to be asked."""
        self._asking = True
        if self._console.is_terminal:
            self._console.print(PROMPT, end="", style="bold")

    def heard(self) -> None:
        """Take note that a line came."""
        self._asking = False
        self._offered = self._offered[-1:]

    def leave(self) -> None:
        """Give the screen back with the cursor on a line of its own."""
        if self._asking and self._console.is_terminal:
            self._console.print()

    def _show(self, text: Styled) -> None:
        interrupted = self._asking and self._console.is_terminal
        if interrupted:
            self._console.print()
        # Lines are broken for a screen only: whoever reads a pipe wants them whole.
        self._console.print(text, end="\n\n", soft_wrap=not self._console.is_terminal)
        if interrupted:
            self.ask()


def to_lines(card: Card) -> Styled:
    """Return *card* as styled text: heading, body, facts, small print, and the choices numbered from 1."""
    lines = [to_styled(card.heading, "bold"), to_styled(card.body)]
    lines += [
        Styled.assemble(to_styled(fact.label), card.colon, to_styled(fact.value)) for fact in card.fields
    ]
    if card.attachment:
        lines.append(Styled(harmless(f"{card.attachment.name}: {card.attachment.description}")))
    lines.append(to_styled(card.note, "dim"))
    lines += [
        Styled.assemble((f"{number + 1:>3}  ", "bold cyan"), harmless(choice.label))
        for number, choice in card.numbered()
    ]
    return Styled("\n").join(line for line in lines if line)


def to_styled(markup: str, style: str = "") -> Styled:
    """Return the neutral markup as styled text."""
    text = Styled(style=style)
    for span in spans(markup):
        text.append(harmless(span.text), " ".join(("bold",) * span.bold + ("italic",) * span.italic))
    return text


def harmless(text: str) -> str:
    """Return *text* without what a terminal would obey instead of print."""
    return "".join(
        char if char in "\n\t" or not _commands(char) else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def _commands(char: str) -> bool:
    return unicodedata.category(char) == "Cc" or char in OVERRIDES


async def talk(parts: "Parts", name: str, lang: str | None) -> None:
    """Hold the conversation of *name* on standard input and output until it ends; *lang* is what to begin in."""
    assistant = parts.assistant
    if lang is not None and lang not in assistant.languages:
        raise Refused(f"--lang {lang}: choose one of {', '.join(assistant.languages)}")
    terminal = Terminal(name)
    sender = parts.sender([terminal], terminal.address.user)
    sending = asyncio.create_task(sender.run())
    # Whoever talked before has a language already: then it takes a word to change it.
    switch = () if lang in (None, await assistant.language_of(terminal.address, lang)) else (f"/lang {lang}",)
    try:
        await converse(
            terminal,
            assistant.receive,
            sender.settled,
            typed(keyboard(), switch),
            locale=lang,
            now=parts.clock.now,
            greet=sys.stdin.isatty() and not switch,
        )
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending


async def converse(
    terminal: Terminal,
    receive: Receive,
    settled: Settled,
    lines: AsyncIterator[str],
    *,
    locale: str | None = None,
    now: Callable[[], datetime] = system_time,
    greet: bool = True,
) -> None:
    """
    Pass every line on and wait for the answer to it, until the lines end or one says `/quit`.

    *greet* opens the conversation before the first line, so that the bot welcomes.
    """

    async def tell(heard: Heard) -> None:
        user = terminal.address.user
        inbound = Inbound(uuid4().hex, terminal.address, now(), heard, chat=user, locale=locale)
        immediate = await receive(inbound)
        await settled(terminal.address)
        if immediate and immediate.toast:
            terminal.toast(immediate.toast)

    if greet:
        await tell(Opened())
    terminal.ask()
    async for line in lines:
        said = terminal.meant(line.strip())
        terminal.heard()
        if line.strip() == QUIT:
            return
        if line.strip():
            await tell(said)
        terminal.ask()
    terminal.leave()


async def typed(source: TextIO, first: Iterable[str] = ()) -> AsyncIterator[str]:
    """
    Yield the lines *first*, then those of *source* as they come, until it ends.

    They are read in a thread that is left alone at the end: nothing can call back a read from a keyboard. It must have
    a file object of its own, or Python waits for the lock of `sys.stdin` when it stops.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            for line in source:
                loop.call_soon_threadsafe(queue.put_nowait, line)
            loop.call_soon_threadsafe(queue.put_nowait, None)

    for line in first:
        yield line
    threading.Thread(target=read, name="typed", daemon=True).start()
    while (heard := await queue.get()) is not None:
        yield heard


def keyboard(fileno: int = 0) -> TextIO:
    """Return standard input as a file of our own; bytes that are no text become question marks."""
    return open(fileno, encoding="utf-8", errors="replace", closefd=False)
