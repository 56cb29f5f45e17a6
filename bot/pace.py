"""How fast a channel may be written to: spacing right before each call, so that no second ever holds a burst."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Pace:
    """
    The pace of one channel, in seconds of a monotonic clock.

    *rate* is messages a second over all chats; *chat_interval* spaces the messages of one chat once its *burst*
    is used up. Infinite rates pace nothing.
    """

    rate: float = float("inf")
    chat_interval: float = 0.0
    burst: int = 3
    _next: float = 0.0
    _chats: dict[str, float] = field(default_factory=dict)

    def delay(self, now: float) -> float:
        """Return the seconds until the channel takes another message."""
        return max(0.0, self._next - now)

    def chat_delay(self, chat: str, now: float) -> float:
        """Return the seconds until *chat* takes another message."""
        allowance = (self.burst - 1) * self.chat_interval
        return max(0.0, self._chats.get(chat, 0.0) - allowance - now)

    def take(self, chat: str, now: float) -> None:
        """Count a message to *chat* that leaves now."""
        self._next = max(self._next, now) + 1.0 / self.rate
        if self.chat_interval:
            self._chats[chat] = max(self._chats.get(chat, 0.0), now) + self.chat_interval
            if len(self._chats) > 10_000:
                self._chats = {name: free for name, free in self._chats.items() if free > now}


PACES: Mapping[str, tuple[float, float, int]] = {
    "telegram": (30.0, 1.0, 3),
    "slack": (20.0, 1.0, 3),
}
"""
Maps a channel to its rate a second, its spacing within a chat, and the burst that a chat takes.

Telegram: 30 a second in bulk and 1 a second in a chat (core.telegram.org/bots/faq). Slack: chat.postMessage takes
about 1 a second in a channel with short bursts, and an unpublished number for a workspace (api.slack.com rate limits).
"""
