"""Every way to the assistant, for transcripts."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from tests.loopback.slack import Loopback
from tests.loopback.telegram import BotApi
from tests.platforms.at_terminals import AtTerminals
from tests.platforms.by_slack import BySlack
from tests.platforms.by_telegram import ByTelegram
from tests.platforms.by_web import ByWeb
from tests.platforms.platform import Platform

__all__ = ["Platform", "opened"]


@asynccontextmanager
async def opened(channel: str) -> AsyncIterator[Platform]:
    """Give the platform of *channel*, running."""
    async with AsyncExitStack() as stack:
        platform: ByTelegram | BySlack | ByWeb | AtTerminals
        match channel:
            case "telegram":
                platform = ByTelegram(await stack.enter_async_context(BotApi()))
            case "slack":
                platform = BySlack(await stack.enter_async_context(Loopback()))
            case "web":
                platform = ByWeb()
            case _:
                platform = AtTerminals()
        yield await stack.enter_async_context(platform.running())
