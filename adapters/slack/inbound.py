"""Slack's payloads as inbound messages; pure, so that a retry gives the same key."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from adapters.slack.manifest import DRAFTED, SHARED
from bot.messages import Address, Edit, Heard, Inbound, Media, MediaKind, Place, Submitted, Tap, Text

Payload = Mapping[str, Any]

CHANNEL = "slack"
SPOKEN = {None, "file_share", "me_message", "thread_broadcast"}
"""Subtypes of a message that a person wrote; every other is Slack's own remark."""
ANGLED = re.compile(r"<([^<>]*)>")
ACTION = re.compile(r"(?P<ref>.+):(?P<number>[0-9]{1,4})")


def from_event(body: Payload, bot: str) -> Inbound | None:
    """Return what the event in *body* says, or None where nobody spoke to *bot* (its user id; "" when unknown)."""
    event = body["event"]
    if event.get("bot_id") or event.get("user") == bot:
        return None
    match event["type"], event.get("subtype"):
        case "app_mention", _:
            return _from_mention(body, event, bot_of(body) or bot)
        case "message", "message_changed" if is_direct(event):
            return _from_edit(body, event)
        case "message", subtype if is_direct(event) and subtype in SPOKEN and event.get("user"):
            heard = to_heard(event, to_words(event.get("text") or ""))
            return None if heard is None else _from_message(body, event, heard, thread=event.get("thread_ts"))
        case _:
            return None


def from_command(body: Payload, at: datetime) -> Inbound:
    """Return `/forum need text` as `/need text`, and `/forum` alone as `/help`; the answer goes to the person."""
    words = to_words(body.get("text") or "").strip()
    return Inbound(
        key=f"command:{body['trigger_id']}",
        address=Address(CHANNEL, body["user_id"]),
        at=at,
        heard=Text(f"/{words.lstrip('/') or 'help'}"),
        chat=body["user_id"],
    )


def from_tap(body: Payload) -> Inbound | None:
    """Return the button pressed; on the Home, a choice that is a command is the command."""
    action, container = body["actions"][0], body.get("container", {})
    user, at = body["user"]["id"], action.get("action_ts", "")
    found = ACTION.fullmatch(action.get("action_id", ""))
    if action.get("type") != "button" or not found:
        return None
    key = f"action:{user}:{at}:{action['action_id']}"
    ref, number, value = found["ref"], int(found["number"]), action.get("value", "")
    if container.get("type") != "message":
        heard = Text(value) if value.startswith("/") else Tap(ref, number)
        return Inbound(key, Address(CHANNEL, user), to_moment(at), heard, chat=user)
    channel, ts = container["channel_id"], container["message_ts"]
    return Inbound(
        key=key,
        apart=to_place(channel) == "group",
        address=Address(CHANNEL, user),
        at=to_moment(at),
        heard=Tap(ref, number, f"{channel}:{ts}"),
        chat=channel,
        place=to_place(channel),
        thread=container.get("thread_ts") or body.get("message", {}).get("thread_ts"),
        message=f"{channel}:{ts}",
    )


def from_message_shortcut(body: Payload) -> Inbound:
    """Return the words of somebody's message that the person picked; whose they were stays behind."""
    message, user = body["message"], body["user"]["id"]
    words = to_words(message.get("text") or "").strip()
    return Inbound(
        key=f"shortcut:{body['trigger_id']}",
        address=Address(CHANNEL, user),
        at=to_moment(body.get("action_ts", "")),
        heard=Text(words, forwarded=True) if words else to_media(message, words) or Media("other"),
        chat=user,
    )


def from_submission(body: Payload, at: datetime) -> Inbound:
    """Return a form sent; every sending has its own key, a retry of it the same."""
    user, view = body["user"]["id"], body["view"]
    return Inbound(
        key=f"view:{body.get('trigger_id') or view['id']}",
        address=Address(CHANNEL, user),
        at=at,
        heard=Submitted(form_of(view), changed(view) if form_of(view) in SHARED else dict(entered(view))),
        chat=user,
    )


def from_closing(body: Payload, at: datetime) -> Inbound | None:
    """
    Return what was entered in a form that was closed unsent; None where nothing was.

    Words come as a message that starts the same draft, what was changed in a form of several people as if it was sent.
    """
    user, view = body["user"]["id"], body["view"]
    if form_of(view) in SHARED and (fields := changed(view)):
        heard = Submitted(form_of(view), fields)
        return Inbound(f"closed:{view['id']}", Address(CHANNEL, user), at, heard, chat=user)
    if form_of(view) not in DRAFTED:
        return None
    texts = {block["block_id"] for block in view["blocks"] if block["element"]["type"] == "plain_text_input"}
    typed = next((words.strip() for name, words in entered(view) if name in texts and words.strip()), "")
    if not typed:
        return None
    words = f"/{form_of(view)} {typed}"
    return Inbound(f"closed:{view['id']}", Address(CHANNEL, user), at, Text(words), chat=user)


def form_of(view: Payload) -> str:
    """Return the name of the form that a modal shows."""
    return str(view.get("callback_id", "")).removeprefix("form:")


ENTERED = ("value", "selected_option", "selected_options")
SHOWN = ("initial_value", "initial_option", "initial_options")
"""Under which names Slack keeps a text, an option and several options, now and when the modal was opened."""


def entered(view: Payload) -> Iterator[tuple[str, str]]:
    """Yield the fields of a modal in their order with what was entered, "" for nothing, several between spaces."""
    values = view.get("state", {}).get("values", {})
    for block in view.get("blocks", ()):
        for element in values.get(block.get("block_id"), {}).values():
            yield block["block_id"], _value(element, ENTERED)


def changed(view: Payload) -> dict[str, str]:
    """Return the fields of a modal in which something else stands than when it was opened."""
    before = {
        block["block_id"]: _value(element, SHOWN)
        for block in view.get("blocks", ())
        if (element := block.get("element"))
    }
    return {name: value for name, value in entered(view) if value != before.get(name)}


def _value(element: Payload, names: tuple[str, str, str]) -> str:
    text, one, several = (element.get(name) for name in names)
    return str(text or (one or {}).get("value") or " ".join(str(each["value"]) for each in several or ()))


def _from_message(body: Payload, event: Payload, heard: Heard, thread: str | None) -> Inbound:
    channel = event["channel"]
    return Inbound(
        key=str(body["event_id"]),
        address=Address(CHANNEL, event["user"]),
        at=to_moment(event["ts"]),
        heard=heard,
        chat=channel,
        place=to_place(channel),
        thread=thread,
        message=f"{channel}:{event['ts']}",
        answers=_answered(event),
    )


def _answered(event: Payload) -> str | None:
    """Return the message that began the thread in which this one was written."""
    begun = event.get("thread_ts")
    return f"{event['channel']}:{begun}" if begun and begun != event["ts"] else None


def _from_mention(body: Payload, event: Payload, bot: str) -> Inbound | None:
    """Return a message that names the bot, without the name; the answer goes into the message's thread."""
    text = (
        re.sub(rf"<@{re.escape(bot)}(\|[^<>]*)?>", " ", event.get("text") or "")
        if bot
        else event.get("text") or ""
    )
    heard = to_heard(event, to_words(text).strip()) or Text("/help")
    return replace(
        _from_message(body, event, heard, thread=event.get("thread_ts") or event["ts"]), apart=True
    )


def _from_edit(body: Payload, event: Payload) -> Inbound | None:
    """Return a person's own edit of a message; Slack reports its own changes (a preview added) the same way."""
    new, old = event["message"], event.get("previous_message", {})
    if (
        new.get("bot_id")
        or not new.get("user")
        or not new.get("edited")
        or new.get("text") == old.get("text")
    ):
        return None
    channel, words = event["channel"], to_words(new.get("text") or "").strip()
    return Inbound(
        key=str(body["event_id"]),
        address=Address(CHANNEL, new["user"]),
        at=to_moment(new["edited"].get("ts", "")),
        heard=Edit(words, f"{channel}:{new['ts']}"),
        chat=channel,
        thread=new.get("thread_ts"),
        message=f"{channel}:{new['ts']}",
    )


def private_chat(body: Payload) -> str:
    """Return the address that opens the person's direct conversation with the app; a tap names the team by itself."""
    team = body.get("team_id") or (body.get("team") or {}).get("id", "")
    return f"https://slack.com/app_redirect?{urlencode({'app': body['api_app_id'], 'team': team})}"


def bot_of(body: Payload) -> str:
    """Return the bot for whom Slack sent this event, "" where it does not say."""
    return next((str(one["user_id"]) for one in body.get("authorizations") or () if one.get("is_bot")), "")


def is_direct(event: Payload) -> bool:
    """Tell whether a message stands in the direct conversation with the bot."""
    return event.get("channel_type") == "im" or to_place(event["channel"]) == "private"


def to_place(channel: str) -> Place:
    """Return where a channel id stands: those of direct conversations begin with D."""
    return "private" if channel.startswith("D") else "group"


def to_heard(event: Payload, words: str) -> Text | Media | None:
    """Return the words of a message, or its file with them; None for an empty message."""
    return to_media(event, words) or (Text(words) if words.strip() else None)


def to_media(event: Payload, caption: str) -> Media | None:
    """Return the first file of a message by what it is, None where there is none."""
    files = event.get("files") or ()
    if not files:
        return None
    kinds: dict[str, MediaKind] = {"image": "photo", "audio": "voice"}
    if files[0].get("subtype") == "slack_audio":
        return Media("voice", caption)
    return Media(kinds.get(str(files[0].get("mimetype", "")).split("/")[0], "document"), caption)


def to_words(text: str) -> str:
    """Return Slack's escaped text as the words that the person saw when they wrote it."""
    return unescape(ANGLED.sub(lambda found: _spoken(found[1]), text))


def unescape(text: str) -> str:
    """Undo the three entities that Slack writes."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _spoken(inside: str) -> str:
    """Return what stands between angle brackets as it is shown: a name, an address, a link's text."""
    target, _, label = inside.partition("|")
    match target[:1]:
        case "@" | "#":
            return f"{target[0]}{label or target[1:]}"
        case "!":
            return label or f"@{target[1:].partition('^')[0]}"
        case _:
            address = target.removeprefix("mailto:").removeprefix("tel:")
            return (
                address
                if not label or label == address
                else label
                if label in target
                else f"{label} ({address})"
            )


def to_moment(ts: str) -> datetime:
    """Return the moment that a `ts` names; one that cannot be read is now."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC)
