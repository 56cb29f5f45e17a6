"""What a release says it is made of, and what comes of asking about it."""

import json
import runpy
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parents[1] / ".ci"


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the bill of materials as it is written."""
    out = tmp_path_factory.mktemp("bill") / "saphan.cdx.json"
    subprocess.run([sys.executable, SCRIPTS / "sbom.py", out], check=True, capture_output=True)
    return json.loads(out.read_text("utf-8"))


def test_the_bill_names_what_the_package_runs_on_with_its_hashes(bill: Any) -> None:
    parts = {one["name"]: one for one in bill["components"]}
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["version"] == metadata.version("saphan")
    assert {"sqlmodel", "rapidfuzz", "python-telegram-bot", "slack-bolt", "icalendar"} <= parts.keys()
    assert [name for name, one in parts.items() if not one["hashes"]] == []
    for name, one in parts.items():
        assert (one["version"], one["purl"]) == (
            metadata.version(name),
            f"pkg:pypi/{name}@{metadata.version(name)}",
        )


def test_the_bill_has_what_is_needed_indirectly_and_nothing_of_development(bill: Any) -> None:
    names = {one["name"] for one in bill["components"]}
    assert {"httpx", "markupsafe", "slack-sdk", "typing-extensions"} <= names
    assert names.isdisjoint({"pytest", "ruff", "mypy", "playwright", "pip-audit"})
    needs = {one["ref"].partition("==")[0]: one.get("dependsOn", []) for one in bill["dependencies"]}
    assert any(ref.startswith("markupsafe==") for ref in needs["jinja2"])


VERDICT = runpy.run_path(str(SCRIPTS / "audit.py"))["verdict"]
CLEAN = {"name": "rich", "version": "15.0", "vulns": []}
UNKNOWN = {"name": "uvloop", "skip_reason": "not found"}
WEAK = {"name": "jinja2", "version": "3.1.0", "vulns": [{"id": "PYSEC-0", "fix_versions": ["3.1.6"]}]}


@pytest.mark.parametrize(
    ("packages", "code", "words"),
    [
        ([CLEAN, CLEAN], 0, "2 dependencies audited, no known weakness."),
        ([CLEAN, UNKNOWN], 0, "The service does not know 1 others."),
        ([UNKNOWN], 0, "NOT audited: the service knows none of the 1 packages."),
        ([CLEAN, WEAK, UNKNOWN], 1, "jinja2 3.1.0: PYSEC-0, mended in 3.1.6"),
    ],
)
def test_a_known_weakness_fails_and_silence_is_said(packages: list[Any], code: int, words: str) -> None:
    told = VERDICT({"dependencies": packages})
    assert told[0] == code
    assert words in told[1]
