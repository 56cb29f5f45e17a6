"""What each failure of the Bot API, and of the way to it, means for the ledger."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import TelegramError

from adapters.telegram import Telegram
from adapters.telegram.faults import to_fault
from adapters.telegram.outgoing import message_id
from adapters.telegram.request import to_result
from bot.errors import Ambiguous, Down, Fault, Moved, Rejected, Throttled, TooBig, Unreachable
from tests.adapters.telegram.conftest import GROUP, QUICK, Recorder, outbound
from tests.loopback.telegram import TOKEN, BotApi, Cut, Failure, Hang, Page

FAULTS = (Throttled, Unreachable, Rejected, TooBig, Moved, Down, Ambiguous)
SINCE = datetime(2022, 9, 13, tzinfo=UTC)
NAMES = st.sampled_from(
    [
        "ok",
        "result",
        "message_id",
        "error_code",
        "description",
        "parameters",
        "retry_after",
        "migrate_to_chat_id",
    ]
)
MOVED = "Bad Request: group chat was upgraded to a supergroup chat"
TABLE: list[tuple[type[Fault], list[Any]]] = [
    (
        Throttled,
        [
            Failure(429, "Too Many Requests: retry after 17", retry_after=17),
            Failure(429, "Too Many Requests"),
            Page(429, "slow down", {"Retry-After": "3"}),
            Page(429, ""),
        ],
    ),
    (
        Unreachable,
        [
            Failure(403, "Forbidden: bot was blocked by the user"),
            Failure(403, "Forbidden: user is deactivated"),
            Failure(403, "Forbidden: bot can't initiate conversation with a user"),
            Failure(400, "Bad Request: chat not found"),
            Failure(400, "Bad Request: PEER_ID_INVALID"),
            Failure(400, "Bad Request: USER_IS_BLOCKED"),
            Page(200, '{"ok": false, "error_code": 403, "description": "Forbidden: blocked"}'),
        ],
    ),
    (
        Rejected,
        [
            Failure(400, "Bad Request: can't parse entities"),
            Failure(400, "Bad Request: something new"),
            Failure(418, "Something new altogether"),
            Page(200, '{"ok": false, "error_code": 400, "description": "Bad Request: something new"}'),
            Page(200, '{"ok": false}'),
            Page(400, '{"ok": false}'),
            Page(400, '{"ok": false, "error_code": "?", "description": null, "parameters": ["?"]}'),
        ],
    ),
    (
        TooBig,
        [
            Failure(400, "Bad Request: message is too long"),
            Failure(400, "Bad Request: MEDIA_CAPTION_TOO_LONG"),
            Failure(413, "Request Entity Too Large"),
            Page(413, "<html>nginx</html>"),
        ],
    ),
    (Moved, [Failure(400, MOVED, migrate_to_chat_id=-1009), Failure(403, MOVED, migrate_to_chat_id=-1009)]),
    (
        Down,
        [
            Failure(500, "Internal Server Error"),
            Failure(401, "Unauthorized"),
            Failure(404, "Not Found"),
            Failure(409, "Conflict"),
            Page(500),
            Page(502),
            Page(503, ""),
            Page(400),
            Page(403, "<html>firewall</html>"),
            Page(302, headers={"Location": "/elsewhere"}),
        ],
    ),
    (
        Ambiguous,
        [
            Page(504),
            Failure(504, "Gateway Timeout"),
            Page(200, "<html>captive portal</html>"),
            Page(200, ""),
            Page(200, '{"ok": true}'),
            Page(200, '{"ok": true, "result": true}'),
            Page(200, '{"ok": true, "result": {}}'),
            Page(200, '{"ok": true, "result": {"message_id": "?"}}'),
            Page(200, '{"ok": true, "result": {"mess'),
            Page(200, "[]"),
            Page(200, "null"),
            Cut(carried_out=True),
            Cut(carried_out=False),
        ],
    ),
]
CASES = [
    pytest.param(answer, fault, id=f"{fault.cause}: {answer}") for fault, cases in TABLE for answer in cases
]


@pytest.mark.parametrize(("answer", "fault"), CASES)
async def test_a_failure_becomes_the_fault_that_says_what_to_do(
    api: BotApi, polling: Telegram, answer: Any, fault: type[Fault]
) -> None:
    api.will("sendMessage", answer)
    with pytest.raises(Fault) as caught:
        await polling.send(outbound())
    assert type(caught.value) is fault
    assert len(api.calls) == 1
    assert TOKEN not in str(caught.value)


async def test_silence_after_the_request_is_ambiguous(api: BotApi) -> None:
    hasty = Telegram(Recorder(), token=TOKEN, api_url=api.url, patience=QUICK)
    api.will("sendMessage", Hang())
    with pytest.raises(Ambiguous):
        await hasty.send(outbound())
    await hasty.close()
    assert len(api.calls) == 1


async def test_a_pause_is_exactly_as_long_as_telegram_asks(api: BotApi, polling: Telegram) -> None:
    api.will(
        "sendMessage",
        Failure(429, "Too Many Requests: retry after 17", retry_after=17),
        Page(429, "slow down", {"Retry-After": "3"}),
        Failure(429, "Too Many Requests"),
        Failure(429, "Too Many Requests", retry_after=-5),
        Failure(429, "Too Many Requests", retry_after="soon"),
    )
    waits = []
    for _ in range(5):
        with pytest.raises(Throttled) as caught:
            await polling.send(outbound())
        waits.append(caught.value.wait)
    assert waits == [timedelta(seconds=seconds) for seconds in (17, 3, 1, 1, 1)]


async def test_no_connection_means_that_nothing_left() -> None:
    async with BotApi() as api:
        address = api.url
    telegram = Telegram(Recorder(), token=TOKEN, api_url=address, patience=QUICK)
    with pytest.raises(Down) as caught:
        await telegram.send(outbound())
    assert TOKEN not in str(caught.value)
    await telegram.close()


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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(NAMES, parts, max_size=4),
    max_leaves=12,
)
STATUSES = st.sampled_from([200, 201, 204, 302, 400, 403, 404, 413, 429, 500, 502, 503, 504])


@given(
    STATUSES, JSON.map(json.dumps).map(str.encode) | st.binary(max_size=50), st.none() | st.text(max_size=20)
)
def test_whatever_is_answered_is_a_message_or_a_fault_of_the_closed_list(
    status: int, body: bytes, wait: str | None
) -> None:
    fault = None
    try:
        message_id(to_result(status, body, wait))
    except TelegramError as error:
        fault = to_fault(error)
    assert fault is None or type(fault) in FAULTS
    if isinstance(fault, Throttled):
        assert SINCE + fault.wait > SINCE
