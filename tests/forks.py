"""
Runs `saphan` as processes of their own that need not import it first.

A server imports everything once and forks for each command: what a shell would start, without the seconds of its
imports. It knows nothing of the tests; it ends when the process that started it does.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).parents[1]
LONGEST = 300
"""Seconds that a command may take on a busy machine."""
MESSAGE = 1 << 20
"""The most bytes that a command and its environment take."""


def run(
    words: Sequence[str | Path], folder: Path, environment: Mapping[str, str], given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `saphan` with *words* in *folder*; *given* is what is typed."""
    with (
        tempfile.TemporaryFile() as typed,
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as errors,
    ):
        typed.write(given.encode())
        typed.seek(0)
        order = json.dumps([[str(word) for word in words], str(folder), dict(environment)]).encode()
        socket.send_fds(_server(), [order], [typed.fileno(), said.fileno(), errors.fileno()])
        code = json.loads(_server().recv(MESSAGE))
        return subprocess.CompletedProcess(["saphan", *map(str, words)], code, _text(said), _text(errors))


def _text(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode()


@cache
def _server() -> socket.socket:
    """Return the connection to this process's server."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(LONGEST)
    with theirs:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.forks", str(theirs.fileno())],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        server.wait(LONGEST)

    atexit.register(end)
    return ours


def serve(connection: socket.socket) -> None:
    """Fork for each order until nobody is there to give one."""
    # Whoever only asks need not import any of it.
    from adapters import wiring  # noqa: F401 - what the commands import when they are called
    from adapters.cli.main import main

    while True:
        order, files, _flags, _address = socket.recv_fds(connection, MESSAGE, 3)
        if not order:
            return
        words, folder, environment = json.loads(order)
        child = os.fork()
        if not child:
            _become(words, folder, environment, files)
            main()
            sys.exit(0)
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        connection.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())


def _become(words: list[str], folder: str, environment: dict[str, str], files: list[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["saphan", *words]
    signal.alarm(LONGEST)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
