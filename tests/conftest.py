"""What all tests share: their options, and an installation that was started before."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.samples import learnt_database, share_what_is_learnt

# A timing is never a test: the first example of one may have to learn the whole sample pack.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-transcripts",
        action="store_true",
        help="write what was said into tests/transcripts instead of comparing it",
    )


def pytest_configure() -> None:
    share_what_is_learnt()


@pytest.fixture(scope="session")
def started_before() -> Path:
    """Return a database that holds the sample pack and what was learnt from it; for tests to copy."""
    return learnt_database()
