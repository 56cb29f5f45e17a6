"""How fast a channel may be written to: spacing right before each call, so that no second ever holds a burst."""

from dataclasses import dataclass, field

MINUTE = 60.0
REMEMBERED = 10_000
"""Chats that are looked through for those that rest, the first time."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """How the messages of one chat follow: *burst* of them at once after a rest, then one every *interval* seconds."""

    interval: float = 0.0
    burst: int = 1


@dataclass(slots=True)
class Pace:
    """
    The pace of one channel, in seconds of a monotonic clock.

    *rate* is messages a second over all chats; *chat_interval* spaces the messages of one chat once its *burst*
    is used up, and *groups* those of a group, whose id begins with a minus sign; None treats it like any chat.
    Infinite rates pace nothing.
    """

    rate: float = float("inf")
    chat_interval: float = 0.0
    burst: int = 3
    groups: Spacing | None = None
    _next: float = 0.0
    _chats: dict[str, float] = field(default_factory=dict)
    _most: int = REMEMBERED

    def delay(self, now: float) -> float:
        """Return the seconds until the channel takes another message."""
        return max(0.0, self._next - now)

    def chat_delay(self, chat: str, now: float) -> float:
        """Return the seconds until *chat* takes another message."""
        spacing = self._spacing(chat)
        return max(0.0, self._chats.get(chat, 0.0) - (spacing.burst - 1) * spacing.interval - now)

    def take(self, chat: str, now: float) -> None:
        """Count a message to *chat* that leaves now."""
        self._next = max(self._next, now) + 1.0 / self.rate
        interval = self._spacing(chat).interval
        if interval:
            self._chats[chat] = max(self._chats.get(chat, 0.0), now) + interval
            if len(self._chats) > self._most:
                self._chats = {name: free for name, free in self._chats.items() if free > now}
                self._most = max(REMEMBERED, 2 * len(self._chats))

    def _spacing(self, chat: str) -> Spacing:
        if self.groups is not None and chat.startswith("-"):
            return self.groups
        return Spacing(self.chat_interval, self.burst)


def a_minute(rate: float) -> Spacing:
    """
    Return the spacing at which no minute holds more than *rate* messages, a burst after a rest included.

    A tenth of them may come at once; what these take of the minute is taken off the others. Twenty a minute are two
    at once and then one every 3.2 seconds.
    """
    burst = max(1, int(min(rate, 100) / 10))
    return Spacing(MINUTE / (rate - burst + 1), burst)


def telegram_pace(rate: float, chat_rate: float, group_rate: float) -> Pace:
    """
    Return Telegram's pace: *rate* a second in all, *chat_rate* a second in a chat, *group_rate* a minute in a group.

    Telegram itself names 30, 1 and 20 (core.telegram.org/bots/faq); short bursts in a private chat are let through.
    """
    return Pace(rate, 1 / chat_rate, groups=a_minute(group_rate))


def slack_pace(rate: float, channel_rate: float) -> Pace:
    """
    Return Slack's pace: *rate* a second for the workspace, *channel_rate* a second in a channel.

    Slack takes about 1 a second in a channel, with short bursts; the number for a workspace is not published.
    """
    return Pace(rate, 1 / channel_rate)
