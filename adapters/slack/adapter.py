"""Slack as a channel: Bolt hears, the Web API speaks."""

import asyncio
import logging
import re
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.slack import inbound, manifest, render
from adapters.slack.addresses import Addresses
from adapters.slack.home import Homes
from adapters.slack.inbound import CHANNEL, Payload
from adapters.slack.outgoing import Outgoing
from adapters.slack.socket import Socket
from adapters.slack.web import KNOWN_AGAIN, Web
from bot.assistant import Assistant
from bot.clock import system_time
from bot.errors import Fault, Rejected, Throttled
from bot.forms import LINK
from bot.leases import Alone, by_itself
from bot.messages import Address, Immediate, Inbound, Outbound, Text

log = structlog.get_logger()

MAX_BODY = 1_000_000
"""Bytes of a request that are read; the largest that Slack sends are views of some 250 kB."""
OPENING = 1.5
"""Seconds to open a modal: Slack waits three for the acknowledgement, and three after the tap for the modal."""
STEADY = 10.0
"""Seconds after which a connection counts as having worked, so that the next one is opened at once."""
UNREADABLE = (LookupError, TypeError, AttributeError, ValueError, RecursionError)
"""What a payload without its parts ends in; what could not be written ends in errors of the database."""
OPENED_ALREADY = ("exchanged_trigger_id", "duplicate_trigger_id")

# Bolt writes bodies and signatures of requests into its log. Nothing of it is shown; what matters we log ourselves.
SILENT = logging.getLogger("adapters.slack.bolt")
SILENT.setLevel(logging.CRITICAL + 1)


class Identity(AsyncAuthorize):
    """
    Tells Bolt who the bot is, from what is known already.

    Bolt itself would ask Slack at the first event, and acknowledge the event unheard when Slack does not answer.
    """

    def __init__(self, token: str) -> None:
        self._token = token
        self.bot = ""
        """The bot's user id, empty until it was learnt."""

    async def __call__(
        self, *, enterprise_id: str | None, team_id: str | None, **_: object
    ) -> AuthorizeResult:
        """Return the bot and its token; nothing is asked."""
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token=self._token, bot_user_id=self.bot or None
        )


class Slack:
    """
    The forum's bot in one Slack workspace.

    With an *app_token* events come over Socket Mode, else over HTTP, signed with *signing_secret*. Web addresses
    in a card become links when they begin with one of *linked*. *timeout* is in seconds, *backoff* the seconds
    before each new try to reach Slack, the last of them for ever. Only the process that listens *alone* opens a socket.
    """

    def __init__(
        self,
        assistant: Assistant,
        *,
        bot_token: str,
        app_token: str = "",
        signing_secret: str = "",
        api_url: str = "https://slack.com/api/",
        linked: Sequence[str] = (),
        timeout: float = 15.0,
        backoff: Sequence[float] = (1, 2, 5, 10, 30),
        alone: Alone = by_itself,
    ) -> None:
        self._assistant = assistant
        self._signing_secret = signing_secret
        self._backoff = backoff
        self._alone = alone
        self._render = render.Renderer(linked)
        self._web = Web(api_url, bot_token, timeout)
        self._addresses = Addresses(self._web)
        self._outgoing = Outgoing(self._web, self._render)
        self._homes = Homes(self._publish_home)
        self._aside: set[asyncio.Task[None]] = set()
        self._identity = Identity(bot_token)
        self._team = ""
        self._state = "starting"
        self._bolt = self._listeners(api_url)
        self._socket = Socket(self._web, app_token, self._dispatch_envelope) if app_token else None
        self._on_since: float | None = None

    # ------------------------------------------------------------------ what `saphan serve` sees

    @property
    def name(self) -> str:
        """Return the channel's name."""
        return CHANNEL

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Return the address to which Slack sends events, none in Socket Mode."""
        return () if self._socket else (Route("/slack/events", self._from_http, methods=["POST"]),)

    @property
    def status(self) -> str:
        """Say in one sentence whether Slack is on."""
        if self._web.trouble:
            return f"Slack refuses the bot token ({self._web.trouble}); messages are kept until it is right."
        if self._web.lost:
            return (
                f"Slack has taken the app out of the workspace ({self._web.lost}); messages are kept. "
                "Install it again, set its token and start anew."
            )
        way = "Socket Mode" if self._socket else "HTTP at /slack/events"
        if self._state == "on":
            return f"Slack is on in the workspace {self._team}, over {way}."
        return f"Slack is not on yet, over {way}: {self._state}."

    async def run(self) -> None:
        """Listen until cancelled; whatever fails is logged once and tried again."""
        failures = 0
        try:
            while True:
                self._on_since = None
                asked = await self._listen_once()
                if self._steady():
                    failures = 0
                else:
                    wait = self._backoff[min(failures, len(self._backoff) - 1)]
                    failures += 1
                    await asyncio.sleep(wait if asked is None else asked)
        finally:
            await self.close()

    async def close(self) -> None:
        """Let turns in progress end, then close every connection; `run` does so itself."""
        if self._socket:
            await self._socket.drain()
        aside = list(self._aside)
        for task in aside:
            task.cancel()
        await asyncio.gather(*aside, return_exceptions=True)
        await self._homes.close()
        await self._web.close()
        self._state = "stopped"

    async def send(self, outbound: Outbound) -> str:
        """Post, change or delete one message, with its file if it has one; return the id of what stands there."""
        sent = await self._outgoing.send(outbound)
        self._homes.changed(outbound.address.user)
        return sent

    # ------------------------------------------------------------------ speaking

    async def _publish_home(self, user: str) -> None:
        cards = await self._assistant.home(Address(CHANNEL, user))
        await self._web.call("views.publish", {"user_id": user, "view": self._render.to_home(cards)})

    async def _whisper(self, chat: str, user: str, toast: str, thread: str | None) -> None:
        """Show *toast*, as mrkdwn, to one person, until they reload: Slack has nothing shorter."""
        args = {"channel": chat, "user": user, "text": toast}
        try:
            await self._web.call("chat.postEphemeral", {**args, **({"thread_ts": thread} if thread else {})})
        except Fault as fault:
            log.info("slack.toast_not_shown", cause=fault.cause)

    # ------------------------------------------------------------------ hearing

    def _listeners(self, api_url: str) -> AsyncApp:
        """Return the Bolt app; what it listens to is what the manifest lists, no more and no less."""
        app = AsyncApp(
            name="saphan",
            logger=SILENT,
            client=AsyncWebClient(base_url=api_url, retry_handlers=[], logger=SILENT),
            signing_secret=self._signing_secret,
            authorize=self._identity,
            process_before_response=True,  # an event is acknowledged after its turn, and only if it was kept
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        app.error(self._not_kept)
        heard = {"app_home_opened": self._on_home_opened, **dict.fromkeys(manifest.LOSSES, self._on_loss)}
        for event in manifest.EVENTS:
            app.event(event.partition(".")[0])(heard.get(event, self._on_message))
        app.block_action(re.compile(""))(self._on_tap)
        app.options(re.compile(""))(self._on_lookup)
        app.command(manifest.COMMAND)(self._on_command)
        for name in manifest.FORM_SHORTCUTS:
            app.global_shortcut(name)(self._on_shortcut)
        for name in manifest.MESSAGE_SHORTCUTS:
            app.message_shortcut(name)(self._on_message_shortcut)
        app.view_submission(re.compile("^form:"))(self._on_submission)
        app.view_closed(re.compile("^form:"))(self._on_closing)
        return app

    async def _on_message(self, body: Payload) -> None:
        if heard := inbound.from_event(body, self._identity.bot):
            said = await self._turn(heard)
            if said and said.apart:
                self._whisper_about(heard, said, body)

    async def _on_tap(self, body: Payload, ack: AsyncAck) -> None:
        heard = inbound.from_tap(body)
        form = heard and self._form_of_tap(heard, body)
        if heard and form:
            await self._open_form(form, body["trigger_id"], heard)
        elif heard:
            said = await self._turn(heard)
            if said and said.toast and heard.message:
                self._whisper_about(heard, said, body)
        await ack()

    def _whisper_about(self, heard: Inbound, said: Immediate, body: Payload) -> None:
        """Let only the author of *heard* see the short line that was *said*; it may lead to the direct conversation."""
        link = render.to_link(inbound.private_chat(body), said.toast) if said.apart else None
        line = link or render.escape(said.toast)
        self._spawn(self._whisper(heard.chat, heard.address.user, line, heard.thread))

    async def _on_lookup(self, body: Payload, ack: AsyncAck) -> None:
        user, typed = Address(CHANNEL, body["user"]["id"]), str(body.get("value") or "")
        options = await self._assistant.options(str(body["action_id"]), typed, user)
        await ack({"options": [render.to_option(option) for option in options[: render.OPTIONS]]})

    async def _on_command(self, body: Payload, ack: AsyncAck) -> None:
        heard = inbound.from_command(body, system_time())
        if form := self._form_of(heard):
            await self._open_form(form, body["trigger_id"], heard)
            await ack()
        else:
            said = await self._turn(heard)
            await (ack(text=render.escape(said.toast)) if said and said.toast else ack())

    async def _on_shortcut(self, body: Payload, ack: AsyncAck) -> None:
        form = manifest.FORM_SHORTCUTS[body["callback_id"]].form
        asked = {**body, "user_id": body["user"]["id"], "text": form}
        await self._open_form(form, body["trigger_id"], inbound.from_command(asked, system_time()))
        await ack()

    async def _on_message_shortcut(self, body: Payload, ack: AsyncAck) -> None:
        heard, form = (
            inbound.from_message_shortcut(body),
            manifest.MESSAGE_SHORTCUTS[body["callback_id"]].form,
        )
        if form and isinstance(heard.heard, Text):
            await self._open_form(form, body["trigger_id"], heard, heard.heard.text)
        else:
            await self._turn(heard)
        await ack()

    async def _on_submission(self, body: Payload, ack: AsyncAck) -> None:
        said = await self._turn(inbound.from_submission(body, system_time()))
        if said and said.errors:
            fields = [block["block_id"] for block in body["view"]["blocks"] if block.get("type") == "input"]
            await ack(response_action="errors", errors=render.to_errors(said.errors, fields))
        elif said and said.form:
            await ack(response_action="update", view=render.to_modal(said.form))
        else:
            await ack()

    async def _on_closing(self, body: Payload, ack: AsyncAck) -> None:
        if heard := inbound.from_closing(body, system_time()):
            await self._turn(heard)
        await ack()

    async def _on_home_opened(self, body: Payload) -> None:
        if body["event"].get("tab", "home") == "home":
            self._homes.opened(body["event"]["user"])

    async def _on_loss(self, body: Payload) -> None:
        """Send nothing any more; what waits stays queued until the app is installed again."""
        event = body["event"]
        if event["type"] == "tokens_revoked" and not event.get("tokens", {}).get("bot"):
            log.info("slack.tokens_of_people_revoked")  # the bot has none of theirs
            return
        self._web.lost = str(event["type"])
        log.error("slack.lost_the_workspace", reason=self._web.lost)

    async def _turn(self, heard: Inbound) -> Immediate | None:
        said = await self._assistant.receive(heard)
        self._homes.changed(heard.address.user)
        return said

    @staticmethod
    def _form_of(heard: Inbound) -> str:
        """Return the form that a command asks for, "" when it asks for none."""
        asked = heard.heard.text[1:] if isinstance(heard.heard, Text) else ""
        return asked if asked in manifest.FORMS or manifest.ABOUT.fullmatch(asked) else ""

    def _form_of_tap(self, heard: Inbound, body: Payload) -> str:
        """Return the form that a button asks for: on the Home a bare command's, in a message one about something."""
        if heard.chat == heard.address.user:
            return self._form_of(heard)
        asked = str(body["actions"][0].get("value") or "")[1:]
        return asked if heard.place == "private" and manifest.ABOUT.fullmatch(asked) else ""

    async def _open_form(self, name: str, trigger: str, asked: Inbound, text: str = "") -> None:
        """
        Open a form, with the *text* of a message in it; where there is none, start the conversation in words.

        The one by which people link has their address in the workspace in it.
        """
        if name == LINK:
            text = await self._addresses.of(asked.address.user)
        try:
            form = await self._assistant.form(name, asked.address, asked.locale, text)
            if form is None:
                await self._turn(asked)
                return
            view = render.to_modal(form)
            await self._web.call("views.open", {"trigger_id": trigger, "view": view}, limit=OPENING)
        except (Fault, ValueError) as error:
            if isinstance(error, Rejected) and str(error).endswith(OPENED_ALREADY):
                return
            log.warning("slack.form_not_opened", form=name, error=str(error))
            await self._turn(asked)

    async def _not_kept(self, error: Exception, body: Payload) -> BoltResponse:
        """Have Slack send once more what could not be kept; what cannot be read would be no better then."""
        if isinstance(error, UNREADABLE):
            log.error("slack.unreadable", kind=kind_of(body), error=type(error).__name__)
            return BoltResponse(status=400)
        log.error("slack.not_kept", kind=kind_of(body), error=type(error).__name__)
        return BoltResponse(status=500)

    async def _dispatch(self, request: AsyncBoltRequest) -> BoltResponse:
        try:
            response = await self._bolt.async_dispatch(request)
        except Exception as error:  # a payload that Bolt itself cannot read, and cannot report either
            return await self._not_kept(error, request.body)
        if response.status == 404:
            log.warning("slack.nobody_listens", kind=kind_of(request.body))
        return response

    async def _dispatch_envelope(self, request: SocketModeRequest) -> BoltResponse:
        return await self._dispatch(
            AsyncBoltRequest(mode="socket_mode", body=request.payload, headers=build_headers(request))
        )

    async def _from_http(self, request: Request) -> Response:
        """Answer Slack's request; the signature is checked by Bolt, over the body exactly as it came."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY:
                return PlainTextResponse("too large", 413)
        stamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        # Bolt fails on these instead of refusing them, and Slack would be told that we are broken.
        if not (self._signing_secret and re.fullmatch("[0-9]{1,15}", stamp) and signature.isascii()):
            return PlainTextResponse("invalid request", 401)
        try:
            asked = to_async_bolt_request(request, body)
        except UNREADABLE:
            return PlainTextResponse("neither a form nor JSON", 400)
        return to_starlette_response(await self._dispatch(asked))

    # ------------------------------------------------------------------ staying connected

    async def _listen_once(self) -> float | None:
        """Stay connected as long as it lasts; return the seconds that Slack asks us to wait, if it does."""
        try:
            if not self._identity.bot or self._web.lost:
                known = await self._web.call(KNOWN_AGAIN, {})
                self._identity.bot, self._team = str(known.get("user_id", "")), str(known.get("team", ""))
            if self._socket is None:
                self._on()
                await asyncio.Event().wait()
            else:
                await self._alone(partial(self._socket.listen, self._on))
            self._became("the connection ended")
        except Throttled as fault:
            self._became("Slack asks for a pause")
            return fault.wait.total_seconds()
        except Fault as fault:
            self._became(str(fault))
        except Exception as error:
            self._became(f"unexpected {type(error).__name__}")
            log.exception("slack.connection_failed")
        return None

    def _steady(self) -> bool:
        """Tell whether the connection lasted, so that its end needs no pause."""
        return self._on_since is not None and asyncio.get_running_loop().time() - self._on_since >= STEADY

    def _on(self) -> None:
        self._on_since = asyncio.get_running_loop().time()
        self._became("on")

    def _became(self, state: str) -> None:
        """Keep and log a change of state; what stays the same is said once."""
        if state != self._state:
            self._state = state
            way = "socket" if self._socket else "http"
            log.info("slack.on", team=self._team, way=way) if state == "on" else log.warning(
                "slack.off", reason=state
            )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)


def kind_of(body: Any) -> str:
    """Return what Slack calls a payload, for the log; of what is none at all, that it is unknown."""
    outer = body if isinstance(body, dict) else {}
    inner = outer.get("event")
    kind = inner.get("type") if isinstance(inner, dict) else None
    return str(kind or outer.get("type") or outer.get("command") or "unknown")[:40]
