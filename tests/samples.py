"""What the pack that ships knows, as the assistant has it; made once for each process."""

from functools import cache

from knowledge.loaders.pack import read_pack
from knowledge.sample import sample_pack
from knowledge.snapshot import Snapshot
from matching.encoder import sentence_encoder


@cache
def sample_snapshot() -> Snapshot:
    """Return the snapshot of the sample pack, everything built that a turn asks for."""
    return Snapshot.of(read_pack(sample_pack()), encoder=sentence_encoder()).prepared()


@cache
def words_only_snapshot() -> Snapshot:
    """Return the same where the sentence encoder is not installed."""
    return Snapshot.of(read_pack(sample_pack())).prepared()
