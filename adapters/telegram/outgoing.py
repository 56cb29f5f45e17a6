"""Calls the Bot API for one card: a new message, or an edit of an earlier one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from telegram import Bot, InputMediaDocument, InputMediaPhoto

from adapters.telegram.faults import is_not_editable, is_unmodified
from adapters.telegram.render import Message, to_caption, to_message, to_short_caption
from adapters.telegram.request import AiohttpRequest, Refusal, Unsure
from bot.messages import Attachment, Outbound

NO_PREVIEW = {"is_disabled": True}
PHOTOS = ("image/jpeg", "image/png", "image/webp")
"""What Telegram shows as a photo; other pictures travel as documents."""
MAX_ATTACHED = 1000
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """
    Sends cards through *api*, and what carries a file through *bot*.

    *attached* remembers deliveries whose attachment went ahead of a text that then failed, so that a second try of
    the text does not send the picture again.
    """

    bot: Bot
    api: AiohttpRequest
    attached: dict[int, None]

    async def send(self, outbound: Outbound) -> str:
        """Send or edit, and return the id of the message that carries the card's buttons; raises `TelegramError`."""
        if outbound.replaces is not None and outbound.replaces.isdecimal():
            try:
                return await self._edit(outbound, int(outbound.replaces))
            except Refusal as refusal:
                if is_unmodified(refusal):
                    return outbound.replaces
                if not is_not_editable(refusal):
                    raise
        return await self._send_new(outbound)

    async def _send_new(self, outbound: Outbound) -> str:
        attachment = outbound.card.attachment
        if attachment is None:
            return await self._send_text(outbound)
        caption = to_caption(outbound.card)
        if caption.fits_caption:
            return await self._send_file(outbound, attachment, caption)
        to_message(outbound.card)  # too big is known before the picture goes ahead
        if outbound.delivery not in self.attached:
            await self._send_file(outbound, attachment, Message(to_short_caption(attachment.description), []))
            self._remember(outbound.delivery)
        sent = await self._send_text(outbound)
        self.attached.pop(outbound.delivery, None)
        return sent

    def _remember(self, delivery: int) -> None:
        self.attached[delivery] = None
        if len(self.attached) > MAX_ATTACHED:
            del self.attached[next(iter(self.attached))]

    async def _send_text(self, outbound: Outbound) -> str:
        message = to_message(outbound.card)
        values = {"chat_id": outbound.chat, **text_values(message), **place_values(outbound)}
        return message_id(await self.api.call("sendMessage", values))

    async def _send_file(self, outbound: Outbound, file: Attachment, caption: Message) -> str:
        send: Callable[..., Awaitable[Any]] = self.bot.send_document
        if file.media_type in PHOTOS:
            send = self.bot.send_photo
        try:
            sent = await send(
                outbound.chat,
                file.content,
                caption=caption.text,
                parse_mode="HTML",
                filename=file.name,
                api_kwargs=place_values(outbound) | button_values(caption),
            )
            return str(sent.message_id)
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise Unsure("the answer is not a message") from exc

    async def _edit(self, outbound: Outbound, message: int) -> str:
        card = outbound.card
        target: Values = {"chat_id": outbound.chat, "message_id": message}
        if card.attachment is not None and (caption := to_caption(card)).fits_caption:
            media = to_media(card.attachment, caption)
            await self.bot.edit_message_media(media, api_kwargs=button_values(caption), **target)
            return str(message)
        words = to_message(card)
        try:
            await self.api.call("editMessageText", target | text_values(words))
        except Refusal as refusal:
            if "there is no text in the message" not in refusal.description or not words.fits_caption:
                raise
            await self.bot.edit_message_caption(
                caption=words.text, parse_mode="HTML", api_kwargs=button_values(words), **target
            )
        return str(message)


def text_values(message: Message) -> Values:
    """Return the parameters that carry the words and the buttons."""
    words = {"text": message.text, "parse_mode": "HTML", "link_preview_options": NO_PREVIEW}
    return words | button_values(message)


def place_values(outbound: Outbound) -> Values:
    """Return the topic, and in a group the message that is answered."""
    values: Values = {}
    if outbound.thread is not None:
        values["message_thread_id"] = outbound.thread
    if outbound.about is not None and outbound.about.isdecimal() and is_group(outbound.chat):
        values["reply_parameters"] = {"message_id": int(outbound.about), "allow_sending_without_reply": True}
    return values


def button_values(message: Message) -> Values:
    """Return the parameter that carries the buttons; empty without any."""
    return {"reply_markup": {"inline_keyboard": message.keyboard}} if message.keyboard else {}


def to_media(file: Attachment, caption: Message) -> InputMediaPhoto | InputMediaDocument:
    """Return *file* as what a message can be changed into."""
    kind = InputMediaPhoto if file.media_type in PHOTOS else InputMediaDocument
    return kind(file.content, caption=caption.text, parse_mode="HTML", filename=file.name)


def is_group(chat: str) -> bool:
    """Tell whether *chat* is a group: Telegram gives groups negative ids."""
    return chat.startswith("-")


def message_id(result: Any) -> str:
    """Return the id in what the Bot API answered to a send."""
    if isinstance(result, dict) and "message_id" in result:
        return str(result["message_id"])
    raise Unsure("the answer names no message")
