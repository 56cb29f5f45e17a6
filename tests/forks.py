"""
Runs programs as processes of their own that need not import anything first.

For each program a server imports everything once and forks for each start: what a shell would start, without the
seconds of its imports. A server knows nothing of the tests; it ends when the process that started it does.
"""

import asyncio
import atexit
import gc
import importlib
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
from typing import IO, BinaryIO

from tests import PATIENCE

ROOT = Path(__file__).parents[1]
SAPHAN = ("adapters.cli.main", "tests.warmth")
"""The module whose `main` is the command line, and what is imported besides before the first start."""
MESSAGE = 1 << 20
"""The most bytes that a command and its environment take."""


class Process:
    """
    A program that was started; *stdout* is what it says, where nobody else was to get that.

    As a context manager it is ended at the end, if it was not before.
    """

    def __init__(self, report: socket.socket, stdout: BinaryIO | None) -> None:
        self.stdout = stdout
        self._report = report
        self._report.settimeout(PATIENCE)
        self.pid = int(self._report.recv(MESSAGE))
        self.returncode: int | None = None

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.wait()
        self._report.close()
        if self.stdout is not None:
            self.stdout.close()

    def send_signal(self, number: int) -> None:
        """Send it the signal *number*, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        if self.returncode is None:
            self._report.setblocking(False)
            try:
                return self.wait()
            except BlockingIOError:
                return None
            finally:
                self._report.settimeout(PATIENCE)
        return self.returncode

    def wait(self) -> int:
        """Return its exit code once it has ended; raises TimeoutError when that takes too long."""
        if self.returncode is None:
            self.returncode = int(self._report.recv(MESSAGE))
        return self.returncode


def start(
    words: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    program: Sequence[str] = SAPHAN,
    files: Sequence[IO[bytes]] = (),
) -> Process:
    """
    Start *program* with *words* in *folder*.

    *files* are what it reads, says and complains to; without them it reads nothing, and all that it says is kept for
    whoever started it.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    order = json.dumps([[str(word) for word in words], str(folder), dict(environment)]).encode()
    with theirs:
        if files:
            numbers = [file.fileno() for file in files]
            socket.send_fds(_server(*program), [order], [theirs.fileno(), *numbers])
            return Process(ours, None)
        reading, writing = os.pipe()
        with open(os.devnull, "rb") as nothing, open(writing, "wb") as said:  # noqa: PTH123 - a number, no path
            numbers = [nothing.fileno(), said.fileno(), said.fileno()]
            socket.send_fds(_server(*program), [order], [theirs.fileno(), *numbers])
            return Process(ours, open(reading, "rb"))  # noqa: PTH123 - as above


async def lines(process: Process) -> asyncio.StreamReader:
    """Return what *process* says, to be read line by line."""
    assert process.stdout is not None
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), process.stdout)
    return reader


def run(
    words: Sequence[str | Path], folder: Path, environment: Mapping[str, str], given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `saphan` with *words* in *folder* to its end; *given* is what is typed."""
    with (
        tempfile.TemporaryFile() as typed,
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as errors,
    ):
        typed.write(given.encode())
        typed.seek(0)
        with start(words, folder, environment, files=(typed, said, errors)) as process:
            code = process.wait()
        return subprocess.CompletedProcess(["saphan", *map(str, words)], code, _text(said), _text(errors))


def _text(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode()


@cache
def _server(*program: str) -> socket.socket:
    """Return the connection to this process's server for *program*."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.forks", str(theirs.fileno()), *program],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        server.wait(PATIENCE)

    atexit.register(end)
    return ours


def serve(connection: socket.socket, program: Sequence[str]) -> None:
    """Fork for each order until nobody is there to give one."""
    main, *_ = [importlib.import_module(name) for name in program]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who keeps a program is not waited for
    gc.freeze()  # what is there stays where it is, shared
    while True:
        order, numbers, _flags, _address = socket.recv_fds(connection, MESSAGE, 4)
        if not order:
            return
        if not os.fork():
            connection.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            if _keep(socket.socket(fileno=numbers[0]), numbers[1:]):
                _become(*json.loads(order), numbers[1:])
                main.main()
            sys.exit(0)
        for number in numbers:
            os.close(number)


def _keep(report: socket.socket, files: Sequence[int]) -> bool:
    """Fork once more; in the child return True, in its keeper False once the child's end is reported."""
    child = os.fork()
    if not child:
        report.close()
        return True
    for number in files:
        os.close(number)
    report.send(str(child).encode())
    _, status = os.waitpid(child, 0)
    report.send(str(os.waitstatus_to_exitcode(status)).encode())
    return False


def _become(words: list[str], folder: str, environment: dict[str, str], files: Sequence[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
    for file in set(files):
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv = ["saphan", *words]
    signal.alarm(PATIENCE)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
