"""Who may do what only one process may do at a time: send on a channel, listen to a platform."""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

Work = Callable[[], Coroutine[Any, Any, None]]
Alone = Callable[[Work], Coroutine[Any, Any, None]]
"""Does work under a lease; see `Leases.hold`."""


class Leases(Protocol):
    """The rights that the processes on one database share out among themselves, each under its name."""

    async def hold(self, name: str, work: Work) -> None:
        """
        Do *work* while this process holds *name*; return when it is done.

        Until the lease is free it waits, and takes over within a second. A lease that is lost cancels the work at once,
        and the work begins anew when this process gets it again. Cancelled, it cancels the work, lets it end, and
        then lets go.
        """


class Sole:
    """All leases, in the only process that there is."""

    async def hold(self, name: str, work: Work) -> None:
        """Do *work*: nobody else can hold *name*."""
        await work()


async def by_itself(work: Work) -> None:
    """Do *work* without a lease: nobody else does it."""
    await work()
