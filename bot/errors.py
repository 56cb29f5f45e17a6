"""
What can go wrong on the way out and on the way in; each type stands for what its catcher does.

    SaphanError
      Refused              a command cannot be carried out: said in one sentence, exit code 1
        NotAllowed         the actor's role has no right to it
      TooMuch              the actor did as much of it as one may in a while: said with how long to wait
      CommitUncertain      what was written may or may not be kept: done again where a key makes that harmless
      Fault                a delivery did not arrive
        Throttled          queued again, not before the platform's own wait
        Down               queued again, with back-off
        Moved              queued again, for the chat's new id
        Unreachable        failed; the recipient is unsubscribed until they write again
        Rejected           failed; the platform refuses this very message
        TooBig             failed; the message is over the platform's limit
        Ambiguous          it may have arrived: replies are sent again, announcements end as unknown

The faults are a closed list: whatever a platform or the network does, a channel says it in one of these.
"""

from datetime import timedelta
from typing import Any

from bot.limits import Limit
from bot.reasons import Reason


class SaphanError(Exception):
    """Everything that Saphan raises on purpose."""


class Refused(SaphanError):
    """
    A command that cannot be carried out; its text says why and what would be right, a line each.

    The *reasons* say it in a chat, in the officer's language; there are none where only the command line is refused.
    """

    def __init__(self, *why: str | Reason) -> None:
        super().__init__("\n".join(map(str, why)))
        self.why = why

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Return what an officer is told."""
        return tuple(one for one in self.why if isinstance(one, Reason))


class NotAllowed(Refused):
    """The actor's role has no right to the command."""


class TooMuch(SaphanError):
    """The actor did as much as a *limit* allows, and may go on in so many *minutes*."""

    def __init__(self, limit: Limit, minutes: int) -> None:
        super().__init__(f"too many {limit.what}; the next one may be in {minutes} min")
        self.values: dict[str, Any] = {"limit": limit, "minutes": minutes}


class CommitUncertain(SaphanError):
    """
    The database went away during a commit and did not come back in time to say what became of it.

    Turns are taken again, since their inbox key lets only one of them be kept. So may all that has a key of its own.
    """


class Fault(SaphanError):
    """A delivery that did not arrive; `cause` is the word kept in the ledger."""

    cause = "fault"


class Throttled(Fault):
    """The channel asked for a pause: this chat waits exactly *wait*, all others go on, and no try is counted."""

    cause = "throttled"

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"the channel asks for a pause of {wait.total_seconds():g} s")
        self.wait = wait


class Down(Fault):
    """
    The channel surely did not take the message, and would take it later: no connection, 5xx.

    It is tried again with growing pauses. A change of an earlier message whose answer was lost counts here too: made
    twice it is the same.
    """

    cause = "down"


class Moved(Fault):
    """
    The chat goes on under another id, as a group does that becomes a supergroup; nothing was sent.

    The delivery follows to *chat*, and so does what leaves later. The ids of earlier messages stayed behind: what was
    to replace one of them is sent as a new message.
    """

    cause = "moved"

    def __init__(self, chat: str) -> None:
        super().__init__(f"the chat has become {chat}")
        self.chat = chat


class Unreachable(Fault):
    """The recipient blocked the bot, is deactivated or does not exist: nothing more is sent until they write."""

    cause = "unreachable"


class Rejected(Fault):
    """The channel will never take this very message: it is not tried again, others to the same chat are."""

    cause = "refused"


class TooBig(Fault):
    """The message is over the channel's limit: it is not tried again, the secretariat shortens it."""

    cause = "too big"


class Ambiguous(Fault):
    """
    It may have arrived: a time-out, a cut connection or an unreadable answer after the request left.

    Replies and safety messages are sent again (at least once), announcements end visibly as unknown (at most once).
    """

    cause = "ambiguous"
