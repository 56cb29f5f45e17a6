import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests import PATIENCE
from tests.adapters.webchat.serving import Served, with_core, with_stand_in
from tests.adapters.webchat.standin import StandIn

MISSING = "Chromium is not on the PATH; on Debian: apt-get install chromium"
expect.set_options(timeout=PATIENCE * 1000)  # what is there is found at once
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def core() -> StandIn:
    return StandIn()


@pytest.fixture
def server(core: StandIn) -> Iterator[Served]:
    """Serve the browser chat of the stand-in."""
    yield from running(Served(with_stand_in(core)))


@pytest.fixture(scope="module")
def installation(started_before: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the browser chat of the whole assistant; every browser context has its own conversation on it."""
    database = tmp_path_factory.mktemp("installation") / "saphan.db"
    shutil.copy(started_before, database)
    yield from running(Served(with_core(database)))


def running(server: Served) -> Iterator[Served]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


# Not for the session: while it is open, its loop runs in this thread and no asynchronous test could.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
