"""The event itself: its dates and place, rooms, sessions, and the facts people ask for."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from knowledge.vocabulary import Localised

PAUSES = frozenset({"registration", "break", "lunch"})
"""Kinds of sessions that nobody is late for."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """Where the secretariat is reached; None where nothing was published."""

    email: str | None = None
    telephone: str | None = None
    desk: Localised | None = None


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A point on the Earth, in degrees: north and east count up from zero, south and west down."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Forum:
    """The forum as a whole."""

    name: Localised
    short_name: Localised
    edition: int
    theme_title: Localised
    starts: date
    ends: date
    time_zone: ZoneInfo
    zone_words: Localised
    """How to say the time zone, as in "Bangkok time"."""
    venue: Localised
    city: Localised
    languages: tuple[str, ...]
    coordinates: Coordinates | None = None
    """Where the venue stands; None where that is not published."""
    contacts: Contacts = Contacts()
    rehearsal_start: datetime | None = None
    """The moment at which a rehearsal begins; None when the pack names none."""
    sample_programme: bool = False
    """The programme is made up, and every screen that shows it must say so."""
    sample_rooms: bool = False
    sample_tables: bool = False
    sample_groups: bool = False
    retention: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Maps a kind of record to the days it is kept."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room that sessions take place in."""

    id: str
    name: Localised
    aliases: tuple[str, ...]
    floor: Localised
    directions: Localised
    step_free: bool


@dataclass(frozen=True, slots=True)
class Was:
    """How a session stood in the programme before it was changed; each None where it is as it was."""

    room: str | None = None
    starts: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One item of the programme."""

    id: str
    title: Localised
    starts: datetime
    ends: datetime
    room: str
    """Id of a room."""
    kind: str
    was: Was | None = None
    """None: it is as the programme was published."""
    cancelled: bool = False
    """It stays in its day's programme, and is nowhere on."""

    @property
    def is_pause(self) -> bool:
        """Tell whether it is one that nobody is late for."""
        return self.kind in PAUSES

    def is_on(self, at: datetime) -> bool:
        """Say whether it runs at that moment; its last moment is not part of it."""
        return self.starts <= at < self.ends and not self.cancelled


@dataclass(frozen=True, slots=True)
class Entry:
    """A topic of the knowledge base with what people ask and what is published about it."""

    key: str
    title: Localised
    phrasings: Mapping[str, tuple[str, ...]] = field(hash=False)
    """Maps a language to the ways in which people ask."""
    body: Localised | None
    """None: the secretariat has not published anything about it yet."""
    source: Localised | None
    """What the answer rests on: in English, and where it has a name of its own there, in other languages."""
    checked: date
    sensitive: bool = False
    """Medical, security, emergency or visa: never answered on a likeness alone."""
    answered_at: datetime | None = None
    """When the secretariat answered it at the forum; None where it comes from the pack."""


class Programme:
    """The sessions in order of time."""

    def __init__(self, sessions: Iterable[Session] = ()) -> None:
        self.sessions = tuple(sorted(sessions, key=lambda s: (s.starts, s.ends, s.id)))
        self._held = tuple(session for session in self.sessions if not session.cancelled)
        self._starts = [session.starts for session in self._held]

    def __iter__(self) -> Iterator[Session]:
        return iter(self.sessions)

    def __len__(self) -> int:
        return len(self.sessions)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Programme) and self.sessions == other.sessions

    def __hash__(self) -> int:
        return hash(self.sessions)

    def now(self, at: datetime) -> tuple[Session, ...]:
        """Return the sessions that run at that moment."""
        return tuple(session for session in self.sessions if session.is_on(at))

    def next(self, at: datetime) -> tuple[Session, ...]:
        """Return the sessions that begin soonest after that moment, all of them."""
        later = self._held[bisect_right(self._starts, at) :]
        return tuple(session for session in later if session.starts == later[0].starts)

    def day(self, day: date) -> tuple[Session, ...]:
        """Return the sessions that touch that day, in the programme's own time zone."""
        return tuple(session for session in self.sessions if day in _days(session))

    def in_room(self, room: str) -> tuple[Session, ...]:
        """Return the sessions in the room with that id."""
        return tuple(session for session in self._held if session.room == room)

    def moved_from(self, room: str) -> tuple[Session, ...]:
        """Return the sessions that were to be in the room with that id and are somewhere else now."""
        return tuple(session for session in self._held if session.was and session.was.room == room)

    def get(self, id_: str) -> Session | None:
        """Return the session with that id, None when there is none."""
        return next((session for session in self.sessions if session.id == id_), None)


def _days(session: Session) -> set[date]:
    last = max(session.starts, session.ends - timedelta(microseconds=1)).date()
    first = session.starts.date()
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}
