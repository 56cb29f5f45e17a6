"""What tests of the core share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.line
from bot.database import Store
from tests.databases import DIALECTS, store_on


@pytest.fixture(params=DIALECTS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Give a store with the tables: on SQLite, then the same test on PostgreSQL."""
    with store_on(request.param, tmp_path) as kept:
        yield kept


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """Give one on SQLite, for what is told of it only."""
    with store_on("sqlite", tmp_path) as kept:
        yield kept


@pytest.fixture
def postgresql_store(tmp_path: Path) -> Iterator[Store]:
    """Give one on PostgreSQL."""
    with store_on("postgresql", tmp_path) as kept:
        yield kept


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sender look at the ledger more often than anybody needs outside of tests."""
    monkeypatch.setattr(bot.line, "POLL", 0.05)
