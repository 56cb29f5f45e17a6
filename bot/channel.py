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
        Deliver *outbound* and return the platform's id of the message: what a later outbound replaces.

        What replaces an earlier message changes it in place, or takes it away when it `deletes`; one that is gone
        already, or reads so already, counts as done. An attachment that the platform shows in a message of its own
        follows the words; when only it failed, a second try sends only it.

        Raises one of the faults of `bot.errors` and nothing else; makes one attempt, never a retry.
        """
