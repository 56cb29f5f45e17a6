"""No text that may come breaks or holds up an answer or the reading of a need."""

from knowledge.snapshot import Snapshot
from tests.hostile import hold_up


def test_no_text_breaks_or_holds_up_an_answer(snapshot: Snapshot) -> None:
    assert hold_up(snapshot.answers.ask) == {}


def test_no_text_breaks_or_holds_up_the_reading_of_a_need(snapshot: Snapshot) -> None:
    assert hold_up(snapshot.understand) == {}
