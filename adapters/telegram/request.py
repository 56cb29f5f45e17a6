"""
Carries calls to the Bot API over one shared aiohttp session, one attempt each.

python-telegram-bot's own httpx transport costs four times the CPU and cannot tell a request that never left from one
that may have arrived. Both the library's `Bot` and our busiest calls go through here, so both fail in the same words:

    TelegramError
      Refusal     an answer came, and it is no
      NotSent     nothing left this machine
      Unsure      the request left and no readable answer came
        Lost      the same, of a change that may be made again: made twice it is the same
"""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    FormData,
    InvalidURL,
    ServerFingerprintMismatch,
)
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.messages import Attachment

NOT_SENT = (ClientConnectorError, ConnectionTimeoutError, InvalidURL, ServerFingerprintMismatch)
GATEWAY_TIMEOUT = 504
LONGEST_WAIT = timedelta(days=365)
"""More than any platform means; a date further away would be none."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Refusal(TelegramError):
    """
    The Bot API, or something in front of it, said no.

    *description* is empty when the answer was not the Bot API's: a proxy's page, say. *wait* and *moved_to* are what
    it asks for: a pause, or the group's new id.
    """

    def __init__(
        self, code: int, description: str = "", wait: timedelta | None = None, moved_to: str | None = None
    ) -> None:
        super().__init__(f"{code} {description or 'without a word from the Bot API'}")
        self.code = code
        self.description = description
        self.wait = wait
        self.moved_to = moved_to


class NotSent(NetworkError):
    """The request never left: no connection."""


class Unsure(NetworkError):
    """The request may have been carried out: it left, and no readable answer came."""


class Lost(Unsure):
    """No readable answer came to an edit or a deletion, which made twice is the same."""


@dataclass(frozen=True, slots=True)
class Patience:
    """
    How long one call may take: to connect, to be answered, to be answered when it carries a file.

    *farewell* is what calls in flight get when the adapter closes.
    """

    connect: timedelta = timedelta(seconds=5)
    answer: timedelta = timedelta(seconds=15)
    upload: timedelta = timedelta(seconds=60)
    farewell: timedelta = timedelta(seconds=5)


class AiohttpRequest(BaseRequest):
    """python-telegram-bot's transport, and the short way to the same server for the busiest calls."""

    def __init__(self, root: str, patience: Patience) -> None:
        self._root = root
        self._patience = patience
        self._urls: dict[str, URL] = {}
        self._session: ClientSession | None = None
        self._closed = False
        self._in_flight = 0
        self._landed = asyncio.Event()

    @property
    def read_timeout(self) -> float:
        """Return the seconds that an answer may take."""
        return self._patience.answer.total_seconds()

    async def initialize(self) -> None:
        """Allow calls again after a `shutdown`; the session opens with the first of them."""
        self._closed = False

    async def shutdown(self) -> None:
        """Let the calls in flight end and close the session; new calls fail as not sent."""
        self._closed = True
        if self._in_flight:
            self._landed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._landed.wait(), self._patience.farewell.total_seconds())
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def call(
        self,
        method: str,
        values: Mapping[str, Any],
        *,
        files: Mapping[str, Attachment] | None = None,
        longer: timedelta = timedelta(),
    ) -> Any:
        """
        Call *method* of the Bot API and return its bare result.

        `Bot` would make objects of every call and answer: 0.3 ms more for each message sent. *files* travel along
        under their names, *longer* is what a long poll may take on top.
        """
        fields = {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()
        }
        form = to_upload(fields, files) if files else fields
        patience = self._patience.upload if files else self._patience.answer + longer
        status, body, wait = await self._post(f"{self._root}/{method}", form, patience)
        return to_result(status, body, wait)

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Carry a call of the library's `Bot`; the time-outs are ours and a refusal is raised here."""
        form: dict[str, str] | FormData = request_data.json_parameters if request_data else {}
        patience = self._patience.answer
        if request_data is not None and request_data.contains_files:
            form = to_multipart(request_data)
            patience = self._patience.upload
        status, body, wait = await self._post(url, form, patience)
        to_result(status, body, wait)
        return status, body

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return the answer that `do_request` found readable (the library's own logs what it cannot read)."""
        return {"result": to_result(200, payload)}

    async def _post(
        self, url: str, form: Mapping[str, str] | FormData, patience: timedelta
    ) -> tuple[int, bytes, str | None]:
        """Return status, body and `Retry-After` of one attempt."""
        connect, answer = self._patience.connect.total_seconds(), patience.total_seconds()
        limits = ClientTimeout(total=connect + 2 * answer, connect=connect, sock_read=answer)
        # aiohttp writes forms with urllib, letter by letter; yarl's encoder is the same in C.
        data = form if isinstance(form, FormData) else URL.build(query=form).raw_query_string.encode()
        headers = None if isinstance(form, FormData) else FORM
        session = self._opened()
        self._in_flight += 1
        try:
            async with session.post(
                self._url(url), data=data, headers=headers, timeout=limits, allow_redirects=False
            ) as response:
                return response.status, await response.read(), response.headers.get("Retry-After")
        except NOT_SENT as exc:
            raise NotSent(described(exc)) from exc
        except (TimeoutError, ClientError, OSError) as exc:
            raise Unsure(described(exc)) from exc
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._landed.set()

    def _opened(self) -> ClientSession:
        if self._closed:
            raise NotSent("the Telegram adapter is closed")
        if self._session is None:
            self._session = ClientSession(
                cookie_jar=DummyCookieJar(), headers={"User-Agent": self.USER_AGENT}
            )
        return self._session

    def _url(self, url: str) -> URL:
        if url not in self._urls:
            self._urls[url] = URL(url)
        return self._urls[url]


def to_upload(fields: Mapping[str, str], files: Mapping[str, Attachment]) -> FormData:
    """Return *fields* and *files* as a multipart form."""
    form = FormData(fields, default_to_multipart=True)
    for name, file in files.items():
        # As a stream, because aiohttp would encode large bytes in one piece, while nothing else moves.
        printable = "".join(char for char in file.name if char.isprintable())
        form.add_field(name, BytesIO(file.content), filename=printable, content_type=file.media_type)
    return form


def to_multipart(data: RequestData) -> FormData:
    """Return the fields and files of *data* as a multipart form."""
    form = FormData(default_to_multipart=True)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, media_type) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=media_type)
    return form


def to_result(status: int, body: bytes, wait: str | None = None) -> Any:
    """
    Return the result inside a Bot API answer.

    Raises `Refusal` for a no, and `Unsure` for a yes that cannot be read. *wait* is the `Retry-After` header, used when
    the answer itself asks for no pause.
    """
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    succeeded = 200 <= status <= 299
    if isinstance(answer, dict) and "result" in answer and succeeded:
        return answer["result"]
    if status == GATEWAY_TIMEOUT:
        raise Unsure("a gateway passed the request on and got no answer")
    if isinstance(answer, dict) and answer.get("ok") is False:
        raise to_refusal(status, answer, wait)
    if succeeded:
        raise Unsure("the answer cannot be read")
    raise Refusal(status, wait=to_wait(wait))


def to_refusal(status: int, answer: Mapping[str, Any], wait: str | None) -> Refusal:
    """Return the refusal written in the Bot API's *answer*."""
    parameters = answer.get("parameters")
    asked = parameters if isinstance(parameters, dict) else {}
    code = answer.get("error_code")
    moved_to = asked.get("migrate_to_chat_id")
    return Refusal(
        code if isinstance(code, int) else status,
        str(answer.get("description") or "no reason given"),
        to_wait(asked.get("retry_after", wait)),
        None if moved_to is None else str(moved_to),
    )


def to_wait(seconds: Any) -> timedelta | None:
    """Return *seconds* as a duration; none when it is not a number of seconds to come."""
    try:
        return min(max(timedelta(seconds=float(seconds)), timedelta()), LONGEST_WAIT) or None
    except (TypeError, ValueError, OverflowError):
        return None


def described(exc: BaseException) -> str:
    """Say what happened without the address that was called: the token is part of it."""
    return str(exc) if isinstance(exc, ClientConnectorError) else type(exc).__name__
