"""The page of one's own, on a channel that has one."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.markup import plain
from bot.messages import Address, Card
from tests.databases import DIALECTS
from tests.transcript import ME, Stage, Watch, stage

NEED = "/need we need cold rooms for vaccines on our outer islands"
FEW = 16
"""Queries of a page, whatever stands on it."""


@pytest.fixture(params=DIALECTS)
def play(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Two people who were introduced to one another, and one of whom nothing is known."""
    with stage(tmp_path, Watch(), request.param) as play:
        play.register(ME, "delegate", "FJI", "en")
        play.register("litia", "delegate", "WSM", "en")
        yield play


def home(play: Stage, name: str = ME, locale: str | None = None) -> dict[str, Card]:
    """Return what *name* sees, by the name of the card, in its order."""
    cards = asyncio.run(play.assistant.home(Address("telegram", name), locale))
    return {card.ref.removeprefix("home."): card for card in cards}


def choices(card: Card) -> list[str]:
    return [choice.id for _, choice in card.numbered()]


def test_who_is_known_sees_who_they_are_what_is_next_and_what_is_theirs(play: Stage) -> None:
    page = home(play)
    assert list(page) == ["top", "now", "mine", "matches", "menu", "privacy"]
    assert plain(page["top"].body).splitlines() == [
        "Linked as: delegate.", "You are here for Fiji.", "Language: English."
    ]  # fmt: skip
    assert plain(page["matches"].body).startswith("Nothing waits for you.")


def test_a_stranger_sees_what_everybody_may(play: Stage) -> None:
    page = home(play, "nobody", "fr")
    assert list(page) == ["top", "now", "mine", "menu"]
    assert "Langue\u00a0: français." in plain(page["top"].body)
    assert choices(page["top"])[0] == "/link"


def test_what_waits_for_them_stands_first(play: Stage) -> None:
    play.introduce(ME, "litia")
    assert "introduced" in plain(home(play)["matches"].body)
    asyncio.run(play.hear("litia", "/meet I-0001"))
    (slot, *_) = choices(play.people["litia"].cards[-1][1])
    asyncio.run(play.hear("litia", slot))
    theirs, mine = home(play, "litia")["matches"], home(play)["matches"]
    assert "waits for an answer" in plain(theirs.body)
    assert "waits for your answer" in plain(mine.body)
    assert choices(mine) == ["/introduction I-0001", "/meet M-0001"]


@contextmanager
def counted(play: Stage) -> Iterator[list[str]]:
    """Give the list of what the database is asked meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    engine = play.store.read(lambda session: session.get_bind())
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_page_takes_a_handful_of_queries_whatever_stands_on_it(play: Stage) -> None:
    with counted(play) as empty:
        home(play)
    for other in ("litia", "tomasi", "sione"):
        if other != "litia":
            play.register(other, "delegate", "TON", "en")
        play.introduce(ME, other)
    asyncio.run(play.hear(ME, NEED))
    asyncio.run(play.hear(ME, "[Send it]"))
    with counted(play) as full:
        home(play)
    assert len(full) <= FEW, "\n".join(full)
    assert len(full) - len(empty) <= 4, "\n".join(full)
