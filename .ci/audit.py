"""
Asks the advisory service about every pinned dependency; fails when it knows something against one.

    python .ci/audit.py

Where the service cannot be reached, or does not know the packages, it says so in one sentence and does not fail: a
machine without the internet can still tell whether the rest holds.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PINS = Path(__file__).parents[1] / "constraints.txt"
PATIENCE = 120
"""Seconds that the service may take in all."""


def main() -> int:
    """Ask, say what came of it, and return the exit code."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(PINS), "--require-hashes"]
    command += ["--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603
        report = json.loads(asked.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        print("Dependencies were NOT audited: the advisory service cannot be reached.")
        return 0
    code, sentence = verdict(report)
    print(sentence)
    return code


def verdict(report: Mapping[str, Any]) -> tuple[int, str]:
    """Return the exit code for pip-audit's *report*, and what to say about it."""
    packages = report["dependencies"]
    asked = [one for one in packages if "skip_reason" not in one]
    found = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for one in asked
        for flaw in one["vulns"]
    ]
    if found:
        return 1, "\n".join(["Known weaknesses in dependencies:", *found])
    if not asked:
        return 0, f"Dependencies were NOT audited: the service knows none of the {len(packages)} packages."
    rest = len(packages) - len(asked)
    unknown = f" The service does not know {rest} others." if rest else ""
    return 0, f"{len(asked)} dependencies audited, no known weakness.{unknown}"


if __name__ == "__main__":
    sys.exit(main())
