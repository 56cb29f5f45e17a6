"""What tests of the core share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.database import Store
from tests.bot.ledgers import a_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    kept = a_store(tmp_path)
    yield kept
    kept.close()
