"""Slack: a workspace, over Socket Mode."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from adapters.slack import Slack
from adapters.slack.manifest import ABOUT, FORMS
from bot.messages import (
    Edit,
    Inbound,
    Media,
    Outbound,
    Tap,
    Text,
)
from tests.channels import Told, from_slack
from tests.loopback.slack import Loopback
from tests.loopback.slack_events import BOT as BOT_USER
from tests.loopback.slack_events import changed, command, direct, mention, message, press, shortcut
from tests.platforms.platform import Platform, running

FILES = {"photo": "image/png", "document": "application/pdf", "voice": "audio/ogg"}


class BySlack(Platform):
    """A workspace, over Socket Mode."""

    channel = "slack"
    places = ("private", "group")

    def __init__(self, slack: Loopback) -> None:
        super().__init__()
        self._loopback = slack
        self._slack = Slack(
            self.relay,  # type: ignore[arg-type]
            bot_token="xoxb-1",
            app_token="xapp-1",
            api_url=slack.url,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["BySlack"]:
        async with running(self._slack.run()):
            await self._loopback.connected()
            yield self

    def user(self, name: str) -> str:
        return f"U0{name.upper()}"

    async def deliver(self, name: str, inbound: Inbound) -> bool:
        user, ts = self.user(name), self._loopback.timestamp()
        here = direct(user)
        more: dict[str, Any] = {"user": user, "ts": ts}
        if inbound.answers:
            more["thread_ts"] = self._ids[inbound.answers].split(":")[1]
        match inbound.heard:
            case Tap(ref, number, of):
                ts = self._ids[of or ""].split(":")[1]
                pressed = press(f"{ref}:{number}", user=user, ts=ts, action_ts=self._loopback.timestamp())
                await self._loopback.deliver("interactive", pressed)
            case Edit(text, of):
                await self._loopback.deliver(
                    "events_api", changed(escaped(text), self._ids[of].split(":")[1], user)
                )
            case Text(text, forwarded=True):
                await self._loopback.deliver(
                    "interactive", shortcut("msg_to_question", user=user, text=escaped(text))
                )
            case Text(text) if inbound.place == "group":
                here = "C0HALL"
                named = mention(f"<@{BOT_USER}> {escaped(text)}", user=user, channel=here, ts=ts)
                await self._loopback.deliver("events_api", named)
            case Text(text) if text.startswith("/") and not opens_form(text[1:]):
                asked = command(escaped(text[1:]), user=user, trigger=ts)
                await self._loopback.deliver("slash_commands", asked)
            case Text(text):
                await self._loopback.deliver("events_api", message(escaped(text), **more))
            case Media(kind, caption) if kind in FILES:
                file = {"id": "F1", "mimetype": FILES[kind]}
                shared = message(escaped(caption), files=[file], subtype="file_share", **more)
                await self._loopback.deliver("events_api", shared)
            case _:
                return False
        if inbound.message and not isinstance(inbound.heard, Tap | Edit):
            self.keep(inbound.message, f"{here}:{ts}")
        return True

    async def tell(self, outbound: Outbound) -> Told | None:
        own = await self._slack.send(outbound)
        channel, ts, *_ = own.split(":")
        self.keep(f"m{outbound.delivery}", own, f"{channel}:{ts}")
        shown = self._loopback.messages.get((channel, ts))
        if shown is None:
            return None
        told = from_slack(shown)
        file = outbound.card.attachment
        return replace(told, words=f"{told.words}\n{file.description}") if file else told

    async def flashed(self, inbound: Inbound, toast: str) -> None:
        await self._loopback.wait_until(
            lambda: [args for args in self._loopback.called("chat.postEphemeral") if args["text"] == toast]
        )


def opens_form(asked: str) -> bool:
    """Tell whether the command *asked* opens a form: the same conversation in words is begun by a message."""
    return asked.split(" ")[0] in FORMS or ABOUT.fullmatch(asked) is not None


def escaped(text: str) -> str:
    """Return *text* as Slack delivers it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
