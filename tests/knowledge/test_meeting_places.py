"""tables.yaml says where delegates can meet, and every mistake in it is told with its place."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from knowledge.loaders.pack import Pack
from knowledge.meeting_places import STEP
from tests.knowledge.packs import problems, small_pack

BANGKOK = ZoneInfo("Asia/Bangkok")
TABLE = """\
- id: table-1
  name: {en: Table 1, fr: Table 1, ru: Стол 1, zh: 1号桌}
  room: room-a
  seats: 4
  slot_minutes: 20
  open: ["2022-09-13 15:30-16:10", "2022-09-13 12:10-13:15"]
"""


def with_tables(old: str = "", new: str = "", more: str = "") -> dict[str, bytes]:
    return {**small_pack(), "tables.yaml": (TABLE.replace(old, new, 1) + more).encode()}


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2022-09-13T{clock}").replace(tzinfo=BANGKOK)


def test_a_table_has_its_slots_one_after_the_other() -> None:
    table = Pack.from_files(with_tables()).places["table-1"]
    starts = ["12:10", "12:30", "12:50", "15:30", "15:50"]
    assert list(table.slots()) == [(at(one), at(one) + timedelta(minutes=20)) for one in starts]
    assert table.has(at("12:30"))
    assert not table.has(at("12:40"))
    assert (table.seats, table.is_whole_room) == (4, False)


def test_a_place_with_the_id_of_its_room_is_the_whole_room() -> None:
    assert Pack.from_files(with_tables("id: table-1", "id: room-a")).places["room-a"].is_whole_room


def test_a_pack_can_do_without_tables() -> None:
    assert Pack.from_files(small_pack()).places == {}


@pytest.mark.parametrize(
    ("old", "new", "column", "wrong"),
    [
        ("room-a", "room-z", "room", "“room-z” is not the id of a room"),
        ("seats: 4", "seats: 1", "seats", "“1” is not a whole number that fits here"),
        ("slot_minutes: 20", "slot_minutes: 17", "slot_minutes", "17 is no multiple of 5"),
        ("15:30-16:10", "16:10-15:30", "open", "“2022-09-13 16:10-15:30” ends before it begins"),
        ("15:30-16:10", "15:32-16:10", "open", "“2022-09-13 15:32-16:10” is not in steps of five minutes"),
        ("15:30-16:10", "25:30-26:10", "open", "“2022-09-13 25:30-26:10” is no opening time"),
        ("15:30-16:10", "13:00-14:00", "open", "2022-09-13 13:00 lies within the time before it"),
        ("15:30-16:10", "15:30-15:45", "open", "15:30-15:45 is shorter than a slot"),
        ("2022-09-13 15:30", "2022-09-15 15:30", "open", "2022-09-15 is not a day of the forum"),
        ('open: ["2022-09-13 15:30-16:10", "2022-09-13 12:10-13:15"]', "open: []", "open", "it is empty"),
        ("ru: Стол 1, ", "", "name.ru", "it is empty"),
        ("seats", "chairs", "chairs", "this field is not known here"),
    ],
)
def test_a_mistake_is_told_with_its_place(old: str, new: str, column: str, wrong: str) -> None:
    found = problems(with_tables(old, new))[0]
    assert (found.file, found.column, found.wrong) == ("tables.yaml", column, wrong)
    assert found.row is not None


def test_an_id_stands_there_once() -> None:
    assert [found.column for found in problems(with_tables(more=TABLE))] == ["id"]


def test_the_sample_tables_are_marked_as_made_up_and_can_be_had_on_the_forum_s_day(sample: Pack) -> None:
    assert sample.forum.sample_tables
    assert len(sample.places) == 5
    for place in sample.places.values():
        for starts, ends in place.slots():
            assert starts.date() == sample.forum.starts
            assert ends - starts == place.slot
            assert not (starts.minute * 60) % STEP.total_seconds()
