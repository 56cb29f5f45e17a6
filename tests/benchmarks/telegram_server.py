"""The loopback Bot API in a process of its own, so that a bot's CPU is the bot's alone."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def own_process() -> Iterator[str]:
    """Yield the address of a running server."""
    command = [sys.executable, "-m", "tests.loopback.telegram", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()
