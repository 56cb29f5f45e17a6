"""`saphan meetings` as a shell sees it."""

from contextlib import closing

import pytest

from bot.database import Store
from bot.store import KnownAddress

LIST = """name,email,country,role,language
Ana,ana@ministry.example,Tonga,delegate,en
Litia,litia@ministry.example,Fiji,focal_point,fr
Ken,ken@bank.example,,partner,en
Mele,mele@ministry.example,Tonga,delegate,en
"""
ASKED = "M-0001  not agreed yet  2022-09-13T12:30 to 12:50  table-1  TON (Ana), FJI (Litia), Ken\n"
LATER = ("--at", "2022-09-13T12:30")


@pytest.fixture
def meetings(saphan, database, tmp_path):
    """Give what runs `saphan meetings`, with four people on the list, of whom one has linked no chat."""
    (tmp_path / "people.csv").write_text(LIST, "utf-8")
    assert saphan("people", "import", "people.csv").returncode == 0
    with closing(Store(f"sqlite:///{database}")) as store:
        chats = [
            KnownAddress(channel="telegram", user=user, participant_id=int(user), chat=user)
            for user in ("1", "2", "3")
        ]
        store.write(lambda session: session.add_all(chats)).result()
    return lambda *words: saphan("meetings", *words)


def test_people_are_asked_and_the_meeting_is_listed(meetings):
    assert meetings("list").stdout == "0 shown.\n"
    assert meetings("arrange", "1", "2", "3", *LATER).stdout == (
        f"{ASKED}They are asked as soon as `saphan serve` runs; the place is held for ten minutes.\n"
    )
    assert meetings("list").stdout == f"{ASKED}1 shown: 1 not agreed yet.\n"
    assert meetings("counts").stdout == (
        "meetings  booked: 0  not agreed yet: 1  over: 0  cancelled: 0\n"
        "answers  next steps: 0  no follow up: 0  they did not come: 0  we did not go: 0\n"
    )


def test_without_a_time_those_at_which_all_are_free_are_shown(meetings):
    *slots, count, ask = meetings("arrange", "1", "2").stdout.splitlines()
    assert (len(slots), count) == (3, "3 times shown at which all are free.")
    assert ask == f"Ask them all: saphan meetings arrange 1 2 --at {slots[0].split()[0]}"


def test_a_time_that_cannot_be_had_is_refused_with_the_nearest(meetings):
    done = meetings("arrange", "1", "2", "--at", "2022-09-13T15:35")
    assert done.returncode == 1
    assert done.stderr.startswith("they cannot meet then; nearest: 2022-09-13T15:30 to 15:50  table-1, ")
    meetings("arrange", "1", "2", *LATER)
    done = meetings("arrange", "2", "3", *LATER, "--place", "table-1")
    assert done.stderr.startswith("that place is taken then; nearest: 2022-09-13T12:30 to 12:50  table-2, ")
    done = meetings("arrange", "2", "3", *LATER, "--place", "table-99")
    assert done.stderr.startswith("table-99 cannot be had then; nearest: ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("1",), "a meeting needs two or more people who are registered"),
        (("1", "4"), "number 4 of the registration list cannot be asked: no chat is linked"),
        (("1", "99"), "a meeting needs two or more people who are registered"),
        (("JP-0001",), "JP-0001 is no joint project whose countries know of one another"),
        (("I-0001",), "the two of I-0001 are not introduced"),
        (("M-0009",), "there is no meeting M-0009"),
        (("1", "2", "--place", "table-1"), "--place needs --at"),
        (
            ("1", "2", "--at", "soon"),
            "--at: “soon” is not a time; write 2022-09-13T14:15 (Asia/Bangkok)",
        ),
    ],
)
def test_what_cannot_be_arranged_is_said(meetings, words, said):
    done = meetings("arrange", *words)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{said}\n")


def test_one_is_cancelled_once(meetings):
    meetings("arrange", "1", "2", "3", *LATER)
    assert meetings("cancel", "m-1").stdout == (
        "M-0001: cancelled. Its sides are told as soon as `saphan serve` runs.\n"
    )
    assert meetings("list").stdout == "0 shown.\n"
    assert meetings("cancel", "M-0001").stderr == "M-0001 is cancelled already\n"
    done = meetings("cancel", "M-9")
    assert (done.returncode, done.stderr) == (1, "there is no M-9; see: saphan meetings list\n")
