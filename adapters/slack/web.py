"""
Slack's Web API: one attempt a call, and its failures as ours.

The calls go over one aiohttp session rather than through `AsyncWebClient`: a message costs 0.20 ms of CPU instead
of 0.33, no retry hides in there (the SDK's default posts twice when an answer is cut), and a failure before the
request left can be told from one after it.
"""

import json
import urllib.request
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any

import aiohttp
import structlog
from yarl import URL

from bot.errors import Ambiguous, Down, Fault, Rejected, Throttled, TooBig, Unreachable

log = structlog.get_logger()

Answer = Mapping[str, Any]

WITHOUT_HEADER = timedelta(seconds=30)
"""The pause when Slack asks for one without saying how long; the SDK takes the same."""

LONGEST_WAIT = timedelta(days=365)
"""More than Slack means; a date further away would be none."""

THROTTLED = {"ratelimited", "rate_limited", "message_limit_exceeded"}
DOWN = {"service_unavailable", "request_timeout", "team_added_to_org"}
PERHAPS_DONE = {"internal_error", "fatal_error"}
"""Of these Slack says itself that some of what was asked for may have been done before the error."""
WRONG_TOKEN = {
    "account_inactive", "access_denied", "ekm_access_denied", "invalid_auth", "missing_scope",
    "not_allowed_token_type", "not_authed", "org_login_required", "team_access_not_granted", "token_expired",
    "token_revoked", "two_factor_setup_required",
}  # fmt: skip
UNREACHABLE = {
    "cannot_dm_bot", "channel_not_found", "is_archived", "is_inactive", "messages_tab_disabled", "not_in_channel",
    "user_disabled", "user_not_found", "user_not_visible", "users_not_found",
}  # fmt: skip
TOO_BIG = {"msg_too_long", "msg_blocks_too_long"}
SPARED = {"users.info"}
"""Methods that the bot does without where it was not given the right to them."""
GONE = {"message_not_found", "file_not_found", "file_deleted"}
UNCHANGEABLE = {"cant_update_message", "edit_window_closed"}
KNOWN_AGAIN = "auth.test"
"""The method by which Slack says who the bot is."""
GATEWAY_TIMEOUT, CONTENT_TOO_LARGE = 504, 413

# Nothing of the request has left when one of these is raised.
NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)


class Gone(Rejected):
    """The message or file that was to be changed or taken away is not there any more."""


class Unchangeable(Rejected):
    """The message that was to be changed is too old, or was never ours."""


class Web:
    """The methods of Slack's Web API with one bot's token."""

    def __init__(self, api_url: str, token: str, timeout: float) -> None:
        self._root = URL(api_url if api_url.endswith("/") else f"{api_url}/")
        self._token = token
        self._timeout = aiohttp.ClientTimeout(total=2 * timeout, sock_connect=timeout / 2, sock_read=timeout)
        self._addresses: dict[str, URL] = {}
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self.trouble = ""
        """What is wrong with the bot's token, in Slack's word; empty while it works."""
        self.lost = ""
        """By what the workspace was lost, in Slack's word: nothing is sent there until Slack knows the bot again."""

    @property
    def session(self) -> aiohttp.ClientSession:
        """Return the one session, opened at its first use; raise `Down` once it was closed."""
        if self._closed:
            raise Down("the Slack adapter is shutting down")
        if self._session is None:
            # aiohttp's own look at the environment costs two thread hops a request, so it is done once.
            self._session = aiohttp.ClientSession(timeout=self._timeout, proxy=proxy_for(self._root))
        return self._session

    async def close(self) -> None:
        """Close the session for good."""
        self._closed = True
        if self._session:
            await self._session.close()

    async def call(
        self,
        method: str,
        args: Mapping[str, Any],
        *,
        token: str = "",
        form: bool = False,
        limit: float | None = None,
    ) -> Answer:
        """
        Call *method* once and return Slack's answer, or raise a fault.

        *token* stands in for the bot's own, *form* sends the arguments as a form (the `files` and `apps` methods
        read no JSON), *limit* is the most seconds to wait in all.
        """
        if self.lost and not token and method != KNOWN_AGAIN:
            raise Down(f"{method}: {self.lost}")
        headers = {"Authorization": f"Bearer {token or self._token}"}
        if not form:
            headers["Content-Type"] = "application/json; charset=utf-8"
        more: dict[str, Any] = {} if limit is None else {"timeout": aiohttp.ClientTimeout(total=limit)}
        body = to_form(args) if form else json.dumps(args).encode()
        session, address = self.session, self._address(method)
        try:
            async with session.post(address, data=body, headers=headers, **more) as response:
                status, wait, raw = (
                    response.status,
                    response.headers.get("Retry-After"),
                    await response.read(),
                )
        except NOT_SENT as error:
            raise Down(f"{method}: no connection ({type(error).__name__})") from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Ambiguous(f"{method}: no answer ({type(error).__name__})") from error
        answer = self._read(method, status, wait, raw)
        if not token and self.trouble:
            log.info("slack.token_accepted")
            self.trouble = ""
        if method == KNOWN_AGAIN and self.lost:
            log.info("slack.has_the_workspace_again")
            self.lost = ""
        return answer

    async def upload(self, address: str, content: bytes) -> None:
        """Store *content* at an address that Slack gave; nobody sees it yet, so any failure may be tried again."""
        try:
            # As a stream, because aiohttp would write large bytes in one piece, while nothing else moves.
            async with self.session.post(address, data=BytesIO(content)) as response:
                if response.status != 200:
                    raise Down(f"upload: status {response.status}")
                await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Down(f"upload: {type(error).__name__}") from error

    def _address(self, method: str) -> URL:
        if method not in self._addresses:
            self._addresses[method] = self._root.join(URL(method))
        return self._addresses[method]

    def _read(self, method: str, status: int, wait: str | None, raw: bytes) -> Answer:
        """Return what Slack answered, or raise the fault that it stands for."""
        if status == 429:
            raise Throttled(to_wait(wait))
        try:
            answer = json.loads(raw)
        except ValueError:
            answer = None
        said = answer.get("ok") if isinstance(answer, dict) else None
        if said is True and status < 400:
            return dict(answer)
        if said is False:
            raise self._fault(method, status, str(answer.get("error", "")), wait)
        if status < 300 or status == GATEWAY_TIMEOUT:
            raise Ambiguous(f"{method}: status {status}, and an answer that is not Slack's")
        if status == CONTENT_TOO_LARGE:
            raise TooBig(f"{method}: status {status}")
        raise Down(f"{method}: status {status} without Slack's answer")

    def _fault(self, method: str, status: int, code: str, wait: str | None) -> Fault:
        said = f"{method}: {code or f'status {status}'}"
        if code in THROTTLED:
            return Throttled(to_wait(wait))
        if code == "missing_scope" and method in SPARED:
            return Rejected(said)
        if code in WRONG_TOKEN:
            if self.trouble != code:
                log.error("slack.token_refused", method=method, error=code)
            self.trouble = code
            return Down(said)
        if code in PERHAPS_DONE or status == GATEWAY_TIMEOUT:
            return Ambiguous(said)
        if status >= 500 or code in DOWN:
            return Down(said)
        if code in UNREACHABLE:
            return Unreachable(said)
        if code in TOO_BIG:
            return TooBig(said)
        if code in GONE:
            return Gone(said)
        return Unchangeable(said) if code in UNCHANGEABLE else Rejected(said)


def proxy_for(address: URL) -> str | None:
    """Return the proxy that this machine uses for *address*, as in many ministries' networks; None for none."""
    if urllib.request.proxy_bypass(address.host or ""):
        return None
    return urllib.request.getproxies().get(address.scheme)


def to_wait(header: str | None) -> timedelta:
    """Return the pause that a `Retry-After` header asks for."""
    try:
        return min(timedelta(seconds=max(float(header or ""), 0)), LONGEST_WAIT)
    except (ValueError, OverflowError):
        return WITHOUT_HEADER


def to_form(args: Mapping[str, Any]) -> dict[str, str]:
    """Return *args* as the fields of a form; what is not text goes as JSON, which is how Slack reads it."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in args.items()}
