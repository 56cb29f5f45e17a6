"""The data files that belong to the code: word lists of ours, not the forum's."""

from functools import cache
from importlib import resources
from typing import Any

import yaml

# libyaml reads ten times faster, where PyYAML was built with it.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def packaged(package: str, name: str) -> dict[str, Any]:
    """Return the mapping in the YAML file *name* of *package*; not to be changed."""
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader
    return data
