"""The channel `mail`: what the ledger has for an e-mail address, handed to a mail server."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime

import aiosmtplib
import structlog
from starlette.routing import BaseRoute

from adapters.mail.message import to_message
from adapters.mail.server import Server, to_address
from bot.clock import system_time
from bot.errors import Ambiguous, Down, Fault, Rejected
from bot.keys import Keys
from bot.linking import NO_MAILBOX
from bot.links import MAIL, PATH, is_over, revealed
from bot.messages import Outbound

log = structlog.get_logger()

TIMEOUT = 20.0
"""Seconds that each answer of the mail server may take."""
AT_ONCE = 4
"""Connections to the mail server at a time."""


class AtTheMailbox(Down):
    """One mailbox does not take the letter now: nothing that whoever asked for it may learn."""

    cause = "mailbox"


class Mail:
    """
    The channel of e-mail.

    *public_url* is where people reach the pages of links; *tls* checks the server's certificate, as the system does
    when it is None. What replaces nothing and is answered by nobody: each card is a letter of its own.
    """

    name = MAIL
    routes: Sequence[BaseRoute] = ()

    def __init__(
        self,
        server: Server,
        sender: str,
        *,
        keys: Keys,
        public_url: str = "",
        tls: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
        now: Callable[[], datetime] = system_time,
    ) -> None:
        self._server = server
        self._sender = sender
        self._keys = keys
        self._page = public_url.rstrip("/") + PATH
        self._tls = tls
        self._timeout = timeout
        self._now = now
        self._trouble = ""
        self._free = asyncio.Semaphore(AT_ONCE)

    @property
    def status(self) -> str:
        """Say whether e-mail leaves, and what is wrong when it does not."""
        where = f"{self._server.host}:{self._server.port}"
        if self._trouble:
            return f"E-mail does not leave by {where}: {self._trouble}."
        return f"E-mail leaves by {where}, from {self._sender}."

    async def run(self) -> None:
        """Wait until cancelled: nobody writes to us by e-mail."""
        await asyncio.Event().wait()

    async def send(self, outbound: Outbound) -> str:
        """
        Hand one letter to the mail server and return its Message-ID.

        A letter to nobody takes the same way up to the handing over, so that how long it takes, and whether the server
        is `Down`, says nothing of an address. One whose secrets no longer work does not leave.
        """
        if is_over(outbound.card, self._now()):
            raise Rejected("its link has expired")
        async with self._free:
            try:
                identity = await self._hand_over(outbound)
            except Fault as fault:
                is_away = isinstance(fault, Down) and not isinstance(fault, AtTheMailbox)
                self._note(str(fault) if is_away else "")
                raise
        self._note("")
        return identity

    async def _hand_over(self, outbound: Outbound) -> str:
        to = outbound.address.user
        client = self._client()
        try:
            await client.connect()
            # Whether the server takes anything from us is found out in the same way for everybody.
            await client.mail(to_address(self._sender).addr_spec)
            await client.rset()
        except (aiosmtplib.SMTPException, OSError) as exc:
            client.close()
            raise Down(reason(exc)) from exc
        try:
            if to.startswith(NO_MAILBOX):
                return f"<{outbound.card.ref}>"
            card = revealed(outbound.card, self._keys, self._page)
            message = to_message(card, self._sender, to, self._now())
            await client.send_message(message, sender=None, recipients=[to])
            return str(message["Message-ID"])
        except (aiosmtplib.SMTPException, OSError, ValueError) as exc:
            raise to_fault(exc) from exc
        finally:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.way == "smtps",
            start_tls=server.way == "smtp+starttls",
            tls_context=self._tls,
            timeout=self._timeout,
        )

    def _note(self, trouble: str) -> None:
        """Keep and log a change of state; what stays the same is said once."""
        if trouble != self._trouble:
            self._trouble = trouble
            if trouble:
                log.warning("mail.off", host=self._server.host, reason=trouble)
            else:
                log.info("mail.on", host=self._server.host)


def to_fault(exc: Exception) -> Fault:
    """Return what *exc* means for a letter whose server had answered."""
    match exc:
        case aiosmtplib.SMTPRecipientsRefused(recipients=[first, *_]):
            return to_fault(first)
        case aiosmtplib.SMTPResponseException(code=code) if 400 <= code < 500:
            return AtTheMailbox(reason(exc))
        case aiosmtplib.SMTPResponseException():
            return Rejected(reason(exc))
        case aiosmtplib.SMTPTimeoutError() | aiosmtplib.SMTPServerDisconnected() | OSError():
            return Ambiguous(reason(exc))
        case _:
            return Rejected(reason(exc))


def reason(exc: Exception) -> str:
    """Return what went wrong, without what the server said: it may repeat an address."""
    match exc:
        case aiosmtplib.SMTPAuthenticationError():
            return "the mail server refuses the log-in"
        case aiosmtplib.SMTPResponseException(code=code):
            return f"the mail server answers {code}"
        case aiosmtplib.SMTPTimeoutError():
            return "the mail server does not answer in time"
        case _ if isinstance(exc.__cause__, ssl.SSLError) or isinstance(exc, ssl.SSLError):
            return "the mail server's certificate is not trusted"
        case aiosmtplib.SMTPConnectError() | OSError():
            return "the mail server cannot be reached"
        case _:
            return type(exc).__name__
