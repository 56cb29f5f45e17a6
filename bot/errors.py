"""
What can go wrong on the way out and on the way in; each type stands for what its catcher does.

    SaphanError
      Refused              a command cannot be carried out: said in one sentence, exit code 1
        NotAllowed         the actor's role has no right to it
      Fault                a delivery did not arrive
        Throttled          queued again, not before the platform's own wait
        Down               queued again, with back-off
        Unreachable        failed; the recipient is unsubscribed until they write again
        Rejected           failed; the platform refuses this very message
        TooBig             failed; the message is over the platform's limit
        Ambiguous          it may have arrived: replies are sent again, announcements end as unknown
"""

from datetime import timedelta


class SaphanError(Exception):
    """Everything that Saphan raises on purpose."""


class Refused(SaphanError):
    """A command that cannot be carried out; its text says why and what would be right."""


class NotAllowed(Refused):
    """The actor's role has no right to the command."""


class Fault(SaphanError):
    """A delivery that did not arrive; `cause` is the word kept in the ledger."""

    cause = "fault"


class Throttled(Fault):
    """The channel asked for a pause before it takes more for this chat."""

    cause = "throttled"

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"the channel asks for a pause of {wait.total_seconds():g} s")
        self.wait = wait


class Down(Fault):
    """The channel did not take the message, and would take it later: refused connection, 5xx."""

    cause = "down"


class Unreachable(Fault):
    """The recipient blocked the bot, is deactivated, or does not exist."""

    cause = "unreachable"


class Rejected(Fault):
    """The channel will never take this message."""

    cause = "rejected"


class TooBig(Fault):
    """The message is over the channel's limit."""

    cause = "too big"


class Ambiguous(Fault):
    """The request may have been carried out: a time-out or a cut connection after it left."""

    cause = "ambiguous"
