"""A calendar's address, from the chat that gives it to the program that looks at it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from adapters.server import build_app
from adapters.settings import Settings
from adapters.wiring import Parts, open_parts
from bot.messages import Address, Inbound, Text

ME = Address("web", "somebody")


class Person:
    """Somebody who writes in the browser chat, and has a calendar program."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._count = 0
        transport = httpx.ASGITransport(app=build_app(parts, []))
        self.program = httpx.AsyncClient(transport=transport, base_url="https://forum.example")

    async def told(self, text: str) -> Any:
        """Return the card that answers *text*."""
        self._count += 1
        inbound = Inbound(str(self._count), ME, datetime.now(UTC), Text(text), ME.user, locale="en")
        await self._parts.assistant.receive(inbound)
        return (await self._parts.assistant.lines(ME))[-1].card


@pytest.fixture
async def person(database: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Person]:
    monkeypatch.chdir(database.parent)
    settings = Settings(
        _env_file=None, database_url=f"sqlite:///{database}", public_url="https://forum.example"
    )
    with open_parts(settings) as parts:
        yield Person(parts)


async def test_the_address_shows_what_is_followed_now(person: Person) -> None:
    card = await person.told("/calendar address")
    address = re.search(r"https://forum\.example/calendar/[\w-]{43}\.ics", card.body)
    assert address is not None
    first = await person.program.get(address[0])
    assert first.status_code == 200
    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "private" in first.headers["cache-control"]
    whole = len(Calendar.from_ical(first.content).walk("VEVENT"))
    again = await person.program.get(address[0], headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await person.told("/follow s3")
    now = await person.program.get(address[0], headers={"If-None-Match": first.headers["etag"]})
    assert now.status_code == 200
    assert (whole > 1, len(Calendar.from_ical(now.content).walk("VEVENT"))) == (True, 1)


async def test_a_new_address_leaves_nothing_at_the_old_one(person: Person) -> None:
    old = (await person.told("/calendar address")).body.split()[0]
    await person.told("/calendar address new")
    for path in (old, "/calendar/.ics", f"/calendar/{'x' * 4000}.ics", "/calendar/%00.ics"):
        gone = await person.program.get(path)
        assert gone.status_code == 404, path
        assert "Traceback" not in gone.text


async def test_the_file_says_that_there_is_an_address(person: Person) -> None:
    card = await person.told("/calendar")
    assert card.attachment.name == "programme.ics"
    assert [one.label for row in card.choices for one in row] == ["Keep it up to date", "Programme"]
