"""A pack says the same however it is read, and its digest tells when it changed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.forum import Coordinates
from knowledge.loaders.pack import Pack, read_pack
from knowledge.problems import PackRefused, Problem
from knowledge.snapshot import Snapshot
from knowledge.vocabulary import LANGUAGES
from tests.knowledge.packs import problems, small_pack, with_cell, with_text


def written(files: dict[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_the_sample_pack_loads_with_no_problem(sample: Pack) -> None:
    assert len(sample.providers) == 153
    assert len(sample.practices) == 113
    assert len(sample.vocabulary.countries) == 62
    assert len(sample.vocabulary.themes) == 18
    assert len(sample.vocabulary.modalities) == 10
    assert len(sample.vocabulary.sdgs) == 17
    assert len(sample.vocabulary.regions) == 11
    assert len(sample.vocabulary.sectors) == 337


def test_the_sample_pack_says_that_programme_and_rooms_are_made_up(sample: Pack) -> None:
    assert sample.forum.sample_programme
    assert sample.forum.sample_rooms


def test_the_sample_pack_publishes_no_contact(sample: Pack) -> None:
    assert (sample.forum.contacts.email, sample.forum.contacts.telephone) == (None, None)


def test_the_sample_pack_does_not_say_where_the_venue_stands(sample: Pack) -> None:
    assert sample.forum.coordinates is None


@pytest.mark.parametrize(
    ("latitude", "longitude", "place"),
    [
        ("10.5", "-20.25", Coordinates(10.5, -20.25)),
        ("-90", "180.0", Coordinates(-90, 180)),
        ("0", "+0.000001", Coordinates(0, 0.000001)),
        ("null", "null", None),
        ("", "", None),
    ],
)
def test_a_pack_may_say_where_the_venue_stands(
    latitude: str, longitude: str, place: Coordinates | None
) -> None:
    written = f"venue:\n  latitude: {latitude}\n  longitude: {longitude}\n"
    assert Pack.from_files(with_text("forum.yaml", "venue:\n", written)).forum.coordinates == place


def test_every_published_answer_of_the_sample_has_four_languages_and_a_source(sample: Pack) -> None:
    for entry in sample.entries.values():
        if entry.body is not None:
            assert set(entry.body) == set(LANGUAGES)
            assert entry.source


def test_a_source_has_one_name_or_one_for_each_language() -> None:
    files = small_pack()
    plain = Pack.from_files(files).entries["wifi"].source
    wifi = (
        files["faq/wifi.md"]
        .replace(b'source: "The', b'source: {fr: "Le", en: "The')
        .replace(b'2022"', b'2022"}', 1)
    )
    both = Pack.from_files({**files, "faq/wifi.md": wifi}).entries["wifi"].source
    assert plain is not None
    assert both is not None
    assert (plain.in_("fr"), both.in_("fr"), both.in_("ru")) == (plain.in_("en"), "Le", plain.in_("en"))


def test_a_folder_and_its_files_make_the_same_pack(tmp_path: Path) -> None:
    assert read_pack(written(small_pack(), tmp_path)) == Pack.from_files(small_pack())


def test_the_order_of_the_files_does_not_matter() -> None:
    backwards = dict(reversed(small_pack().items()))
    assert Pack.from_files(backwards).digest == Pack.from_files(small_pack()).digest


@pytest.mark.parametrize("name", sorted(small_pack()))
def test_a_change_in_any_file_changes_the_digest(name: str) -> None:
    files = small_pack()
    changed = {**files, name: files[name] + b"\n"}
    assert Pack.from_files(changed).digest != Pack.from_files(files).digest


def test_a_readme_does_not_change_the_digest() -> None:
    files = {**small_pack(), "README.md": b"For people."}
    assert Pack.from_files(files) == Pack.from_files(small_pack())


def test_hidden_and_temporary_files_are_passed_over(tmp_path: Path) -> None:
    folder = written({**small_pack(), ".DS_Store": b"", "~$providers.csv": b""}, tmp_path)
    assert read_pack(folder).digest == Pack.from_files(small_pack()).digest


def test_a_folder_that_is_no_part_of_a_pack_is_told_and_not_read(tmp_path: Path) -> None:
    folder = written({**small_pack(), "old/deep/forum.yaml": b""}, tmp_path)
    with pytest.raises(PackRefused) as refused:
        read_pack(folder)
    assert [problem.file for problem in refused.value.problems] == ["old/"]


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackRefused) as refused:
        read_pack(tmp_path / "none")
    assert refused.value.problems == (
        Problem(str(tmp_path / "none"), None, None, "there is no such folder", "name the folder of a pack"),
    )


def test_times_without_a_zone_are_the_forums_own() -> None:
    [opening, _] = Pack.from_files(small_pack()).programme
    assert opening.starts.isoformat() == "2022-09-13T09:00:00+07:00"


def test_a_time_with_a_zone_is_told_in_the_forums_own() -> None:
    files = with_cell("programme.csv", 2, "start", "2022-09-13T01:00+00:00")
    [opening, _] = Pack.from_files(files).programme
    assert opening.starts.isoformat() == "2022-09-13T08:00:00+07:00"


def test_what_is_not_published_is_none() -> None:
    contacts = Pack.from_files(small_pack()).forum.contacts
    assert (contacts.email, contacts.telephone, contacts.desk) == ("desk@example.org", None, None)


def test_an_entry_that_is_not_published_has_no_answer() -> None:
    entries = Pack.from_files(small_pack()).entries
    assert (entries["visa"].body, entries["visa"].sensitive) == (None, True)
    assert entries["wifi"].body is not None
    assert entries["wifi"].body.in_("ru") == "Сеть называется Forum."


def test_people_may_ask_in_more_languages_than_are_answered() -> None:
    files = with_text("faq/wifi.md", "  ru: [пароль", "  th: [รหัสไวไฟ]\n  id: []\n  ru: [пароль")
    wifi = Pack.from_files(files).entries["wifi"]
    assert set(wifi.phrasings) == {*LANGUAGES, "th"}
    assert wifi.phrasings["th"] == ("รหัสไวไฟ",)


def test_a_country_is_shown_by_its_united_nations_name_and_found_by_others(snapshot: Snapshot) -> None:
    laos = snapshot.vocabulary.countries["LAO"]
    assert laos.name.in_("fr") == "République démocratique populaire lao"
    assert {"Laos", "Lao PDR", "老挝"} <= set(laos.aliases)


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=30)


@given(st.text(max_size=200))
def test_no_text_in_a_file_breaks_the_reading(text: str) -> None:
    for name in ("forum.yaml", "rooms.yaml", "programme.csv", "faq/wifi.md", "catalogue/providers.csv"):
        broken = {**small_pack(), name: text.encode("utf-8", "surrogatepass")}
        assert all(problem.wrong and problem.right for problem in problems(broken))


@given(CELL.filter(str.strip))
def test_whatever_stands_in_a_cell_is_read_as_it_stands(summary: str) -> None:
    files = with_cell("catalogue/providers.csv", 2, "summary", summary)
    assert Pack.from_files(files).providers["tha-tica"].summary == summary.strip()


def test_a_colon_within_quotation_marks_is_text() -> None:
    files = with_text("rooms.yaml", "en: Straight on.", 'en: "Left: then right."')
    assert Pack.from_files(files).rooms["room-a"].directions.in_("en") == "Left: then right."
