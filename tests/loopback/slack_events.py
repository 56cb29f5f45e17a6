"""What Slack sends, as its servers write it, and how it signs that."""

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

BOT = "U0BOT"
TEAM = "T0FORUM"
Json = dict[str, Any]


def direct(channel: str) -> str:
    """Return the channel in which a message to *channel* arrives: a person's is their direct channel."""
    return f"D{channel[1:]}" if channel.startswith("U") else channel


def event(inner: Json, event_id: str | None = None) -> Json:
    """Return the outer payload of an event."""
    return {
        "token": "-",
        "team_id": TEAM,
        "api_app_id": "A0FORUM",
        "event": inner,
        "type": "event_callback",
        "event_id": event_id or f"Ev{uuid.uuid4().hex[:9].upper()}",
        "event_time": 1_663_039_800,
        "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}],
    }


def message(text: str, user: str = "U0ANA", ts: str = "1663039800.000001", **more: Any) -> Json:
    """Return the event of a direct message."""
    event_id = more.pop("event_id", None)
    inner = {
        "type": "message",
        "channel": direct(user),
        "channel_type": "im",
        "user": user,
        "text": text,
        "ts": ts,
    }
    return event({**inner, **more}, event_id)


def changed(text: str, of: str, user: str = "U0ANA", before: str = "") -> Json:
    """Return the event of a direct message, *of* a moment before, that its author has changed."""
    earlier = {"type": "message", "user": user, "text": before, "ts": of}
    later = {**earlier, "text": text, "edited": {"user": user, "ts": of}}
    inner = {"type": "message", "subtype": "message_changed", "channel": direct(user), "channel_type": "im", "ts": of,
             "message": later, "previous_message": earlier}  # fmt: skip
    return event(inner)


def mention(text: str, user: str = "U0ANA", channel: str = "C0HALL", **more: Any) -> Json:
    """Return the event of a message in a channel that names the bot."""
    inner = {"type": "app_mention", "channel": channel, "user": user, "text": text, "ts": "1663039801.000001"}
    return event({**inner, **more})


def home_opened(user: str = "U0ANA", tab: str = "home") -> Json:
    return event(
        {"type": "app_home_opened", "user": user, "channel": direct(user), "tab": tab, "event_ts": "1.1"}
    )


def command(text: str, user: str = "U0ANA", channel: str = "C0HALL", trigger: str = "T.1") -> Json:
    """Return the payload of `/forum`."""
    return {
        "token": "-", "team_id": TEAM, "channel_id": channel, "channel_name": "hall", "user_id": user,
        "user_name": "ana", "command": "/forum", "text": text, "api_app_id": "A0FORUM", "trigger_id": trigger,
        "response_url": "http://127.0.0.1:9/never",
    }  # fmt: skip


def press(
    action_id: str, *, user: str = "U0ANA", channel: str | None = None, ts: str = "1663039700.000100",
    value: str = "yes", action_ts: str = "1663039802.000001", home: bool = False, thread: str | None = None,
) -> Json:  # fmt: skip
    """Return the payload of a button pressed, in a message or on the Home."""
    channel = channel or direct(user)
    place: Json = {"container": {"type": "view", "view_id": "V1"}, "view": {"id": "V1", "type": "home"}}
    if not home:
        container = {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False}
        body = {"type": "message", "ts": ts, "user": BOT, **({"thread_ts": thread} if thread else {})}
        place = {"container": container, "channel": {"id": channel, "name": "directmessage"}, "message": body}
    action = {
        "action_id": action_id,
        "block_id": "b1",
        "type": "button",
        "value": value,
        "action_ts": action_ts,
    }
    return {
        "type": "block_actions", "team": {"id": TEAM}, "user": {"id": user, "team_id": TEAM}, "trigger_id": "T.2",
        "api_app_id": "A0FORUM", "token": "-", "actions": [action], **place,
    }  # fmt: skip


def shortcut(callback_id: str, *, user: str = "U0ANA", text: str | None = None, trigger: str = "T.3") -> Json:
    """Return the payload of a shortcut; with *text*, of one used on a message."""
    common: Json = {"team": {"id": TEAM}, "user": {"id": user}, "callback_id": callback_id, "trigger_id": trigger,
                    "action_ts": "1663039803.000001", "token": "-"}  # fmt: skip
    if text is None:
        return {"type": "shortcut", **common}
    inner = {"type": "message", "user": "U0COLLEAGUE", "text": text, "ts": "1663030000.000001"}
    return {"type": "message_action", **common, "channel": {"id": "C0TEAM", "name": "our-team"}, "message": inner,
            "message_ts": inner["ts"], "response_url": "http://127.0.0.1:9/never"}  # fmt: skip


def submitted(view: Json, values: Mapping[str, str], *, user: str = "U0ANA", trigger: str = "T.4") -> Json:
    """Return the payload of a modal sent with *values*, by the name of the field."""
    return {"type": "view_submission", "team": {"id": TEAM}, "user": {"id": user}, "trigger_id": trigger, "token": "-",
            "view": filled(view, values), "response_urls": []}  # fmt: skip


def closed(view: Json, values: Mapping[str, str], *, user: str = "U0ANA") -> Json:
    """Return the payload of a modal closed after *values* had been typed into it."""
    return {"type": "view_closed", "team": {"id": TEAM}, "user": {"id": user}, "token": "-", "is_cleared": False,
            "view": filled(view, values)}  # fmt: skip


def typing(view: Json, name: str, value: str, *, user: str = "U0ANA") -> Json:
    """Return the payload that asks for the options of the field *name* while *value* is typed."""
    action = next(block["element"]["action_id"] for block in view["blocks"] if block.get("block_id") == name)
    return {"type": "block_suggestion", "team": {"id": TEAM}, "user": {"id": user, "team_id": TEAM}, "token": "-",
            "api_app_id": "A0FORUM", "container": {"type": "view", "view_id": "V0MODAL"}, "view": view,
            "action_id": action, "block_id": name, "value": value}  # fmt: skip


def filled(view: Json, values: Mapping[str, str]) -> Json:
    state: Json = {}
    for block in view["blocks"]:
        element, given = block.get("element", {}), values.get(block.get("block_id", ""))
        if element.get("type") == "plain_text_input":
            state[block["block_id"]] = {element["action_id"]: {"type": "plain_text_input", "value": given}}
        elif element.get("type") == "static_select":
            option = (
                None if given is None else {"text": {"type": "plain_text", "text": given}, "value": given}
            )
            state[block["block_id"]] = {
                element["action_id"]: {"type": "static_select", "selected_option": option}
            }
        elif element.get("type") in ("multi_external_select", "multi_static_select"):
            options = [
                {"text": {"type": "plain_text", "text": one}, "value": one} for one in (given or "").split()
            ]
            state[block["block_id"]] = {
                element["action_id"]: {"type": element["type"], "selected_options": options}
            }
    return {**view, "id": "V0MODAL", "hash": "1.abc", "team_id": TEAM, "state": {"values": state}}


def as_body(kind: str, payload: Json) -> tuple[bytes, str]:
    """Return what Slack posts for *payload* in HTTP mode, and its media type."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def signed(body: bytes, secret: str, at: int | None = None) -> dict[str, str]:
    """Return the headers with which Slack proves that *body* is its own."""
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
