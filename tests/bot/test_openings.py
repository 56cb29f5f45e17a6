"""What opens a dialogue by itself: codes, numbers, and words that lead to what follows them."""

import re
from pathlib import Path

import pytest

import bot
from bot.engine import Enter
from bot.numbers import LETTERS, NUMBER
from bot.openings import opened_by
from bot.words import Words

WORDS = Words.read()


def test_every_letter_of_a_number_is_known_and_shown_by_one_dialogue() -> None:
    assert sorted(WORDS.numbers) == sorted(LETTERS)
    written = "".join(path.read_text("utf-8") for path in Path(bot.__file__).parent.glob("*.py"))
    given = set(re.findall(r"numbered\(\"([A-Z]+)\"", written)) | set(
        re.findall(r"f\"([A-Z]+)-\{row", written)
    )
    assert given <= set(LETTERS)


@pytest.mark.parametrize("number", ["N-0001", "n-1", "JP-0002", "q-10", "I-123456789"])
def test_a_number_is_known_as_people_type_it(number: str) -> None:
    assert NUMBER.fullmatch(number)


@pytest.mark.parametrize("text", ["N-", "N-1234567890", "X-1", "COVID-19", "JPN-1", "N-1 and N-2"])
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert NUMBER.fullmatch(text) is None


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("m-3", Enter("meet", {"text": "M-3"})),
        ("answer Q-10: the bus leaves at nine", Enter("answer", {"number": "Q-10 the bus leaves at nine"})),
        ("482 91", Enter("link", {"digits": "48291"})),
        ("follow session 3", Enter("follow", {"text": "session 3", "question": "follow session 3"})),
        ("关注第三场会议", Enter("follow", {"text": "第三场会议", "question": "关注第三场会议"})),
        (
            "Is anybody from Fiji here?",
            Enter("providers", {"from": "Fiji here", "question": "Is anybody from Fiji here?"}),
        ),
        *(
            (text, None)
            for text in ("2030", "answer the survey", "follow", "we need solar pumps", "N-1 and N-2")
        ),
    ],
)
def test_it_opens_what_was_meant(text: str, opens: Enter | None) -> None:
    assert opened_by(text, WORDS) == opens
