"""Slack's requests over HTTP, with their signature."""

import json
import logging
import time

import httpx
import pytest

from bot.messages import Immediate, Tap, Text
from tests.adapters.slack.conftest import SECRET, Recording
from tests.loopback.slack_events import (
    Json,
    as_body,
    command,
    event,
    message,
    press,
    shortcut,
    signed,
    submitted,
)


async def post(url: str, kind: str, payload: Json, **headers: str) -> httpx.Response:
    body, media_type = as_body(kind, payload)
    async with httpx.AsyncClient() as client:
        return await client.post(
            url, content=body, headers={"Content-Type": media_type, **signed(body, SECRET), **headers}
        )


async def test_slack_can_verify_the_address(served: str) -> None:
    answer = await post(served, "events_api", {"type": "url_verification", "challenge": "abc", "token": "-"})
    assert (answer.status_code, answer.json()) == (200, {"challenge": "abc"})


async def test_a_signed_event_is_kept_and_acknowledged(served: str, core: Recording) -> None:
    answer = await post(served, "events_api", message("hello"))
    assert (answer.status_code, answer.text) == (200, "")
    assert core.heard[0].heard == Text("hello")


async def test_a_retried_event_has_the_same_key(served: str, core: Recording) -> None:
    again = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    for headers in ({}, again):
        assert (
            await post(served, "events_api", message("hello", event_id="Ev1"), **headers)
        ).status_code == 200
    assert [heard.key for heard in core.heard] == ["Ev1", "Ev1"]


async def test_a_button_a_command_and_a_form_come_as_forms(served: str, core: Recording) -> None:
    assert (await post(served, "interactive", press("r1:2"))).status_code == 200
    assert (await post(served, "slash_commands", command("where"))).status_code == 200
    core.says.append(Immediate(errors={"text": "Please write at least a few words."}))
    view: Json = {
        "type": "modal",
        "callback_id": "form:need",
        "blocks": [{"type": "input", "block_id": "text", "element": {"type": "plain_text_input"}}],
    }
    view["blocks"][0]["element"]["action_id"] = "text"
    refused = await post(served, "interactive", submitted(view, {"text": "x"}))
    assert refused.json() == {
        "response_action": "errors",
        "errors": {"text": "Please write at least a few words."},
    }
    assert [heard.heard for heard in core.heard[:2]] == [
        Tap("r1", 2, "D0ANA:1663039700.000100"),
        Text("/where"),
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=0000"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Request-Timestamp": "yesterday"},
        {"X-Slack-Request-Timestamp": ""},
        signed(as_body("events_api", message("hello"))[0], SECRET, at=int(time.time()) - 301),
        signed(b"another body", SECRET),
    ],
)
async def test_a_wrong_or_old_signature_is_refused(
    served: str, core: Recording, headers: dict[str, str]
) -> None:
    answer = await post(served, "events_api", message("hello"), **headers)
    assert answer.status_code == 401
    assert core.heard == []


async def test_another_secret_is_refused_and_nothing_of_it_is_logged(
    served: str, core: Recording, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = json.dumps(message("SECRET-WORDS")).encode()
    async with httpx.AsyncClient() as client:
        headers = {"Content-Type": "application/json", **signed(body, "another")}
        assert (await client.post(served, content=body, headers=headers)).status_code == 401
    assert "SECRET-WORDS" not in caplog.text
    assert core.heard == []


async def test_a_body_over_the_limit_is_refused(served: str) -> None:
    assert (await post(served, "events_api", message("x" * 1_000_001))).status_code == 413


async def test_bytes_that_are_no_text_are_refused(served: str) -> None:
    body = b"\xff\xfe"
    async with httpx.AsyncClient() as client:
        assert (await client.post(served, content=body, headers=signed(body, SECRET))).status_code == 400


async def test_what_was_not_kept_is_answered_with_500(served: str, core: Recording) -> None:
    core.says.append(OSError("the disk is full"))
    assert (await post(served, "events_api", message("hello"))).status_code == 500


async def test_what_nobody_listens_to_is_answered_with_404(served: str) -> None:
    assert (await post(served, "events_api", event({"type": "reaction_added"}))).status_code == 404
    assert (await post(served, "interactive", shortcut("unknown"))).status_code == 404


async def test_a_payload_that_cannot_be_read_is_a_bad_request(served: str, core: Recording) -> None:
    answer = await post(
        served,
        "interactive",
        {
            "type": "view_submission",
            "user": {"id": "U0ANA"},
            "view": {"callback_id": "form:need", "blocks": []},
        },
    )
    assert answer.status_code == 400
    assert core.heard == []
