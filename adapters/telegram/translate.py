"""Turns Telegram's updates into inbound messages."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from telegram import CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Message, Update, User

from bot.messages import Address, Edit, Heard, Inbound, Left, Media, MediaKind, Opened, Place, Tap, Text

CHANNEL = "telegram"
COMMAND = re.compile(r"(/\w+)(?:@(\w+))?(?:\s+|$)")
START = re.compile(r"/start(?:\s+(.*))?", re.DOTALL)
AWAY = (ChatMember.LEFT, ChatMember.BANNED)
PLACES: Mapping[str, Place] = {Chat.PRIVATE: "private", Chat.GROUP: "group", Chat.SUPERGROUP: "group"}

MEDIA: Mapping[str, MediaKind] = {
    "voice": "voice",
    "video_note": "voice",
    "audio": "voice",
    "sticker": "sticker",
    "animation": "sticker",
    "dice": "sticker",
    "photo": "photo",
    "live_photo": "photo",
    "document": "document",
    "video": "document",
    "venue": "location",
    "location": "location",
    "contact": "contact",
    "poll": "other",
    "checklist": "other",
    "game": "other",
    "story": "other",
    "paid_media": "other",
    "rich_message": "other",
}
"""
Maps what a message may hold to what it is to the bot; the first that is there counts.

An animation also comes as a document and a venue as a location, so they stand before. What is not in here nobody said:
`adapters.telegram.unspoken` has the reason for each.
"""

IGNORED: Mapping[str, str] = {
    "channel_post": "the bot serves people and groups; nobody writes to it in a channel",
    "edited_channel_post": "as channel_post",
    "business_connection": "the bot never answers in somebody else's name",
    "business_message": "as business_connection",
    "edited_business_message": "as business_connection",
    "deleted_business_messages": "as business_connection",
    "guest_message": "comes from chats that the bot is not in",
    "message_reaction": "a reaction asks for no answer",
    "message_reaction_count": "as message_reaction",
    "inline_query": "inline mode is off",
    "chosen_inline_result": "as inline_query",
    "shipping_query": "the bot sells nothing",
    "pre_checkout_query": "as shipping_query",
    "purchased_paid_media": "as shipping_query",
    "poll": "the bot asks with buttons, never with polls",
    "poll_answer": "as poll",
    "chat_member": "who else joins or leaves a group is not the bot's business",
    "chat_join_request": "as chat_member",
    "chat_boost": "as chat_member",
    "removed_chat_boost": "as chat_member",
    "managed_bot": "the bot manages no other bots",
}
"""Maps every other kind of update to the reason why nothing follows from it; Telegram is told not to send them."""


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's own account; *username* is none until Telegram has told it."""

    id: int
    username: str | None = None

    def is_named(self, name: str | None) -> bool:
        """Tell whether a command for *name* is meant for this bot; one without a name is not."""
        return name is not None and (self.username is None or name.lower() == self.username.lower())


def to_inbound(update: Update, me: Me, now: datetime) -> Inbound | None:
    """
    Return what a participant did, or nothing where nobody did anything that the bot answers.

    *now* is the time of a tap, for which Telegram gives none.
    """
    for kind, read in READERS.items():
        if getattr(update, kind) is not None:
            return read(update, me, now)
    return None


def _message(update: Update, me: Me, now: datetime) -> Inbound | None:
    message = update.message
    if message is None or (said := _said(message, me)) is None:
        return None
    return _from_message(update, message, said, message.date)


def _edited(update: Update, me: Me, now: datetime) -> Inbound | None:
    message = update.edited_message
    if message is None:
        return None
    words = _addressed(message, message.text or message.caption or "", me)
    # A live location moves by edits: there is nothing to read in one.
    if not words:
        return None
    return _from_message(
        update, message, Edit(words, str(message.message_id)), message.edit_date or message.date
    )


def _tapped(update: Update, me: Me, now: datetime) -> Inbound | None:
    query = update.callback_query
    if query is None or query.message is None or (tap := to_tap(query)) is None:
        return None
    # A message over 48 hours old comes without its content, and then its topic is unknown.
    message = query.message if isinstance(query.message, Message) else None
    return _inbound(
        update, query.from_user, query.message.chat, tap, now,
        thread=_thread(message) if message is not None else None,
        topic=_topic(message) if message is not None else None,
        message=str(query.message.message_id),
    )  # fmt: skip


def _joined_or_left(update: Update, me: Me, now: datetime) -> Inbound | None:
    change = update.my_chat_member
    # In a group it is the group that changed, not the person who let the bot in or put it out.
    if change is None or change.chat.type != Chat.PRIVATE:
        return None
    heard = to_presence(change)
    return None if heard is None else _inbound(update, change.from_user, change.chat, heard, change.date)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody, *by*, has let the bot into the group *chat*."""

    by: Address
    chat: str
    locale: str | None = None


def to_invitation(update: Update) -> Invitation | None:
    """Return whose invitation *update* tells of, None where it tells of none."""
    change = update.my_chat_member
    if (
        change is None
        or PLACES.get(change.chat.type) != "group"
        or not isinstance(to_presence(change), Opened)
    ):
        return None
    who = change.from_user
    return Invitation(Address(CHANNEL, str(who.id)), str(change.chat.id), who.language_code)


READERS: Mapping[str, Callable[[Update, Me, datetime], Inbound | None]] = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _tapped,
    "my_chat_member": _joined_or_left,
}
"""Maps the kinds of update that Telegram is asked for to what reads them."""


def to_tap(query: CallbackQuery) -> Tap | None:
    """Return the choice behind a button; none when the button is not one of ours."""
    ref, colon, number = (query.data or "").rpartition(":")
    if not colon or not number.isdecimal() or query.message is None:
        return None
    return Tap(ref, int(number), str(query.message.message_id))


def to_presence(change: ChatMemberUpdated) -> Opened | Left | None:
    """Return whether the person has blocked the bot or has come back; none when neither changed."""
    was_away, is_away = (member.status in AWAY for member in (change.old_chat_member, change.new_chat_member))
    if was_away == is_away:
        return None
    return Left() if is_away else Opened()


def _said(message: Message, me: Me) -> Heard | None:
    if message.text is not None:
        words = _addressed(message, message.text, me)
        if words is None:
            return None
        if message.forward_origin is not None:
            return Text(words, forwarded=True)
        if start := START.fullmatch(words):
            return Opened((start[1] or "").strip())
        return Text(words)
    kind = next((kind for name, kind in MEDIA.items() if _holds(message, name)), None)
    caption = _addressed(message, message.caption or "", me)
    return None if kind is None or caption is None else Media(kind, caption)


def _holds(message: Message, name: str) -> bool:
    # What is newer than the library waits in `api_kwargs`.
    return bool(getattr(message, name, None) or message.api_kwargs.get(name))


def _addressed(message: Message, words: str, me: Me) -> str | None:
    """Return *words* without the bot's name; none when they are said to others in a group."""
    command = COMMAND.match(words)
    named = command is not None and me.is_named(command[2])
    if command is not None and named:
        words = f"{command[1]} {words[command.end() :]}".rstrip()
    if message.chat.type == Chat.PRIVATE:
        return words
    if command is not None and command[2] is not None:
        return words if named else None
    mention = re.compile(rf"@{re.escape(me.username)}\b", re.IGNORECASE) if me.username is not None else None
    if mention is not None and mention.search(words):
        return mention.sub("", words).strip()
    return words if _answers_us(message, me) else None


def _answers_us(message: Message, me: Me) -> bool:
    earlier = message.reply_to_message
    # In a topic every message "replies" to the one that opened the topic.
    return (
        earlier is not None
        and earlier.from_user is not None
        and earlier.from_user.id == me.id
        and earlier.forum_topic_created is None
    )


def _thread(message: Message) -> str | None:
    """Return the topic; a reply in a group without topics has a thread too, in which nothing can be sent."""
    in_topic = message.is_topic_message or message.chat.is_forum or message.reply_to_message is None
    return str(message.message_thread_id) if message.message_thread_id is not None and in_topic else None


def _topic(message: Message) -> str | None:
    """Return the group's topic; none in a group without topics, and in the general one, which stands for them all."""
    return str(message.message_thread_id) if message.is_topic_message else None


def _from_message(update: Update, message: Message, heard: Heard, at: datetime) -> Inbound | None:
    # An anonymous administrator and a linked channel write in a name that no answer can reach.
    if message.from_user is None or message.sender_chat is not None:
        return None
    return _inbound(
        update, message.from_user, message.chat, heard, at,
        thread=_thread(message), topic=_topic(message), message=str(message.message_id), answers=_answered(message),
    )  # fmt: skip


def _answered(message: Message) -> str | None:
    return str(message.reply_to_message.message_id) if message.reply_to_message is not None else None


def _inbound(
    update: Update,
    user: User,
    chat: Chat,
    heard: Heard,
    at: datetime,
    *,
    thread: str | None = None,
    topic: str | None = None,
    message: str | None = None,
    answers: str | None = None,
) -> Inbound | None:
    if user.is_bot or chat.type not in PLACES:
        return None
    return Inbound(
        key=str(update.update_id),
        address=Address(CHANNEL, str(user.id)),
        at=at,
        heard=heard,
        chat=str(chat.id),
        place=PLACES[chat.type],
        thread=thread,
        topic=topic,
        message=message,
        locale=user.language_code,
        answers=answers,
    )
