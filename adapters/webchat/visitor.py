"""Who is behind a request: a random token in a cookie, of which all other parts see only a hash."""

import re
import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from math import ceil
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bot.limits import NEW_VISITORS, Limit
from bot.messages import Address

TOKEN_BYTES = 32
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)")
KEPT = timedelta(days=30)
"""How long a browser keeps its conversation after the last visit."""
NETWORKS = 10_000
"""Networks of which a process remembers how many newcomers they had."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser with its conversation; *token* is the secret in its cookie, *locale* the language it prefers."""

    token: str
    locale: str | None = None

    @property
    def address(self) -> Address:
        """Return where the conversation is kept; the cookie cannot be made from it."""
        return Address("web", digest("conversation", self.token))

    @property
    def proof(self) -> str:
        """Return what a form on this visitor's own page carries, and nobody else's page can."""
        return digest("form", self.token)


class Newcomers:
    """Counts, in this process, the browsers of each network that were given a conversation of their own."""

    def __init__(self, limit: Limit = NEW_VISITORS) -> None:
        self._limit = limit
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, request: Request, now: datetime) -> int:
        """Count one more from where *request* comes; return after how many seconds it may, 0 when at once."""
        times = self._times.setdefault(network(request), deque(maxlen=self._limit.most))
        self._times.move_to_end(network(request))
        if len(self._times) > NETWORKS:
            self._times.popitem(last=False)
        if wait := self._limit.wait(times, now.timestamp()):
            return ceil(wait)
        times.append(now.timestamp())
        return 0


def network(request: Request) -> str:
    """Return the network that *request* comes from: its IPv4 address, or the 64 bits of IPv6 that one house has."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else host


def digest(purpose: str, token: str) -> str:
    """Return 128 bits that only the owner of *token* has for *purpose*."""
    return sha256(f"{purpose}:{token}".encode()).hexdigest()[:32]


def known(request: Request) -> Visitor | None:
    """Return the visitor whose cookie came with *request*; None when there is none that we could have given."""
    token = request.cookies.get(cookie_name(request), "")
    return Visitor(token, preferred(request)) if TOKEN.fullmatch(token) else None


def newcomer(request: Request) -> Visitor:
    """Return a visitor with a token of their own."""
    return Visitor(secrets.token_urlsafe(TOKEN_BYTES), preferred(request))


def remember(response: Response, request: Request, visitor: Visitor) -> None:
    """Let the browser keep the visitor's token, out of reach of scripts and of other sites."""
    response.set_cookie(
        cookie_name(request),
        visitor.token,
        max_age=int(KEPT.total_seconds()),
        secure=is_https(request),
        httponly=True,
        samesite="lax",
    )


def forget(response: Response, request: Request) -> None:
    """Let the browser forget the visitor, whatever else *response* says of them."""
    del response.headers["set-cookie"]
    response.delete_cookie(cookie_name(request), secure=is_https(request), httponly=True, samesite="lax")


def cookie_name(request: Request) -> str:
    """Return the cookie's name; over https browsers refuse `__Host-` names from any other host of the domain."""
    return "__Host-saphan" if is_https(request) else "saphan"


def is_https(request: Request) -> bool:
    """Tell whether the browser's connection is encrypted."""
    return request.url.scheme == "https"


def preferred(request: Request) -> str | None:
    """Return the first language of Accept-Language; None when it names none."""
    found = LANGUAGE.match(request.headers.get("accept-language", ""))
    return found[1] if found else None


def sent_from_here(request: Request, public_url: str) -> bool | None:
    """
    Tell whether our own page sent *request*, as far as the browser says; None when it says nothing.

    Over plain http browsers leave Sec-Fetch-Site out, and `Referrer-Policy: no-referrer` turns a form's Origin
    into "null": then only the form's proof can tell.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    if origin is None or origin == "null":
        return None
    return urlsplit(origin).netloc in {request.headers.get("host"), urlsplit(public_url).netloc or None}
