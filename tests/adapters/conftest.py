"""An installation that was started before, so that each test starts quickly."""

import shutil
from pathlib import Path

import pytest

from tests import forks
from tests.installation import environment


@pytest.fixture
def database(started_before, tmp_path):
    """Return a database of the test's own."""
    return Path(shutil.copy(started_before, tmp_path / "saphan.db"))


@pytest.fixture
def saphan(database):
    """Run `saphan` on a database of its own and return the finished process."""

    def run(*words, given=""):
        return forks.run(words, database.parent, environment(database), given)

    return run
