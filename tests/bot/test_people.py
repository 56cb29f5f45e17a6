"""The registration list: every problem said at once, nothing half done, and the same list twice is once."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from bot.commands import Imported, Registered
from bot.database import Store
from bot.people import AT_ONCE, COLUMNS, read_people, take_in
from bot.rights import ROLES
from bot.store import Participant
from knowledge.problems import PackRefused
from knowledge.vocabulary import LANGUAGES
from tests.bot.ledgers import NOW, person
from tests.samples import sample_snapshot

HEADER = ",".join(COLUMNS)


def read(*rows: str, header: str = HEADER) -> tuple[Registered, ...]:
    return read_people("people.csv", "\n".join([header, *rows]).encode(), sample_snapshot().vocabulary)


def problems(content: str | bytes) -> list[str]:
    """Return what is wrong with *content*, without what would be right."""
    raw = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(PackRefused) as refusal:
        read_people("people.csv", raw, sample_snapshot().vocabulary)
    return [str(problem).split(";")[0] for problem in refusal.value.problems]


def registered(email: str = "mele@forum.example", **values: Any) -> Registered:
    known = {"name": "Mele", "country": "TON", "role": "delegate", "language": None}
    return Registered(email=email, **{**known, **values})


def take(store: Store, people: Iterable[Registered]) -> Imported:
    return store.write(lambda session: take_in(session, people, NOW)).result()


def kept(store: Store) -> list[tuple[Any, ...]]:
    return store.read(
        lambda session: [
            (row.email, row.name, row.country, row.role, row.language, row.confirmed)
            for row in session.exec(select(Participant).order_by(col(Participant.id)))
        ]
    )


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
    assert read_people("people.csv", content, sample_snapshot().vocabulary) == (registered(),)


def test_every_problem_is_said_in_one_run_with_its_row_and_column() -> None:
    wrong = f"""{HEADER}
Mele,mele@forum.example,TON,delegate,en
Mele,MELE@forum.example,TON,delegate,en
,nobody,Atlantis,king,la
Kim,kim@forum.example,korea,,
too,short
"""
    assert problems(wrong) == [
        "people.csv, row 3, column email: “mele@forum.example” was used before, in row 2",
        "people.csv, row 4, column email: “nobody” is not an e-mail address",
        "people.csv, row 4, column name: it is empty",
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


def test_a_list_is_taken_in(store: Store) -> None:
    assert take(store, [registered(), registered("bo@un.example", country=None)]) == Imported(2, 0, 0)
    assert kept(store) == [
        ("mele@forum.example", "Mele", "TON", "delegate", None, True),
        ("bo@un.example", "Mele", None, "delegate", None, True),
    ]


def test_the_same_list_again_changes_nothing(store: Store) -> None:
    people = [registered(), registered("bo@un.example", language="zh")]
    take(store, people)
    before = kept(store)
    assert take(store, people) == Imported(0, 0, 2)
    assert kept(store) == before


def test_a_row_that_differs_changes_its_participant(store: Store) -> None:
    take(store, [registered(), registered("bo@un.example")])
    assert take(store, [registered(role="focal_point"), registered("bo@un.example")]) == Imported(0, 1, 1)
    assert kept(store)[0] == ("mele@forum.example", "Mele", "TON", "focal_point", None, True)


def test_a_language_that_was_chosen_is_not_taken_away(store: Store) -> None:
    take(store, [registered(language="fr")])
    assert take(store, [registered(language=None)]) == Imported(0, 0, 1)
    assert kept(store)[0][4] == "fr"


def test_people_who_are_not_on_the_list_stay_as_they_are(store: Store) -> None:
    person(store, "1", name="Visitor", country="FJI")
    take(store, [registered()])
    assert kept(store)[0] == (None, "Visitor", "FJI", "visitor", None, False)


def test_nothing_of_a_list_that_fails_half_way_is_kept(store: Store) -> None:
    def half() -> Iterable[Registered]:
        yield registered()
        raise ConnectionError("the file is gone")

    with pytest.raises(ConnectionError):
        take(store, half())
    assert kept(store) == []


def test_a_long_list_is_taken_in_whole(store: Store) -> None:
    people = [registered(f"p{number}@forum.example") for number in range(2 * AT_ONCE + 1)]
    assert take(store, people[: AT_ONCE + 5]) == Imported(AT_ONCE + 5, 0, 0)
    assert take(store, people) == Imported(AT_ONCE - 4, 0, AT_ONCE + 5)


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
