"""Staying connected over Socket Mode."""

import asyncio

import pytest
from structlog.testing import capture_logs

from adapters.slack import Slack
from bot.errors import Down
from bot.messages import Card, Text
from tests.adapters.slack.conftest import CARD, Recording, outbound, running
from tests.loopback.slack import Error, Loopback, Page, RateLimited
from tests.loopback.slack_events import Json, event, message


async def test_a_dropped_connection_loses_no_message(on: Slack, slack: Loopback, core: Recording) -> None:
    core.free.clear()
    envelope = await slack.deliver("events_api", message("hello", event_id="Ev1"))
    await core.hears()
    await slack.drop()
    await slack.connected()
    await core.hears(2)
    core.free.set()
    await asyncio.wait_for(envelope.acked, 10)
    assert [heard.key for heard in core.heard] == ["Ev1", "Ev1"]


async def test_slack_may_ask_to_connect_anew(on: Slack, slack: Loopback, core: Recording) -> None:
    core.free.clear()
    envelope = await slack.deliver("events_api", message("before"))
    await core.hears()
    await slack.refresh()
    core.free.set()
    await asyncio.wait_for(envelope.acked, 10)
    await slack.wait_for("apps.connections.open", 2)
    await slack.ack("events_api", message("after"))
    assert [heard.heard for heard in core.heard] == [Text("before"), Text("after")]


async def test_every_connection_has_its_own_address(on: Slack, slack: Loopback) -> None:
    for count in (2, 3):
        await slack.drop()
        await slack.wait_for("apps.connections.open", count)
        await slack.connected()
    assert [call.token for call in slack.calls if call.method == "apps.connections.open"] == ["xapp-1"] * 3


async def test_a_dead_slack_at_the_start_is_one_line_in_the_log(adapter: Slack, slack: Loopback) -> None:
    slack.next("auth.test", Page(503), Page(503), Error("invalid_auth"))
    slack.next("apps.connections.open", Error("internal_error"), RateLimited(0))
    with capture_logs() as lines:
        async with running(adapter):
            await slack.ack("events_api", message("hello"))
    assert adapter.status == "Slack is not on yet, over Socket Mode: stopped."
    assert [(line["event"], line.get("reason")) for line in lines] == [
        ("slack.off", "auth.test: status 503 without Slack's answer"),
        ("slack.token_refused", None),
        ("slack.off", "auth.test: invalid_auth"),
        ("slack.token_accepted", None),
        ("slack.off", "apps.connections.open: internal_error"),
        ("slack.off", "Slack asks for a pause"),
        ("slack.on", None),
    ]


async def test_the_status_says_where_it_is_on(on: Slack, slack: Loopback) -> None:
    await slack.ack("events_api", message("hello"))
    assert on.status == "Slack is on in the workspace Forum, over Socket Mode."
    assert on.routes == ()


async def test_a_turn_in_progress_is_acknowledged_before_the_end(
    adapter: Slack, slack: Loopback, core: Recording
) -> None:
    core.free.clear()
    async with running(adapter):
        envelope = await slack.deliver("events_api", message("hello"))
        await core.hears()
        asyncio.get_running_loop().call_soon(core.free.set)
    assert await asyncio.wait_for(envelope.acked, 10) == {}


async def test_nothing_is_left_open(adapter: Slack, slack: Loopback) -> None:
    before = asyncio.all_tasks()
    async with running(adapter):
        await slack.connected()
        await adapter.send(outbound(Card("r1", "en", body="hello")))
    left = {task for task in asyncio.all_tasks() - before if "adapters.slack" in repr(task.get_coro())}
    assert left == set()


async def test_words_and_tokens_are_never_logged(adapter: Slack, slack: Loopback, core: Recording) -> None:
    core.says.extend([OSError("SECRET-WORDS"), None])
    with capture_logs() as lines:
        async with running(adapter):
            await slack.deliver("events_api", message("SECRET-WORDS"))
            await slack.ack("events_api", {**message("SECRET-WORDS"), "event": {"type": "app_mention", "channel": "C1",
                            "user": "U1", "text": "SECRET-WORDS", "ts": "1.1"}})  # fmt: skip
    assert "SECRET-WORDS" not in str(lines)
    assert "xoxb-1" not in str(lines)
    assert {"slack.on", "slack.not_kept"} <= {line["event"] for line in lines}


@pytest.mark.parametrize(
    "loss",
    [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BOT"]}}],
)
async def test_to_a_workspace_that_was_lost_nothing_is_sent_until_it_is_there_again(
    on: Slack, slack: Loopback, loss: Json
) -> None:
    await slack.ack("events_api", event(loss))
    with pytest.raises(Down):
        await on.send(outbound(CARD))
    assert slack.called("chat.postMessage") == []
    assert f"taken the app out of the workspace ({loss['type']}); messages are kept." in on.status
    await slack.drop()
    await slack.wait_for("apps.connections.open", 2)
    await on.send(outbound(CARD))
    assert len(slack.called("chat.postMessage")) == 1
    assert "lost" not in on.status


async def test_tokens_of_people_that_were_revoked_change_nothing(on: Slack, slack: Loopback) -> None:
    await slack.ack("events_api", event({"type": "tokens_revoked", "tokens": {"oauth": ["U0ANA"]}}))
    await on.send(outbound(CARD))
    assert len(slack.called("chat.postMessage")) == 1
