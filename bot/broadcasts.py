"""Announcements: to whom, in which words, and the key that keeps the same one from being sent twice."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.errors import Refused
from bot.rights import ROLES
from knowledge.snapshot import Snapshot
from knowledge.vocabulary import LANGUAGES

LONGEST = 3000
"""Characters of an announcement: with its heading and notes it stays under every channel's limit."""
CHANNELS = ("telegram", "slack", "web", "terminal")


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom an announcement is for; an empty set stands for everyone."""

    roles: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """Return the audience as JSON values, always in the same order."""
        return {
            "roles": sorted(self.roles),
            "countries": sorted(self.countries),
            "languages": sorted(self.languages),
            "channels": sorted(self.channels),
        }


@dataclass(frozen=True, slots=True)
class Recipient:
    """A participant who gets the announcement, and where."""

    participant_id: int
    channel: str
    user: str
    chat: str
    lang: str


@dataclass(frozen=True, slots=True)
class Reach:
    """
    Who an audience is at this moment.

    *unreachable* counts participants who belong to it and have never written to the assistant, or have blocked it.
    """

    recipients: tuple[Recipient, ...]
    unreachable: int

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many recipients there are for each channel and language, largest first."""
        found: dict[tuple[str, str], int] = {}
        for recipient in self.recipients:
            place = (recipient.channel, recipient.lang)
            found[place] = found.get(place, 0) + 1
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to be announced: the text of each language; English is there always and stands in for the others."""

    texts: Mapping[str, str]
    audience: Audience = field(default_factory=Audience)

    @property
    def key(self) -> str:
        """Return what makes this announcement the same as another: its words and its audience."""
        whole = json.dumps([dict(self.texts), self.audience.to_json()], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(whole.encode()).hexdigest()

    def text(self, lang: str) -> tuple[str, bool]:
        """Return the words for a reader of *lang*, and whether they are in that language."""
        return (self.texts[lang], True) if lang in self.texts else (self.texts["en"], False)


def checked(announcement: Announcement, know: Snapshot) -> Announcement:
    """Return *announcement*; raise Refused, naming all that is wrong with it, when it cannot be sent."""
    audience = announcement.audience
    wrong = [
        *_outside("language", announcement.texts, LANGUAGES),
        *_outside("role", audience.roles, ROLES),
        *_outside("country", audience.countries, know.vocabulary.countries),
        *_outside("language", audience.languages, LANGUAGES),
        *_outside("channel", audience.channels, CHANNELS),
    ]
    if "en" not in announcement.texts:
        wrong.append("the English text is missing; it stands in for languages without one")
    for lang, text in announcement.texts.items():
        if not text.strip():
            wrong.append(f"the text in {lang} is empty")
        if len(text) > LONGEST:
            wrong.append(f"the text in {lang} has {len(text)} characters; {LONGEST} is the most")
    if wrong:
        raise Refused("\n".join(wrong))
    return announcement


def _outside(what: str, values: Any, allowed: Any) -> list[str]:
    listed = ", ".join(list(allowed)[:8]) + (" ..." if len(allowed) > 8 else "")
    return [
        f"“{value}” is not a {what}; one of: {listed}" for value in sorted(values) if value not in allowed
    ]
