"""How soon `saphan serve` answers on the sample pack, what it weighs, and how soon `saphan --help` is there."""

import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tests.benchmarks.processes import SAPHAN, serving

HELPS = 7


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        for which in ("first", "second"):
            with serving(Path(name)) as saphan:
                print(
                    f"  saphan serve, {which} start: ready after {saphan.started:.2f} s, {saphan.cpu:.2f} s CPU,"
                    f" {saphan.memory_mb():.0f} MB (at most {saphan.memory_mb('VmHWM'):.0f} MB)",
                    flush=True,
                )
    print(f"  saphan --help: {statistics.median(help_() for _ in range(HELPS)):.2f} s")


def help_() -> float:
    start = time.perf_counter()
    subprocess.run([SAPHAN, "--help"], check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
