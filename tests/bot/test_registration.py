"""A registration list as a file: what it says, and every problem said at once."""

import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import Registered
from bot.registration import COLUMNS, Listed, Reading, read_people
from bot.rights import ROLES
from knowledge.problems import PackRefused
from knowledge.vocabulary import LANGUAGES
from tests.samples import sample_snapshot

HEADER = ",".join(COLUMNS)


def read(*rows: str, header: str = HEADER) -> tuple[Registered, ...]:
    content = "\n".join([header, *rows]).encode()
    return read_people("people.csv", content, sample_snapshot().vocabulary).people


def problems(content: str | bytes) -> list[str]:
    """Return what is wrong with *content*, without what would be right."""
    raw = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(PackRefused) as refusal:
        read_people("people.csv", raw, sample_snapshot().vocabulary)
    return [str(problem).split(";")[0] for problem in refusal.value.problems]


def registered(email: str = "mele@forum.example", **values: Any) -> Registered:
    known = {"name": "Mele", "country": "TON", "role": "delegate", "language": None}
    return Registered(email=email, **{**known, **values})


INDICO = (
    "ID,Name,First Name,Last Name,Email Address,Affiliation,Country,Position,Category,"
    "Dietary needs,Registration date,Registration state,Checked in"
)
"""The header of a list of registrants as Indico exports it: the form's own fields stand among the usual ones."""


def indico_row(
    number: int, name: str, email: str, country: str, role: str, state: str = "Completed", **values: str
) -> str:
    first, _, last = name.partition(" ")
    other = (values.get("organisation", ""), f'"{country}"', values.get("position", ""), role)
    return ",".join(
        [str(number), name, first, last, email, *other, "none", "2022-08-01 09:00:00", state, "No"]
    )


MELE = indico_row(
    7,
    "Mele Tupou",
    "Mele@Forum.example",
    "Tonga",
    "Head of Delegation",
    position="Director-General",
    organisation="MoF",
)
BO = indico_row(8, "Bo Ek", "bo@un.example", "Sweden", "Development partner")


def exported(*rows: str, header: str = INDICO, **reading: Any) -> Listed:
    content = "\ufeff" + "\r\n".join([header, *rows]) + "\r\n"
    return read_people(
        "registrations.csv", content.encode(), sample_snapshot().vocabulary, Reading(**reading)
    )


def refused(*rows: str, header: str = INDICO, **reading: Any) -> list[str]:
    with pytest.raises(PackRefused) as refusal:
        exported(*rows, header=header, **reading)
    return [str(problem) for problem in refusal.value.problems]


def spreadsheet(*rows: list[Any], title: str = "Registrations") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_a_row_is_read() -> None:
    assert read("Mele Tupou,mele@forum.example,TON,focal_point,fr") == (
        Registered("Mele Tupou", "mele@forum.example", "TON", "focal_point", "fr"),
    )


def test_role_and_language_may_be_empty_and_an_organisation_has_no_country() -> None:
    assert read("Bo,bo@un.example,,,") == (Registered("Bo", "bo@un.example", None, "delegate", None),)


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("TON", "TON"),
        ("ton", "TON"),
        ("TO", "TON"),
        ("fj", "FJI"),
        ("Tonga", "TON"),
        ("Fidji", "FJI"),
        ("中国", "CHN"),
        ("Viet Nam", "VNM"),
    ],
)
def test_a_country_is_a_code_or_a_name_in_any_language(written: str, country: str) -> None:
    assert [one.country for one in read(f"Mele,mele@forum.example,{written},,")] == [country]


def test_an_address_is_one_however_it_is_written() -> None:
    assert [one.email for one in read("Mele,MELE@Forum.Example,,,")] == ["mele@forum.example"]


def test_columns_may_stand_in_any_order_and_blank_rows_are_left_out() -> None:
    found = read("mele@forum.example,,Mele,,TON", "", ",,,,", header="email,role,name,language,country")
    assert found == (registered(),)


def test_a_spreadsheets_byte_order_mark_and_line_ends_are_fine() -> None:
    content = f"\ufeff{HEADER}\r\nMele,mele@forum.example,TON,,\r\n".encode()
    assert read_people("people.csv", content, sample_snapshot().vocabulary).people == (registered(),)


def test_every_problem_is_said_in_one_run_with_its_row_and_column() -> None:
    wrong = f"""{HEADER}
Mele,mele@forum.example,TON,delegate,en
Mele,MELE@forum.example,TON,focal_point,en
,nobody,Atlantis,king,la
Kim,kim@forum.example,korea,,
too,short
"""
    assert problems(wrong) == [
        "people.csv, row 3: “Mele” stands in row 2 too, with another role",
        "people.csv, row 4, column name: it is empty",
        "people.csv, row 4, column email: “nobody” is not an e-mail address",
        "people.csv, row 4, column country: “Atlantis” does not name one member",
        "people.csv, row 4, column role: “king” is not a role",
        "people.csv, row 4, column language: “la” is not a language of the assistant",
        "people.csv, row 5, column country: “korea” does not name one member",
        "people.csv, row 6: the row has 2 cells, the header 5",
    ]


def test_an_ambiguous_country_says_which_there_are() -> None:
    with pytest.raises(PackRefused, match="write its ISO code, for example KOR or PRK"):
        read("Kim,kim@forum.example,Korea,,")


@pytest.mark.parametrize(
    "email",
    [
        "mele",
        "mele@forum",
        "@forum.example",
        "a b@c.example",
        "a@@b.example",
        "<a@b.example>",
        "a@b.example;",
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    (problem,) = problems(f"{HEADER}\nMele,{email},,,\n")
    assert problem.startswith("people.csv, row 2, column email: “")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "people.csv, row 1, column name: this column is missing"),
        (HEADER.encode(), "people.csv, row 1: there is no row under the header"),
        (b"name,email\n", "people.csv, row 1, column country: this column is missing"),
        (f"{HEADER},phone\n".encode(), "people.csv, row 1, column phone: this column is not known here"),
        (
            f"{HEADER}\nM\xe9l\xe9".encode("latin-1"),
            "people.csv, row 2: the text is not in UTF-8 from here on",
        ),
    ],
)
def test_a_file_that_is_no_list_is_refused(content: bytes, problem: str) -> None:
    assert problem in problems(content)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_spreadsheet_s_own_separator_is_fine(separator: str) -> None:
    rows = [HEADER, "Mele,mele@forum.example,TON,,"]
    assert read(rows[1].replace(",", separator), header=rows[0].replace(",", separator)) == (registered(),)


def test_our_own_form_may_say_more() -> None:
    found = read(
        "Mele,mele@forum.example,TON,,,Director,Ministry of Finance,A-7",
        header=f"{HEADER},position,organisation,number",
    )
    assert found == (registered(position="Director", organisation="Ministry of Finance", number="A-7"),)


def test_a_government_is_a_member_s_and_others_come_from_anywhere() -> None:
    assert read("Bo,bo@un.example,Sweden,partner,")[0].country == "SWE"
    assert problems(f"{HEADER}\nBo,bo@un.example,Sweden,delegate,") == [
        "people.csv, row 2, column country: “Sweden” does not name one member"
    ]


def test_nothing_that_a_terminal_would_obey_is_kept() -> None:
    assert read('"Mele \x1b[2J\nTupou",mele@forum.example,,,')[0].name == "Mele [2J Tupou"
    assert len(problems(f"{HEADER}\nMele,m\x1b[2J@forum.example,,,")) == 1


# One person twice


def test_what_nobody_sees_is_no_part_of_a_name() -> None:
    (person,) = read("M\u202eele\u200b \ufeffTupou,mele@forum.example,TON,,")
    assert person.name == "Mele Tupou"


def test_a_name_has_an_end() -> None:
    (problem,) = problems(f"{HEADER}\n{'e' * 3000},mele@forum.example,TON,,")
    assert "is a name of 3000 characters" in problem


def test_colleagues_share_a_mailbox() -> None:
    found = read("Mele,mission@tonga.example,TON,,", "Sione,mission@tonga.example,TON,,")
    assert [one.name for one in found] == ["Mele", "Sione"]


def test_who_stands_there_twice_is_taken_once() -> None:
    content = f"{HEADER}\nMele Tupou,mele@forum.example,TON,,\nTUPOU Mele,MELE@forum.example,TON,,\n"
    listed = read_people("people.csv", content.encode(), sample_snapshot().vocabulary)
    assert [one.name for one in listed.people] == ["Mele Tupou"]
    assert listed.left_out == ("row 3: the same person as in row 2",)


def test_who_may_stand_there_twice_is_asked_about() -> None:
    rows = [
        "Mele Tupou,mission@tonga.example,TON,,",
        "Mele Tupo,mission@tonga.example,TON,,",
        "Sione Vaea,mission@tonga.example,TON,,",
        "Mele Tupou,mele@home.example,TON,,",
    ]
    listed = read_people("people.csv", "\n".join([HEADER, *rows]).encode(), sample_snapshot().vocabulary)
    assert len(listed.people) == 4
    assert sorted(listed.doubtful) == [
        "rows 2 and 3: “Mele Tupou” and “Mele Tupo” in one mailbox",
        "rows 2 and 5: “Mele Tupou” with two addresses",
    ]


# Indico


def test_an_export_of_indico_is_read() -> None:
    found = exported(MELE, BO)
    assert found.people == (
        Registered(
            "Mele Tupou", "mele@forum.example", "TON", "focal_point", None, "Director-General", "MoF", "7"
        ),
        Registered("Bo Ek", "bo@un.example", "SWE", "partner", None, None, None, "8"),
    )
    assert found.unused == ("Dietary needs", "Registration date", "Checked in")


def test_an_export_without_full_names_is_read() -> None:
    header = "ID,First Name,Last Name,Email Address,Role"
    assert exported("1,Mele,Tupou,mele@forum.example,Delegate", header=header).people[0].name == "Mele Tupou"


def test_only_completed_registrations_count() -> None:
    rows = [
        indico_row(n, f"P{n}", f"p{n}@x.example", "Fiji", "Delegate", state)
        for n, state in enumerate(("Pending", "Withdrawn"))
    ]
    found = exported(MELE, *rows)
    assert [one.name for one in found.people] == ["Mele Tupou"]
    assert found.left_out == (
        "row 3: the registration is “Pending”",
        "row 4: the registration is “Withdrawn”",
    )
    assert refused(*rows) == ["registrations.csv: no row is a completed registration; add some"]


def test_the_form_of_the_media_says_its_role_once() -> None:
    header = "ID,Name,Email Address,Country"
    row = "1,Bo Ek,bo@press.example,Sweden"
    assert [one.role for one in exported(row, header=header, role="media").people] == ["media"]
    (problem,) = refused(row, header=header)
    assert problem.startswith(
        "registrations.csv, row 1, column role: this column is missing; say which column it is"
    )


def test_a_column_of_the_form_s_own_can_be_named() -> None:
    header = "ID,Name,Email Address,Qualité"
    found = exported(
        "1,Mele,mele@forum.example,Chef de délégation", header=header, columns={"role": "Qualité"}
    )
    assert [one.role for one in found.people] == ["focal_point"]
    (problem,) = refused("1,Mele,mele@forum.example,x", header=header, columns={"role": "Quality"})
    assert problem == (
        "registrations.csv, row 1, column Quality: this column is missing; "
        "for role name one of: ID, Name, Email Address, Qualité"
    )


def test_a_word_of_the_form_s_own_can_be_told() -> None:
    row = indico_row(1, "Bo Ek", "bo@un.example", "Sweden", "Observer")
    assert [one.role for one in exported(row, role_words={"observer": "partner"}).people] == ["partner"]
    (problem,) = refused(row)
    assert problem.startswith(
        "registrations.csv, row 2, column Category: “Observer” is not a role; say what it means: --role-of “Observer”="
    )


def test_every_problem_of_an_export_has_its_row_and_its_own_column() -> None:
    rows = [indico_row(1, "", "nobody", "Atlantis", ""), MELE, MELE.replace("Tonga", "Fiji")]
    assert [problem.partition(";")[0] for problem in refused(*rows)] == [
        "registrations.csv, row 2, column Name: it is empty",
        "registrations.csv, row 2, column Email Address: “nobody” is not an e-mail address",
        "registrations.csv, row 2, column Country: “Atlantis” does not name one member",
        "registrations.csv, row 2, column Category: it is empty",
        "registrations.csv, row 4: “Mele Tupou” stands in row 3 too, with another country",
    ]


# Spreadsheets


def test_a_spreadsheet_is_read_like_the_text() -> None:
    rows = [row.replace('"', "").split(",") for row in (INDICO, MELE, BO)]
    content = spreadsheet(*rows)
    found = read_people("registrations.xlsx", content, sample_snapshot().vocabulary)
    assert found.people == exported(MELE, BO).people


def test_a_spreadsheet_in_our_own_form_is_read() -> None:
    content = spreadsheet(list(COLUMNS), ["Mele", "mele@forum.example", "TON", None, None], [], [None, " "])
    assert read_people("people.xlsx", content, sample_snapshot().vocabulary).people == (registered(),)


def test_a_spreadsheet_s_problem_has_its_row_and_column() -> None:
    content = spreadsheet(list(COLUMNS), [], ["Mele", "nobody", "TON", None, None])
    with pytest.raises(
        PackRefused, match=r"people\.xlsx, row 3, column email: “nobody” is not an e-mail address"
    ):
        read_people("people.xlsx", content, sample_snapshot().vocabulary)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"PK\x03\x04 and nothing", "people.xlsx: this is not a spreadsheet that can be read"),
        (spreadsheet(list(COLUMNS))[:-100], "people.xlsx: this is not a spreadsheet that can be read"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "people.xlsx: this is an older spreadsheet, or one with a password",
        ),
        (spreadsheet(list(COLUMNS)), "people.xlsx, row 1: there is no row under the header"),
    ],
)
def test_a_file_that_is_no_spreadsheet_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(PackRefused) as refusal:
        read_people("people.xlsx", content, sample_snapshot().vocabulary)
    assert str(refusal.value.problems[0]).startswith(problem)


@given(
    st.lists(
        st.builds(
            Registered,
            name=st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1),
            email=st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.example", fullmatch=True),
            country=st.sampled_from([None, "FJI", "TON"]),
            role=st.sampled_from(ROLES),
            language=st.sampled_from([None, *LANGUAGES]),
        ),
        min_size=1,
        unique_by=lambda one: one.email,
    )
)
def test_a_list_that_was_written_out_reads_as_it_was(people: list[Registered]) -> None:
    rows = [f"{one.name},{one.email},{one.country or ''},{one.role},{one.language or ''}" for one in people]
    assert read(*rows) == tuple(people)
