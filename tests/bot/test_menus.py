"""The command menus of a channel that has them."""

import asyncio
from pathlib import Path

import pytest

from bot.assistant import MENUS, Audience
from bot.words import Words
from knowledge.vocabulary import LANGUAGES
from tests.transcript import ME, Watch, stage


def test_each_officer_has_the_menu_of_their_own_chat_in_their_language(tmp_path: Path) -> None:
    with stage(tmp_path, Watch()) as play:
        play.register(ME, "delegate", "FJI", "en")
        play.register("vera", "secretariat", None, "fr")
        assert asyncio.run(play.assistant.officers_on("telegram")) == (("vera", "fr"),)
        assert asyncio.run(play.assistant.officers_on("slack")) == ()


@pytest.mark.parametrize("audience", MENUS)
def test_every_entry_is_a_command_and_is_described_in_every_language(
    audience: Audience, tmp_path: Path
) -> None:
    commands = Words.read().commands
    with stage(tmp_path, Watch()) as play:
        for lang in LANGUAGES:
            menu = play.assistant.commands(lang, audience)
            assert {name for name, _ in menu} <= set(commands)
            assert all(0 < len(words) <= 256 for _, words in menu)
