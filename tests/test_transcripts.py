"""Conversations, replayed and compared whole; `--update-transcripts` writes them anew."""

import asyncio
from pathlib import Path

import pytest

from tests.transcript import replayed

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


ON_BOTH = [
    pytest.param(path, id=path.stem)
    for path in TRANSCRIPTS
    if path.stem
    in {
        "arrival",
        "edits",
        "forgetme",
        "delegation",
        "live",
        "link",
        "link_wrong_person",
        "need_changes",
        "offer",
        "question",
        "sessions",
    }
]
"""Conversations that between them write and read every table a turn has to do with."""


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


@pytest.mark.parametrize("path", ON_BOTH)
def test_it_says_the_same_on_postgresql(path: Path, tmp_path: Path) -> None:
    transcript = path.read_text("utf-8")
    assert asyncio.run(replayed(transcript, tmp_path, "postgresql")) == transcript
