"""What a need says that it takes: travel and counted things, in four languages; and no amount of money."""

import pytest

from knowledge.lacking import Taken, mask_money
from tests.samples import sample_snapshot


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "training for 12 technicians, travel for 12 technicians and 6 refrigerators for our outer islands",
            Taken(travel=True, things=("6 refrigerators",)),
        ),
        ("нужны обучение для 12 техников, проезд и 6 холодильников", Taken(True, ("6 холодильников",))),
        (
            "6 réfrigérateurs et une formation pour 12 techniciens, voyage compris",
            Taken(True, ("6 réfrigérateurs",)),
        ),
        ("我们需要培训12名技术人员、差旅费和6台冰箱", Taken(True, ("6台冰箱",))),
        ("3 years of training for 40 nurses on 12 islands and 2 ambulances", Taken(False, ("2 ambulances",))),
        ("solar energy", Taken()),
        ("", Taken()),
    ],
)
def test_what_a_text_takes_besides_its_forms(text: str, found: Taken) -> None:
    assert sample_snapshot().understand.taken(text) == found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("about USD 20,000 and 5 pumps", "about […] and 5 pumps"),
        ("20 000 dollars for travel", "[…] for travel"),
        ("2 millions d'euros, 6 pompes", "[…], 6 pompes"),
        ("15 млн долларов", "[…]"),
        ("30万美元和6台冰箱", "[…]和6台冰箱"),
        ("$5k", "[…]"),
        ("1.5 million US dollars", "[…]"),
        ("travel for 12 technicians, 6 refrigerators", "travel for 12 technicians, 6 refrigerators"),
    ],
)
def test_amounts_of_money_are_hidden_and_other_numbers_stay(text: str, shown: str) -> None:
    assert mask_money(text) == shown
