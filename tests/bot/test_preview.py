"""What the secretariat sees of an announcement before it is sent."""

from typing import Any

from bot.dialogue import say
from bot.dialogues.previews import SHOWN, written
from bot.messages import Card
from tests.samples import wording, words_only_snapshot

QUIET: dict[str, Any] = {
    "audience": {},
    "session": None,
    "at": None,
    "confirmable": False,
    "safety": False,
    "corrects": None,
    "rehearsal": False,
    "english": [],
    "people": 2,
    "channels": {"telegram": 2},
    "langs": {"en": 2},
    "texts": {"en": "The bus leaves at 17:00."},
    "unreachable": 0,
    "muted": 0,
}


def preview(**values: Any) -> Card:
    saying = say("announce/preview", **{**QUIET, **values})
    return wording().card(saying, "en", "1.0", words_only_snapshot())


def test_a_rehearsal_is_marked_once() -> None:
    marked = {"en": "The bus leaves at 17:00.\n(rehearsal clock)"}
    shown = [preview(rehearsal=True, texts=marked), preview(rehearsal=True, texts={}, langs={}, people=0)]
    assert [f"{card.body}\n{card.note}".count("(rehearsal clock)") for card in shown] == [1, 1]


def test_a_long_text_is_cut_and_what_stands_under_it_is_not() -> None:
    lines = written(Card("1.0", "en", "A heading", "word " * SHOWN, note="(rehearsal clock)")).split("\n")
    assert (lines[0], lines[1][-2:], lines[2]) == ("A heading", "d…", "(rehearsal clock)")
    assert len(lines[1]) <= SHOWN
