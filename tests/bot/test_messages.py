import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import (
    Address,
    Attachment,
    Card,
    Choice,
    Edit,
    Field,
    Inbound,
    Left,
    Media,
    Opened,
    Submitted,
    Tap,
    Text,
)
from knowledge.forum import Coordinates

PLAN = Attachment("plan.png", "image/png", b"\x89PNG", "Floor plan: room B is the second door on the left.")


@pytest.mark.parametrize(
    "heard",
    [
        Text("hello", forwarded=True),
        Tap("1a.0", 2, "m7"),
        Edit("hello", "m7"),
        Media("photo", "look"),
        Opened("token"),
        Left(),
        Submitted("need", {"text": "we need"}),
    ],
)
def test_what_was_heard_comes_back_as_it_was_kept(heard):
    address = Address("telegram", "7")
    inbound = Inbound("k", address, datetime(2022, 9, 13, tzinfo=UTC), heard, "7", "group", "3", "m8", "fr")
    assert Inbound.from_json(inbound.to_json()) == inbound


@given(text=st.text(), label=st.text(), content=st.binary())
def test_a_card_comes_back_as_it_was_kept(text, label, content):
    card = Card(
        "1a.0",
        "en",
        heading=text,
        body=text,
        fields=(Field(label, text),),
        choices=((Choice("/now", label), Choice("send", label)), (Choice("x", label),)),
        note=text,
        attachment=Attachment("file", "application/pdf", content, text),
        coordinates=Coordinates(10.5, -20.25),
    )
    assert Card.from_json(json.loads(json.dumps(card.to_json()))) == card


def test_a_card_that_was_kept_without_file_and_place_has_none():
    card = Card("1a.0", "en", body="Room B")
    assert card.to_json().keys().isdisjoint({"attachment", "coordinates"})
    assert Card.from_json(card.to_json()) == card


def test_the_choices_are_numbered_in_reading_order():
    card = Card("r", "en", choices=((Choice("a", "A"), Choice("b", "B")), (Choice("c", "C"),)))
    assert [(number, choice.id) for number, choice in card.numbered()] == [(0, "a"), (1, "b"), (2, "c")]


def test_a_picture_is_told_from_a_document():
    assert PLAN.is_picture
    assert not Attachment("a.pdf", "application/pdf", b"", "Agenda").is_picture
