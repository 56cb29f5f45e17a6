"""The browser chat as a channel: the page, what it sends, and the stream on which it hears."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import BaseRoute, Route

from adapters.webchat.core import Core, Line
from adapters.webchat.link import Doors, LinkPages
from adapters.webchat.pages import Pages, standing
from adapters.webchat.posted import NOTHING, BadRequest, Posted, posted
from adapters.webchat.streams import Listeners, sent_event, woken
from adapters.webchat.visitor import (
    Newcomers,
    Visitor,
    forget,
    known,
    newcomer,
    preferred,
    remember,
    sent_from_here,
)
from bot.clock import system_time
from bot.links import PATH, hidden
from bot.messages import MAX_HEARD, Attachment, Heard, Immediate, Inbound, Opened, Outbound

log = structlog.get_logger()

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
GUARDS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""What a file of the secretariat's may do when it is opened by itself: show what it is, and nothing else."""
NEVER_KEPT = {"Cache-Control": "no-store"}
KEPT_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
LINE_ID = re.compile(r"\d{1,15}")
NEWEST = "/#newest"
NOT_FROM_HERE = "only the chat's own page may send messages"
UNOPENED = "open the chat first: it gives this browser its conversation"
AT_A_TIME = 200
SHOWN = 200
"""Lines on a fresh page; older ones are left out."""

Handler = Callable[[Request], Awaitable[Response]]


class WebChat:
    """
    The channel `web`: a conversation per browser.

    *public_url* is the address that people type, empty when it is the server's own. An open page looks for something
    new whenever `send` is called in this process or `wake` is told of it by another, and every *poll* for what nobody
    told. *spread* tells the other processes for which account something was sent. *doors* are the other channels that
    the page of a link can lead to.
    """

    name = "web"

    def __init__(
        self,
        assistant: Core,
        *,
        public_url: str = "",
        now: Callable[[], datetime] = system_time,
        poll: timedelta = timedelta(seconds=2),
        heartbeat: timedelta = timedelta(seconds=15),
        spread: Callable[[str], None] = lambda _user: None,
        doors: Doors = Doors(),  # noqa: B008
    ) -> None:
        self._assistant = assistant
        self._public_url = public_url
        self._now = now
        self._poll = poll
        self._heartbeat = heartbeat
        self._spread = spread
        self._pages = Pages()
        self._files = {file.name: file for file in self._pages.files.values()}
        self._listeners = Listeners()
        self._newcomers = Newcomers()
        self._words = {lang: assistant.page_words(lang) for lang in assistant.languages}
        self._link = LinkPages(assistant, self._pages, doors, public_url)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Return the page, the two ways of the conversation, and the files of both."""
        return [
            Route("/", guarded(self._show)),
            Route("/chat/messages", guarded(self._hear), methods=["POST"]),
            Route("/chat/messages", guarded(self._to_page)),
            Route("/chat/events", guarded(self._stream)),
            Route("/chat/files/{line}", guarded(self._attachment)),
            Route("/chat/static/{name}", guarded(self._static)),
            Route(PATH + "{token}", guarded(self._link.show)),
            Route(PATH + "{token}", guarded(self._take_link), methods=["POST"]),
        ]

    @property
    def status(self) -> str:
        """Say where the chat is."""
        return f"The browser chat is on at {self._public_url or 'the address of this server'}."

    async def run(self) -> None:
        """Wait until cancelled, then let the open pages go."""
        self._listeners.closed = False
        try:
            await asyncio.Event().wait()
        finally:
            self.close()

    def close(self) -> None:
        """End the streams of all open pages; they come back when the server does."""
        self._listeners.close()

    async def send(self, outbound: Outbound) -> str:
        """
        Let the open pages fetch the card, which stands in the conversation already; return its ref.

        A card that is to take another one away stands in its place.
        """
        self.wake(outbound.address.user)
        self._spread(outbound.address.user)
        return outbound.card.ref

    def wake(self, user: str) -> None:
        """Let the open pages of *user* look for something new, those of everybody when it is empty."""
        self._listeners.wake(user)

    async def _show(self, request: Request) -> Response:
        """Show the conversation; an empty one is opened first, so that the bot welcomes."""
        if request.method == "HEAD":
            return HTMLResponse(headers=NEVER_KEPT)
        visitor = known(request)
        if visitor is None or not await self._assistant.lines(visitor.address, limit=1):
            if wait := self._newcomers.wait(request, self._now()):
                return self._crowded(request, wait)
            # Whoever was forgotten comes back as somebody else: their old cookie leads nowhere.
            visitor = newcomer(request)
            await self._receive(visitor, "opened", Opened())
        return await self._page(request, visitor)

    def _crowded(self, request: Request, wait: int) -> Response:
        """Say that the network of *request* has had too many newcomers."""
        words = self._words.get((preferred(request) or "en")[:2].lower(), self._words["en"])
        return PlainTextResponse(words["crowded"], 429, {**NEVER_KEPT, "Retry-After": str(wait)})

    async def _hear(self, request: Request) -> Response:
        """Take one message in; a script gets 204, a page without script is drawn again."""
        from_here = sent_from_here(request, self._public_url)
        if from_here is False:
            raise BadRequest(403, NOT_FROM_HERE)
        visitor = known(request)
        # A cookie that we never gave would make a participant with every message.
        if visitor is None or not await self._assistant.lines(visitor.address, limit=1):
            raise BadRequest(401, UNOPENED)
        message = await posted(request)
        if from_here is None and not proven(request, message, visitor):
            raise BadRequest(403, NOT_FROM_HERE)
        if message.proof is None:
            return await self._hear_script(request, visitor, message)
        return await self._hear_form(request, visitor, message)

    async def _hear_script(self, request: Request, visitor: Visitor, message: Posted) -> Response:
        """Take in what the page's script sent; a short word of the bot comes back with the answer."""
        if message.excess:
            raise BadRequest(422, f"text: at most {MAX_HEARD} characters")
        immediate = await self._receive(visitor, message.key, message.heard)
        if immediate and immediate.ends:
            response = JSONResponse({"ended": immediate.toast}, headers=NEVER_KEPT)
            forget(response, request)
            return response
        if immediate and immediate.toast:
            return JSONResponse({"toast": immediate.toast}, headers=NEVER_KEPT)
        return Response(status_code=204)

    async def _hear_form(self, request: Request, visitor: Visitor, message: Posted) -> Response:
        """Take in what a page without script sent, and show the conversation with the answer."""
        if message.excess:
            notice = self._words[await self._language(visitor)]["too_long"]
            return await self._page(request, visitor, notice=notice, text=message.excess, status=422)
        if message.heard == NOTHING:
            return RedirectResponse(NEWEST, status_code=303)
        immediate = await self._receive(visitor, message.key, message.heard)
        if immediate and immediate.ends:
            response = await self._page(request, visitor, notice=immediate.toast)
            forget(response, request)
            return response
        if immediate and immediate.toast:
            return await self._page(request, visitor, notice=immediate.toast)
        return RedirectResponse(NEWEST, status_code=303)

    async def _to_page(self, request: Request) -> Response:
        """Lead whoever opens the address of the form to the page."""
        return RedirectResponse("/", status_code=303)

    async def _take_link(self, request: Request) -> Response:
        """Take a link up in the browser that may; whatever anybody else sends changes nothing."""
        taken = await self._link.taken(request)
        if taken is None:
            return await self._link.show(request)
        if taken.redeems:
            await self._receive(taken.visitor, taken.key, Opened(taken.token))
            return RedirectResponse(NEWEST, status_code=303)
        if not await self._assistant.lines(taken.visitor.address, limit=1):
            await self._receive(taken.visitor, "opened", Opened())
        notice = self._words[await self._language(taken.visitor)]["press_send"]
        return await self._page(request, taken.visitor, notice=notice, text=taken.token)

    async def _stream(self, request: Request) -> Response:
        """Open the stream on which a page hears what is new."""
        visitor = known(request)
        if visitor is None:
            raise BadRequest(401, UNOPENED)
        if self._listeners.full(visitor.address.user):
            raise BadRequest(429, "this conversation has too many pages open")
        after = request.headers.get("last-event-id") or request.query_params.get("after", "0")
        if not LINE_ID.fullmatch(after):
            raise BadRequest(400, "Last-Event-ID, after: the number of a line")
        events = self._events(visitor, int(after), request.query_params.get("lang", ""))
        unbuffered = {**NEVER_KEPT, "X-Accel-Buffering": "no"}
        return StreamingResponse(events, media_type="text/event-stream", headers=unbuffered)

    async def _attachment(self, request: Request) -> Response:
        """Give out the picture or document on a line of the visitor's own conversation."""
        visitor, wanted = known(request), request.path_params["line"]
        card = None
        if visitor and LINE_ID.fullmatch(wanted):
            lines = await self._assistant.lines(visitor.address, after=int(wanted) - 1, limit=1)
            card = lines[0].card if lines and lines[0].id == int(wanted) else None
        if card is None or card.attachment is None:
            raise BadRequest(404, "there is no such file in this conversation")
        file = card.attachment
        headers = {
            "Content-Disposition": disposition(file),
            "Content-Security-Policy": FILE_POLICY,
            "Cache-Control": "private, max-age=86400",
        }
        return Response(file.content, media_type=file.media_type, headers=headers)

    async def _static(self, request: Request) -> Response:
        """Give out a file of the page."""
        file = self._files.get(request.path_params["name"])
        if file is None:
            raise BadRequest(404, "there is no such file")
        return Response(file.content, media_type=file.media_type, headers=KEPT_FOR_EVER)

    async def _receive(self, visitor: Visitor, key: str, heard: Heard) -> Immediate | None:
        """Hand *heard* to the assistant; no browser can use up another one's key."""
        user = visitor.address.user
        immediate = await self._assistant.receive(
            Inbound(
                f"{user[:12]}.{key}", visitor.address, self._now(), heard, chat=user, locale=visitor.locale
            )
        )
        self._listeners.wake(user)
        return immediate

    async def _page(
        self, request: Request, visitor: Visitor, *, notice: str = "", text: str = "", status: int = 200
    ) -> Response:
        """Draw the page with the conversation as it stands."""
        lang = await self._language(visitor)
        lines = [line async for line in self._lines(visitor, 0)]
        html = self._pages.page(
            lang=lang,
            words=self._words[lang],
            items=[self._item(line, lang) for line in standing(lines)[-SHOWN:]],
            last=lines[-1].id if lines else 0,
            key=secrets.token_hex(16),
            proof=visitor.proof,
            notice=notice,
            text=text,
        )
        response = HTMLResponse(html, status_code=status, headers=NEVER_KEPT)
        remember(response, request, visitor)
        return response

    async def _events(self, visitor: Visitor, after: int, lang: str) -> AsyncIterator[str]:
        """Yield every line after *after* once, and the words of the page when the language is not *lang* any more."""
        yield "retry: 1000\n\n"
        loop = asyncio.get_running_loop()
        beat = loop.time()
        unsure = True
        with self._listeners.listening(visitor.address.user) as news:
            while not self._listeners.closed:
                async for line in self._lines(visitor, after):
                    after = line.id
                    yield sent_event(
                        "line", {"html": self._item(line, lang), "replaces": line.replaces}, line.id
                    )
                    unsure = unsure or (line.card is not None and line.card.lang != lang)
                if unsure and (current := await self._language(visitor)) != lang:
                    lang = current
                    yield sent_event("words", {"lang": lang, **self._words[lang]})
                unsure = False
                if loop.time() >= beat:
                    yield sent_event("beat", {})
                    beat = loop.time() + self._heartbeat.total_seconds()
                await woken(news, self._poll)

    async def _lines(self, visitor: Visitor, after: int) -> AsyncIterator[Line]:
        """Yield the conversation from behind line *after* to its end."""
        while batch := await self._assistant.lines(visitor.address, after=after, limit=AT_A_TIME):
            for line in batch:
                yield line
            after = batch[-1].id
            if len(batch) < AT_A_TIME:
                return

    def _item(self, line: Line, lang: str) -> str:
        """Return *line* as HTML, its unwritten words in the card's own language."""
        written = line.card.lang if line.card else lang
        return self._pages.line(line, self._words.get(written, self._words["en"]))

    async def _language(self, visitor: Visitor) -> str:
        """Return the language of the page around the conversation."""
        return await self._assistant.language_of(visitor.address, visitor.locale)


def guarded(handle: Handler) -> Handler:
    """Return *handle* with the headers that every answer has, and a refusal as a sentence with its status."""

    async def answer(request: Request) -> Response:
        try:
            response = await handle(request)
        except BadRequest as exc:
            response = JSONResponse({"error": str(exc)}, exc.status, headers=NEVER_KEPT)
        except Exception:
            # Answered here, so that the connection stays open for the next try.
            log.exception("web_request_failed", path=hidden(request.url.path))
            response = Response(status_code=500, headers=NEVER_KEPT)
        for name, value in GUARDS.items():
            response.headers.setdefault(name, value)
        return response

    return answer


def disposition(file: Attachment) -> str:
    """Return how a browser is to take *file*; its name is one, whatever stands in it."""
    shown = "inline" if file.is_picture else "attachment"
    return f"{shown}; filename*=UTF-8''{quote(file.name, safe='', errors='replace')}"


def proven(request: Request, message: Posted, visitor: Visitor) -> bool:
    """Tell whether *message* is from our page when the browser does not say: no other page knows the proof."""
    if message.proof is None:
        return "origin" not in request.headers
    return secrets.compare_digest(message.proof.encode(), visitor.proof.encode())
