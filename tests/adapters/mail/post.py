"""A real mail server on a port of its own, with a certificate made for the test."""

import asyncio
import email.policy
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "localhost"


@dataclass
class Box:
    """What the server took, and how it answers where it is told to: a line of SMTP by the command."""

    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.commands.append("EHLO")
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append("MAIL")
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append("RCPT")
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.commands.append("DATA")
        if "DATA" in self.answers:
            if self.answers["DATA"] == "hang up":
                server.transport.close()
            return self.answers["DATA"]
        assert isinstance(envelope.content, bytes)
        message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(envelope.content)
        self.taken.append((envelope.rcpt_tos[0], message))
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


@dataclass(frozen=True)
class Certificate:
    """What the server shows, and what a client checks it with."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def a_certificate() -> Certificate:
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return Certificate(server, client)


@asynccontextmanager
async def mail_server(
    box: Box,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    password: str | None = None,
) -> AsyncIterator[int]:
    """Serve *box* and yield the port; encrypted from the start with *tls*, after STARTTLS with *starttls*."""

    def check(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        right = data.password == (password or "").encode()
        return AuthResult(success=right, handled=False)

    def protocol() -> SMTP:
        return SMTP(
            box,
            hostname=HOST,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=password is not None,
            auth_require_tls=starttls is not None,
            authenticator=check,
        )

    factory: Callable[[], SMTP] = protocol
    server = await asyncio.get_running_loop().create_server(factory, HOST, 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]
