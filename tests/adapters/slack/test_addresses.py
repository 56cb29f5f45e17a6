"""The form to link oneself opens with the address that one has in the workspace, and never waits for it."""

import json
import time

import pytest
from sqlmodel import SQLModel, select
from structlog.testing import capture_logs

from adapters.slack.adapter import OPENING
from adapters.slack.addresses import WAITED
from tests.adapters.slack.forums import Forum, forum, parts
from tests.loopback.slack import Behaviour, Cut, Error, Hang, Page, RateLimited
from tests.loopback.slack_events import Json, command

__all__ = ["forum", "parts"]

EMAIL = "mele.tupou@ministry.example"


async def opened(forum: Forum) -> Json:
    """Let the person ask for the form, and return the modal that opens."""
    await forum.does("slash_commands", command("link", user=forum.person))
    view: Json = forum.slack.called("views.open")[-1]["view"]
    return view


def shown(view: Json) -> tuple[str | None, list[str]]:
    """Return what stands in the field for the address, and what is said above it."""
    *above, field = view["blocks"]
    return field["element"].get("initial_value"), [block["text"]["text"] for block in above]


async def test_the_form_opens_with_the_address_of_the_workspace(forum: Forum) -> None:
    forum.slack.emails[forum.person] = "Mele.Tupou@Ministry.example"
    value, above = shown(await opened(forum))
    assert value == EMAIL
    assert above == [
        "This is the address that you have here. If you registered with another one, write it in its place."
    ]
    assert forum.slack.called("users.info") == [{"user": forum.person}]


@pytest.mark.parametrize(
    "email", [None, "", "no address", "one@a.example two@b.example", f"{'x' * 300}@a.example"]
)
async def test_without_an_address_the_field_is_empty(forum: Forum, email: str | None) -> None:
    if email is not None:
        forum.slack.emails[forum.person] = email
    assert shown(await opened(forum)) == (None, [])


@pytest.mark.parametrize(
    "trouble",
    [
        Error("missing_scope"),
        Error("user_not_found"),
        Error("internal_error", 500),
        RateLimited(30),
        Page(503),
        Page(200, '{"ok": true, "user": ["mele"]}', "application/json"),
        Page(200, '{"ok": true, "user": {"profile": {"email": 7}}}', "application/json"),
        Cut(),
    ],
)
async def test_when_slack_does_not_say_the_address_the_field_is_empty(
    forum: Forum, trouble: Behaviour
) -> None:
    forum.slack.emails[forum.person] = EMAIL
    forum.slack.next("users.info", trouble)
    assert shown(await opened(forum)) == (None, [])


async def test_an_answer_that_does_not_come_holds_nothing_up(forum: Forum) -> None:
    forum.slack.emails[forum.person] = EMAIL
    forum.slack.next("users.info", Hang())
    start = time.monotonic()
    assert shown(await opened(forum)) == (None, [])
    assert time.monotonic() - start >= WAITED
    assert WAITED + OPENING < 3, "Slack waits three seconds after the tap"


async def test_other_forms_ask_for_no_address(forum: Forum) -> None:
    await forum.does("slash_commands", command("need", user=forum.person))
    assert forum.slack.called("views.open") != []
    assert forum.slack.called("users.info") == []


async def test_a_right_that_is_missing_is_logged_once_and_is_no_trouble(forum: Forum) -> None:
    forum.slack.emails[forum.person] = EMAIL
    forum.slack.next("users.info", Error("missing_scope"), Error("missing_scope"))
    with capture_logs() as logs:
        for _ in range(2):
            assert shown(await opened(forum)) == (None, [])
        assert shown(await opened(forum))[0] == EMAIL
    withheld = [entry for entry in logs if entry["event"] == "slack.addresses_withheld"]
    assert [entry["reason"] for entry in withheld] == ["users.info: missing_scope"]
    assert not [entry for entry in logs if entry["event"] in ("slack.token_refused", "slack.token_accepted")]


async def test_no_address_is_kept_or_logged(forum: Forum) -> None:
    forum.slack.emails[forum.person] = EMAIL
    with capture_logs() as logs:
        assert shown(await opened(forum))[0] == EMAIL
        await forum.answers()
    tables = SQLModel.metadata.sorted_tables
    kept = forum.parts.store.read(
        lambda session: [row for table in tables for row in session.execute(select(table))]
    )
    assert kept != []
    assert "mele" not in json.dumps([logs, [list(row) for row in kept]], default=str)
