"""All figures of the project, as ratios to something bare in the same run: `python -m tests.benchmarks [PART ...]`."""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import answers, start, turns
from tests.benchmarks.processes import ROOT


def broadcast() -> None:
    """Measure the ledger and the sender, in a process of their own."""
    command = [sys.executable, "-m", "tests.benchmarks.deliveries", "--messages", "2000"]
    subprocess.run(command, cwd=ROOT, check=True)


def whole_turns() -> None:
    """Measure turns over both platforms."""
    turns.telegram()
    turns.slack()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help="turns, broadcast, start, answers; all when left out"
    )
    parser.add_argument("--data", type=Path, help="a folder of public data sets to be answered from as well")
    asked = parser.parse_args()
    parts: dict[str, tuple[str, Callable[[], None]]] = {
        "turns": ("A whole durable turn", whole_turns),
        "broadcast": ("Broadcasting", broadcast),
        "start": ("Starting", start.main),
        "answers": ("Answering", lambda: answers.main(asked.data)),
    }
    if unknown := set(asked.parts) - set(parts):
        parser.error(f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    for name in asked.parts or parts:
        title, measure = parts[name]
        print(f"\n{title}", flush=True)
        measure()


if __name__ == "__main__":
    main()
