"""The e-mail address that somebody has in the workspace, so that the form to link them opens with it."""

import structlog

from adapters.slack.web import Answer, Web
from bot.errors import Fault, Rejected

log = structlog.get_logger()

WAITED = 0.7
"""Seconds: what Slack allows for opening a form is for the form."""


class Addresses:
    """Asks Slack each time: nothing of an address is kept here or written into the log."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._withheld = False

    async def of(self, user: str) -> str:
        """Return the address of *user*, "" where Slack does not say it, or not soon enough."""
        try:
            answer = await self._web.call("users.info", {"user": user}, form=True, limit=WAITED)
        except Rejected as fault:
            self._note(str(fault))
            return ""
        except Fault:
            return ""
        found = written_in(answer)
        if not found:
            self._note("users.info: no address")
        return found

    def _note(self, reason: str) -> None:
        """Log once that addresses are withheld, as from an app that was installed without the right to them."""
        if not self._withheld:
            self._withheld = True
            log.warning("slack.addresses_withheld", reason=reason)


def written_in(answer: Answer) -> str:
    """Return the address in what `users.info` answers, "" where there is none."""
    user = answer.get("user")
    profile = user.get("profile") if isinstance(user, dict) else None
    email = profile.get("email") if isinstance(profile, dict) else None
    return email if isinstance(email, str) else ""
