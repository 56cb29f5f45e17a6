import asyncio
from typing import Any

import pytest

from adapters.telegram import Telegram
from adapters.telegram.translate import READERS
from adapters.telegram.webhook import MAX_BODY_BYTES, PATH, SECRET_HEADER, derived_secret
from bot.messages import Immediate, Inbound, Tap, Text
from tests.adapters.telegram.conftest import SECRET, Recorder, running, served
from tests.loopback.telegram import TOKEN, BotApi, Failure, Hang
from tests.loopback.telegram_updates import GROUP, MELE, changed, said, tapped, update


def texts(core: Recorder) -> list[str]:
    return [inbound.heard.text for inbound in core.received if isinstance(inbound.heard, Text)]


async def test_an_update_is_acknowledged_once_it_has_been_received(hooked: Telegram, core: Recorder) -> None:
    async with served(hooked) as door:
        assert await door.post(said("hello")) == 200
    assert texts(core) == ["hello"]


@pytest.mark.parametrize(
    "headers", [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: SECRET + "x"}, {SECRET_HEADER: "é"}]
)
async def test_without_the_right_secret_nothing_is_read(
    hooked: Telegram, core: Recorder, headers: dict[str, str]
) -> None:
    async with served(hooked) as door:
        raw = {name: value.encode() for name, value in headers.items()}
        answer = await door.client.post(PATH, json=said("hello"), headers=raw)
    assert (answer.status_code, core.received) == (403, [])


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[]", b'"x"', b"{}", b'{"update_id": "7"}', b"[" * 100_000]
)
async def test_what_is_not_an_update_is_a_bad_request(hooked: Telegram, core: Recorder, body: bytes) -> None:
    async with served(hooked) as door:
        answer = await door.client.post(PATH, content=body, headers={SECRET_HEADER: SECRET})
    assert (answer.status_code, core.received) == (400, [])


async def test_a_body_over_the_limit_is_not_read_to_its_end(hooked: Telegram) -> None:
    async with served(hooked) as door:
        answer = await door.client.post(
            PATH, content=b" " * (MAX_BODY_BYTES + 1), headers={SECRET_HEADER: SECRET}
        )
    assert answer.status_code == 413


async def test_only_posts_are_taken(hooked: Telegram) -> None:
    async with served(hooked) as door:
        answer = await door.client.get(PATH, headers={SECRET_HEADER: SECRET})
    assert answer.status_code == 405


async def test_when_the_turn_fails_telegram_is_asked_to_send_it_again(
    hooked: Telegram, core: Recorder, logs: list[Any]
) -> None:
    core.failures = 1
    question = said("private words")
    async with served(hooked) as door:
        assert [await door.post(question), await door.post(question)] == [500, 200]
    assert texts(core) == ["private words"]
    assert [entry["event"] for entry in logs] == ["telegram.turn_failed"]
    assert "private words" not in repr(logs)


async def test_an_update_that_nobody_can_read_does_not_come_again(
    hooked: Telegram, core: Recorder, logs: list[Any]
) -> None:
    broken = update(message={"message_id": "no date, no chat"})
    async with served(hooked) as door:
        assert await door.post(broken) == 200
    assert core.received == []
    assert [(entry["event"], entry["update"]) for entry in logs] == [
        ("telegram.update_unreadable", broken["update_id"])
    ]


async def test_an_update_of_a_kind_newer_than_the_library_is_let_go(hooked: Telegram, core: Recorder) -> None:
    async with served(hooked) as door:
        assert await door.post(update(telepathy={"thought": "?"})) == 200
    assert core.received == []


async def test_updates_reach_the_core_in_the_order_of_arrival(hooked: Telegram, core: Recorder) -> None:
    first, second, third = said("1"), said("2"), said("3")
    async with served(hooked) as door:
        for arrival in (second, first, third, second):
            assert await door.post(arrival) == 200
    assert texts(core) == ["2", "1", "3", "2"]
    assert core.received[0].key == core.received[3].key


async def test_a_slow_turn_of_one_person_holds_up_nobody_else(hooked: Telegram, core: Recorder) -> None:
    entered, release = asyncio.Event(), asyncio.Event()

    async def gate(inbound: Inbound) -> None:
        if inbound.heard == Text("slow"):
            entered.set()
            await release.wait()

    core.gate = gate
    async with served(hooked) as door:
        slow = asyncio.create_task(door.post(said("slow")))
        await entered.wait()
        assert await door.post(said("quick")) == 200
        assert not slow.done()
        release.set()
        assert await slow == 200
    assert texts(core) == ["quick", "slow"]


async def test_a_tap_is_answered_with_the_toast(api: BotApi, hooked: Telegram, core: Recorder) -> None:
    core.immediate = Immediate(toast="This button is from an earlier step." + "." * 300)
    tap = tapped("c1:0")
    async with served(hooked) as door:
        assert await door.post(tap) == 200
        [call] = await api.wait_for("answerCallbackQuery")
    assert call.values == {
        "callback_query_id": tap["callback_query"]["id"],
        "text": core.immediate.toast[:200],
    }
    assert [inbound.heard for inbound in core.received] == [Tap("c1", 0, "70")]


async def test_a_tap_is_answered_even_when_the_turn_fails(
    api: BotApi, hooked: Telegram, core: Recorder
) -> None:
    core.failures = 1
    async with served(hooked) as door:
        assert await door.post(tapped("c1:0")) == 500
        [call] = await api.wait_for("answerCallbackQuery")
    assert "text" not in call.values


async def test_a_button_that_is_not_ours_is_answered_too(
    api: BotApi, hooked: Telegram, core: Recorder
) -> None:
    async with served(hooked) as door:
        assert await door.post(tapped("somebody else's")) == 200
        await api.wait_for("answerCallbackQuery")
    assert core.received == []


@pytest.mark.parametrize("trouble", [Failure(400, "Bad Request: query is too old"), Hang()])
async def test_an_answer_to_a_tap_that_does_not_get_through_harms_nothing(
    api: BotApi, hooked: Telegram, core: Recorder, trouble: Any
) -> None:
    api.will("answerCallbackQuery", trouble)
    async with served(hooked) as door:
        assert await door.post(tapped("c1:0")) == 200
        await api.wait_for("answerCallbackQuery")
        assert await door.post(tapped("c1:1")) == 200
    assert len(core.received) == 2


async def test_the_webhook_is_registered_with_its_secret_at_the_start(api: BotApi, hooked: Telegram) -> None:
    async with running(hooked):
        [call] = await api.wait_for("setWebhook")
        assert call.values == {
            "url": "https://forum.example/telegram/webhook",
            "secret_token": SECRET,
            "allowed_updates": list(READERS),
        }
        await api.wait_for("setMyCommands", 3)
        assert hooked.status == "Telegram is on: @saphan_bot, by webhook."
    assert hooked.status == "Telegram is off."


async def test_the_webhook_is_registered_again_until_it_is_accepted(api: BotApi, hooked: Telegram) -> None:
    api.will("setWebhook", Failure(500, "Internal Server Error"), Failure(429, "Slow down", retry_after=0))
    async with running(hooked):
        await api.wait_for("setMyCommands", 3)
        await api.wait_for("setWebhook", 3)


async def test_without_a_public_address_the_status_asks_for_one(api: BotApi, core: Recorder) -> None:
    telegram = Telegram(core, token=TOKEN, api_url=api.url, mode="webhook", webhook_secret=SECRET)
    async with running(telegram):
        await api.wait_for("setMyCommands", 3)
        assert "SAPHAN_PUBLIC_URL" in telegram.status
    assert api.called("setWebhook") == []


async def test_an_installation_without_a_secret_has_one_all_the_same(api: BotApi, core: Recorder) -> None:
    telegram = Telegram(
        core, token=TOKEN, api_url=api.url, mode="webhook", public_url="https://forum.example"
    )
    async with served(telegram) as door, running(telegram):
        [call] = await api.wait_for("setWebhook")
        assert call.values["secret_token"] == derived_secret(TOKEN)
        assert await door.post(said("hello"), secret="") == 403
        assert await door.post(said("hello"), secret=call.values["secret_token"]) == 200


async def test_the_command_menus_are_set_by_language_and_by_where_they_are_read(
    api: BotApi, hooked: Telegram
) -> None:
    async with running(hooked):
        calls = [call.values for call in await api.wait_for("setMyCommands", 7)]
    private, group = {"type": "all_private_chats"}, {"type": "all_group_chats"}
    english, chinese = ([{"command": "now", "description": text}] for text in ("What is on now", "现在"))
    assert [call for call in calls if call["scope"] == private] == [
        {"commands": english, "scope": private},
        {"commands": english, "scope": private, "language_code": "en"},
        {"commands": chinese, "scope": private, "language_code": "zh"},
    ]
    assert [call.get("language_code") for call in calls if call["scope"] == group] == [None, "en", "zh"]
    assert calls[-1] == {
        "commands": [{"command": "announce", "description": "Announce, zh"}],
        "scope": {"type": "chat", "chat_id": 77},
    }


async def test_a_command_menu_that_is_refused_is_a_line_in_the_log(
    api: BotApi, hooked: Telegram, logs: list[Any]
) -> None:
    api.will("setMyCommands", Failure(400, "Bad Request: BOT_COMMAND_INVALID"))
    async with running(hooked):
        await api.wait_for("setMyCommands", 7)
    assert [entry["lang"] for entry in logs if entry["event"] == "telegram.commands_unset"] == ["en"]


async def test_a_poller_has_no_webhook(polling: Telegram) -> None:
    assert list(polling.routes) == []


async def test_the_bot_leaves_a_group_that_somebody_else_than_the_secretariat_added_it_to(
    hooked: Telegram, api: BotApi, core: Recorder
) -> None:
    group = {"id": -100_200_301, "title": "Friends", "type": "supergroup"}
    async with served(hooked) as door:
        assert await door.post(changed("left", "member", chat=group)) == 200
        (left,) = await api.wait_for("leaveChat")
    assert str(left.values["chat_id"]) == "-100200301"
    assert [str(words["text"]) for (chat, _), words in api.messages.items() if chat == "-100200301"] == [
        "Goodbye"
    ]
    assert core.received == []


async def test_the_bot_leaves_a_group_in_which_it_may_not_write(hooked: Telegram, api: BotApi) -> None:
    api.will("sendMessage", Failure(403, "Forbidden: not enough rights to send text messages"))
    async with served(hooked) as door:
        assert await door.post(changed("left", "member", chat=GROUP)) == 200
        assert len(await api.wait_for("leaveChat")) == 1


@pytest.mark.parametrize(("before", "after"), [("left", "member"), ("kicked", "administrator")])
async def test_the_bot_stays_in_a_group_of_the_secretariat(
    hooked: Telegram, api: BotApi, core: Recorder, before: str, after: str
) -> None:
    core.officers.add(str(MELE["id"]))
    async with served(hooked) as door:
        assert await door.post(changed(before, after, chat=GROUP)) == 200
        assert await door.post(changed("member", "administrator", chat=GROUP)) == 200
    await hooked.close()
    assert api.called("leaveChat") == []
