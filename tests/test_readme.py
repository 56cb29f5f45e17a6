"""The front door tells the truth."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_conversation_on_the_front_page_is_one_that_is_replayed():
    shown = re.search(r"```text\n(> .*?)```", README, re.DOTALL)[1]
    transcript = (ROOT / "tests" / "transcripts" / "readme.txt").read_text("utf-8")
    assert shown == transcript[transcript.index("> ") :]


def test_every_page_that_the_front_page_names_is_there():
    pages = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert pages
    assert [page for page in pages if not (ROOT / page).exists()] == []
