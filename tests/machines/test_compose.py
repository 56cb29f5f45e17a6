"""compose.yaml and the Dockerfile name what is there; no engine is needed to see that."""

import re
from pathlib import Path
from typing import Any

import yaml
from typer.main import get_command

from adapters.cli.main import app
from adapters.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SAPHAN = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "saphan"}


def test_it_is_two_web_two_workers_a_database_and_a_proxy() -> None:
    replicas = {
        name: service.get("deploy", {}).get("replicas", 1) for name, service in COMPOSE["services"].items()
    }
    assert replicas == {"postgres": 1, "schema": 1, "web": 2, "worker": 2, "proxy": 1}


def test_every_command_is_one_that_saphan_has() -> None:
    commands: Any = get_command(app)
    for service in SAPHAN.values():
        name, *rest = service["command"]
        command = commands.commands[name]
        if name == "db":
            command, rest = command.commands[rest[0]], rest[1:]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options


def test_every_setting_is_one_that_saphan_reads() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for service in SAPHAN.values():
        given = {name for name in service["environment"] if name.startswith(PREFIX)}
        assert given <= known


def test_the_image_is_made_of_what_is_there() -> None:
    kept = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    assert [name for name in kept if not (ROOT / name).exists()] == []
    assert "--require-hashes" in (ROOT / "Dockerfile").read_text("utf-8")
