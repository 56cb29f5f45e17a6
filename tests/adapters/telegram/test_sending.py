import asyncio
from datetime import timedelta
from typing import Any

import pytest

from adapters.telegram import Telegram
from bot.errors import Ambiguous, Down, Fault, Moved, Rejected, Throttled, TooBig, Unreachable
from bot.messages import Address, Attachment, Card, Choice, Outbound
from tests.adapters.telegram.conftest import QUICK, Recorder
from tests.loopback.telegram import TOKEN, BotApi, Cut, Failure, Hang, Page

PICTURE = Attachment("map.png", "image/png", b"\x89PNG map", "Map of level 3")
GROUP = "-100200300"


def card(body: str = "Room B2", **parts: Any) -> Card:
    return Card("c1", "en", body=body, **parts)


def outbound(body: str = "Room B2", *, chat: str = "5000000001", **parts: Any) -> Outbound:
    about = {name: parts.pop(name) for name in ("thread", "replaces", "about") if name in parts}
    return Outbound(1, Address("telegram", "5000000001"), chat, card(body, **parts), **about)


def written(api: BotApi) -> list[dict[str, Any]]:
    return list(api.messages.values())


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


ERRORS: list[tuple[Any, type[Fault]]] = [
    (Failure(403, "Forbidden: bot was blocked by the user"), Unreachable),
    (Failure(403, "Forbidden: user is deactivated"), Unreachable),
    (Failure(400, "Bad Request: chat not found"), Unreachable),
    (Failure(400, "Bad Request: PEER_ID_INVALID"), Unreachable),
    (Failure(400, "Bad Request: can't parse entities"), Rejected),
    (Failure(400, "Bad Request: message is too long"), TooBig),
    (Failure(413, "Request Entity Too Large"), TooBig),
    (Failure(500, "Internal Server Error"), Down),
    (Failure(401, "Unauthorized"), Down),
    (Failure(404, "Not Found"), Down),
    (Page(502), Down),
    (Page(503, ""), Down),
    (Page(400), Down),
    (Page(403, "<html>firewall</html>"), Down),
    (Page(302, headers={"Location": "/elsewhere"}), Down),
    (Page(200, "<html>captive portal</html>"), Ambiguous),
    (Page(200, '{"ok": true}'), Ambiguous),
    (Page(200, '{"ok": true, "result": true}'), Ambiguous),
    (Page(200, '{"ok": true, "result": {"mess'), Ambiguous),
    (Page(200, "[]"), Ambiguous),
    (Page(200, '{"ok": false, "error_code": 403, "description": "Forbidden: blocked"}'), Unreachable),
    (Cut(), Ambiguous),
    (Hang(), Ambiguous),
]


@pytest.mark.parametrize(("answer", "fault"), ERRORS)
async def test_a_failure_becomes_the_fault_that_says_what_to_do(
    api: BotApi, polling: Telegram, answer: Any, fault: type[Fault]
) -> None:
    api.will("sendMessage", answer)
    with pytest.raises(Fault) as caught:
        await polling.send(outbound())
    assert type(caught.value) is fault
    assert len(api.calls) == 1


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Cut(), Ambiguous),
        (Page(200, '{"ok": true, "result": {}}'), Ambiguous),
        (Page(502), Down),
        (Failure(400, "Bad Request: IMAGE_PROCESS_FAILED"), Rejected),
    ],
)
async def test_a_picture_fails_in_the_same_words(
    api: BotApi, polling: Telegram, answer: Any, fault: type[Fault]
) -> None:
    api.will("sendPhoto", answer)
    with pytest.raises(fault):
        await polling.send(outbound(attachment=PICTURE))
    assert len(api.calls) == 1


async def test_a_pause_is_exactly_as_long_as_telegram_asks(api: BotApi, polling: Telegram) -> None:
    api.will(
        "sendMessage",
        Failure(429, "Too Many Requests: retry after 17", retry_after=17),
        Page(429, "slow down", {"Retry-After": "3"}),
    )
    waits = []
    for _ in range(2):
        with pytest.raises(Throttled) as caught:
            await polling.send(outbound())
        waits.append(caught.value.wait)
    assert waits == [timedelta(seconds=17), timedelta(seconds=3)]


async def test_no_connection_means_that_nothing_left() -> None:
    async with BotApi() as api:
        address = api.url
    telegram = Telegram(Recorder(), token=TOKEN, api_url=address, patience=QUICK)
    with pytest.raises(Down) as caught:
        await telegram.send(outbound())
    assert TOKEN not in str(caught.value)
    await telegram.close()


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


async def test_a_wrong_token_is_said_once_and_taken_back_when_it_is_right(
    api: BotApi, polling: Telegram, logs: list[Any]
) -> None:
    api.will("sendMessage", *[Failure(401, "Unauthorized")] * 2)
    for _ in range(2):
        with pytest.raises(Down):
            await polling.send(outbound())
    assert [entry["event"] for entry in logs] == ["telegram.wrong_token"]
    assert "SAPHAN_TELEGRAM_TOKEN" in polling.status
    await polling.send(outbound())
    assert polling.status == "Telegram is on."
    assert TOKEN not in repr(logs)


async def test_a_person_is_still_reachable_when_their_group_is_not(api: BotApi, polling: Telegram) -> None:
    api.will("sendMessage", Failure(403, "Forbidden: bot was kicked from the supergroup chat"))
    with pytest.raises(Rejected):
        await polling.send(outbound(chat=GROUP))


async def test_a_group_that_has_moved_says_where_to(api: BotApi, polling: Telegram) -> None:
    api.moved["-9"] = "-1009"
    with pytest.raises(Moved) as caught:
        await polling.send(outbound(chat="-9"))
    assert caught.value.chat == "-1009"
    await polling.send(outbound(chat=caught.value.chat))
    assert list(api.messages) == [("-1009", 1)]


async def test_an_edit_changes_the_message_in_place_and_takes_its_buttons_away(
    api: BotApi, polling: Telegram
) -> None:
    first = await polling.send(outbound("Sure?", choices=((Choice("a", "A"),),)))
    assert await polling.send(outbound("Done.", replaces=first)) == first
    assert written(api) == [{"text": "Done."}]


async def test_an_edit_that_changes_nothing_is_done(api: BotApi, polling: Telegram) -> None:
    first = await polling.send(outbound("Same."))
    assert await polling.send(outbound("Same.", replaces=first)) == first
    assert len(written(api)) == 1


@pytest.mark.parametrize("replaces", ["999", "of another channel"])
async def test_a_message_that_cannot_be_edited_is_sent_anew(
    api: BotApi, polling: Telegram, replaces: str
) -> None:
    assert await polling.send(outbound("Again.", replaces=replaces)) == "1"
    assert written(api) == [{"text": "Again."}]


async def test_an_edit_that_fails_is_not_sent_anew(api: BotApi, polling: Telegram) -> None:
    first = await polling.send(outbound("Sure?"))
    api.will("editMessageText", Cut())
    with pytest.raises(Ambiguous):
        await polling.send(outbound("Done.", replaces=first))
    assert len(written(api)) == 1


async def test_a_picture_carries_the_card_as_its_caption(api: BotApi, polling: Telegram) -> None:
    await polling.send(
        outbound(chat=GROUP, attachment=PICTURE, thread="7", about="44", choices=((Choice("a", "A"),),))
    )
    [call] = api.calls
    assert (call.method, call.files) == ("sendPhoto", {"photo": PICTURE.content})
    assert call.values["caption"] == "Room B2\n\n<i>Map of level 3</i>"
    assert call.values["message_thread_id"] == "7"
    assert call.values["reply_parameters"]["message_id"] == 44
    assert call.values["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "c1:0"


@pytest.mark.parametrize("media_type", ["application/pdf", "image/svg+xml", "text/calendar"])
async def test_what_is_no_photo_travels_as_a_document(
    api: BotApi, polling: Telegram, media_type: str
) -> None:
    await polling.send(outbound(attachment=Attachment("agenda", media_type, b"data", "The agenda")))
    assert [(call.method, call.files) for call in api.calls] == [("sendDocument", {"document": b"data"})]


async def test_a_text_too_long_for_a_caption_follows_its_picture(api: BotApi, polling: Telegram) -> None:
    sent = await polling.send(outbound("x" * 1024, attachment=PICTURE, choices=((Choice("a", "A"),),)))
    picture, text = written(api)
    assert (sent, picture) == ("2", {"caption": "Map of level 3"})
    assert (text["text"], "reply_markup" in text) == ("x" * 1024, True)


async def test_a_second_try_of_such_a_text_does_not_repeat_the_picture(
    api: BotApi, polling: Telegram
) -> None:
    api.will("sendMessage", Failure(429, "Too Many Requests", retry_after=1))
    message = outbound("x" * 1024, attachment=PICTURE)
    with pytest.raises(Throttled):
        await polling.send(message)
    await polling.send(message)
    assert [call.method for call in api.calls] == ["sendPhoto", "sendMessage", "sendMessage"]


async def test_a_text_too_big_sends_no_picture_ahead(api: BotApi, polling: Telegram) -> None:
    with pytest.raises(TooBig):
        await polling.send(outbound("x" * 5000, attachment=PICTURE))
    assert api.calls == []


async def test_an_edit_with_a_picture_replaces_picture_and_words(api: BotApi, polling: Telegram) -> None:
    first = await polling.send(outbound("Room B2", attachment=PICTURE))
    other = Attachment("b3.png", "image/png", b"\x89PNG other", "Map of B3")
    assert await polling.send(outbound("Room B3", attachment=other, replaces=first)) == first
    assert api.calls[1].method == "editMessageMedia"
    assert list(api.calls[1].files.values()) == [other.content]
    assert written(api) == [{"caption": "Room B3\n\nMap of B3"}]


async def test_an_edit_without_a_picture_changes_the_caption_under_one(
    api: BotApi, polling: Telegram
) -> None:
    first = await polling.send(outbound("Room B2", attachment=PICTURE, choices=((Choice("a", "A"),),)))
    assert await polling.send(outbound("Room B2 it is.", replaces=first)) == first
    assert written(api) == [{"caption": "Room B2 it is."}]
