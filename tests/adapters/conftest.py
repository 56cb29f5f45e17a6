"""An installation that was started before, so that each test starts quickly."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SAPHAN = Path(sys.executable).parent / "saphan"


def environment(database, **settings):
    """Return the environment of an installation with its data in the file *database* and nothing else set."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SAPHAN_")}
    return {**clean, "SAPHAN_DATABASE_URL": f"sqlite:///{database}", **settings}


@pytest.fixture(scope="session")
def started_before(tmp_path_factory):
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


@pytest.fixture
def database(started_before, tmp_path):
    """Return a database of the test's own."""
    return Path(shutil.copy(started_before, tmp_path / "saphan.db"))


@pytest.fixture
def saphan(database):
    """Run `saphan` on a database of its own and return the finished process."""

    def run(*words, given=""):
        return subprocess.run(
            [SAPHAN, *words],
            cwd=database.parent,
            env=environment(database),
            input=given,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run
