"""Announcements: in which words, to whom and when, and the key that keeps the same one from being sent twice."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.compositions import Words
from bot.errors import Refused
from bot.messages import Attachment
from bot.reasons import Reason, because
from bot.rights import ROLES
from knowledge.snapshot import Snapshot
from knowledge.vocabulary import LANGUAGES, Vocabulary

NUMBER = re.compile("([BR])-([0-9]{1,9})")
"""The number of an announcement: no longer than a database's ids."""
Kind = Literal["announcement", "safety", "reminder"]
State = Literal["awaiting", "held", "running", "paused", "undone", "cancelled", "withdrawn", "merged", "late"]
"""
Where an announcement stands.

It may have to await a second officer's approval; it is held until it starts; then it runs, unless it is paused. One
that was undone, or merged into another, never left; one that is late could not begin before its use-by. What was
cancelled stopped on its way, what was withdrawn was taken back from those who had it.
"""
Mute = Literal["all", "but_changes", "until_written"]

HOLD = timedelta(seconds=30)
"""How long an announcement can still be undone before it leaves."""
MERGES = timedelta(minutes=3)
"""How long changes to one session become one message."""
LONGEST = 3000
"""Characters of an announcement: with its heading and notes it stays under every channel's limit."""
LARGEST = 10_000_000
"""Bytes of an attachment that every channel takes."""
CHANNELS = ("telegram", "slack", "web", "terminal")
SOUNDING = frozenset({"telegram"})
"""Channels that make a sound for each message, and can be told not to."""


@dataclass(frozen=True, slots=True)
class Audience:
    """
    Whom an announcement is for; an empty set stands for everyone.

    *countries* and the members of *regions* (ids of the vocabulary) count together, as do those who follow one of the
    sessions *followers*. *themes* are those of the recipients' own open needs, *people* their rows. *confirmed_not* is
    the number (see `read_number`) of an announcement that they got and have not confirmed. The sets *without* take out
    again.
    """

    roles: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    followers: frozenset[str] = frozenset()
    themes: frozenset[str] = frozenset()
    people: frozenset[int] = frozenset()
    confirmed_not: str | None = None
    without_roles: frozenset[str] = frozenset()
    without_countries: frozenset[str] = frozenset()
    without_people: frozenset[int] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """Return what narrows the audience as JSON values, always in the same order."""
        values = {part.name: getattr(self, part.name) for part in fields(self)}
        return {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in values.items()
            if value
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Audience":
        """Return the audience that `to_json` wrote."""
        kept: dict[str, Any] = {
            name: frozenset(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**kept)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a session; *room*, *start* and *end* are None where they stay as they are."""

    session: str
    room: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    cancelled: bool = False

    def over(self, older: "Change") -> "Change":
        """Return what *older* and this change make of the session together; where they differ, this one counts."""
        return Change(
            self.session,
            self.room or older.room,
            self.start or older.start,
            self.end or older.end,
            self.cancelled or older.cancelled,
        )


@dataclass(frozen=True, slots=True)
class Announcement:
    """
    What is to be announced, to whom and when.

    It is held until *starts_at* (the forum's time), for half a minute when that is None; *now* lets it leave at once,
    as safety messages always do, and in quiet hours too. After *use_by* nothing more of it leaves. *confirmable* puts
    OK under it. *change* is what becomes of a session with it, *about* the number of the announcement that it
    nudges about. *again* sends on purpose what was sent before.
    """

    words: Words
    audience: Audience = field(default_factory=Audience)
    kind: Kind = "announcement"
    starts_at: datetime | None = None
    use_by: datetime | None = None
    confirmable: bool = False
    change: Change | None = None
    attachment: Attachment | None = None
    now: bool = False
    about: str | None = None
    again: bool = False

    @property
    def key(self) -> str:
        """Return what makes this announcement the same as another: its words, its audience, its schedule."""
        whole = [
            self.kind,
            self.words.to_json(),
            self.audience.to_json(),
            self.starts_at,
            self.use_by,
            self.confirmable,
            asdict(self.change) if self.change else None,
            self.attachment.to_json() if self.attachment else None,
            self.about,
        ]
        written = json.dumps(whole, sort_keys=True, ensure_ascii=False, default=_as_utc)
        return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _as_utc(moment: datetime) -> str:
    return datetime.fromtimestamp(moment.timestamp(), ZoneInfo("UTC")).isoformat()


@dataclass(frozen=True, slots=True)
class Recipient:
    """A participant who gets the announcement, and where."""

    participant_id: int
    channel: str
    user: str
    chat: str
    lang: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as the secretariat's desk would look for them."""

    id: int
    name: str | None = None
    country: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """
    Who an audience is at this moment.

    *counts* maps (channel, language) to how many are written to there, largest first. *muted* counts those among them
    who have muted such messages: they get it when their mute ends, if that is in time. *unreachable* are the people
    who belong to the audience and never wrote to the assistant, or have blocked it.
    """

    counts: Mapping[tuple[str, str], int]
    unreachable: tuple[Contact, ...] = ()
    muted: int = 0

    @property
    def recipients(self) -> int:
        """Return how many are written to."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of the night in which nobody is written to, by the clocks at the forum's place."""

    begins: time
    ends: time

    @classmethod
    def read(cls, text: str) -> "Quiet | None":
        """Return the hours that *text* names, such as `22:00-07:00`; None when it is empty. Raises ValueError."""
        if not text.strip():
            return None
        try:
            begins, ends = (time.fromisoformat(part.strip()) for part in text.split("-"))
        except ValueError:
            raise ValueError("give quiet hours like 22:00-07:00") from None
        if begins == ends:
            raise ValueError("give quiet hours that begin and end at two different times")
        return cls(begins, ends)

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Return *moment*, or the end of the quiet hours when it lies in them."""
        local = moment.astimezone(zone)
        over_midnight = self.begins > self.ends
        late, early = local.time() >= self.begins, local.time() < self.ends
        if not (late or early if over_midnight else late and early):
            return moment
        day = local.date() + timedelta(days=1) if over_midnight and late else local.date()
        return datetime.combine(day, self.ends, zone).astimezone(moment.tzinfo)


@dataclass(frozen=True, slots=True)
class Rules:
    """
    What an installation has settled about announcements.

    One to more than *approval_above* people needs a second officer. None of them leaves in *quiet* hours.
    """

    approval_above: int = 200
    quiet: Quiet | None = field(default_factory=lambda: Quiet(time(22), time(7)))


class BeingChanged(Refused):
    """Another officer is about to change the same session with the announcement *number*, in *left* from now."""

    def __init__(self, number: str, officer: str, session: str, left: timedelta) -> None:
        super().__init__(
            f"{officer} is sending a change for {session} right now ({left.total_seconds():.0f} s left); "
            f"see {number} first"
        )
        self.number = number
        self.officer = officer
        self.session = session
        self.left = left


def read_number(text: str) -> str:
    """Return the announcement's number that *text* is, as people see it: `B-0003` for `b-3`; other words stay."""
    text = text.strip()
    named = NUMBER.fullmatch(text.upper())
    return f"{named[1]}-{int(named[2]):04d}" if named else text


def check(audience: Audience, know: Snapshot) -> None:
    """Raise Refused, with all that is wrong, where *audience* names what there is not."""
    subregions = {one.subregion for one in know.vocabulary.countries.values() if one.subregion}
    wrong = [
        *_outside("role", audience.roles | audience.without_roles, ROLES),
        *_no_countries(audience.countries | audience.without_countries, know.vocabulary),
        *_outside("region", audience.regions, sorted(subregions)),
        *_outside("language", audience.languages, LANGUAGES),
        *_outside("channel", audience.channels, CHANNELS),
        *_outside("theme", audience.themes, know.vocabulary.themes),
        *_outside("session", audience.followers, [session.id for session in know.programme]),
    ]
    if wrong:
        raise Refused(*wrong)


def _no_countries(values: Iterable[str], vocabulary: Vocabulary) -> list[Reason]:
    """Say what is wrong with each of *values* that is no country's code: which ones it may have meant."""
    wrong = []
    for value in sorted(values):
        if value not in vocabulary.countries:
            hits = vocabulary.country_names.closest(value)
            known = (hit.key for hit in hits if hit.key in vocabulary.countries)
            near = " or ".join(f"{iso3} ({vocabulary.countries[iso3].name['en']})" for iso3 in known)
            right = f"did you mean {near}?" if near else "write its ISO code, for example FJI"
            wrong.append(because("audience_unknown", f"“{value}” is not a country; {right}", heard=value))
    return wrong


def _outside(what: str, values: Iterable[str], allowed: Any) -> list[Reason]:
    listed = ", ".join(list(allowed)[:8]) + (" ..." if len(allowed) > 8 else "")
    return [
        because("audience_unknown", f"“{value}” is not a {what}; one of: {listed}", heard=value)
        for value in sorted(values)
        if value not in allowed
    ]
