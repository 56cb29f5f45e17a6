"""Calls the Bot API for one card: a new message, an edit of an earlier one, or its end."""

import re
from collections.abc import Awaitable
from typing import Any

import structlog
from telegram.error import TelegramError

from adapters.telegram.faults import is_gone, is_not_editable, is_of_another_kind, is_unmodified
from adapters.telegram.files import Files
from adapters.telegram.render import Message, to_caption, to_message, to_short_caption, to_venue
from adapters.telegram.request import AiohttpRequest, Lost, Refusal, Unsure
from bot.messages import Attachment, Outbound
from knowledge.forum import Coordinates

log = structlog.get_logger()

NO_PREVIEW = {"is_disabled": True}
IDS = re.compile(r"(\d+)(?:\+(\d+))?")
"""A message, and the file that followed because the words were too long to stand under it."""
MAX_REMEMBERED = 1000
Values = dict[str, Any]


class Outgoing:
    """
    Sends cards through *api*.

    It remembers deliveries whose words left before a file that then failed, so that a second try sends only the file.
    """

    def __init__(self, api: AiohttpRequest) -> None:
        self._api = api
        self._files = Files(api)
        self._said: dict[int, str] = {}

    async def send(self, outbound: Outbound) -> str:
        """
        Send, edit or delete, and return the id of what stands in the chat; raises `TelegramError`.

        The id is that of the message with the buttons, and behind a plus that of the file if it came separately.
        """
        standing = IDS.fullmatch(outbound.replaces or "")
        if standing is None:
            return await self._send_new(outbound)
        text, file = int(standing[1]), int(standing[2] or 0)
        try:
            if not (outbound.deletes and await self._delete(outbound.chat, text, file)):
                await self._edit(outbound, text, file)
        except Refusal as refusal:
            if outbound.deletes and is_gone(refusal):
                return standing[0]
            if not is_not_editable(refusal):
                raise
            sent = await self._send_new(outbound)
            if is_of_another_kind(refusal):
                await self._delete_if_possible(outbound.chat, text)
            return sent
        return standing[0]

    async def _send_new(self, outbound: Outbound) -> str:
        attachment, place = outbound.card.attachment, outbound.card.coordinates
        if attachment is None and place is not None:
            return await self._send_venue(outbound, place)
        if attachment is None:
            return await self._send_text(outbound)
        self._files.check(attachment)  # what is too big is known before the words go ahead
        caption = to_caption(outbound.card)
        if caption.fits_caption:
            values = {"chat_id": outbound.chat, **caption_values(caption), **place_values(outbound)}
            return str(message_id(await self._files.send(values, attachment)))
        said = self._said.get(outbound.delivery) or await self._send_text(outbound)
        self._remember(outbound.delivery, said)
        caption = to_short_caption(attachment)
        values = {"chat_id": outbound.chat, **caption_values(caption), **topic_values(outbound)}
        file = message_id(await self._files.send(values, attachment))
        del self._said[outbound.delivery]
        return f"{said}+{file}"

    def _remember(self, delivery: int, said: str) -> None:
        self._said[delivery] = said
        if len(self._said) > MAX_REMEMBERED:
            del self._said[next(iter(self._said))]

    async def _send_venue(self, outbound: Outbound, place: Coordinates) -> str:
        """Show the place on a map; in words where Telegram does not take it."""
        values = {
            "chat_id": outbound.chat,
            **to_venue(outbound.card, place),
            **button_values(to_message(outbound.card)),
            **place_values(outbound),
        }
        try:
            return str(message_id(await self._api.call("sendVenue", values)))
        except Refusal as refusal:
            if refusal.code != 400 or refusal.moved_to is not None:
                raise
            log.info("telegram.venue_in_words", error=refusal.message)
            return await self._send_text(outbound)

    async def _send_text(self, outbound: Outbound) -> str:
        values = {
            "chat_id": outbound.chat,
            **text_values(to_message(outbound.card)),
            **place_values(outbound),
        }
        return str(message_id(await self._api.call("sendMessage", values)))

    async def _edit(self, outbound: Outbound, text: int, file: int) -> None:
        """Change what stands in the chat; raises the refusal when it cannot become the card."""
        card, target = outbound.card, {"chat_id": outbound.chat, "message_id": text}
        if file:
            await self._edit_words(target, to_message(card))
            if card.attachment is not None:
                words = to_short_caption(card.attachment)
                await self._edit_file({**target, "message_id": file}, card.attachment, words)
        elif card.attachment is not None and (caption := to_caption(card)).fits_caption:
            await self._edit_file(target, card.attachment, caption)
        else:
            await self._edit_words(target, to_message(card))

    async def _edit_words(self, target: Values, words: Message) -> None:
        try:
            await done(self._api.call("editMessageText", target | text_values(words)))
        except Refusal as refusal:
            if not (is_of_another_kind(refusal) and words.fits_caption):
                raise
            await done(self._api.call("editMessageCaption", target | caption_values(words)))

    async def _edit_file(self, target: Values, file: Attachment, caption: Message) -> None:
        self._files.check(file)
        words = {"caption": caption.text, "parse_mode": "HTML"}
        await done(self._files.replace(target | button_values(caption), words, file))

    async def _delete(self, chat: str, *messages: int) -> bool:
        """Take *messages* away and tell whether all are gone; Telegram keeps what is older than two days."""
        gone = True
        for message in filter(None, messages):
            try:
                await done(self._api.call("deleteMessage", {"chat_id": chat, "message_id": message}))
            except Refusal as refusal:
                if refusal.code != 400 or refusal.moved_to is not None:
                    raise
                gone = gone and is_gone(refusal)
        return gone

    async def _delete_if_possible(self, chat: str, message: int) -> None:
        """Take *message* away, whose place a new one has taken: it stood there in a form that no edit can change."""
        try:
            await self._delete(chat, message)
        except TelegramError as error:
            log.info("telegram.not_taken_away", error=error.message)


async def done(change: Awaitable[object]) -> None:
    """Make *change*; that everything reads so already counts, and a lost answer is no more than a failure."""
    try:
        await change
    except Refusal as refusal:
        if not is_unmodified(refusal):
            raise
    except Unsure as error:
        raise Lost(error.message) from error


def text_values(message: Message) -> Values:
    """Return the parameters that carry the words and the buttons."""
    words = {"text": message.text, "parse_mode": "HTML", "link_preview_options": NO_PREVIEW}
    return words | button_values(message)


def caption_values(message: Message) -> Values:
    """Return the parameters that carry the words under a file and the buttons."""
    return {"caption": message.text, "parse_mode": "HTML"} | button_values(message)


def place_values(outbound: Outbound) -> Values:
    """Return the topic, and in a group the message that is answered."""
    values = topic_values(outbound)
    if outbound.about is not None and outbound.about.isdecimal() and is_group(outbound.chat):
        values["reply_parameters"] = {"message_id": int(outbound.about), "allow_sending_without_reply": True}
    return values


def topic_values(outbound: Outbound) -> Values:
    """Return the topic of the group that the message belongs to, and that it makes no sound where it is silent."""
    topic: Values = {} if outbound.thread is None else {"message_thread_id": outbound.thread}
    return topic | ({"disable_notification": True} if outbound.silent else {})


def button_values(message: Message) -> Values:
    """Return the parameter that carries the buttons; empty without any."""
    return {"reply_markup": {"inline_keyboard": message.keyboard}} if message.keyboard else {}


def is_group(chat: str) -> bool:
    """Tell whether *chat* is a group: Telegram gives groups negative ids."""
    return chat.startswith("-")


def message_id(result: Any) -> int:
    """Return the id in what the Bot API answered to a send."""
    if isinstance(result, dict) and isinstance(result.get("message_id"), int):
        return int(result["message_id"])
    raise Unsure("the answer names no message")
