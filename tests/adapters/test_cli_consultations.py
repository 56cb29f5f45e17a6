"""`saphan consultations` as a shell sees it: a question put, counted before and asked once; mistakes told at once."""

from datetime import UTC, datetime

import pytest

from adapters.cli.circulars import Draft, to_circulate
from bot.circular_commands import Circulate
from bot.consent import CONSENT_VERSION
from bot.database import Store
from bot.errors import Refused
from bot.store import KnownAddress, Participant
from knowledge.loaders.pack import read_pack
from knowledge.sample import sample_pack
from knowledge.snapshot import Snapshot
from tests import forks
from tests.installation import environment

NOW = datetime.fromisoformat("2022-09-13T09:40+07:00")
QUESTION = ("--text", "en=Which day?", "--text", "fr=Quel jour ?", "--deadline", "2022-09-13 17:00")


@pytest.fixture(scope="module")
def know():
    """Return what the sample pack says."""
    return Snapshot.of(read_pack(sample_pack()))


@pytest.fixture
def focal_points(database):
    """Put three focal points with different languages into the database; one of them cannot be reached."""
    store = Store(f"sqlite:///{database}")

    def keep(session):
        for number, (country, lang) in enumerate((("TON", "en"), ("FJI", "fr"), ("KGZ", "ru")), 1):
            person = Participant(
                name=f"Person {number}",
                email=f"person{number}@ministry.example",
                role="focal_point",
                country=country,
                language=lang,
                confirmed=True,
                consented=CONSENT_VERSION,
                created_at=datetime(2022, 9, 13, tzinfo=UTC),
            )
            session.add(person)
            session.flush()
            if lang != "ru":
                session.add(
                    KnownAddress(
                        channel="telegram", user=str(number), participant_id=person.id, chat=str(number)
                    )
                )

    store.write(keep).result()
    store.close()


@pytest.mark.usefixtures("focal_points")
def test_a_question_is_shown_as_it_would_be_read_and_put_once(saphan):
    dry = saphan("consultations", "put", *QUESTION, "--choice", "Monday", "--choice", "Tuesday", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "To 2 people, until 2022-09-13 17:00 (Asia/Bangkok)." in dry.stdout
    assert "--- en: 1 person\nC-… · A question to all focal points\nWhich day?" in dry.stdout
    assert "--- fr: 1 person\nC-… · Une question à tous les points focaux\nQuel jour ?" in dry.stdout
    assert "--- ru" not in dry.stdout
    assert "Tuesday" in dry.stdout
    assert dry.stdout.endswith("Nobody was asked. It would be 2 people.\n")

    kept_from = saphan("consultations", "put", *QUESTION, given="n\n")
    assert (kept_from.returncode, "Ask 2 people? [y/N]" in kept_from.stdout) == (1, True)
    put = saphan("consultations", "put", *QUESTION, given="y\n")
    assert "C-0001: 2 people asked, until 2022-09-13 17:00 (Asia/Bangkok)." in put.stdout
    again = saphan("consultations", "put", *QUESTION, "--yes")
    assert "C-0001: this was put before. Nobody is asked twice." in again.stdout
    listed = saphan("consultations", "list")
    assert listed.stdout.startswith("C-0001  focal points  0 of 2 answered  Which day?\n1 shown.")
    assert "asked: 2; in words: 0; silent: 2" in saphan("consultations", "show", "c-1").stdout


@pytest.mark.usefixtures("focal_points")
def test_one_to_many_waits_for_an_officer_in_a_chat(database):
    def saphan(*words):
        settings = environment(database, SAPHAN_APPROVAL_ABOVE="1")
        return forks.run(("consultations", *words), database.parent, settings)

    put = saphan("put", *QUESTION, "--yes")
    assert "a second officer has to agree before anybody is asked" in put.stdout
    assert "C-0001: 2 people; it waits for a second officer" in put.stdout
    own = saphan("approve", "C-0001")
    assert (own.returncode, own.stdout) == (1, "")
    assert "C-0001 was put from the command line; an officer lets it go in a chat" in own.stderr
    assert "there is no C-0002; see: saphan consultations list" in saphan("approve", "C-0002").stderr
    assert "to be approved" in saphan("list").stdout


def test_a_note_that_nobody_would_read_is_refused(saphan):
    note = ("--text", "en=The draft note", "--deadline", "2022-09-13T17:00", "--group", "group-1", "--yes")
    done = saphan("consultations", "put", *note)
    assert (done.returncode, done.stdout) == (1, "")
    assert "nobody would be asked: group-1 has no confirmed member" in done.stderr
    assert saphan("consultations", "list").stdout == "0 shown.\n"


def drafted(**values):
    """Return a draft that is right but for *values*."""
    return Draft(**{"text": ["en=Which day?"], "deadline": "2022-09-13T17:00", **values})


def test_a_draft_is_put_together(know):
    deadline = datetime.fromisoformat("2022-09-13T17:00+07:00")
    texts = {"en": "Which day?"}
    chosen = to_circulate(drafted(choice=[" Monday ", "Tuesday"]), know, NOW)
    assert chosen == Circulate(texts, deadline, None, ("Monday", "Tuesday"))
    note = to_circulate(drafted(group="group-1", silence_agrees=True), know, NOW)
    assert note == Circulate(texts, deadline, "group-1", (), silence_agrees=True)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"text": []}, "the English text is missing; write --text en=TEXT"),
        ({"text": ["fr=Quel jour ?"]}, "the English text is missing"),
        ({"text": ["Which day?"]}, "write --text en=..."),
        ({"text": ["en=a", "en=b"]}, "en: it has 2 texts; leave one"),
        ({"text": ["en=a", "de=b"]}, "de: this is not a language; one of: en, fr, ru, zh"),
        ({"text": ["en=a", "fr= "]}, "fr: the text is empty"),
        ({"text": ["en=" + "a" * 3001]}, "en: the text has 3001 characters; 3000 is the most"),
        ({"text": ["en=a\x1b[2J"]}, "en: a sign of the text cannot be shown"),
        ({"deadline": None}, "say until when answers count: --deadline 2022-09-13T17:00 (Asia/Bangkok)"),
        ({"deadline": "noon"}, "--deadline: “noon” is not a time; write 2022-09-13T14:15"),
        ({"deadline": "2022-09-14"}, "names no time"),
        ({"deadline": "2022-09-13T09:40"}, "is over; it is 2022-09-13 09:40 (Asia/Bangkok) now"),
        ({"deadline": "0001-01-01T00:00"}, "is over"),
        ({"deadline": "9999-12-31T23:59-12:00"}, "is more than a year away"),
        ({"choice": ["Monday"]}, "--choice: 1 given; from 2 to 8, or none"),
        ({"choice": ["Monday", "Monday "]}, "the same one was given twice"),
        ({"choice": ["Monday", ""]}, "--choice: the 2. cannot stand on a button"),
        ({"choice": ["Monday", "b" * 61]}, "has 61 characters; 60 is the most"),
        ({"group": "group-9"}, "there is no working group group-9; one of: group-1"),
        ({"group": "group-1", "choice": ["Monday", "Tuesday"]}, "--choice and --group exclude each other"),
        ({"silence_agrees": True}, "--silence-agrees belongs to a note to a working group"),
    ],
)
def test_what_is_wrong_is_told_with_what_would_be_right(know, values, said):
    with pytest.raises(Refused) as refused:
        to_circulate(drafted(**values), know, NOW)
    assert said in str(refused.value)


def test_all_that_is_wrong_is_told_at_once(know):
    with pytest.raises(Refused) as refused:
        to_circulate(Draft(["de=x"], "noon", "group-9", ["a"]), know, NOW)
    assert len(str(refused.value).splitlines()) == 6
