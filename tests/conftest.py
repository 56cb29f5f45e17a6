"""What all tests share: their options, and an installation that was started before."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

from tests.installation import SAPHAN, environment

# A timing is never a test: the first example of one may have to learn the whole sample pack.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-transcripts",
        action="store_true",
        help="write what was said into tests/transcripts instead of comparing it",
    )


@pytest.fixture(scope="session")
def started_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database that holds the sample pack and what was learnt from it."""
    database = tmp_path_factory.mktemp("started") / "saphan.db"
    subprocess.run(
        [SAPHAN, "ask", "ready?"],
        cwd=database.parent,
        env=environment(database),
        check=True,
        capture_output=True,
        timeout=300,
    )
    return database
