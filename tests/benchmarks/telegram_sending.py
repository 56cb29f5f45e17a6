"""
CPU for each message sent: python-telegram-bot as it comes, the same on our transport, and the adapter.

`python -m tests.benchmarks.telegram_sending` measures all three in one run, interleaved, and prints the ratios.
"""

import argparse
import asyncio
import statistics
import time
import warnings
from collections.abc import Awaitable, Callable

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.request import HTTPXRequest

from adapters.telegram import Telegram
from adapters.telegram.request import AiohttpRequest, Patience
from bot.messages import Address, Card, Choice, Field, Immediate, Inbound, Outbound
from tests.benchmarks.processes import own_process
from tests.loopback.telegram import TOKEN

ROUNDS, A_ROUND = 7, 200
CHAT = "5000000001"
CARD = Card(
    ref="c1a2b3",
    lang="en",
    heading="Now: opening session",
    body="Grand Ballroom, level 3. Take the lift beside the registration desk &amp; follow the blue signs.",
    fields=(Field("Began", "09:00, Bangkok time"), Field("Ends", "09:45, Bangkok time")),
    choices=(
        (Choice("/where", "Where is it?"), Choice("/agenda", "My programme")),
        (Choice("/menu", "Menu"),),
    ),
    note="Source: programme, 12 September",
)
TEXT = (
    "<b>Now: opening session</b>\nGrand Ballroom, level 3. Take the lift beside the registration desk &amp; follow "
    "the blue signs.\n\nBegan: 09:00, Bangkok time\nEnds: 09:45, Bangkok time\n\n"
    "<i>Source: programme, 12 September</i>"
)


class Deaf:
    """A core that is never spoken to."""

    languages = ("en",)

    async def receive(self, inbound: Inbound) -> Immediate | None:
        raise AssertionError("nobody speaks to this core")

    def commands(self, lang: str) -> tuple[tuple[str, str], ...]:
        return ()


async def by_library(bot: Bot) -> None:
    keyboard = InlineKeyboardMarkup(
        [
            [InlineKeyboardButton("Where is it?", callback_data="c1a2b3:0"),
             InlineKeyboardButton("My programme", callback_data="c1a2b3:1")],
            [InlineKeyboardButton("Menu", callback_data="c1a2b3:2")],
        ]
    )  # fmt: skip
    await bot.send_message(
        CHAT,
        TEXT,
        parse_mode="HTML",
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_markup=keyboard,
    )


async def cpu_ms(send: Callable[[], Awaitable[object]]) -> float:
    start = time.process_time()
    for _ in range(A_ROUND):
        await send()
    return 1000 * (time.process_time() - start) / A_ROUND


async def compare(api_url: str) -> dict[str, list[float]]:
    """Return the milliseconds of CPU for a message in each round, the ways taking turns."""
    base = f"{api_url}/bot"
    ours = AiohttpRequest(base + TOKEN, Patience())
    adapter = Telegram(Deaf(), token=TOKEN, api_url=api_url)
    outbound = Outbound(1, Address("telegram", CHAT), CHAT, CARD)
    async with (
        Bot(TOKEN, base, request=HTTPXRequest()) as plain,
        Bot(TOKEN, base, request=ours, get_updates_request=ours) as carried,
    ):
        ways: dict[str, Callable[[], Awaitable[object]]] = {
            "python-telegram-bot, HTTPXRequest": lambda: by_library(plain),
            "python-telegram-bot, our transport": lambda: by_library(carried),
            "the adapter": lambda: adapter.send(outbound),
        }
        spent: dict[str, list[float]] = {name: [] for name in ways}
        for round_ in range(ROUNDS + 1):
            for name, send in ways.items():
                taken = await cpu_ms(send)
                if round_:  # the first warms up
                    spent[name].append(taken)
    await adapter.close()
    return spent


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    warnings.simplefilter("ignore")
    with own_process("tests.loopback.telegram") as api_url:
        spent = asyncio.run(compare(api_url))
    reference = statistics.median(spent["python-telegram-bot, HTTPXRequest"])
    for name, rounds in spent.items():
        median = statistics.median(rounds)
        print(
            f"{name:36} {median:6.3f} ms (min {min(rounds):.3f}, max {max(rounds):.3f})  {reference / median:4.1f} x"
        )


if __name__ == "__main__":
    main()
