"""Programs in processes of their own, so that what each costs can be told apart; ended by their ids."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAPHAN = Path(sys.executable).with_name("saphan")
TICKS = os.sysconf("SC_CLK_TCK")
LOG = "serve.log"
LONGEST_START = 120.0


@dataclass(frozen=True)
class Running:
    """A process of ours: what it said when it was ready, and the seconds until then."""

    pid: int
    said: str
    started: float

    @property
    def cpu(self) -> float:
        """The seconds of CPU that the process has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self, what: str = "VmRSS") -> float:
        """The memory that the process holds; with `VmHWM`, the most it ever held."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


@contextlib.contextmanager
def running(module: str, *arguments: str) -> Iterator[Running]:
    """Run *module* of `tests` until the end of the block; it is ready when it has printed a line."""
    start = time.perf_counter()
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline().strip()
            yield Running(process.pid, said, time.perf_counter() - start)
        finally:
            process.terminate()


@contextlib.contextmanager
def own_process(module: str) -> Iterator[str]:
    """Run a loopback server of `tests` and yield the address that it prints."""
    with running(module, "--port", "0") as server:
        yield server.said


@contextlib.contextmanager
def serving(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run `saphan serve` on the database in *folder* and yield it with its address; nothing else is set."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    given = {"DATABASE_URL": f"sqlite:///{folder / 'saphan.db'}", "PUBLIC_URL": url, **(settings or {})}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SAPHAN_")}
    environment |= {f"SAPHAN_{name}": value for name, value in given.items()}
    log = folder / LOG
    start = time.perf_counter()
    with (
        log.open("w") as lines,
        subprocess.Popen(
            [SAPHAN, "serve", "--port", str(port)], cwd=folder, env=environment, stdout=lines, stderr=lines
        ) as process,
    ):
        try:
            while not is_ready(url):
                if process.poll() is not None or time.perf_counter() - start > LONGEST_START:
                    raise RuntimeError(f"saphan serve is not ready:\n{log.read_text()}")
                time.sleep(0.02)
            yield Running(process.pid, url, time.perf_counter() - start)
        finally:
            process.terminate()


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health/ready", timeout=5) as answer:  # noqa: S310 - ours
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def fsyncs_a_second(folder: Path) -> float:
    """Return how often the disk under *folder* takes a small write for good."""
    with (folder / "fsync").open("wb", buffering=0) as file:
        start, count = time.perf_counter(), 0
        while time.perf_counter() - start < 0.5:
            file.write(b"x" * 512)
            os.fsync(file.fileno())
            count += 1
    return count / (time.perf_counter() - start)
