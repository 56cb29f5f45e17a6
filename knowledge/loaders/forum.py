"""The three files about the event: forum.yaml, rooms.yaml and programme.csv."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from knowledge.forum import Contacts, Coordinates, Forum, Programme, Room, Session
from knowledge.loaders.csv import records, unique
from knowledge.loaders.fields import NEUTRAL_DAY, NEUTRAL_MOMENT, Fields
from knowledge.loaders.yaml import mappings
from knowledge.problems import Findings
from knowledge.vocabulary import LANGUAGES, Localised

FORUM = "forum.yaml"
ROOMS = "rooms.yaml"
PROGRAMME = "programme.csv"
FILES = (FORUM, ROOMS, PROGRAMME)

FORUM_FIELDS = (
    "names.full.*",
    "names.short.*",
    "edition",
    "title.*",
    "dates.start",
    "dates.end",
    "time_zone",
    "zone_words.*",
    "venue.name.*",
    "venue.city.*",
    "venue.latitude",
    "venue.longitude",
    "languages",
    "contacts.email",
    "contacts.telephone",
    "contacts.desk",
    "contacts.desk.*",
    "rehearsal.clock",
    "sample.programme",
    "sample.rooms",
    "sample.tables",
    "sample.groups",
    "retention.*",
    "sources",
)
ROOM_FIELDS = ("id", "name.*", "aliases", "floor.*", "directions.*", "step_free")
SESSION_KINDS = (
    "registration",
    "plenary",
    "session",
    "working_group",
    "side_event",
    "bilateral",
    "break",
    "lunch",
    "reception",
    "closing",
)
SESSION_COLUMNS = (
    "id",
    "start",
    "end",
    "room",
    "title_en",
    "title_fr",
    "title_ru",
    "title_zh",
    "kind",
)
UTC = ZoneInfo("UTC")


def forum(files: Mapping[str, bytes], found: Findings) -> Forum | None:
    """Return what forum.yaml says, or None where it says nothing that can be read."""
    read = list(mappings(FORUM, files.get(FORUM), found, fields=FORUM_FIELDS))
    return _forum(read[0]) if read else None


def rooms(files: Mapping[str, bytes], found: Findings) -> dict[str, Room]:
    """Return the rooms by id, in the order of rooms.yaml."""
    seen: dict[str, int | None] = {}
    table: dict[str, Room] = {}
    for fields in mappings(ROOMS, files.get(ROOMS), found, fields=ROOM_FIELDS):
        room = _room(fields)
        if unique(fields, "id", room.id, seen):
            table[room.id] = room
    return table


def programme(
    files: Mapping[str, bytes], found: Findings, event: Forum | None, known: Collection[str]
) -> Programme:
    """Return the sessions of programme.csv, in the rooms *known*, in the time of the *event*."""
    zone = event.time_zone if event else UTC
    seen: dict[str, int | None] = {}
    sessions: list[Session] = []
    rows = records(PROGRAMME, files.get(PROGRAMME), found, columns=SESSION_COLUMNS, may_be_empty=True)
    for fields in rows:
        session = _session(fields, zone, known)
        if unique(fields, "id", session.id, seen):
            sessions.append(session)
            _check_day(fields, session, event)
    if sessions and not known and ROOMS in files:
        right = "add the rooms that programme.csv names"
        found.add(ROOMS, None, None, wrong="there is no room, but there are sessions", right=right)
    return Programme(sessions)


def _forum(fields: Fields) -> Forum:
    zone = _zone(fields)
    starts, ends = fields.day("dates.start"), fields.day("dates.end")
    if ends < starts:
        fields.wrong("dates.end", f"{ends} is before {starts}", "write the last day of the forum")
    return Forum(
        name=fields.localised("names.full.{}"),
        short_name=fields.localised("names.short.{}"),
        edition=fields.integer("edition", 1, 1000),
        theme_title=fields.localised("title.{}"),
        starts=starts,
        ends=ends,
        time_zone=zone,
        zone_words=fields.localised("zone_words.{}"),
        venue=fields.localised("venue.name.{}"),
        city=fields.localised("venue.city.{}"),
        languages=fields.some_of("languages", LANGUAGES, "a language") or LANGUAGES,
        coordinates=_coordinates(fields),
        contacts=_contacts(fields),
        rehearsal_start=_moment_or_none(fields, "rehearsal.clock", zone),
        sample_programme=_is_set(fields, "sample.programme"),
        sample_rooms=_is_set(fields, "sample.rooms"),
        sample_tables=_is_set(fields, "sample.tables"),
        sample_groups=_is_set(fields, "sample.groups"),
        retention=_retention(fields),
    )


def _zone(fields: Fields) -> ZoneInfo:
    name = fields.one_of("time_zone", _zones(), "a time zone")
    return ZoneInfo(name) if name in _zones() else UTC


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


def _coordinates(fields: Fields) -> Coordinates | None:
    latitude, longitude = "venue.latitude", "venue.longitude"
    match [column for column in (latitude, longitude) if fields.optional(column)]:
        case []:
            return None
        case [alone]:
            other = longitude if alone == latitude else latitude
            fields.wrong(alone, f"there is no {other} beside it", "write both, or neither")
            return None
    return Coordinates(fields.degrees(latitude, 90), fields.degrees(longitude, 180))


def _contacts(fields: Fields) -> Contacts:
    email = fields.optional("contacts.email")
    if email and "@" not in email[1:-1]:
        right = "write it like name@example.org"
        fields.wrong("contacts.email", f"“{email}” is not an e-mail address", right)
    return Contacts(email or None, fields.optional("contacts.telephone") or None, _desk(fields))


def _desk(fields: Fields) -> Localised | None:
    named = [lang for lang in LANGUAGES if f"contacts.desk.{lang}" in fields.values]
    if named:
        return fields.localised("contacts.desk.{}")
    desk = fields.optional("contacts.desk")
    return Localised(en=desk) if desk else None


def _moment_or_none(fields: Fields, column: str, zone: ZoneInfo) -> datetime | None:
    return fields.moment(column, zone) if fields.optional(column) else None


def _is_set(fields: Fields, column: str) -> bool:
    return fields.flag(column) if fields.optional(column) else False


def _retention(fields: Fields) -> dict[str, int]:
    columns = [column for column in fields.values if column.startswith("retention.")]
    return {column.removeprefix("retention."): fields.integer(column, 1, 36500) for column in columns}


def _room(fields: Fields) -> Room:
    return Room(
        id=fields.id(),
        name=fields.localised("name.{}"),
        aliases=fields.items("aliases"),
        floor=fields.localised("floor.{}"),
        directions=fields.localised("directions.{}"),
        step_free=fields.flag("step_free"),
    )


def _session(fields: Fields, zone: ZoneInfo, known: Collection[str]) -> Session:
    starts, ends = fields.moment("start", zone), fields.moment("end", zone)
    if ends <= starts and NEUTRAL_MOMENT not in (starts, ends):
        right = f"write a time after the start, {fields.optional('start')}"
        fields.wrong("end", f"“{fields.optional('end')}” is not after the start", right)
    return Session(
        id=fields.id(),
        title=fields.localised("title_{}"),
        starts=starts,
        ends=ends,
        room=fields.one_of("room", known, "the id of a room"),
        kind=fields.one_of("kind", SESSION_KINDS, "a kind of session"),
    )


def _check_day(fields: Fields, session: Session, event: Forum | None) -> None:
    if event is None or session.starts == NEUTRAL_MOMENT or event.starts == NEUTRAL_DAY:
        return
    if not event.starts <= session.starts.date() <= event.ends:
        days = f"{event.starts}" if event.starts == event.ends else f"{event.starts} to {event.ends}"
        wrong = f"“{fields.optional('start')}” is not a day of the forum"
        fields.wrong("start", wrong, f"forum.yaml says {days}")
