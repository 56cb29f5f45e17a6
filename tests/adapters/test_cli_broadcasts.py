"""`saphan broadcast` as a shell sees it: options, mistakes told with what would be right, and steering."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.cli.announcements import Asked, announcement
from adapters.cli.telephone import to_csv
from bot.announcement_commands import Missing
from bot.broadcasts import Change
from bot.database import Store
from bot.errors import Refused
from bot.store import Following, KnownAddress, Participant
from knowledge.loaders.pack import read_pack
from knowledge.sample import sample_pack
from knowledge.snapshot import Snapshot

ROOM = ("--template", "room_change", "--slot", "session=s3", "--slot", "room=room-d", "--follower-of", "s3")


@pytest.fixture(scope="module")
def know():
    """Return what the sample pack says."""
    return Snapshot.of(read_pack(sample_pack()))


@pytest.fixture
def people(database):
    """Put four people with different languages into the database; one of them cannot be reached."""
    store = Store(f"sqlite:///{database}")

    def keep(session):
        for number, (country, lang) in enumerate(
            (("TON", "en"), ("FJI", "fr"), ("KGZ", "ru"), ("CHN", "zh")), 1
        ):
            person = Participant(
                name=f"Person {number}",
                email=f"person{number}@ministry.example",
                role="delegate",
                country=country,
                language=lang,
                created_at=datetime(2022, 9, 13, tzinfo=UTC),
            )
            session.add(person)
            session.flush()
            session.add(Following(participant_id=person.id, session="s3"))
            if lang != "zh":
                session.add(
                    KnownAddress(
                        channel="telegram", user=str(number), participant_id=person.id, chat=str(number)
                    )
                )

    store.write(keep).result()
    store.close()


@pytest.mark.usefixtures("people")
def test_a_template_is_shown_in_every_language_it_is_read_in(saphan):
    shown = saphan("broadcast", "preview", *ROOM)
    assert shown.returncode == 0, shown.stderr
    assert "To 3 people; 1 more cannot be reached." in shown.stdout
    assert "Session 3 is now in Room D, second floor (it was Room B). Same time: 14:30" in shown.stdout
    assert "La séance 3 a lieu en salle D" in shown.stdout
    assert "Заседание 3 пройдёт в зале D" in shown.stdout
    assert "第三场会议" not in shown.stdout


@pytest.mark.usefixtures("people")
def test_an_announcement_is_held_undone_sent_and_steered(saphan):
    held = saphan("broadcast", "send", "--yes", *ROOM)
    assert "B-0001: leaves at 13 September" in held.stdout
    assert "saphan broadcast undo B-0001" in held.stdout
    assert "Nobody was told" in saphan("broadcast", "undo", "B-0001").stdout
    late = saphan("broadcast", "undo", "B-0001")
    assert (late.returncode, "withdraw B-0001" in late.stderr) == (1, True)

    sent = saphan("broadcast", "send", "--yes", "--now", "--confirm", *ROOM)
    assert "B-0002: queued for 3 people." in sent.stdout
    assert (
        "Nothing is sent twice." in saphan("broadcast", "send", "--yes", "--now", "--confirm", *ROOM).stdout
    )
    assert "B-0002: paused; nothing is in flight." in saphan("broadcast", "pause", "B-0002").stdout
    (progress,) = json.loads(saphan("broadcast", "status", "B-0002", "--json").stdout)
    assert (progress["state"], progress["recipients"], progress["states"]) == ("paused", 3, {"queued": 3})
    assert {place["language"] for place in progress["places"]} == {"en", "fr", "ru"}
    assert "telegram, fr: 1 queued" in saphan("broadcast", "status", "B-0002").stdout
    assert saphan("broadcast", "resume", "B-0002").returncode == 0
    other = ("--template", "room_change", "--slot", "session=s3", "--slot", "room=room-c")
    assert "0 changed in place, 0 sent anew, 3" in saphan("broadcast", "correct", "B-0002", *other).stdout
    assert "3 had not left" in saphan("broadcast", "withdraw", "B-0002").stdout

    missing = json.loads(saphan("broadcast", "missing", "B-0002", "--json").stdout)
    assert [one["state"] for one in missing].count("unreachable") == 1
    exported = saphan("broadcast", "export", "B-0002", "list.csv")
    assert "list.csv: 4 people." in exported.stdout


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (Asked(), "say what: --text en=... or --template NAME"),
        (Asked(template="roomchange"), "“roomchange” is not a template; one of: room_change"),
        (Asked(template="room_change", slot=["hall=d"]), "room_change has no slot “hall”; it has: session"),
        (Asked(text=["The bus"]), "write --text en=..."),
        (Asked(text=["en=a"], template="bus"), "exclude each other"),
        (Asked(text=["en=a"], slot=["room=d"]), "--slot belongs to a template"),
        (Asked(text=["en=a"], at="noon"), "--at: “noon” is not a time; write 2022-09-13T14:15"),
        (Asked(text=["en=a"], at="2022-09-13T14:15", now=True), "--now and --at exclude each other"),
        (Asked(text=["en=a"], describe="a map"), "add --attach FILE"),
        (Asked(text=["en=a"], attach=Path("map.png")), "--describe TEXT"),
        (Asked(text=["en=a"], attach=Path("map.png"), describe="a map"), "map.png cannot be read"),
        (Asked(text=["en=a"], change_room="room-d"), "need the session: --session s3"),
        (Asked(template="delay", slot=["minutes=ten"]), "“ten” is not a number of minutes"),
    ],
)
def test_what_is_wrong_is_told_with_what_would_be_right(know, asked, told):
    with pytest.raises(Refused) as refused:
        announcement(asked, know)
    assert told in str(refused.value)


def test_all_that_is_wrong_is_told_at_once(know):
    with pytest.raises(Refused) as refused:
        announcement(Asked(text=["no language"], at="noon", describe="a map"), know)
    assert len(str(refused.value).splitlines()) == 3


def test_a_template_changes_the_session_and_says_words_in_several_languages(know):
    delay = announcement(Asked(template="delay", session="s3", slot=["minutes=15"]), know)
    assert delay.change == Change("s3", start=datetime.fromisoformat("2022-09-13T14:45+07:00"))
    found = announcement(Asked(template="document", slot=["title.fr=Le projet", "title=The draft"]), know)
    assert found.words.slots == {"title": {"fr": "Le projet", "en": "The draft"}}


def test_a_time_without_a_zone_is_the_forums(know):
    at = announcement(Asked(text=["en=a"], at="2022-09-13T14:15"), know).starts_at
    assert at == datetime.fromisoformat("2022-09-13T14:15+07:00")


@pytest.mark.usefixtures("people")
def test_a_number_is_the_same_in_small_letters(saphan):
    saphan("broadcast", "send", "--yes", "--now", "--confirm", *ROOM)
    again = [
        saphan("broadcast", "send", "--yes", "--text", "en=Please read.", "--unconfirmed", number).stdout
        for number in ("B-0001", "b-0001", "B-1")
    ]
    assert ["Nothing is sent twice." in said for said in again] == [False, True, True]
    assert "B-0001: paused; nothing is in flight." in saphan("broadcast", "pause", "b-1").stdout


def test_a_number_that_there_is_not_is_refused(saphan):
    done = saphan("broadcast", "withdraw", "b-99")
    assert (done.returncode, "there is no announcement B-0099" in done.stderr) == (1, True), done.stderr


@pytest.mark.usefixtures("people")
def test_one_person_is_no_people_and_a_country_may_be_named_by_its_code_alone(saphan):
    shown = saphan("broadcast", "preview", "--text", "en=Lunch is served.", "--country", "fji")
    assert "To 1 person; 0 more cannot be reached." in shown.stdout
    refused = saphan("broadcast", "preview", "--text", "en=Lunch is served.", "--country", "Fiji")
    assert "did you mean FJI (Fiji)?" in refused.stderr


def test_no_cell_of_the_list_for_the_telephone_is_a_formula(know):
    people = [Missing("=HYPERLINK(1)", "FJI", "+679@ministry.example", None, "unreachable", None)]
    written = to_csv(people, know.vocabulary)
    heading, row = csv.reader(written.splitlines())
    assert heading == ["name", "country", "email", "channel", "state", "cause"]
    assert row == ["'=HYPERLINK(1)", "Fiji", "'+679@ministry.example", "", "unreachable", ""]
