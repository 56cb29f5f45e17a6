"""What the sender needs from a channel."""

from typing import Protocol

from bot.messages import Outbound


class Channel(Protocol):
    """One platform, as the sender sees it."""

    @property
    def name(self) -> str:
        """Return the channel's name as it stands in addresses: `telegram`, `slack`, `web`, `terminal`."""

    async def send(self, outbound: Outbound) -> str:
        """
        Deliver *outbound* and return the platform's id of the message.

        Raises one of the faults of `bot.errors` and nothing else; makes one attempt, never a retry.
        """
