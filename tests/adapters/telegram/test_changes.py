"""How an earlier message is changed, and taken away."""

from typing import Any

import pytest

from adapters.telegram import Telegram
from bot.errors import Down, Throttled, Unreachable
from bot.messages import Attachment, Choice, Outbound
from tests.adapters.telegram.conftest import PICTURE, outbound, written
from tests.loopback.telegram import BotApi, Cut, Failure

CHAT = "5000000001"


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


@pytest.mark.parametrize("carried_out", [True, False])
async def test_an_edit_whose_answer_is_lost_may_be_made_again(
    api: BotApi, polling: Telegram, carried_out: bool
) -> None:
    first = await polling.send(outbound("Sure?"))
    api.will("editMessageText", Cut(carried_out))
    with pytest.raises(Down):
        await polling.send(outbound("Done.", replaces=first))
    assert await polling.send(outbound("Done.", replaces=first)) == first
    assert written(api) == [{"text": "Done."}]


async def test_an_edit_that_is_put_off_is_not_sent_anew(api: BotApi, polling: Telegram) -> None:
    first = await polling.send(outbound("Sure?"))
    api.will("editMessageText", Failure(429, "Too Many Requests", retry_after=3))
    with pytest.raises(Throttled):
        await polling.send(outbound("Done.", replaces=first))
    assert written(api) == [{"text": "Sure?"}]


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


async def test_a_text_that_outgrew_its_caption_takes_the_place_of_the_picture(
    api: BotApi, polling: Telegram
) -> None:
    first = await polling.send(outbound("Room B2", attachment=PICTURE))
    assert await polling.send(outbound("x" * 1500, attachment=PICTURE, replaces=first)) == "2+3"
    assert list(api.messages) == [(CHAT, 2), (CHAT, 3)]


async def test_words_and_the_file_that_followed_them_are_both_changed(api: BotApi, polling: Telegram) -> None:
    first = await polling.send(outbound("x" * 1500, attachment=PICTURE))
    other = Attachment("b3.png", "image/png", b"\x89PNG other", "Map of B3")
    for _ in range(2):
        assert await polling.send(outbound("Room B3", attachment=other, replaces=first)) == first
    assert written(api) == [{"text": "Room B3"}, {"caption": "Map of B3"}]


async def test_a_server_that_cannot_put_a_picture_into_a_text_gets_a_new_message(
    api: BotApi, polling: Telegram
) -> None:
    first = await polling.send(outbound("Room B2"))
    api.will("editMessageMedia", Failure(400, "Bad Request: there is no media in the message to edit"))
    assert await polling.send(outbound("Room B2", attachment=PICTURE, replaces=first)) == "2"
    assert list(api.messages) == [(CHAT, 2)]


# ---------------------------------------------------------------------- deletions


def withdrawal(replaces: str) -> Outbound:
    return outbound("Withdrawn.", replaces=replaces, deletes=True)


async def test_a_message_is_taken_away(api: BotApi, polling: Telegram) -> None:
    first = await polling.send(outbound("The bus leaves at 5."))
    assert await polling.send(withdrawal(first)) == first
    assert written(api) == []
    assert [call.method for call in api.calls] == ["sendMessage", "deleteMessage"]


async def test_a_message_that_is_gone_already_is_done(api: BotApi, polling: Telegram) -> None:
    first = await polling.send(outbound("The bus leaves at 5."))
    for _ in range(2):
        assert await polling.send(withdrawal(first)) == first
    assert written(api) == []


async def test_words_go_together_with_the_file_that_followed_them(api: BotApi, polling: Telegram) -> None:
    first = await polling.send(outbound("x" * 1500, attachment=PICTURE))
    assert len(written(api)) == 2
    assert await polling.send(withdrawal(first)) == first
    assert written(api) == []


@pytest.mark.parametrize("picture", [{}, {"attachment": PICTURE}])
async def test_a_message_over_two_days_old_is_changed_instead(
    api: BotApi, polling: Telegram, picture: dict[str, Any]
) -> None:
    first = await polling.send(outbound("The bus leaves at 5.", **picture))
    api.too_old.add((CHAT, 1))
    for _ in range(2):
        assert await polling.send(withdrawal(first)) == first
    assert [list(words.values()) for words in written(api)] == [["Withdrawn."]]


async def test_what_was_deleted_by_hand_and_cannot_be_told_so_is_done(api: BotApi, polling: Telegram) -> None:
    api.will("deleteMessage", Failure(400, "Bad Request: message can't be deleted for everyone"))
    assert await polling.send(withdrawal("7")) == "7"
    assert [call.method for call in api.calls] == ["deleteMessage", "editMessageText"]


async def test_what_can_neither_be_deleted_nor_changed_is_followed_by_the_word(
    api: BotApi, polling: Telegram
) -> None:
    first = await polling.send(outbound("The bus leaves at 5."))
    api.will("deleteMessage", Failure(400, "Bad Request: message can't be deleted"))
    api.will("editMessageText", Failure(400, "Bad Request: message can't be edited"))
    assert await polling.send(withdrawal(first)) == "2"
    assert written(api) == [{"text": "The bus leaves at 5."}, {"text": "Withdrawn."}]


@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_deletion_whose_answer_is_lost_may_be_made_again(
    api: BotApi, polling: Telegram, carried_out: bool
) -> None:
    first = await polling.send(outbound("The bus leaves at 5."))
    api.will("deleteMessage", Cut(carried_out))
    with pytest.raises(Down):
        await polling.send(withdrawal(first))
    assert await polling.send(withdrawal(first)) == first
    assert written(api) == []


async def test_a_deletion_that_is_put_off_changes_nothing(api: BotApi, polling: Telegram) -> None:
    first = await polling.send(outbound("The bus leaves at 5."))
    api.will("deleteMessage", Failure(429, "Too Many Requests", retry_after=3))
    with pytest.raises(Throttled):
        await polling.send(withdrawal(first))
    assert [call.method for call in api.calls] == ["sendMessage", "deleteMessage"]


async def test_nothing_can_be_taken_away_from_who_blocked_the_bot(api: BotApi, polling: Telegram) -> None:
    first = await polling.send(outbound("The bus leaves at 5."))
    api.blocked_by.add(CHAT)
    with pytest.raises(Unreachable):
        await polling.send(withdrawal(first))
