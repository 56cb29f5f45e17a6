"""
All figures of the project, beside something bare in the same run: `python -m tests.benchmarks [PART ...]`.

Needs nothing but the repository; with a folder of public data sets some parts measure these as well.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import (
    answers,
    floods,
    forgetting,
    names,
    partners,
    searching,
    start,
    turns,
    understanding,
)
from tests.benchmarks.processes import ROOT


def broadcast() -> None:
    """Measure the ledger and the sender, in a process of their own."""
    command = [sys.executable, "-m", "tests.benchmarks.deliveries", "--messages", "2000"]
    subprocess.run(command, cwd=ROOT, check=True)


def several_machines() -> None:
    """Measure several processes on one PostgreSQL."""
    subprocess.run([sys.executable, "-m", "tests.benchmarks.machines"], cwd=ROOT, check=True)


def whole_turns() -> None:
    """Measure turns over both platforms."""
    turns.telegram()
    turns.slack()


# Each with its title; the folder of public data sets, None without one, is given to all.
PARTS: dict[str, tuple[str, Callable[[Path | None], None]]] = {
    "turns": ("A whole durable turn", lambda _: whole_turns()),
    "broadcast": ("Broadcasting", lambda _: broadcast()),
    "machines": ("Several machines on PostgreSQL", lambda _: several_machines()),
    "floods": ("One account that floods", lambda _: floods.main()),
    "forgetting": ("Forgetting one person", lambda _: forgetting.main()),
    "start": ("Starting", lambda _: start.main()),
    "answers": ("Answering", answers.main),
    "understanding": ("Understanding needs and offers", lambda _: understanding.main()),
    "names": ("Finding names", names.main),
    "searching": ("Searching documents", searching.main),
    "partners": ("Suggesting partners", lambda _: partners.main()),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all when left out")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="public data sets to be measured as well")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    for name in asked.parts or PARTS:
        title, measure = PARTS[name]
        print(f"\n{title}", flush=True)
        measure(asked.data)


if __name__ == "__main__":
    main()
