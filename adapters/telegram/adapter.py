"""The Telegram channel: listens by polling or by webhook, and sends."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Literal

import structlog
from starlette.routing import BaseRoute
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    Update,
)
from telegram.error import TelegramError

from adapters.telegram.faults import is_wrong_token, to_fault
from adapters.telegram.health import Backoff, Health, State
from adapters.telegram.outgoing import Outgoing, is_group
from adapters.telegram.polling import Polling
from adapters.telegram.request import AiohttpRequest, Patience
from adapters.telegram.translate import CHANNEL, READERS, Invitation, Me, to_inbound, to_invitation
from adapters.telegram.webhook import PATH, derived_secret, webhook_route
from bot.assistant import Assistant, Audience
from bot.clock import system_time
from bot.leases import Alone, by_itself
from bot.messages import TO_PRIVATE, Inbound, Outbound

log = structlog.get_logger()

OFFICIAL_API = "https://api.telegram.org"
MAX_TOAST = 200
CHAT = "https://t.me/"
"""Where the chat with a bot opens, followed by its name."""
NAMED_WITHIN, NAMED_AGAIN = 2.0, 60.0
"""Seconds that a process which does not listen waits to be told the bot's name, and after which it asks again."""


class Telegram:
    """
    The adapter of Telegram.

    *api_url* is the Bot API server, the official one when empty. An empty *webhook_secret* is replaced by one derived
    from the token. Only the process that polls *alone* does so. A sender without a listener ends with `close`; `run`
    does so by itself.
    """

    name = CHANNEL

    def __init__(
        self,
        assistant: Assistant,
        *,
        token: str,
        api_url: str = OFFICIAL_API,
        mode: Literal["polling", "webhook"] = "polling",
        webhook_secret: str = "",
        public_url: str = "",
        patience: Patience = Patience(),  # noqa: B008
        backoff: Backoff = Backoff(),  # noqa: B008
        now: Callable[[], datetime] = system_time,
        alone: Alone = by_itself,
    ) -> None:
        base = f"{(api_url or OFFICIAL_API).rstrip('/')}/bot"
        self._assistant = assistant
        self._mode = mode
        self._secret = webhook_secret or derived_secret(token)
        self._public_url = public_url.rstrip("/")
        self._backoff = backoff
        self._now = now
        self._alone = alone
        self._root, self._patience = base + token, patience
        self._api = AiohttpRequest(self._root, patience)
        self._bot = Bot(token, base_url=base, request=self._api, get_updates_request=self._api)
        self._outgoing = Outgoing(self._api)
        self._health = Health()
        self._me = Me(int(token.partition(":")[0]) if token.partition(":")[0].isdecimal() else 0)
        self._errands: set[asyncio.Task[None]] = set()
        self._name_asked = float("-inf")

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Return the webhook's route; none when polling."""
        return [webhook_route(self._secret, self._take)] if self._mode == "webhook" else []

    @property
    def status(self) -> str:
        """Say whether Telegram is on and what is wrong."""
        return self._health.sentence

    async def run(self) -> None:
        """Listen until cancelled, and leave nothing open behind."""
        await self._api.initialize()
        self._health.note(State.STARTING)
        try:
            await self._until_done(self._introduce)
            self._run_errand(self._publish_commands())
            if self._mode == "polling":
                await self._alone(self._poll)
            else:
                await self._register()
                await asyncio.Event().wait()
        finally:
            self._health.note(State.OFF)
            await self.close()

    async def _poll(self) -> None:
        """Poll until cancelled; Telegram refuses two that do."""
        await self._until_done(self._bot.delete_webhook)
        await Polling(self._api, self._take, self._health, self._backoff).run()

    async def close(self) -> None:
        """Let the calls in flight end, and close the connections."""
        await self._api.shutdown()
        if self._errands:
            await asyncio.wait(self._errands)

    async def send(self, outbound: Outbound) -> str:
        """Deliver *outbound* and return Telegram's id of what now stands in the chat."""
        outbound = await self._leading_away(outbound)
        try:
            sent = await self._outgoing.send(outbound)
        except TelegramError as error:
            if is_wrong_token(error):
                self._health.note_error(error)
            whole_recipient = not is_group(outbound.chat) or outbound.address.user == outbound.chat
            raise to_fault(error, whole_recipient=whole_recipient) from error
        if self._health.state is State.WRONG_TOKEN:
            self._health.note(State.ON)
        return sent

    async def _leading_away(self, outbound: Outbound) -> Outbound:
        """Return *outbound* with the address of the private chat behind the choice that leads there."""
        card = outbound.card
        if all(choice.id != TO_PRIVATE for _, choice in card.numbered()):
            return outbound
        url = await self.address_with("")
        rows = tuple(
            tuple(replace(choice, url=url) if choice.id == TO_PRIVATE else choice for choice in row)
            for row in card.choices
        )
        return replace(outbound, card=replace(card, choices=rows))

    async def address_with(self, payload: str) -> str:
        """Return the web address that opens the bot's chat with *payload*; "" while nobody knows its name."""
        if self._me.username is None and self._health.state is State.OFF:
            await self._ask_name()
        if self._me.username is None:
            return ""
        return f"{CHAT}{self._me.username}" + (f"?start={payload}" if payload else "")

    async def _ask_name(self) -> None:
        """Ask once in a while who we are, in a process that does not listen."""
        now = asyncio.get_running_loop().time()
        if now - self._name_asked < NAMED_AGAIN:
            return
        self._name_asked = now
        asking = AiohttpRequest(self._root, self._patience)
        try:
            async with asyncio.timeout(NAMED_WITHIN):
                account = await asking.call("getMe", {})
        except (TelegramError, TimeoutError) as error:
            log.info("telegram.name_unknown", error=type(error).__name__)
        else:
            self._me = _named(account) or self._me
        finally:
            await asking.shutdown()

    async def _take(self, raw: Mapping[str, Any]) -> None:
        """Hand one update to the core; a callback is answered whatever comes of it."""
        update = readable(raw)
        if update is None:
            return
        toast = ""
        try:
            match heard(update, self._me, self._now()):
                case Invitation() as invitation:
                    await self._let_in(invitation)
                case Inbound() as inbound:
                    said = await self._assistant.receive(inbound)
                    toast = said.toast if said is not None else ""
        finally:
            if update.callback_query is not None:
                self._run_errand(self._answer(update.callback_query.id, toast))

    async def _let_in(self, invitation: Invitation) -> None:
        """Stay in a group to which the secretariat has added the bot; take leave of any other."""
        words = await self._assistant.turned_away(invitation.by, invitation.locale)
        if words:
            self._run_errand(self._leave(invitation.chat, words))

    async def _leave(self, chat: str, words: str) -> None:
        # Where the bot may not write it leaves all the same.
        with contextlib.suppress(TelegramError):
            await self._bot.send_message(chat, words)
        try:
            await self._bot.leave_chat(chat)
        except TelegramError as error:
            log.warning("telegram.group_not_left", error=error.message)

    async def _answer(self, callback: str, toast: str) -> None:
        try:
            await self._bot.answer_callback_query(callback, toast[:MAX_TOAST] or None)
        except TelegramError as error:
            # Too old, mostly: the person's progress bar has gone by then.
            log.info("telegram.callback_unanswered", error=error.message)

    async def _introduce(self) -> None:
        """Ask who we are, which also tries the token."""
        account = await self._api.call("getMe", {})
        self._me = _named(account) or self._me
        self._health.where = f"@{self._me.username or self._me.id}, by {self._mode}"

    async def _register(self) -> None:
        """Tell Telegram where to call us."""
        if not self._public_url:
            self._health.note(State.UNREGISTERED)
            return
        await self._until_done(
            lambda: self._bot.set_webhook(
                self._public_url + PATH, secret_token=self._secret, allowed_updates=list(READERS)
            )
        )
        self._health.note(State.ON)

    async def _publish_commands(self) -> None:
        """
        Set the command menus: in private chats and in groups the fallback language for everyone, each for its own.

        An officer's own chat has the menu of the secretariat. What they may do is decided when they do it.
        """
        fallback = self._assistant.languages[:1]
        wanted = [(lang, None) for lang in fallback] + [
            (lang, lang[:2]) for lang in self._assistant.languages
        ]
        for lang, code in wanted:
            await self._set_menu("private", lang, BotCommandScopeAllPrivateChats(), code)
            await self._set_menu("group", lang, BotCommandScopeAllGroupChats(), code)
        for chat, lang in await self._assistant.officers_on(CHANNEL):
            if not is_group(chat):
                await self._set_menu("secretariat", lang, BotCommandScopeChat(chat), None)

    async def _set_menu(
        self, audience: Audience, lang: str, scope: BotCommandScope, code: str | None
    ) -> None:
        commands = [BotCommand(*command) for command in self._assistant.commands(lang, audience)]
        try:
            await self._bot.set_my_commands(commands, scope=scope, language_code=code)
        except TelegramError as error:
            log.warning("telegram.commands_unset", audience=audience, lang=lang, error=error.message)

    async def _until_done(self, action: Callable[[], Awaitable[object]]) -> None:
        failures = 0
        while True:
            try:
                await action()
            except TelegramError as error:
                failures += 1
                self._health.note_error(error)
                await asyncio.sleep(self._backoff.pause(failures, error).total_seconds())
            else:
                return

    def _run_errand(self, errand: Coroutine[Any, Any, None]) -> None:
        """Run what nobody waits for; the set keeps it from being collected half-way."""
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


def _named(account: Any) -> Me | None:
    """Return who `getMe` says we are; None when it says something else."""
    if isinstance(account, dict) and isinstance(account.get("id"), int):
        return Me(account["id"], account.get("username"))
    return None


def readable(raw: Mapping[str, Any]) -> Update | None:
    """
    Return *raw* as an update; none, and a log line, when it is not what the Bot API describes.

    Such an update is acknowledged: sent again it would be no better, and would hold up those behind it.
    """
    try:
        return Update.de_json(dict(raw), None)
    except Exception as exc:
        _note_unreadable(raw["update_id"], exc)
        return None


def heard(update: Update, me: Me, now: datetime) -> Inbound | Invitation | None:
    """
    Return what somebody did, or into which group they let the bot; none, and a log line, where *update* lacks a part.

    The library takes what it gets: a text may be a number, and a date nothing.
    """
    try:
        if (invitation := to_invitation(update)) is not None:
            return invitation
        inbound = to_inbound(update, me, now)
        if inbound is not None and not is_sound(inbound):
            raise TypeError
        return inbound
    except Exception as exc:
        _note_unreadable(update.update_id, exc)
        return None


def is_sound(inbound: Inbound) -> bool:
    """Tell whether *inbound* has a moment, and texts where there have to be some."""
    held = inbound.heard
    parts: list[tuple[Any, type]] = [(inbound.at, datetime)]
    parts += [(getattr(held, field.name), str) for field in fields(held) if field.type is str]
    return all(isinstance(value, kind) for value, kind in parts)


def _note_unreadable(update: object, exc: Exception) -> None:
    # Its text may quote what a participant wrote.
    log.error("telegram.update_unreadable", update=update, error=type(exc).__name__)
