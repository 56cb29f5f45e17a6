"""Fetches updates and confirms them only once they are kept."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from telegram.error import TelegramError

from adapters.telegram.health import Backoff, Health, State
from adapters.telegram.request import AiohttpRequest, Unsure
from adapters.telegram.translate import READERS
from adapters.telegram.webhook import is_update

log = structlog.get_logger()

LONG_POLL = timedelta(seconds=30)
Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Polling:
    """
    The loop that asks for updates and hands each to *take*.

    python-telegram-bot's own loop confirms an update when it lies in memory; here an offset is confirmed by the next
    request, when every turn below it has been committed. Where *take* raises, the update comes again.
    """

    api: AiohttpRequest
    take: Callable[[Raw], Awaitable[None]]
    health: Health
    backoff: Backoff

    async def run(self) -> None:
        """Poll until cancelled."""
        offset, failures = 0, 0
        while True:
            try:
                updates = await self._fetched(offset)
            except TelegramError as error:
                failures += 1
                self.health.note_error(error)
                await asyncio.sleep(self.backoff.pause(failures, error).total_seconds())
                continue
            unkept = await self._unkept(updates)
            offset = (
                min(unkept)
                if unkept
                else max((update["update_id"] + 1 for update in updates), default=offset)
            )
            failures = failures + 1 if unkept else 0
            if unkept:
                self.health.note(State.STUCK)
                await asyncio.sleep(self.backoff.pause(failures).total_seconds())
            else:
                self.health.note(State.ON)

    async def _fetched(self, offset: int) -> Sequence[Raw]:
        """Return the next updates in order; an offset confirms every update below it."""
        wanted = {"timeout": int(LONG_POLL.total_seconds()), "allowed_updates": list(READERS)}
        updates = await self.api.call(
            "getUpdates", {"offset": offset, **wanted} if offset else wanted, longer=LONG_POLL
        )
        if not isinstance(updates, list) or not all(map(is_update, updates)):
            raise Unsure("the list of updates cannot be read")
        return sorted(updates, key=lambda update: update["update_id"])

    async def _unkept(self, updates: Sequence[Raw]) -> list[int]:
        """Take the chats side by side, each in its order; return the ids of the updates that were not kept."""
        chats: defaultdict[str | None, list[Raw]] = defaultdict(list)
        for update in updates:
            chats[chat_of(update)].append(update)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._take_in_order(chat)) for chat in chats.values()]
        return [update for task in tasks for update in task.result()]

    async def _take_in_order(self, updates: Sequence[Raw]) -> list[int]:
        for place, update in enumerate(updates):
            try:
                await self.take(update)
            except Exception as exc:
                # Its text may quote what a participant wrote.
                log.error("telegram.turn_failed", update=update["update_id"], error=type(exc).__name__)
                return [later["update_id"] for later in updates[place:]]
        return []


def chat_of(update: Raw) -> str | None:
    """Return the id of the chat that *update* belongs to, as text; none when it has none."""
    for content in update.values():
        if isinstance(content, dict):
            holder = content.get("message", content)
            chat = holder.get("chat") if isinstance(holder, dict) else None
            if isinstance(chat, dict):
                return str(chat.get("id"))
    return None
