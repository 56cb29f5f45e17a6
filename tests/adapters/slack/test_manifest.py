"""The manifest lists what is listened to, no more and no less."""

import inspect
import re

import yaml

from adapters.slack import Slack, adapter, addresses, manifest, outgoing, web
from tests.loopback.slack import Loopback
from tests.loopback.slack_events import Json, command, event, home_opened, mention, message, shortcut

EVENTS = {
    "app_home_opened": home_opened(),
    "app_mention": mention("<@U0BOT> hello"),
    "app_uninstalled": event({"type": "app_uninstalled"}),
    "message.im": message("hello"),
    "tokens_revoked": event({"type": "tokens_revoked"}),
}


async def test_everything_in_the_manifest_is_acknowledged(on: Slack, slack: Loopback) -> None:
    app = manifest.manifest()
    for name in app["settings"]["event_subscriptions"]["bot_events"]:
        assert await slack.ack("events_api", EVENTS[name]) == {}
    for entry in app["features"]["shortcuts"]:
        text = "hello" if entry["type"] == "message" else None
        assert await slack.ack("interactive", shortcut(entry["callback_id"], text=text)) == {}
    for entry in app["features"]["slash_commands"]:
        assert await slack.ack("slash_commands", {**command("now"), "command": entry["command"]}) == {}


async def test_nothing_else_is_listened_to(speaking: Slack) -> None:
    listeners = [listener.ack_function.__name__ for listener in speaking._bolt._async_listeners]
    assert sorted(listeners) == sorted(
        [
            *["_on_message"] * 2, "_on_home_opened", *["_on_loss"] * 2,
            "_on_tap", "_on_lookup", "_on_command",
            *["_on_shortcut"] * 2, *["_on_message_shortcut"] * 3, "_on_submission", "_on_closing",
        ]
    )  # fmt: skip


def test_each_right_is_needed_and_each_need_has_its_right() -> None:
    needed = {"app_mention": "app_mentions:read", "message.im": "im:history"}
    events = {needed[name] for name in manifest.EVENTS if name in needed}
    sources = "".join(map(inspect.getsource, (adapter, addresses, outgoing, web)))
    called = set(re.findall(r"[a-z]+\.[a-z]+[A-Za-z]*(?=\")", sources))
    spoken = {"chat": {"chat:write"}, "files": {"files:write"}, "users": {"users:read", "users:read.email"}}
    calls = set().union(*(spoken.get(method.partition(".")[0], set()) for method in called))
    assert called >= {"chat.postMessage", "views.publish", "auth.test"}
    assert events | calls | {"commands"} == set(manifest.SCOPES)


def test_a_public_address_means_http_for_everything() -> None:
    app: Json = yaml.safe_load(manifest.as_yaml("https://forum.example/"))
    address = "https://forum.example/slack/events"
    assert app["settings"]["socket_mode_enabled"] is False
    assert app["settings"]["event_subscriptions"]["request_url"] == address
    assert app["settings"]["interactivity"] == {
        "is_enabled": True,
        "request_url": address,
        "message_menu_options_url": address,
    }
    assert [entry["url"] for entry in app["features"]["slash_commands"]] == [address]


def test_without_one_it_is_socket_mode() -> None:
    app = manifest.manifest()
    assert app["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in str(app)


def test_slacks_limits_hold() -> None:
    app = manifest.manifest()
    about = app["display_information"]
    assert (len(about["name"]) <= 35, len(about["description"]) <= 140) == (True, True)
    assert all(len(entry["name"]) <= 24 for entry in app["features"]["shortcuts"])
    assert all(len(entry["description"]) <= 150 for entry in app["features"]["shortcuts"])
