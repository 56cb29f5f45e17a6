"""
The page of a link at `/link/TOKEN`.

Mail scanners open links, and some send the forms behind them. So nobody uses a link up by looking at its page, and
only the browser whose conversation asked for it can go on from here.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from adapters.webchat.core import Core
from adapters.webchat.pages import Pages
from adapters.webchat.posted import BadRequest, posted
from adapters.webchat.visitor import Visitor, known, newcomer, preferred, remember, sent_from_here
from bot.link_page import Looker
from bot.messages import Card

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}
TAKES = {"here", "paste"}
"""What this browser can do with a link, other than to go elsewhere."""


async def closed(_payload: str) -> str:
    """Return that a chat cannot be opened."""
    return ""


@dataclass(frozen=True, slots=True)
class Doors:
    """
    The other channels that are on.

    *telegram* gives the web address that opens the bot's chat with what it is handed; empty when there is none.
    """

    telegram: Callable[[str], Awaitable[str]] = closed
    slack: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A link that its own browser takes up: it *redeems* it at once, or its person has to send it themselves."""

    visitor: Visitor
    key: str
    token: str
    redeems: bool


class LinkPages:
    """Draws the pages of links, and tells which browser may take one up."""

    def __init__(self, assistant: Core, pages: Pages, doors: Doors, public_url: str) -> None:
        self._assistant = assistant
        self._pages = pages
        self._doors = doors
        self._public_url = public_url

    async def show(self, request: Request) -> Response:
        """Draw the page; a browser without a conversation gets a token for one where it can go on."""
        token, visitor = request.path_params["token"], await self._known(request)
        telegram = await self._doors.telegram(token)
        card = await self._card(token, visitor, request, telegram=bool(telegram))
        choices = choices_of(card)
        if "chat" in choices:
            telegram = await self._doors.telegram("")
        if visitor is None and choices & TAKES:
            visitor = newcomer(request)
        lang = card.lang if card.lang in self._assistant.languages else "en"
        html = self._pages.link(
            card,
            title=self._assistant.page_words(lang)["title"],
            telegram=telegram,
            key=secrets.token_hex(16),
            proof=visitor.proof if visitor and choices & TAKES else "",
        )
        response = HTMLResponse(html, headers=HEADERS)
        if visitor is not None and choices & TAKES:
            remember(response, request, visitor)
        return response

    async def taken(self, request: Request) -> Taken | None:
        """Return what the browser that sent *request* may do with the link; None when it may do nothing."""
        token, visitor = request.path_params["token"], known(request)
        if visitor is None or sent_from_here(request, self._public_url) is False:
            return None
        try:
            sent = await posted(request)
        except BadRequest:
            return None
        if sent.proof is None or not secrets.compare_digest(sent.proof.encode(), visitor.proof.encode()):
            return None
        choices = choices_of(await self._card(token, visitor, request))
        return Taken(visitor, sent.key, token, "here" in choices) if choices & TAKES else None

    async def _known(self, request: Request) -> Visitor | None:
        """Return the visitor whose conversation the browser has; an old cookie of nobody's leads nowhere."""
        visitor = known(request)
        if visitor is None or not await self._assistant.lines(visitor.address, limit=1):
            return None
        return visitor

    async def _card(
        self, token: str, visitor: Visitor | None, request: Request, *, telegram: bool = False
    ) -> Card:
        looker = Looker(visitor.address if visitor else None, preferred(request), telegram, self._doors.slack)
        return await self._assistant.link_page(token, looker)


def choices_of(card: Card) -> set[str]:
    """Return the ids of what can be done on the page of *card*."""
    return {choice.id for _, choice in card.numbered()}
