"""How pictures and documents travel."""

from typing import Any

import pytest

from adapters.telegram import Telegram
from adapters.telegram.files import MAX_DOCUMENT, MAX_PHOTO
from bot.errors import Ambiguous, Down, Fault, Rejected, Throttled, TooBig
from bot.messages import Attachment, Choice
from tests.adapters.telegram.conftest import GROUP, PICTURE, outbound, written
from tests.loopback.telegram import BotApi, Cut, Failure, Page


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


async def test_a_text_too_long_for_a_caption_goes_before_its_picture(api: BotApi, polling: Telegram) -> None:
    sent = await polling.send(outbound("x" * 1024, attachment=PICTURE, choices=((Choice("a", "A"),),)))
    text, picture = written(api)
    assert (sent, picture) == ("1+2", {"caption": "Map of level 3"})
    assert (text["text"], "reply_markup" in text) == ("x" * 1024, True)


@pytest.mark.parametrize(
    ("answer", "fault"), [(Failure(429, "Too Many Requests", retry_after=1), Throttled), (Cut(), Ambiguous)]
)
async def test_when_only_the_picture_failed_a_second_try_does_not_repeat_the_words(
    api: BotApi, polling: Telegram, answer: Any, fault: type[Fault]
) -> None:
    api.will("sendPhoto", answer)
    message = outbound("x" * 1024, attachment=PICTURE)
    with pytest.raises(fault):
        await polling.send(message)
    sent = await polling.send(message)
    assert [call.method for call in api.calls] == ["sendMessage", "sendPhoto", "sendPhoto"]
    assert sent == f"1+{len(api.messages)}"
    await polling.send(message)
    assert len(api.called("sendMessage")) == 2


async def test_in_a_group_both_stand_in_the_topic_and_the_words_answer(
    api: BotApi, polling: Telegram
) -> None:
    await polling.send(outbound("x" * 1024, chat=GROUP, attachment=PICTURE, thread="7", about="44"))
    text, picture = (call.values for call in api.calls)
    assert (text["message_thread_id"], picture["message_thread_id"]) == ("7", "7")
    assert ("reply_parameters" in text, "reply_parameters" in picture) == (True, False)


async def test_a_text_too_big_sends_no_picture_ahead(api: BotApi, polling: Telegram) -> None:
    with pytest.raises(TooBig):
        await polling.send(outbound("x" * 5000, attachment=PICTURE))
    assert api.calls == []


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


async def test_a_file_is_uploaded_once_and_then_goes_by_its_id(api: BotApi, polling: Telegram) -> None:
    chats = ["5000000001", "5000000002", GROUP]
    for chat in chats:
        await polling.send(outbound(chat=chat, attachment=PICTURE))
    assert [len(call.files) for call in api.calls] == [1, 0, 0]
    assert [(call.values["chat_id"], call.values.get("photo")) for call in api.calls] == [
        (chats[0], None),
        (chats[1], "file-1"),
        (chats[2], "file-1"),
    ]
    assert [words["caption"] for words in written(api)] == ["Room B2\n\nMap of level 3"] * 3


async def test_a_file_of_another_name_is_another_file(api: BotApi, polling: Telegram) -> None:
    for name in ("agenda.pdf", "agenda-2.pdf"):
        await polling.send(outbound(attachment=Attachment(name, "application/pdf", b"%PDF", "The agenda")))
    assert [len(call.files) for call in api.calls] == [1, 1]


async def test_a_file_that_telegram_has_forgotten_is_uploaded_again(api: BotApi, polling: Telegram) -> None:
    await polling.send(outbound(attachment=PICTURE))
    api.files.clear()
    for _ in range(2):
        await polling.send(outbound(attachment=PICTURE))
    assert [len(call.files) for call in api.calls] == [1, 0, 1, 0]
    assert len(written(api)) == 3


async def test_an_upload_without_a_readable_answer_is_not_repeated(api: BotApi, polling: Telegram) -> None:
    api.will("sendPhoto", Page(200, '{"ok": true, "result": {"message_id": 7, "photo": ["?"]}}'))
    assert await polling.send(outbound(attachment=PICTURE)) == "7"
    await polling.send(outbound(attachment=PICTURE))
    assert [len(call.files) for call in api.calls] == [1, 1]


@pytest.mark.parametrize("refusal", ["PHOTO_INVALID_DIMENSIONS", "PHOTO_EXT_INVALID"])
async def test_a_picture_that_is_no_photo_travels_as_a_document_and_stays_one(
    api: BotApi, polling: Telegram, refusal: str
) -> None:
    api.will("sendPhoto", Failure(400, f"Bad Request: {refusal}"))
    for _ in range(2):
        await polling.send(outbound(attachment=PICTURE))
    assert [call.method for call in api.calls] == ["sendPhoto", "sendDocument", "sendDocument"]
    assert [len(call.files) for call in api.calls] == [1, 1, 0]


async def test_a_picture_over_ten_megabytes_travels_as_a_document(api: BotApi, polling: Telegram) -> None:
    for size in (MAX_PHOTO, MAX_PHOTO + 1):
        await polling.send(outbound(attachment=Attachment("map.png", "image/png", bytes(size), "A map")))
    assert [call.method for call in api.calls] == ["sendPhoto", "sendDocument"]


@pytest.mark.parametrize("text", ["Room B2", "x" * 1500])
async def test_a_document_over_fifty_megabytes_sends_no_words_ahead(
    api: BotApi, polling: Telegram, text: str
) -> None:
    with pytest.raises(TooBig):
        await polling.send(
            outbound(
                text, attachment=Attachment("all.zip", "application/zip", bytes(MAX_DOCUMENT + 1), "All")
            )
        )
    assert api.calls == []
