"""Whatever is wrong with a pack is told with file, row, column, what is wrong and what would be right."""

import csv
import io
from pathlib import Path

import pytest

from knowledge.loaders.pack import Pack
from knowledge.problems import PackRefused, Problem
from tests.knowledge.packs import only_problem, problems, small_pack, with_cell, with_text

PROVIDERS = "catalogue/providers.csv"
PRACTICES = "catalogue/good_practices.csv"
MEMBERS = "catalogue/members.csv"
THEMES = "catalogue/vocab/themes.csv"


def cases(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of cases beside this file."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_pack_without_problem_is_taken() -> None:
    assert problems(small_pack()) == []


def test_a_problem_reads_as_place_then_wrong_then_right() -> None:
    problem = only_problem(with_cell(PROVIDERS, 2, "themes", "helth"))
    assert str(problem) == (
        "catalogue/providers.csv, row 2, column themes: “helth” is not a theme; did you mean “health”?"
    )


def test_a_problem_in_a_file_without_rows_names_line_and_field() -> None:
    problem = only_problem(with_text("forum.yaml", "Asia/Bangkok", "Asia/Bangok"))
    assert str(problem) == (
        "forum.yaml, line 7, field time_zone: “Asia/Bangok” is not a time zone; did you mean “Asia/Bangkok”?"
    )


def test_a_place_without_row_or_column_names_the_file_alone() -> None:
    assert str(Problem("rooms.yaml", None, None, "the file is missing", "add it")) == (
        "rooms.yaml: the file is missing; add it"
    )


@pytest.mark.parametrize("case", cases("cells.csv"), ids=lambda case: f"{case['column']}={case['value']}")
def test_a_cell_that_is_wrong_is_told_with_its_remedy(case: dict[str, str]) -> None:
    files = with_cell(case["file"], 2, case["column"], case["value"])
    expected = Problem(case["file"], 2, case["column"], case["wrong"], case["right"])
    assert problems(files)[0] == expected


def test_a_session_on_another_day_than_the_forum_is_told() -> None:
    files = with_text(
        "programme.csv", "s1,2022-09-13T09:30,2022-09-13T10:30", "s1,2022-09-15T09:30,2022-09-15T10:30"
    )
    assert only_problem(files) == Problem(
        "programme.csv", 3, "start", "“2022-09-15T09:30” is not a day of the forum",
        "forum.yaml says 2022-09-13 to 2022-09-14",
    )  # fmt: skip


@pytest.mark.parametrize("case", cases("fields.csv"), ids=lambda case: f"{case['file']}: {case['new']}")
def test_a_field_that_is_wrong_is_told_with_its_line(case: dict[str, str]) -> None:
    old, new = (case[name].replace("\\n", "\n") for name in ("old", "new"))
    found = problems(with_text(case["file"], old, new))
    place = (case["file"], int(case["line"]), case["field"] or None)
    assert Problem(*place, case["wrong"], case["right"]) in found


def test_an_answer_that_is_too_long_for_a_message_is_told() -> None:
    found = problems(with_text("faq/wifi.md", "The network is Forum.", "x" * 3001))
    wrong, right = "the answer in en has 3001 characters", "use at most 3000"
    assert found == [Problem("faq/wifi.md", 14, None, wrong, right)]


def test_an_answer_missing_in_one_language_is_told() -> None:
    files = with_text("faq/wifi.md", "## zh\n网络名称是 Forum。\n", "")
    assert only_problem(files).wrong == "it is missing"
    assert only_problem(files).column == "answer in zh"
    assert only_problem(files).right == "write it under a line “## zh”, or write status: not published"


def test_a_phrasing_that_two_entries_share_is_told() -> None:
    files = with_text("faq/visa.md", "do I need a visa", "Wifi Password")
    assert only_problem(files) == Problem(
        "faq/wifi.md",
        None,
        "phrasings.en",
        "“wifi password” is asked in faq/visa.md too",
        "keep it in one of them",
    )


def test_a_language_of_phrasings_that_is_not_known_is_told() -> None:
    files = with_text("faq/wifi.md", "  ru: [пароль", "  thai: [รหัสไวไฟ]\n  ru: [пароль")
    assert only_problem(files) == Problem(
        "faq/wifi.md",
        7,
        "phrasings.thai",
        "this field is not known here",
        "did you mean “phrasings.th”?",
    )


def test_yaml_that_cannot_be_read_is_told_with_its_line() -> None:
    problem = problems(with_text("rooms.yaml", "name: {en: Room A,", "name: {en: Room A"))[0]
    assert (problem.file, problem.row) == ("rooms.yaml", 2)
    assert problem.wrong.startswith("this cannot be read")


def test_an_empty_forum_file_is_told() -> None:
    files = {**small_pack(), "forum.yaml": b""}
    assert only_problem(files).wrong == "fields with values were expected here"


@pytest.mark.parametrize(
    "name", sorted(set(small_pack()) - {"faq/wifi.md", "faq/visa.md", "catalogue/vocab/dac_sectors.csv"})
)
def test_a_missing_file_is_told_and_what_depends_on_it_is_not(name: str) -> None:
    files = small_pack()
    del files[name]
    assert only_problem(files) == Problem(
        name, None, None, "the file is missing", "add it; the README says what stands in it"
    )


def test_a_pack_can_do_without_the_sector_codes() -> None:
    files = small_pack()
    del files["catalogue/vocab/dac_sectors.csv"]
    assert problems(files) == []


def test_a_file_that_is_no_part_of_a_pack_is_told() -> None:
    files = {**small_pack(), "catalogue/provider.csv": b""}
    assert only_problem(files) == Problem(
        "catalogue/provider.csv",
        None,
        None,
        "this file is not part of a pack",
        "did you mean “catalogue/providers.csv”?",
    )


def test_a_file_among_the_entries_that_is_no_entry_is_told() -> None:
    files = {**small_pack(), "faq/wifi.txt": b""}
    assert only_problem(files).right == "an entry is a file like faq/lost_badge.md"


def test_a_readme_may_lie_anywhere() -> None:
    files = {**small_pack(), "README.md": b"For people.", "faq/README.md": b"", "catalogue/README.md": b""}
    assert problems(files) == []


def test_a_missing_column_is_told_with_the_header_that_would_be_right() -> None:
    files = with_text("catalogue/vocab/regions.csv", "name_zh,type", "type")
    files["catalogue/vocab/regions.csv"] = files["catalogue/vocab/regions.csv"].replace(
        "太平洋,".encode(), b""
    )
    assert Problem(
        "catalogue/vocab/regions.csv", 1, "name_zh", "this column is missing",
        "the header must be: id,name_en,name_fr,name_ru,name_zh,type",
    ) in problems(files)  # fmt: skip


def test_an_unknown_column_is_told() -> None:
    files = with_text(
        "catalogue/vocab/dac_sectors.csv",
        "name_fr\n120,3,,Health,Santé",
        "name_fr,nmae\n120,3,,Health,Santé,",
    )
    assert only_problem(files) == Problem(
        "catalogue/vocab/dac_sectors.csv",
        1,
        "nmae",
        "this column is not known here",
        "use one of code, level, parent, name_en, name_fr",
    )


def test_a_column_that_is_there_twice_is_told() -> None:
    files = with_text("catalogue/vocab/dac_sectors.csv", "parent,", "parent,parent,")
    files["catalogue/vocab/dac_sectors.csv"] = files["catalogue/vocab/dac_sectors.csv"].replace(
        b"120,3,,", b"120,3,,,"
    )
    assert problems(files)[0].wrong == "this column is there twice"


def test_a_row_of_the_wrong_length_is_told() -> None:
    files = with_text(PROVIDERS, "Trains nurses.", "Trains nurses, doctors.")
    assert problems(files)[0] == Problem(
        PROVIDERS, 2, None, "the row has 17 cells, the header 16",
        "put text that has a comma in it in double quotation marks",
    )  # fmt: skip


def test_a_quotation_mark_left_open_is_told() -> None:
    files = with_text(PROVIDERS, "Trains nurses.", '"Trains nurses.')
    assert (
        problems(files)[0].right
        == "put text with commas or line ends in double quotation marks, and close them"
    )


def test_a_table_without_rows_is_told() -> None:
    files = small_pack()
    header = files["catalogue/vocab/themes.csv"].split(b"\n")[0]
    assert (
        only_problem({**files, "catalogue/vocab/themes.csv": header}).wrong
        == "there is no row under the header"
    )


def test_an_id_used_twice_is_told_with_the_row_that_had_it_first() -> None:
    files = with_text("programme.csv", "s1,", "opening,")
    assert only_problem(files) == Problem(
        "programme.csv", 3, "id", "“opening” was used before, in row 2", "every row needs its own"
    )


def test_text_that_is_not_utf_8_is_told_with_its_line() -> None:
    files = small_pack()
    broken = files["catalogue/vocab/dac_sectors.csv"].replace("Santé".encode(), "Santé".encode("latin-1"))
    problem = only_problem({**files, "catalogue/vocab/dac_sectors.csv": broken})
    assert (problem.row, problem.wrong) == (2, "the text is not in UTF-8 from here on")
    assert problem.right == "save the file again as UTF-8 (in a spreadsheet: “CSV UTF-8”)"


def test_a_byte_order_mark_and_other_line_ends_are_no_problem() -> None:
    files = {
        name: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n") for name, content in small_pack().items()
    }
    assert problems(files) == []


def test_all_problems_of_all_files_come_in_one_run() -> None:
    files = {
        **with_cell(PROVIDERS, 2, "themes", "helth"),
        "faq/wifi.md": with_text("faq/wifi.md", "status: published", "status: maybe")["faq/wifi.md"],
        "programme.csv": with_cell("programme.csv", 2, "room", "")["programme.csv"],
        "extra.txt": b"",
    }
    assert {problem.file for problem in problems(files)} == {
        PROVIDERS,
        "faq/wifi.md",
        "programme.csv",
        "extra.txt",
    }


def test_the_refusal_says_how_many_problems_there_are() -> None:
    with pytest.raises(PackRefused, match=r"nothing was taken in: 1 problem\n.*helth"):
        Pack.from_files(with_cell(PROVIDERS, 2, "themes", "helth"))
