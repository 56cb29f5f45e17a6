"""
One installation, four channels: the same need is told alike on each, and an announcement reaches each once.

The real `saphan serve`, `saphan chat` and `saphan broadcast send` run as processes. SHOW_CHANNELS=FILE has all that
was said written to a file, as each channel carries it.
"""

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests import PATIENCE, forks
from tests.channels import AtTerminal, InBrowser, OnSlack, OnTelegram, Person
from tests.installation import environment as installation
from tests.loopback.slack import Loopback
from tests.loopback.telegram import TOKEN, BotApi

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAPHAN = Path(sys.executable).parent / "saphan"
NEED = "we need help to keep vaccines cold on our outer islands, power cuts every day, training for 12 technicians"
NUMBER = re.compile(r"N-\d{4}")
FACTS = {
    f"“{NEED}”",
    "Theme: Public health, Sustainable energy",
    "From: Fiji",
    "Kind: Training, Equipment and in-kind support",
    "People: 12",
    "[Send it]",
    "Sent: need N-.",
    "Others see it once I know who you are.",
    "[Link my registration]",
    "3 possible providers found for N-.",
    "Done before:",
    "From the public catalogue. Nobody was asked or told about your need.",
    "[Write to the secretariat]",
}


@dataclass
class Forum:
    """A running installation and one person on each of its channels."""

    environment: Mapping[str, str]
    people: list[Person]

    async def run(self, *words: str) -> str:
        """Run a command of `saphan` and return what it said."""
        folder = Path(self.environment["HOME"])
        done = await asyncio.to_thread(forks.run, words, folder, self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr


@asynccontextmanager
async def program(environment: Mapping[str, str], *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `saphan` with *words*, and end it as whoever runs it does; it has to end well."""
    process = await asyncio.create_subprocess_exec(
        SAPHAN,
        *words,
        cwd=environment["HOME"],
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
        if process.returncode is None and words[0] == "serve":
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            said, _ = await process.communicate(b"")
        assert process.returncode == 0, said.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate(b"")


async def address_of(serving: asyncio.subprocess.Process) -> str:
    """Return where the browser chat is, once the server says that all is on."""
    assert serving.stdout is not None
    said = ""
    async with asyncio.timeout(PATIENCE):
        while "Ctrl-C stops." not in said:
            line = await serving.stdout.readline()
            assert line, said
            said += line.decode()
    return re.findall(r"Browser chat: (http://[\d.:]+)", said)[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def forum(started_before: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Forum]:
    """Serve all four channels from one database; the person on each has told where they are from."""
    folder = tmp_path_factory.mktemp("channels")
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(BotApi())
        slack = await stack.enter_async_context(Loopback())
        environment = installation(
            Path(shutil.copy(started_before, folder / "saphan.db")),
            HOME=str(folder),
            SAPHAN_TELEGRAM_TOKEN=TOKEN,
            SAPHAN_TELEGRAM_API_URL=telegram.url,
            SAPHAN_SLACK_BOT_TOKEN="xoxb-1",
            SAPHAN_SLACK_APP_TOKEN="xapp-1",
            SAPHAN_SLACK_API_URL=slack.url,
        )
        url = await address_of(await stack.enter_async_context(program(environment, "serve", "--port", "0")))
        await slack.wait_until(lambda: slack.calls)
        await slack.connected()
        chat = await stack.enter_async_context(program(environment, "chat", "--as", "mele"))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=PATIENCE))
        await client.get("/")
        stream = await stack.enter_async_context(client.stream("GET", "/chat/events?lang=en"))
        lines = await stack.enter_async_context(aclosing(stream.aiter_lines()))
        forum = Forum(
            environment, [OnTelegram(telegram), OnSlack(slack), InBrowser(client, lines), AtTerminal(chat)]
        )
        for person in forum.people:
            await person.opens()
            await person.gets("[中文]")
            await person.says("Fiji")
            await person.gets("[Menu]")
        yield forum
        if name := os.environ.get("SHOW_CHANNELS"):
            keep(name, forum.people)


def keep(name: str, people: list[Person]) -> None:
    """Write down what was said on each channel, as it was carried, in the file *name*."""
    chapters = ["\n\n".join([f"===== {person.channel}", *person.story]) for person in people]
    Path(name).write_text("\n\n\n".join(chapters) + "\n", "utf-8")


def read_by(person: Person, since: int = 0) -> list[str]:
    """Return the lines that *person* read, whatever number their need was given."""
    return [NUMBER.sub("N-", line) for told in person.told[since:] for line in told.lines]


async def test_the_same_need_is_told_alike_on_all_four_channels(forum: Forum) -> None:
    for person in forum.people:
        await person.says(NEED)
        await person.gets("[Send it]")
        await person.taps("Send it")
        await person.gets("[Write to the secretariat]")
    *others, terminal = forum.people
    expected = read_by(terminal)
    for person in others:
        assert read_by(person) == expected, person.channel
    assert set(expected) >= FACTS
    numbers = [set(NUMBER.findall("".join(told.words for told in person.told))) for person in forum.people]
    assert sorted(map(sorted, numbers)) == [["N-0001"], ["N-0002"], ["N-0003"], ["N-0004"]]


async def test_an_announcement_reaches_everyone_once_and_a_second_run_sends_nothing(forum: Forum) -> None:
    before = [len(person.told) for person in forum.people]
    bus = ("broadcast", "send", "--yes", "--now", "--text", "en=The bus to the reception leaves at 17:00.")
    assert "queued for 4 people" in await forum.run(*bus)
    assert "Nothing is sent twice." in await forum.run(*bus)
    # It goes the same way after the second run: what that one sent would stand before it.
    await forum.run("broadcast", "send", "--yes", "--now", "--text", "en=The bus is late: 17:15.")
    for person in forum.people:
        await person.gets("The bus is late: 17:15.")
    *others, terminal = (read_by(person, since) for person, since in zip(forum.people, before, strict=True))
    assert others == [terminal] * 3
    assert [line for line in terminal if "bus" in line] == [
        "The bus to the reception leaves at 17:00.",
        "The bus is late: 17:15.",
    ]
