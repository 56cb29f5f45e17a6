"""The door through which Telegram calls us."""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

log = structlog.get_logger()

PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
MAX_BODY_BYTES = 1 << 20
"""Telegram's updates stay under 100 KB."""


class _TooLong(Exception):
    """The body is over the limit."""


def webhook_route(secret: str, take: Callable[[Mapping[str, Any]], Awaitable[None]]) -> Route:
    """
    Return the route that hands every update to *take*.

    Telegram sends an update again until the answer is a 200: it gets one when *take* has returned, and a 500 when it
    raised. 403 without the right secret, 413 over the limit, 400 for what is not an update.
    """
    expected = secret.encode()

    async def webhook(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "").encode()
        if not hmac.compare_digest(given, expected):
            return Response(status_code=403)
        try:
            update = json.loads(await _body(request))
        except _TooLong:
            return Response(status_code=413)
        except (ValueError, RecursionError, ClientDisconnect):
            return Response(status_code=400)
        if not is_update(update):
            return Response(status_code=400)
        try:
            await take(update)
        except Exception as exc:
            # Its text may quote what a participant wrote.
            log.error("telegram.turn_failed", update=update["update_id"], error=type(exc).__name__)
            return Response(status_code=500)
        return Response()

    return Route(PATH, webhook, methods=["POST"])


def is_update(value: Any) -> bool:
    """Tell whether *value* has what every update of the Bot API has."""
    return isinstance(value, dict) and isinstance(value.get("update_id"), int)


def derived_secret(token: str) -> str:
    """Return the secret of an installation that has set none: the same on every replica, of no use elsewhere."""
    return hmac.new(token.encode(), b"saphan telegram webhook", sha256).hexdigest()


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _TooLong
    return bytes(body)
