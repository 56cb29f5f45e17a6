"""How the building is shown on Telegram's own map."""

import inspect
from typing import Any

import pytest
from telegram import Bot

from adapters.telegram import Telegram
from bot.errors import Ambiguous, Down, Fault, Throttled, Unreachable
from bot.messages import Choice, Field, Outbound
from knowledge.forum import Coordinates
from tests.adapters.telegram.conftest import GROUP, PICTURE, outbound, written
from tests.loopback.telegram import BotApi, Cut, Failure, Page

PLACE = Coordinates(10.5, -20.25)
PARTS: dict[str, Any] = {
    "heading": "Fish &amp; Chips <b>House</b>",
    "fields": (Field("Map", "https://maps.example/?a=1&amp;b=2"),),
    "coordinates": PLACE,
}
SHOWN = {
    "location": {"latitude": 10.5, "longitude": -20.25},
    "title": "Fish & Chips House",
    "address": "Quay 3",
}
WORDS = "Fish & Chips House\nQuay 3\n\nMap: https://maps.example/?a=1&b=2"


def venue(**parts: Any) -> Outbound:
    return outbound("Quay 3", **PARTS, **parts)


async def test_a_place_is_shown_on_a_map_with_its_name_and_address(api: BotApi, polling: Telegram) -> None:
    assert await polling.send(venue()) == "1"
    [call] = api.calls
    assert call.method == "sendVenue"
    assert call.values.keys() <= inspect.signature(Bot.send_venue).parameters.keys()
    assert written(api) == [{"venue": SHOWN}]


async def test_in_a_group_it_stands_in_the_topic_and_answers(api: BotApi, polling: Telegram) -> None:
    await polling.send(venue(chat=GROUP, thread="7", about="44", choices=((Choice("a", "A"),),)))
    [call] = api.calls
    assert (call.values["chat_id"], call.values["message_thread_id"]) == (GROUP, "7")
    assert call.values["reply_parameters"]["message_id"] == 44
    assert call.values["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "c1:0"
    assert call.values.keys() <= inspect.signature(Bot.send_venue).parameters.keys()


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Failure(429, "Too Many Requests", retry_after=1), Throttled),
        (Failure(403, "Forbidden: bot was blocked by the user"), Unreachable),
        (Failure(500, "Internal Server Error"), Down),
        (Page(502), Down),
        (Cut(), Ambiguous),
        (Page(200, '{"ok": true, "result": {}}'), Ambiguous),
    ],
)
async def test_it_fails_as_words_do(api: BotApi, polling: Telegram, answer: Any, fault: type[Fault]) -> None:
    api.will("sendVenue", answer)
    with pytest.raises(fault):
        await polling.send(venue())
    assert [call.method for call in api.calls] == ["sendVenue"]


async def test_where_telegram_takes_no_map_the_words_lead_to_one(api: BotApi, polling: Telegram) -> None:
    api.will("sendVenue", Failure(400, "Bad Request: not enough rights to send venues to the chat"))
    assert await polling.send(venue(chat=GROUP, thread="7")) == "1"
    assert [call.method for call in api.calls] == ["sendVenue", "sendMessage"]
    assert api.calls[1].values["message_thread_id"] == "7"
    assert written(api) == [{"text": WORDS}]


async def test_words_that_take_its_place_replace_the_map(api: BotApi, polling: Telegram) -> None:
    sent = await polling.send(venue())
    assert await polling.send(outbound("It has moved", replaces=sent)) == "2"
    assert written(api) == [{"text": "It has moved"}]


async def test_it_takes_the_place_of_words_as_words(api: BotApi, polling: Telegram) -> None:
    sent = await polling.send(outbound("Where?"))
    assert await polling.send(venue(replaces=sent)) == sent
    assert written(api) == [{"text": WORDS}]


async def test_a_picture_of_a_place_travels_with_the_words(api: BotApi, polling: Telegram) -> None:
    await polling.send(venue(attachment=PICTURE))
    [call] = api.calls
    assert call.method == "sendPhoto"
    assert call.values["caption"].endswith("<i>Map of level 3</i>")
