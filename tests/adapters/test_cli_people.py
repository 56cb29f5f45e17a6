"""`saphan people` as a shell sees it."""

import csv
import re
from contextlib import closing

import pytest

from bot.database import Store
from bot.keys import Keys
from bot.linking import Door
from bot.links import Ways
from bot.participants import Actor
from bot.privacy_commands import Forget
from bot.records import Records
from tests.bot.ledgers import NOW, a_press

LIST = """name,email,country,role,language
Head of delegation,mission@ministry.example,Fiji,focal_point,en
Adviser,mission@ministry.example,Fiji,,
"""


@pytest.fixture
def listed(saphan, tmp_path):
    """Give what writes a list and runs `saphan people import` on it."""

    def run(content, *options):
        (tmp_path / "people.csv").write_text(content, "utf-8")
        return saphan("people", "import", "people.csv", *options)

    return run


def test_a_dry_run_says_what_would_change_and_changes_nothing(listed):
    listed(LIST)
    changed = LIST.replace("focal_point,en", "delegate,fr").replace("Adviser,mission", "Newcomer,new")
    dry = listed(changed, "--dry-run").stdout
    assert (
        dry
        == """To be added (1):
  Newcomer <new@ministry.example>, FJI, delegate
To be changed (1):
  Head of delegation <mission@ministry.example>, FJI, focal_point: role focal_point -> delegate; language en -> fr
Missing: registered before, and not on this list (1):
  Adviser <mission@ministry.example>, FJI, delegate
Nothing was changed. It would be: 1 added, 1 changed, 0 as they were, 1 missing.
"""
    )
    assert listed(LIST).stdout == "0 added, 0 changed, 2 as they were.\n"
    assert listed(changed, "--end-missing").stdout == "1 added, 1 changed, 0 as they were, 1 ended.\n"


def test_a_list_with_problems_is_refused_with_all_of_them(listed):
    done = listed(LIST.replace("Fiji", "Atlantis").replace("Adviser", ""))
    assert (done.returncode, done.stdout) == (1, "")
    assert [line.partition(";")[0] for line in done.stderr.splitlines()] == [
        "nothing was taken in: 3 problems",
        "people.csv, row 2, column country: “Atlantis” does not name one member",
        "people.csv, row 3, column name: it is empty",
        "people.csv, row 3, column country: “Atlantis” does not name one member",
    ]


def test_an_export_names_its_columns_and_roles(listed):
    content = "ID,Name,Email Address,Capacity\n1,Bo,bo@un.example,Observer\n"
    done = listed(content, "--column", "role=Capacity", "--role-of", "Observer=partner", "--list", "partners")
    assert done.stdout == "1 added, 0 changed, 0 as they were.\n"


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--column", "role", "is not of the form --column role=TITLE"),
        ("--column", "shoe=Size", "is not read from a list"),
        ("--role", "king", "is not a role"),
        ("--role-of", "Observer=king", "is not a role"),
    ],
)
def test_wrong_use_is_said(listed, option, value, said):
    done = listed(LIST, option, value)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", "").split())


def test_who_asked_to_be_forgotten_is_left_out_by_row_until_an_administrator_lets_them_in(
    listed, saphan, database
):
    listed(LIST)
    key = database.with_name("secret.key").read_text("ascii").strip().encode()
    adviser = Actor(2, "delegate", "FJI", name="Adviser", email="mission@ministry.example", confirmed=True)
    with closing(Store(f"sqlite:///{database}")) as store:
        press = a_press()
        store.write(
            lambda session: Records(session, adviser, NOW, press, Door(Keys(key), Ways())).perform(Forget())
        ).result()
    said = (
        "0 added, 0 changed, 1 as they were.\n"
        "1 left out, who had asked to be forgotten: row 3. Who wants to come back: saphan people readmit EMAIL\n"
    )
    assert listed(LIST, "--dry-run").stdout == f"Nothing was changed. It would be: {said}"
    assert listed(LIST).stdout == said
    assert saphan("people", "readmit", "nobody@ministry.example").returncode == 1
    back = saphan("people", "readmit", "mission@ministry.example", "--name", "adviser")
    assert back.stdout == "1 person may come back with the next list.\n"
    assert listed(LIST).stdout == "1 added, 0 changed, 1 as they were.\n"


def test_people_are_listed_and_given_roles(listed, saphan):
    listed(LIST)
    assert saphan("people", "list", "--role", "focal_point").stdout == (
        "    1  Head of delegation <mission@ministry.example>, FJI, focal_point\n1 people.\n"
    )
    done = saphan("people", "role", "adviser", "focal_point")
    assert done.stdout == "    2  Adviser <mission@ministry.example>, FJI, focal_point\n"
    assert listed(LIST).stdout == "0 added, 0 changed, 2 as they were.\n"
    saphan("people", "role", "2", "listed")
    assert listed(LIST).stdout == "0 added, 1 changed, 1 as they were.\n"


def test_whom_a_name_means_has_to_be_clear(listed, saphan):
    listed(LIST)
    done = saphan("people", "prefer", "mission@ministry.example", "slack")
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        1,
        "“mission@ministry.example” is several people; give the number:",
    )
    assert (
        saphan("people", "role", "nobody", "media").stderr == "“nobody” is nobody; see: saphan people list\n"
    )
    assert saphan("people", "prefer", "1", "slack").stderr == "they are not linked on slack but on: nowhere\n"


def test_letters_are_written_as_a_table_and_as_pages(listed, saphan, tmp_path):
    listed(LIST.replace("Adviser", '"=HYPERLINK(1) #set *x*"'))
    refused = saphan("people", "letters")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--bot" in refused.stderr
    assert "SAPHAN_PUBLIC_URL" in refused.stderr
    saphan("people", "letters", "--bot", "forum_bot")
    rows = list(csv.DictReader((tmp_path / "letters.csv").read_text("utf-8-sig").splitlines()))
    assert [row["name"] for row in rows] == ["'=HYPERLINK(1) #set *x*", "Head of delegation"]
    assert all(re.fullmatch(r"https://t\.me/forum_bot\?start=[A-Za-z0-9_-]{43}", row["link"]) for row in rows)
    assert (tmp_path / "letters.csv").stat().st_mode & 0o077 == 0
    saphan("people", "letters", "2", "--format", "pdf", "--bot", "@forum_bot", "--out", "one.pdf")
    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF-")


def test_codes_are_printed_on_cards(listed, saphan, tmp_path):
    listed(LIST)
    done = saphan("people", "codes")
    assert done.stdout.startswith("2 codes. Hand each to its person only")
    assert (tmp_path / "codes.pdf").read_bytes().startswith(b"%PDF-")
