"""Conversations, replayed and compared whole; `--update-transcripts` writes them anew."""

import asyncio
from pathlib import Path

import pytest

from tests.transcript import replayed

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_assistant_says_what_the_transcript_says(
    path: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    transcript = path.read_text("utf-8")
    said = asyncio.run(replayed(transcript, tmp_path))
    if request.config.getoption("--update-transcripts"):
        path.write_text(said, "utf-8")
    else:
        assert said == transcript
