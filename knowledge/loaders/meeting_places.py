"""tables.yaml: the tables and small rooms at which delegates meet; a pack can do without it."""

import itertools
import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from knowledge.forum import Forum
from knowledge.loaders.csv import unique
from knowledge.loaders.fields import Fields
from knowledge.loaders.yaml import mappings
from knowledge.meeting_places import STEP, MeetingPlace
from knowledge.problems import Findings, quoted

TABLES = "tables.yaml"
FIELDS = ("id", "name.*", "room", "seats", "slot_minutes", "open")
MOST_SEATS = 50
SHORTEST, LONGEST = 10, 120
"""Minutes of a slot."""
OPEN = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d)-(\d\d:\d\d)")
LIKE = "write it like 2022-09-13 12:10-13:30"
UTC = ZoneInfo("UTC")


def places(
    files: Mapping[str, bytes], found: Findings, event: Forum | None, rooms: Collection[str]
) -> dict[str, MeetingPlace]:
    """Return the places by id, in the order of tables.yaml, in the *rooms* that are known; none without the file."""
    seen: dict[str, int | None] = {}
    table: dict[str, MeetingPlace] = {}
    for fields in mappings(TABLES, files.get(TABLES), found, fields=FIELDS):
        place = _place(fields, event, rooms)
        if unique(fields, "id", place.id, seen):
            table[place.id] = place
    return table


def _place(fields: Fields, event: Forum | None, rooms: Collection[str]) -> MeetingPlace:
    minutes = fields.integer("slot_minutes", SHORTEST, LONGEST)
    if timedelta(minutes=minutes) % STEP:
        fields.wrong("slot_minutes", f"{minutes} is no multiple of 5", "write 15, 20, 30, ...")
        minutes = SHORTEST
    slot = timedelta(minutes=minutes)
    return MeetingPlace(
        id=fields.id(),
        name=fields.localised("name.{}"),
        room=fields.one_of("room", rooms, "the id of a room"),
        seats=fields.integer("seats", 2, MOST_SEATS),
        slot=slot,
        opens=_opens(fields, event, slot),
    )


def _opens(fields: Fields, event: Forum | None, slot: timedelta) -> tuple[tuple[datetime, datetime], ...]:
    if not fields.items("open"):
        fields.wrong("open", "it is empty", "name the times at which it is open")
    read = (_open(fields, text, event) for text in fields.items("open"))
    opens = sorted(one for one in read if one is not None)
    for earlier, later in itertools.pairwise(opens):
        if later[0] < earlier[1]:
            wrong = f"{later[0]:%Y-%m-%d %H:%M} lies within the time before it"
            fields.wrong("open", wrong, "write times that do not overlap")
    for starts, ends in opens:
        if ends - starts < slot:
            wrong = f"{starts:%H:%M}-{ends:%H:%M} is shorter than a slot"
            fields.wrong("open", wrong, "write a longer time, or a shorter slot_minutes")
    return tuple(opens)


def _open(fields: Fields, text: str, event: Forum | None) -> tuple[datetime, datetime] | None:
    """Return the two ends of an opening time; None where it is none, which is noted."""
    found = OPEN.fullmatch(" ".join(text.split()))
    zone = event.time_zone if event else UTC
    try:
        if found is None:
            raise ValueError(text)
        day = date.fromisoformat(found[1])
        starts, ends = (datetime.fromisoformat(f"{day}T{found[n]}").replace(tzinfo=zone) for n in (2, 3))
    except ValueError:
        fields.wrong("open", f"{quoted(text)} is no opening time", LIKE)
        return None
    if ends <= starts:
        fields.wrong("open", f"{quoted(text)} ends before it begins", LIKE)
        return None
    if any(timedelta(minutes=one.minute) % STEP for one in (starts, ends)):
        fields.wrong("open", f"{quoted(text)} is not in steps of five minutes", LIKE)
        return None
    if event is not None and not event.starts <= day <= event.ends:
        days = f"{event.starts}" if event.starts == event.ends else f"{event.starts} to {event.ends}"
        fields.wrong("open", f"{day} is not a day of the forum", f"forum.yaml says {days}")
        return None
    return starts, ends
