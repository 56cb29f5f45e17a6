import asyncio
from typing import Any

from adapters.telegram import Telegram
from adapters.telegram.health import Backoff
from adapters.telegram.polling import chat_of
from adapters.telegram.translate import READERS
from bot.messages import Inbound, Text
from tests.adapters.telegram.conftest import QUICK, Recorder, running
from tests.loopback.telegram import TOKEN, BotApi, Cut, Failure, Page
from tests.loopback.telegram_updates import ARMAN, GROUP, MELE, said, tapped, update


def texts(core: Recorder) -> list[str]:
    return [inbound.heard.text for inbound in core.received if isinstance(inbound.heard, Text)]


async def confirmed(api: BotApi, last: dict[str, Any]) -> None:
    await api.wait_until(lambda: api.confirmed > last["update_id"])


async def test_polling_takes_the_webhook_away_and_asks_only_for_what_it_reads(
    api: BotApi, polling: Telegram
) -> None:
    async with running(polling):
        [call] = await api.wait_for("getUpdates")
    assert call.values == {"timeout": "30", "allowed_updates": list(READERS)}
    assert [call.method for call in api.calls if call.method != "setMyCommands"] == [
        "getMe",
        "deleteWebhook",
        "getUpdates",
    ]


async def test_an_update_is_confirmed_after_its_turn(api: BotApi, polling: Telegram, core: Recorder) -> None:
    entered, release = asyncio.Event(), asyncio.Event()

    async def gate(_: Inbound) -> None:
        entered.set()
        await release.wait()

    core.gate = gate
    hello = said("hello")
    async with running(polling):
        await api.feed(hello)
        await entered.wait()
        assert api.confirmed == 0
        assert len(api.called("getUpdates")) == 1
        release.set()
        await confirmed(api, hello)
    assert texts(core) == ["hello"]


async def test_an_update_whose_turn_fails_comes_again(
    api: BotApi, polling: Telegram, core: Recorder, logs: list[Any]
) -> None:
    core.failures = 2
    hello = said("hello")
    async with running(polling):
        await api.feed(hello)
        await confirmed(api, hello)
        assert polling.status == "Telegram is on: @saphan_bot, by polling."
    assert texts(core) == ["hello"]
    events = [entry["event"] for entry in logs]
    assert events.count("telegram.turn_failed") == 2
    assert events.count("telegram.stuck") == 1


async def test_a_failed_turn_holds_back_its_own_chat_and_no_other(
    api: BotApi, polling: Telegram, core: Recorder
) -> None:
    failed: list[str] = []

    async def gate(inbound: Inbound) -> None:
        if inbound.heard == Text("a1") and not failed:
            failed.append(inbound.key)
            raise ConnectionError

    core.gate = gate
    updates = [said("a1", MELE), said("b1", ARMAN), said("a2", MELE), said("b2", ARMAN)]
    async with running(polling):
        await api.feed(*updates)
        await confirmed(api, updates[-1])
    # The other chat's come twice: the core knows them by their keys.
    assert texts(core) == ["b1", "b2", "a1", "b1", "a2", "b2"] or texts(core) == [
        "b1",
        "b2",
        "a1",
        "a2",
        "b1",
        "b2",
    ]
    assert [text for text in texts(core) if text.startswith("a")] == ["a1", "a2"]


async def test_chats_are_taken_side_by_side_and_each_in_its_order(
    api: BotApi, polling: Telegram, core: Recorder
) -> None:
    both = asyncio.Barrier(2)

    async def gate(inbound: Inbound) -> None:
        if inbound.heard in (Text("a1"), Text("b1")):
            await both.wait()

    core.gate = gate
    updates = [said("a1", MELE), said("a2", MELE), said("b1", ARMAN)]
    async with running(polling):
        await api.feed(*updates)
        await confirmed(api, updates[-1])
    assert sorted(texts(core)) == ["a1", "a2", "b1"]
    assert texts(core).index("a1") < texts(core).index("a2")


async def test_an_unreadable_update_does_not_hold_up_those_behind_it(
    api: BotApi, polling: Telegram, core: Recorder
) -> None:
    broken, hello = update(message={"text": "?"}), said("hello")
    async with running(polling):
        await api.feed(broken, hello)
        await confirmed(api, hello)
    assert texts(core) == ["hello"]


async def test_a_dead_platform_is_one_log_line_and_another_try(
    api: BotApi, polling: Telegram, core: Recorder, logs: list[Any]
) -> None:
    api.will("getMe", Page(502), Cut())
    api.will("getUpdates", Page(502), Cut(), Page(200, "<html>"), Page(200, '{"ok":true,"result":[7]}'))
    hello = said("hello")
    async with running(polling):
        await api.feed(hello)
        await confirmed(api, hello)
    assert texts(core) == ["hello"]
    assert [entry["event"] for entry in logs if entry["event"].startswith("telegram.")] == [
        "telegram.starting",
        "telegram.down",
        "telegram.on",
        "telegram.off",
    ]


async def test_a_wrong_token_is_said_plainly_and_tried_again(
    api: BotApi, polling: Telegram, logs: list[Any]
) -> None:
    api.will("getMe", Failure(401, "Unauthorized"), Failure(404, "Not Found"))
    async with running(polling):
        await api.wait_for("getMe", 1)
        await api.wait_for("getUpdates")
    [entry] = [entry for entry in logs if entry["event"] == "telegram.wrong_token"]
    assert "SAPHAN_TELEGRAM_TOKEN" in entry["says"]
    assert TOKEN not in repr(logs)


async def test_a_second_reader_of_the_same_bot_is_named(
    api: BotApi, polling: Telegram, logs: list[Any]
) -> None:
    api.will("getUpdates", Failure(409, "Conflict: terminated by other getUpdates request"))
    async with running(polling):
        await api.wait_for("getUpdates", 2)
    assert "telegram.conflict" in [entry["event"] for entry in logs]


async def test_an_update_left_unconfirmed_at_a_stop_comes_again_at_the_next_start(
    api: BotApi, core: Recorder
) -> None:
    entered = asyncio.Event()

    async def gate(_: Inbound) -> None:
        entered.set()
        await asyncio.Event().wait()

    core.gate = gate
    hello = said("hello")
    await api.feed(hello)
    async with running(Telegram(core, token=TOKEN, api_url=api.url, patience=QUICK)):
        await entered.wait()
    assert texts(core) == []
    core.gate = None
    async with running(Telegram(core, token=TOKEN, api_url=api.url, patience=QUICK)):
        await confirmed(api, hello)
    assert texts(core) == ["hello"]


async def test_taps_are_answered_when_polling_too(api: BotApi, polling: Telegram, core: Recorder) -> None:
    tap = tapped("c1:0")
    async with running(polling):
        await api.feed(tap)
        [call] = await api.wait_for("answerCallbackQuery")
    assert call.values == {"callback_query_id": tap["callback_query"]["id"]}


def test_the_chat_of_any_update_is_found() -> None:
    assert chat_of(said("x")) == chat_of(tapped("c:0")) == str(MELE["id"])
    assert chat_of(said("x", chat=GROUP)) == str(GROUP["id"])
    assert chat_of(update(poll={"id": "1"})) is None


def test_pauses_double_up_to_a_limit() -> None:
    backoff = Backoff()
    assert [backoff.pause(failures).total_seconds() for failures in (1, 2, 3, 7, 99)] == [1, 2, 4, 60, 60]
