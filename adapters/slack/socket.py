"""
Socket Mode: events come over a WebSocket that we open, so no public address is needed.

The requests go to Bolt as its own handler sends them. The connection is ours, because slack_sdk's client tries a
spent address for ever when a connection fails half-way, notices a dropped one after ten seconds, keeps no list of
what it is working on, and leaves its tasks behind when it is closed.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import structlog
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.slack.web import Web
from bot.errors import Down

log = structlog.get_logger()

HEARTBEAT = 20.0
GRACE = 3.0
"""Seconds that turns in progress get to finish and be acknowledged before a connection is closed."""

Dispatch = Callable[[SocketModeRequest], Awaitable[BoltResponse]]


class Socket:
    """One app's connection of Socket Mode, opened anew for each `listen`."""

    def __init__(self, web: Web, app_token: str, dispatch: Dispatch) -> None:
        self._web = web
        self._app_token = app_token
        self._dispatch = dispatch
        self._turns: set[asyncio.Task[None]] = set()

    async def listen(self, opened: Callable[[], None]) -> None:
        """
        Open a connection and take what comes until it ends; call *opened* once Slack has said hello.

        Returns when the connection is over, as it is every few hours. Raises a fault when none can be opened.
        """
        link = await self._web.call("apps.connections.open", {}, token=self._app_token, form=True)
        try:
            async with self._web.session.ws_connect(link["url"], heartbeat=HEARTBEAT) as socket:
                try:
                    await self._read(socket, opened)
                finally:
                    # A cut connection has nothing to wait for: what could not be acknowledged comes again.
                    if not socket.closed:
                        await self.drain()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Down(f"socket mode: {type(error).__name__}") from error

    async def drain(self) -> None:
        """Let the turns in progress end, and end those that do not."""
        if self._turns:
            await asyncio.wait(self._turns, timeout=GRACE)
        turns = list(self._turns)
        for task in turns:
            task.cancel()
        await asyncio.gather(*turns, return_exceptions=True)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, opened: Callable[[], None]) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            envelope = json.loads(message.data)
            match envelope.get("type"):
                case "hello":
                    opened()
                case "disconnect":
                    log.info("slack.asked_to_reconnect", reason=envelope.get("reason", ""))
                    return
                case _:
                    # Tasks start in the order in which they are made, and Bolt reaches the core without a pause.
                    task = asyncio.create_task(self._take(socket, envelope))
                    self._turns.add(task)
                    task.add_done_callback(self._turns.discard)

    async def _take(self, socket: aiohttp.ClientWebSocketResponse, envelope: dict[str, Any]) -> None:
        """Hand one envelope to Bolt and acknowledge it when it was kept; Slack sends it again otherwise."""
        request = SocketModeRequest.from_dict(envelope)
        if request is None:
            return
        response = await self._dispatch(request)
        if response.status != 200:
            return
        answer: dict[str, Any] = {"envelope_id": request.envelope_id}
        if response.body:
            is_json = response.first_headers().get("content-type", "").startswith("application/json")
            answer["payload"] = json.loads(response.body) if is_json else {"text": response.body}
        try:
            await socket.send_str(json.dumps(answer))
        except (aiohttp.ClientError, ConnectionError):
            log.info("slack.not_acknowledged", envelope=request.envelope_id)
