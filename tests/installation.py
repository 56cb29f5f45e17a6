"""An installation for tests of whole programs."""

import os
from collections.abc import Mapping
from pathlib import Path


def environment(database: Path, **settings: str) -> Mapping[str, str]:
    """Return the environment of an installation with its data in the file *database* and nothing else set."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SAPHAN_")}
    return {**clean, "SAPHAN_DATABASE_URL": f"sqlite:///{database}", **settings}
