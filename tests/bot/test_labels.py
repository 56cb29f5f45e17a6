"""Which button somebody means by what they type."""

import pytest

from bot.conversation import Conversation, Shown
from bot.labels import near_label, whole_label
from bot.messages import Choice

LABELS = ("Introduce me: DPA", "Introduce me: IsDB", "Change theme", "Cancel")
CARD = Conversation(shown=Shown("c1", tuple(Choice(label, label) for label in LABELS)))


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("2", "Introduce me: IsDB"),
        ("change theme", "Change theme"),
        ("CANCEL!", "Cancel"),
        ("5", None),
        ("👍", None),
        ("change", None),
    ],
)
def test_a_number_and_a_whole_label_are_the_button(typed: str, label: str | None) -> None:
    chosen = whole_label(typed, CARD)
    assert (chosen.label if chosen else None) == label


def test_words_that_are_no_letters_are_no_button_without_letters() -> None:
    card = Conversation(shown=Shown("c1", (Choice("fine", "👍"), Choice("no", "👎"))))
    assert whole_label("🙂", card) is None


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Chnage theme", "Change theme"),
        ("Introdcue me: DPA", "Introduce me: DPA"),
        ("Introduce me: IsBD", "Introduce me: IsDB"),
        ("Introduce me: UNDP", None),
        ("what is on now", None),
        ("can", None),
    ],
)
def test_a_mistyped_label_is_its_button_and_another_name_is_none(typed: str, label: str | None) -> None:
    chosen = near_label(typed, CARD, awaited=False)
    assert (chosen.label if chosen else None) == label
