import asyncio
from dataclasses import replace

import pytest

from adapters.telegram import Telegram
from bot.errors import Ambiguous, Down, TooBig
from bot.messages import Attachment, Choice
from tests.adapters.telegram.conftest import GROUP, PICTURE, Recorder, outbound, written
from tests.loopback.telegram import TOKEN, BotApi, Cut


async def test_a_card_arrives_as_a_message_without_a_link_preview(api: BotApi, polling: Telegram) -> None:
    sent = await polling.send(outbound("See https://example.org", choices=((Choice("a", "A"),),)))
    keyboard = {"inline_keyboard": [[{"text": "A", "callback_data": "c1:0"}]]}
    assert sent == "1"
    assert [call.values for call in api.calls] == [
        {
            "chat_id": "5000000001",
            "text": "See https://example.org",
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
            "reply_markup": keyboard,
        }
    ]


@pytest.mark.parametrize(
    "text", ["a+b = c&d;e%20", "Сейчас: «зал»", "现在🙂", "&lt;3 _x_ &amp;amp; \"q\" 'q'\n\tend"]
)
async def test_every_character_arrives(api: BotApi, polling: Telegram, text: str) -> None:
    await polling.send(outbound(text))
    assert written(api) == [{"text": text.replace("&lt;", "<").replace("&amp;", "&")}]


@pytest.mark.parametrize("attachment", [None, PICTURE])
async def test_a_silent_message_makes_no_sound(
    api: BotApi, polling: Telegram, attachment: Attachment | None
) -> None:
    await polling.send(replace(outbound(attachment=attachment), silent=True))
    await polling.send(outbound(attachment=attachment))
    sounds = [str(call.values.get("disable_notification", False)).lower() for call in api.calls]
    assert sounds == ["true", "false"]


async def test_a_message_over_4096_characters_never_leaves(api: BotApi, polling: Telegram) -> None:
    await polling.send(outbound("x" * 4096))
    with pytest.raises(TooBig):
        await polling.send(outbound("x" * 4097))
    assert len(api.calls) == 1


async def test_an_answer_in_a_group_replies_inside_its_topic(api: BotApi, polling: Telegram) -> None:
    await polling.send(outbound(chat=GROUP, thread="7", about="44"))
    values = api.calls[0].values
    assert values["message_thread_id"] == "7"
    assert values["reply_parameters"] == {"message_id": 44, "allow_sending_without_reply": True}


async def test_an_answer_in_private_does_not_reply_to_the_message(api: BotApi, polling: Telegram) -> None:
    await polling.send(outbound(about="44"))
    assert "reply_parameters" not in api.calls[0].values


async def test_a_closed_adapter_sends_nothing(api: BotApi, polling: Telegram) -> None:
    await polling.close()
    with pytest.raises(Down):
        await polling.send(outbound())
    assert api.calls == []


async def test_closing_lets_a_message_in_flight_arrive(api: BotApi) -> None:
    telegram = Telegram(Recorder(), token=TOKEN, api_url=api.url)
    sending = asyncio.create_task(telegram.send(outbound()))
    await api.wait_for("sendMessage")
    await telegram.close()
    assert await sending == "1"


async def test_everything_goes_over_one_connection_as_long_as_one_is_enough(
    api: BotApi, polling: Telegram
) -> None:
    for _ in range(10):
        sent = await polling.send(outbound())
        await polling.send(outbound("Room B3", replaces=sent))
        await polling.send(outbound(attachment=PICTURE))
        await polling.send(outbound("Withdrawn.", replaces=sent, deletes=True))
    assert (len(api.connections), len(api.calls)) == (1, 40)


async def test_messages_in_flight_at_a_time_share_what_is_open(api: BotApi, polling: Telegram) -> None:
    for _ in range(3):
        await asyncio.gather(*(polling.send(outbound(chat=str(number))) for number in range(1, 21)))
    assert len(api.connections) <= 20
    assert len(api.calls) == len(api.messages) == 60


@pytest.mark.parametrize("carried_out", [True, False])
async def test_nothing_is_posted_twice_when_a_used_connection_is_cut(
    api: BotApi, polling: Telegram, carried_out: bool
) -> None:
    await polling.send(outbound())
    api.will("sendMessage", Cut(carried_out))
    with pytest.raises(Ambiguous):
        await polling.send(outbound())
    assert len(api.calls) == 2
    await polling.send(outbound())
    assert len(api.connections) == 2
