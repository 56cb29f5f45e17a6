"""Telegram: the Bot API's server, polled."""

import itertools
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from adapters.telegram import Telegram
from adapters.telegram.health import Backoff
from bot.messages import (
    Edit,
    Inbound,
    Media,
    Opened,
    Outbound,
    Tap,
    Text,
)
from tests.channels import Told, from_telegram
from tests.loopback.telegram import BOT, TOKEN, BotApi
from tests.loopback.telegram_updates import GROUP, edited, heard, said, tapped
from tests.platforms.platform import Platform, running

COMMAND = re.compile(r"^(/\w+)")


class ByTelegram(Platform):
    """The Bot API's server, polled."""

    channel = "telegram"
    places = ("private", "group")

    def __init__(self, api: BotApi) -> None:
        super().__init__()
        self._api = api
        self._telegram = Telegram(self.relay, token=TOKEN, api_url=api.url, backoff=Backoff())  # type: ignore[arg-type]
        self._users: dict[str, int] = {}
        self._numbers = itertools.count(900_001)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ByTelegram"]:
        async with running(self._telegram.run()):
            yield self

    def user(self, name: str) -> str:
        return str(self._users.setdefault(name, 7_000_000_001 + len(self._users)))

    async def deliver(self, name: str, inbound: Inbound) -> bool:
        person = {"id": int(self.user(name)), "is_bot": False, "first_name": name}
        number = next(self._numbers)
        more: dict[str, Any] = {}
        if inbound.answers:
            earlier = {"message_id": int(self._ids[inbound.answers]), "from": BOT, "date": 1_663_045_200}
            more["reply_to_message"] = {**earlier, "chat": {"id": person["id"], "type": "private"}}
        match inbound.heard:
            case Tap(ref, position, of):
                update = tapped(f"{ref}:{position}", person)
                update["callback_query"]["message"]["message_id"] = int(self._ids[of or ""].partition("+")[0])
            case Edit(text, of):
                update = edited(text, person, number=int(self._ids[of]))
            case Text(text) if inbound.place == "group":
                words = (
                    COMMAND.sub(rf"\1@{BOT['username']}", text)
                    if text[0] == "/"
                    else f"@{BOT['username']} {text}"
                )
                topic = int(inbound.topic or 0)
                more |= {"message_thread_id": topic, "is_topic_message": True} if topic else {}
                update = said(words, person, number=number, chat=GROUP, **more)
            case Text(text, forwarded):
                origin = {"type": "hidden_user", "sender_user_name": "Somebody", "date": 1_663_045_200}
                more |= {"forward_origin": origin} if forwarded else {}
                update = said(text, person, number=number, **more)
            case Opened(payload):
                update = said(f"/start {payload}".strip(), person, number=number)
            case Media(kind, caption):
                more |= {"caption": caption} if caption else {}
                update = heard(person, number=number, **media(kind), **more)
            case _:
                return False
        if inbound.message and not isinstance(inbound.heard, Tap | Edit):
            self.keep(inbound.message, str(number))
        await self._api.feed(update)
        return True

    async def tell(self, outbound: Outbound) -> Told | None:
        before = len(self._api.calls)
        own = await self._telegram.send(outbound)
        self.keep(f"m{outbound.delivery}", own, own.partition("+")[0])
        calls = [
            call for call in self._api.calls[before:] if {"text", "caption", "title"} & call.values.keys()
        ]
        told = [from_telegram(call) for call in calls if call.method != "answerCallbackQuery"]
        if not told:
            return None
        return Told(
            "", "\n".join(one.words for one in told), tuple(label for one in told for label in one.choices)
        )

    async def flashed(self, inbound: Inbound, toast: str) -> None:
        await self._api.wait_until(
            lambda: [
                call for call in self._api.called("answerCallbackQuery") if call.values.get("text") == toast
            ]
        )


def media(kind: str) -> dict[str, Any]:
    """Return the content of a Telegram message that is no text."""
    file = {"file_id": "f", "file_unique_id": "u"}
    contents: dict[str, Any] = {
        "voice": {**file, "duration": 3},
        "sticker": {
            **file,
            "width": 9,
            "height": 9,
            "is_animated": False,
            "is_video": False,
            "type": "regular",
        },
        "photo": [{**file, "width": 9, "height": 9}],
        "document": file,
        "location": {"latitude": 13.76, "longitude": 100.5},
        "contact": {"phone_number": "1", "first_name": "A"},
    }
    return (
        {kind: contents[kind]}
        if kind in contents
        else {"story": {"chat": {"id": 1, "type": "private"}, "id": 1}}
    )
