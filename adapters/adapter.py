"""What `saphan serve` needs from the code of one channel."""

from collections.abc import Sequence
from typing import Protocol

from starlette.routing import BaseRoute

from bot.channel import Channel


class Adapter(Channel, Protocol):
    """A channel that is also listened to."""

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Return the HTTP routes that the platform or the browser calls; empty when it calls none."""

    @property
    def status(self) -> str:
        """Say in one plain sentence whether the channel is on, where, and what is wrong when it is not."""

    async def run(self) -> None:
        """
        Listen until cancelled, and leave nothing open behind.

        A dead platform, a wrong token or a missing network is one clear log line and another try with back-off;
        it never ends the other channels.
        """
