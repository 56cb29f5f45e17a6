"""Wherever people wander, there is an answer, and a way out."""

import asyncio

import pytest

from bot.dialogues import DIALOGUES
from tests.walks import walk

TURNS = 1000


@pytest.mark.parametrize("seed", [1, 2])
def test_no_walk_comes_to_a_dead_end(seed: int) -> None:
    seen = asyncio.run(walk(TURNS, seed))
    assert seen.turns >= TURNS
    assert len(seen.dialogues) > 0.9 * len(DIALOGUES)
