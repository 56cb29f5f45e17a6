"""What holds for every request over HTTP: whom it is for, how long it may take to arrive, what its answer forbids."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATIENCE = 20.0
"""Seconds that a request's body may take to arrive; a slow telephone sends its few kilobytes in two."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What every answer says where its page does not say something else."""
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}
THIS_MACHINE = ("localhost", "127.0.0.1")
REQUEST_TIMEOUT = 408


def defended(app: ASGIApp, public_url: str, hosts: Sequence[str]) -> ASGIApp:
    """
    Return *app* as the world may reach it.

    A request for another host than one of *hosts* gets 400, which keeps pages of strangers from reaching it under a
    name of their own; none are named, all are allowed. A body that does not arrive in time gets 408.
    """
    inner: ASGIApp = _Defended(app, https=urlsplit(public_url).scheme == "https")
    return TrustedHostMiddleware(inner, [*hosts], www_redirect=False) if hosts else inner


def hosts_of(public_url: str, named: Sequence[str], production: bool) -> tuple[str, ...]:
    """Return the hosts to answer for: those *named*, else in production the public one, besides this machine's own."""
    public = urlsplit(public_url).hostname
    known = named or ((public,) if production and public else ())
    return (*known, *THIS_MACHINE) if known else ()


class _Defended:
    """*app* with the headers and the patience that all of it has in common."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app = app
        self._headers = HEADERS | (HTTPS_ONLY if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                if body.late:
                    message["status"] = REQUEST_TIMEOUT
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, body.receive, answer)


class _Body:
    """A request's body as it arrives; one that takes too long ends as if the client had gone."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._whole = False
        self._deadline = asyncio.get_running_loop().time() + PATIENCE
        self.late = False

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            self.late = True
            return {"type": "http.disconnect"}
        self._whole = not message.get("more_body", False)
        return message
