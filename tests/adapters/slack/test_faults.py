"""What each failure of the Web API, and of the way to it, means for the ledger."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import Slack
from adapters.slack.web import Web
from bot.errors import Ambiguous, Down, Fault, Rejected, Throttled, TooBig, Unreachable
from tests.adapters.slack.conftest import CARD, Recording, outbound
from tests.loopback.slack import Behaviour, Cut, Error, Hang, Loopback, Page, RateLimited

FAULTS = (Throttled, Unreachable, Rejected, TooBig, Down, Ambiguous)
SINCE = datetime(2022, 9, 13, tzinfo=UTC)
WEB = Web("http://127.0.0.1:9/api/", "xoxb-1", 1.0)
NAMES = st.sampled_from(["ok", "error", "channel", "ts"])


def json_page(body: str, status: int = 200) -> Page:
    return Page(status, body, "application/json")


TABLE: list[tuple[type[Fault], list[Behaviour]]] = [
    (Throttled, [RateLimited(7), RateLimited(None), Error("ratelimited"), Page(429)]),
    (
        Unreachable,
        [
            Error("channel_not_found"),
            Error("user_disabled"),
            Error("is_archived"),
            Error("not_in_channel"),
            Error("cannot_dm_bot"),
        ],
    ),
    (
        Rejected,
        [
            Error("invalid_blocks"),
            Error("something_new"),
            Error("something_new", status=400),
            json_page('{"ok": false}'),
            json_page('{"ok": false, "error": {"code": 7}}'),
        ],
    ),
    (TooBig, [Error("msg_too_long"), Error("msg_blocks_too_long"), Page(413)]),
    (
        Down,
        [
            Error("service_unavailable"),
            Error("something_new", status=500),
            Error("invalid_auth"),
            Error("account_inactive"),
            Error("token_revoked"),
            Page(500),
            Page(502),
            Page(502, "", "text/plain"),
            Page(503),
            Page(403),
            Page(302),
            json_page('{"error": "blocked by the firewall"}', status=403),
        ],
    ),
    (
        Ambiguous,
        [
            Error("internal_error"),
            Error("fatal_error", status=500),
            Page(504),
            Page(200),
            json_page("{"),
            json_page("[]"),
            json_page("null"),
            json_page('{"message": "hello"}'),
            json_page('{"ok": true}'),
            json_page('{"ok": true, "channel": null, "ts": 7}'),
            Cut(carried_out=True),
            Cut(carried_out=False),
        ],
    ),
]
CASES = [pytest.param(said, fault, id=f"{fault.cause}: {said}") for fault, cases in TABLE for said in cases]


@pytest.mark.parametrize(("behaviour", "fault"), CASES)
async def test_a_failure_becomes_the_fault_that_says_what_to_do(
    speaking: Slack, slack: Loopback, behaviour: Behaviour, fault: type[Fault]
) -> None:
    slack.next("chat.postMessage", behaviour)
    with pytest.raises(Fault) as raised:
        await speaking.send(outbound(CARD))
    assert raised.type is fault
    assert len(slack.calls) == 1
    assert "xoxb" not in str(raised.value)


async def test_a_person_is_still_reachable_when_their_channel_is_not(
    speaking: Slack, slack: Loopback
) -> None:
    slack.next("chat.postMessage", Error("is_archived"))
    with pytest.raises(Rejected):
        await speaking.send(outbound(CARD, chat="C0HALL"))


async def test_the_pause_is_exactly_what_slack_asks_for(speaking: Slack, slack: Loopback) -> None:
    slack.next("chat.postMessage", RateLimited(7), RateLimited(None))
    for seconds in (7, 30):
        with pytest.raises(Throttled) as raised:
            await speaking.send(outbound(CARD))
        assert raised.value.wait == timedelta(seconds=seconds)


async def test_silence_after_the_request_is_ambiguous(slack: Loopback, core: Recording) -> None:
    adapter = Slack(core, bot_token="xoxb-1", app_token="xapp-1", api_url=slack.url, timeout=0.1)
    slack.next("chat.postMessage", Hang(carried_out=True))
    with pytest.raises(Ambiguous):
        await adapter.send(outbound(CARD))
    await adapter.close()
    assert len(slack.messages) == 1


async def test_a_refused_connection_is_down(core: Recording) -> None:
    async with Loopback() as gone:
        url = gone.url
    adapter = Slack(core, bot_token="xoxb-1", app_token="xapp-1", api_url=url)
    with pytest.raises(Down):
        await adapter.send(outbound(CARD))
    await adapter.close()


async def test_a_wrong_token_is_told_and_forgotten_when_it_is_right_again(
    speaking: Slack, slack: Loopback
) -> None:
    slack.next("chat.postMessage", Error("invalid_auth"))
    with pytest.raises(Down):
        await speaking.send(outbound(CARD))
    assert (
        speaking.status == "Slack refuses the bot token (invalid_auth); messages are kept until it is right."
    )
    await speaking.send(outbound(CARD))
    assert "refuses" not in speaking.status


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(NAMES, parts, max_size=4),
    max_leaves=12,
)
STATUSES = st.sampled_from([200, 201, 204, 302, 400, 403, 404, 413, 429, 500, 502, 503, 504])


@given(
    STATUSES, JSON.map(json.dumps).map(str.encode) | st.binary(max_size=50), st.none() | st.text(max_size=20)
)
def test_whatever_is_answered_is_an_answer_or_a_fault_of_the_closed_list(
    status: int, body: bytes, wait: str | None
) -> None:
    fault = None
    try:
        answer = WEB._read("chat.postMessage", status, wait, body)
    except Fault as raised:
        fault = raised
    else:
        assert answer["ok"] is True
    assert fault is None or isinstance(fault, FAULTS)
    if isinstance(fault, Throttled):
        assert SINCE + fault.wait >= SINCE
