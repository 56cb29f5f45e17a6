"""
What the app is in Slack's eyes: its events, command, shortcuts and rights.

An event that is sent and not listened to is sent again and again, one that is listened to and not sent is silence;
so the adapter registers its listeners from the same names.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml

COMMAND = "/forum"
LOSSES = ("app_uninstalled", "tokens_revoked")
EVENTS = ("message.im", "app_mention", "app_home_opened", *LOSSES)
"""In the order in which they are looked for: Bolt tries one listener after the other."""
SCOPES = (
    *("app_mentions:read", "chat:write", "commands", "files:write", "im:history"),
    *("users:read", "users:read.email"),
)
"""The last two are for an address alone, which `users.info` tells only with both; without them people type it."""
FORMS = ("need", "offer", "link", "forgetme", "survey")
"""Forms that a bare command opens."""
HINTED = (
    *(
        "now",
        "where",
        "agenda",
        "need",
        "offer",
        "matches",
        "meetings",
        "groups",
        "survey",
        "providers",
        "practices",
    ),
    *("lang", "privacy", "cancel", "help"),
)
"""Words that Slack shows while `/forum` is typed, in the order of the menu."""
ABOUT = re.compile(r"join G-\d+|groups \S+ join")
"""A form that is about something, as its command names it."""
DRAFTED = ("need", "offer")
"""Forms whose words are kept as a draft when they are closed unsent."""
SHARED = ("survey",)
"""Forms that several people fill in: what one has changed is taken, also when it is closed unsent, and nothing else."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of Slack's shortcut menus; *form* is what it opens, "" where it asks what to do with the message."""

    label: str
    description: str
    form: str = ""


FORM_SHORTCUTS = {
    "need_new": Shortcut("Register a need", "Tell the forum what your country needs", "need"),
    "offer_new": Shortcut("Register an offer", "Tell the forum what your country can provide", "offer"),
}
MESSAGE_SHORTCUTS = {
    "msg_to_need": Shortcut("Turn into a need", "Use this message as a draft need", "need"),
    "msg_to_offer": Shortcut("Turn into an offer", "Use this message as a draft offer", "offer"),
    "msg_to_question": Shortcut("Ask the secretariat", "Send this message to the secretariat"),
}


def manifest(public_url: str = "", name: str = "DG Forum Assistant") -> dict[str, Any]:
    """Return the app's manifest: over HTTP at *public_url*, or, without one, over Socket Mode."""
    address = f"{public_url.rstrip('/')}/slack/events" if public_url else ""
    here = {"request_url": address} if address else {}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": "Programme, needs, offers and matches for the Asia-Pacific DG Forum",
            "background_color": "#0b4f8a",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "forum", "always_online": True},
            "shortcuts": [*_shortcuts("global", FORM_SHORTCUTS), *_shortcuts("message", MESSAGE_SHORTCUTS)],
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "Programme, rooms, needs, offers, matches",
                    "usage_hint": f"[{' | '.join(HINTED)}]",
                    "should_escape": True,
                    **({"url": address} if address else {}),
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**here, "bot_events": list(EVENTS)},
            "interactivity": {
                "is_enabled": True,
                **here,
                **({"message_menu_options_url": address} if address else {}),
            },
            "org_deploy_enabled": False,
            "socket_mode_enabled": not address,
            "token_rotation_enabled": False,
        },
    }


def as_yaml(public_url: str = "") -> str:
    """Return the manifest as the text that is pasted into Slack's page for new apps."""
    return yaml.safe_dump(manifest(public_url), allow_unicode=True, sort_keys=False, width=110)


def _shortcuts(kind: str, entries: dict[str, Shortcut]) -> list[dict[str, str]]:
    return [
        {"name": entry.label, "type": kind, "callback_id": callback, "description": entry.description}
        for callback, entry in entries.items()
    ]
