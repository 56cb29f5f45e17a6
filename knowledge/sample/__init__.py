"""The pack that ships: real facts and a real catalogue, with a programme and rooms made up."""

from importlib import resources
from importlib.resources.abc import Traversable


def sample_pack() -> Traversable:
    """Return the folder of the sample pack, for `read_pack`."""
    return resources.files("knowledge.sample")
