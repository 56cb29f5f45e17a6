"""What an announcement is made of: the templates with their slots, and the words somebody wants to be said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.errors import Refused
from bot.reasons import because
from knowledge.forum import Session
from knowledge.snapshot import Snapshot

SlotKind = Literal["session", "room", "time", "minutes", "text", "place", "url"]
"""
What a slot takes, as JSON: a session's id, a room's id, an ISO time with its zone, whole minutes, words (English ones,
or a mapping of languages to words with English among them), a room's id or words, a web address.
"""


@dataclass(frozen=True, slots=True)
class Slot:
    """What a template has to be told, or may be."""

    name: str
    kind: SlotKind
    required: bool = True


@dataclass(frozen=True, slots=True)
class Template:
    """An announcement that exists in every language; one for *safety* waits for nothing and passes every mute."""

    name: str
    slots: tuple[Slot, ...]
    safety: bool = False


def _may(name: str, kind: SlotKind) -> Slot:
    return Slot(name, kind, required=False)


_MORE = _may("more", "text")
_ALL = (
    Template(
        "room_change",
        (
            Slot("session", "session"),
            Slot("room", "room"),
            _may("before", "room"),
            _may("time", "time"),
            _may("was", "time"),
            _may("way", "text"),
        ),
    ),
    Template(
        "time_change",
        (Slot("session", "session"), Slot("time", "time"), _may("was", "time"), _may("room", "room"), _MORE),
    ),
    Template(
        "delay",
        (
            Slot("session", "session"),
            Slot("minutes", "minutes"),
            _may("time", "time"),
            _may("room", "room"),
            _MORE,
        ),
    ),
    Template("cancellation", (Slot("session", "session"), _may("time", "time"), _MORE)),
    Template("lunch", (Slot("time", "time"), Slot("place", "place"), _may("until", "time"), _MORE)),
    Template("group_photo", (Slot("time", "time"), Slot("place", "place"), _MORE)),
    Template("bus", (Slot("time", "time"), Slot("place", "place"), _may("to", "text"), _MORE)),
    Template("evacuation", (_may("place", "place"), _MORE), safety=True),
    Template("lost_property", (Slot("what", "text"), Slot("place", "place"))),
    Template("document", (Slot("title", "text"), _may("url", "url"), _MORE)),
    Template("survey", (Slot("url", "url"), _may("minutes", "minutes"), _may("until", "time"))),
    Template("thanks", (_MORE, _may("url", "url"))),
    Template(
        "reminder",
        (
            Slot("minutes", "minutes"),
            _may("session", "session"),
            _may("what", "text"),
            _may("time", "time"),
            _may("place", "place"),
            _MORE,
        ),
    ),
)
TEMPLATES: Mapping[str, Template] = {template.name: template for template in _ALL}


@dataclass(frozen=True, slots=True)
class Words:
    """
    What is to be said: a *template* with its *slots* (JSON values), or own *texts* by language, English always.

    *session* is the id of the session that it is about, None when it is about none; own texts may use its fields.
    """

    template: str | None = None
    slots: Mapping[str, Any] = field(default_factory=dict, hash=False)
    texts: Mapping[str, str] = field(default_factory=dict, hash=False)
    session: str | None = None

    @property
    def is_safety(self) -> bool:
        """Tell whether people are in danger without it."""
        return self.template in TEMPLATES and TEMPLATES[str(self.template)].safety

    def to_json(self) -> dict[str, Any]:
        """Return the words as JSON values."""
        return {
            "template": self.template,
            "slots": dict(self.slots),
            "texts": dict(self.texts),
            "session": self.session,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Words":
        """Return the words that `to_json` wrote."""
        return cls(values["template"], values["slots"], values["texts"], values["session"])


def session_called(id_: Any, know: Snapshot) -> Session:
    """Return the session with that id; raise Refused where the programme has none."""
    for session in know.programme:
        if session.id == id_:
            return session
    gone = f"session {id_} is not in the programme any more; announce it with another one"
    raise Refused(because("session_gone", gone))


def moment(value: Any) -> datetime | None:
    """Return the time that *value* is, None when it is none or has no zone."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None
