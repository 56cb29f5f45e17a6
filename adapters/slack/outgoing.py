"""Calls the Web API for one card: a new message, a change of an earlier one, or its end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog

from adapters.slack.render import Renderer, shortened
from adapters.slack.web import Answer, Gone, Unchangeable, Web
from bot.errors import Ambiguous, Down, Rejected, Unreachable
from bot.messages import Attachment, Outbound

log = structlog.get_logger()

ALT_TEXT = 1000
TITLE = 255
MAX_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: its channel, its `ts`, and the file that followed it, "" when none did."""

    channel: str
    ts: str
    file: str = ""

    def __str__(self) -> str:
        return ":".join(filter(None, (self.channel, self.ts, self.file)))


class Outgoing:
    """
    Sends cards over *web* as *renderer* writes them.

    It remembers deliveries whose words left before a file that then failed, so that a second try sends only the file.
    """

    def __init__(self, web: Web, renderer: Renderer) -> None:
        self._web = web
        self._render = renderer
        self._said: dict[int, Place] = {}

    async def send(self, outbound: Outbound) -> str:
        """Send, change or delete, and return the id of what stands there: `channel:ts`, or `channel:ts:file`."""
        try:
            return str(await self._send(outbound, to_place(outbound.replaces or "")))
        except Unreachable as fault:
            # A channel that is closed to us says nothing about the person in it.
            if outbound.chat.startswith("D") or outbound.chat == outbound.address.user:
                raise
            raise Rejected(str(fault)) from fault

    async def _send(self, outbound: Outbound, standing: Place | None) -> Place:
        if outbound.deletes and standing and await self._delete(standing):
            return standing
        message = self._render.to_message(outbound.card)
        place = self._said.get(outbound.delivery)
        if place is None and standing:
            place = await self._change(outbound, standing, message)
        place = place or await self._post(outbound, message)
        if outbound.card.attachment is None:
            return place
        self._remember(outbound.delivery, place)
        file = await self._share(outbound.card.attachment, place, outbound.thread)
        del self._said[outbound.delivery]
        if place.file:
            await self._delete_file(place.file)
        return replace(place, file=file)

    def _remember(self, delivery: int, place: Place) -> None:
        self._said[delivery] = place
        if len(self._said) > MAX_REMEMBERED:
            del self._said[next(iter(self._said))]

    async def _post(self, outbound: Outbound, message: Mapping[str, Any]) -> Place:
        args = {"channel": outbound.chat, "unfurl_links": False, "unfurl_media": False, **message}
        if outbound.thread:
            args["thread_ts"] = outbound.thread
        answer = await self._web.call("chat.postMessage", args)
        if isinstance(answer.get("channel"), str) and isinstance(answer.get("ts"), str):
            return Place(answer["channel"], answer["ts"])
        raise Ambiguous("chat.postMessage: the answer names no message")

    async def _change(self, outbound: Outbound, standing: Place, message: Mapping[str, Any]) -> Place | None:
        """Return *standing* once it reads as *message*; None when a new message has to take its place."""
        try:
            await self._repeatable("chat.update", {"channel": standing.channel, "ts": standing.ts, **message})
        except (Gone, Unchangeable) as fault:
            log.info("slack.message_not_changed", delivery=outbound.delivery, reason=str(fault))
            return standing if outbound.deletes and isinstance(fault, Gone) else None
        return standing

    async def _delete(self, standing: Place) -> bool:
        """Take away the message and the file that followed it; tell whether the message is gone."""
        if standing.file:
            await self._delete_file(standing.file)
        try:
            await self._repeatable("chat.delete", {"channel": standing.channel, "ts": standing.ts})
        except Gone:
            return True
        except Rejected as fault:
            log.info("slack.message_not_deleted", reason=str(fault))
            return False
        return True

    async def _delete_file(self, file: str) -> None:
        try:
            await self._repeatable("files.delete", {"file": file})
        except Rejected as fault:
            log.info("slack.file_not_deleted", reason=str(fault))

    async def _share(self, attachment: Attachment, place: Place, thread: str | None) -> str:
        """Show *attachment* where the message stands and return its id; only the last of three steps shows it."""
        about = {"filename": attachment.name, "length": str(len(attachment.content))}
        about["alt_txt"] = shortened(attachment.description, ALT_TEXT)
        given = await self._repeatable("files.getUploadURLExternal", about, form=True)
        if not isinstance(given.get("upload_url"), str) or not isinstance(given.get("file_id"), str):
            raise Down("files.getUploadURLExternal: the answer names no place")
        await self._web.upload(given["upload_url"], attachment.content)
        # Slack shows the description of pictures alone, and that only where they are not seen.
        title = shortened(f"{attachment.description} ({attachment.name})", TITLE)
        shared: dict[str, Any] = {"files": [{"id": given["file_id"], "title": title}]}
        shared["channel_id"] = place.channel
        if thread:
            shared["thread_ts"] = thread
        await self._web.call("files.completeUploadExternal", shared, form=True)
        return str(given["file_id"])

    async def _repeatable(self, method: str, args: Mapping[str, Any], *, form: bool = False) -> Answer:
        """Call what made twice is the same: a lost answer is then no more than a failure."""
        try:
            return await self._web.call(method, args, form=form)
        except Ambiguous as fault:
            raise Down(str(fault)) from fault


def to_place(name: str) -> Place | None:
    """Return the place that *name* is the id of; None when it is not one of Slack's."""
    match name.split(":"):
        case [channel, ts] if channel and ts:
            return Place(channel, ts)
        case [channel, ts, file] if channel and ts:
            return Place(channel, ts, file)
        case _:
            return None
