import pytest

from knowledge.loaders.pack import Pack, read_pack
from knowledge.sample import sample_pack
from knowledge.snapshot import Snapshot
from tests.samples import sample_snapshot


@pytest.fixture(scope="session")
def sample() -> Pack:
    return read_pack(sample_pack())


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    return sample_snapshot()
