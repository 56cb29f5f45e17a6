"""Where e-mail leaves by and from whom it comes, as the settings name both."""

from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Literal
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


@dataclass(frozen=True, slots=True)
class Server:
    """The mail server: where it is, whether the connection is encrypted from the start or later, and the log-in."""

    host: str
    port: int
    way: Literal["smtp", "smtps", "smtp+starttls"]
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, url: str) -> "Server":
        """Return what *url* says; raises ValueError with what would be right."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/"):
            raise ValueError(
                "write smtp+starttls://user:password@host:587, smtps://user:password@host:465 or smtp://host:25"
            )
        user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
        return cls(parts.hostname, port or PORTS[parts.scheme], parts.scheme, user, password)  # type: ignore[arg-type]


def to_address(written: str) -> Address:
    """Return the one address that is written as `name@host`, or with a name before it in angle brackets."""
    name, address = parseaddr(written)
    user, at, host = address.rpartition("@")
    if not (user and at and host) or any(ord(char) < 32 for char in written):
        raise ValueError("write an e-mail address like name@forum.example")
    return Address(name, user, host)


def domain_of(written: str) -> str:
    """Return the host of the address *written*."""
    return to_address(written).domain
