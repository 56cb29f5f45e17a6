"""A sender in a process of its own, on a channel that takes everything at once: `... one_sender URL CHANNEL`."""

import asyncio
import sys

from bot.clock import Clock
from bot.database import Store
from bot.sender import Sender
from tests.benchmarks.deliveries import Sink


async def send(url: str, channel: str) -> None:
    """Send what is queued for *channel* until the process is ended."""
    sender = Sender(Store(url), [Sink(-1, channel)], Clock())
    running = asyncio.create_task(sender.run())
    print("ready", flush=True)
    await running


if __name__ == "__main__":
    asyncio.run(send(*sys.argv[1:]))
