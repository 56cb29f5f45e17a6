"""Writing in groups: what comes in while one write is under way goes into the next."""

import asyncio
from typing import Any

from sqlalchemy.exc import OperationalError


class Batch:
    """Gathers what comes in while a write is under way, and writes it together with the next."""

    def __init__(self, write: Any) -> None:
        self._write = write
        self._waiting: list[tuple[Any, asyncio.Future[Any]]] = []
        self._task: asyncio.Task[None] | None = None

    async def add(self, item: Any) -> Any:
        """Return what the write gives for *item*."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None:
            self._task = asyncio.create_task(self._write_all())
        return await future

    async def drain(self) -> None:
        """Wait until all is written."""
        if self._task is not None:
            await self._task

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            await self._write_group(group)
        self._task = None

    async def _write_group(self, group: list[tuple[Any, asyncio.Future[Any]]]) -> None:
        """Write *group* together; where one of it is refused, each by itself, so that the others are not held up."""
        try:
            results = await self._write([item for item, _ in group])
        except Exception as exc:
            if len(group) > 1 and not isinstance(exc, OperationalError):
                for one in group:
                    await self._write_group([one])
                return
            for _, future in group:
                if not future.done():
                    future.set_exception(exc)
        else:
            for (_, future), result in zip(group, results, strict=True):
                if not future.done():
                    future.set_result(result)
