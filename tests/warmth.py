"""What every start of `saphan` does first, done where this is imported: once for all that are forked from there."""

from sqlalchemy.orm import configure_mappers

from adapters import wiring  # noqa: F401 - what the commands import when they are called
from matching.encoder import sentence_encoder

configure_mappers()
if (encoder := sentence_encoder()) is not None:
    encoder.encode(["ready"])
    assert encoder.words
