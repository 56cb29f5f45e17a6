"""The command line as a shell sees it: real processes, real files, exit codes."""

import json
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "knowledge" / "sample"


def test_a_question_prints_its_band_and_its_entries(saphan):
    done = saphan("ask", "is there a prayer room", "--json", "--limit", "1")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert answer["band"] == "answer"
    assert [hit["key"] for hit in answer["hits"]] == ["prayer_room"]


def test_a_batch_is_answered_line_by_line_in_its_order(saphan, tmp_path):
    lines = [{"id": "b", "text": "where is the venue"}, {"id": 7, "text": "Is there Wi-Fi?"}]
    (tmp_path / "batch.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    done = saphan("ask", "--batch", "batch.jsonl", "--json", "--stats")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["b", 7]
    assert [answer["hits"][0]["key"] for answer in answers] == ["venue", "wifi"]
    assert "2 items, CPU ms: p50" in done.stderr


def test_other_entries_can_be_asked(saphan, tmp_path):
    entries = [
        {"key": "tea", "title": "Tea", "examples": ["how long does tea draw", "green tea temperature"]},
        {"key": "bread", "title": "Bread", "examples": ["how do I bake bread", "yeast for a loaf"]},
    ]
    (tmp_path / "entries.jsonl").write_text("\n".join(map(json.dumps, entries)), "utf-8")
    done = saphan("ask", "baking a loaf of bread", "--entries", "entries.jsonl", "--json")
    assert json.loads(done.stdout)["hits"][0]["key"] == "bread"


def test_a_need_finds_partners_with_their_reasons(saphan):
    done = saphan("match", "solar power for outer islands", "--country", "FJI", "--limit", "2", "--json")
    hits = json.loads(done.stdout)["hits"]
    assert len(hits) == 2
    assert all(hit["reasons"] and 0 <= hit["score"] <= 100 for hit in hits)


def test_other_documents_can_be_matched(saphan, tmp_path):
    documents = [{"id": "x", "text": "cold chain for vaccines"}, {"id": "y", "text": "customs single window"}]
    (tmp_path / "catalogue.jsonl").write_text("\n".join(map(json.dumps, documents)), "utf-8")
    done = saphan("match", "vaccine refrigerators", "--catalogue", "catalogue.jsonl", "--json")
    assert json.loads(done.stdout)["hits"][0]["id"] == "x"


def test_a_need_is_understood_in_the_fixed_form(saphan):
    done = saphan(
        "understand", "We need training for 12 nurses by March 2027, learning from Thailand", "--json"
    )
    read = json.loads(done.stdout)
    # What else it may be about is for the person to see, not for this test.
    assert (read.pop("sdgs")[0], read.pop("modalities")) == (3, ["training"])
    assert read == {
        "kind": "need",
        "themes": ["public_health"],
        "countries": [],
        "model_countries": ["THA"],
        "urgency": None,
        "deadline": "2027-03",
        "people": 12,
    }


def test_an_ambiguous_country_gives_its_candidates_equal_scores(saphan):
    done = saphan("closest", "countries", "Korea", "--json")
    assert json.loads(done.stdout)["hits"] == [{"key": "KOR", "score": 100.0}, {"key": "PRK", "score": 100.0}]


def test_names_of_ones_own_can_be_searched(saphan, tmp_path):
    (tmp_path / "names.jsonl").write_text(json.dumps({"key": "a", "names": ["Blue Harbour"]}), "utf-8")
    done = saphan("closest", "names", "blue harbor", "--names", "names.jsonl", "--json")
    assert json.loads(done.stdout)["hits"][0]["key"] == "a"


@pytest.mark.parametrize(
    "words",
    [
        ["ask"],
        ["ask", "words", "--batch", "file.jsonl"],
        ["closest", "planets", "mars"],
        ["closest", "names", "mars"],
        ["nonsense"],
        ["serve", "--port", "many"],
    ],
)
def test_wrong_use_ends_with_two(saphan, words):
    assert saphan(*words).returncode == 2


def test_a_wrong_batch_names_line_and_field(saphan, tmp_path):
    (tmp_path / "batch.jsonl").write_text('{"id": 1, "text": "ok"}\n{"id": 2}\nnot json\n', "utf-8")
    done = saphan("ask", "--batch", "batch.jsonl")
    assert done.returncode == 1
    assert "batch.jsonl, line 2, field text" in done.stderr
    assert "batch.jsonl, line 3" in done.stderr
    assert done.stdout == ""


def test_the_sample_pack_checks_and_loads(saphan, database):
    database.unlink()
    assert "153 providers, 113 practices, 62 members. No problem found." in saphan("check", SAMPLE).stdout
    assert "Loaded" in saphan("load", SAMPLE).stdout
    assert "It was loaded already." in saphan("load", SAMPLE).stdout


def test_a_folder_that_is_none_is_refused_in_one_sentence(saphan):
    done = saphan("load", "nowhere")
    assert (done.returncode, done.stderr) == (
        1,
        "nowhere is not a folder; name the folder that holds forum.yaml\n",
    )


def test_people_are_imported_once(saphan, tmp_path):
    rows = "name,email,country,role,language\nHead of delegation,head@ministry.example,Fiji,focal_point,en\n"
    (tmp_path / "people.csv").write_text(rows, "utf-8")
    assert saphan("people", "import", "people.csv").stdout == "1 added, 0 changed, 0 as they were.\n"
    assert saphan("people", "import", "people.csv").stdout == "0 added, 0 changed, 1 as they were.\n"


def test_an_announcement_to_nobody_says_so(saphan):
    done = saphan("broadcast", "preview", "--text", "en=The bus leaves at 17:00.")
    assert done.stdout == "To 0 people; 0 more cannot be reached.\n"


def test_an_announcement_without_english_is_refused(saphan):
    done = saphan("broadcast", "preview", "--text", "fr=Le bus part à 17 h.", "--role", "pilot")
    assert done.returncode == 1
    assert "“pilot” is not a role" in done.stderr
    assert "the English text is missing" in done.stderr


def test_a_question_that_does_not_wait_cannot_be_answered(saphan):
    done = saphan("questions", "answer", "Q-9", "Yes.")
    assert (done.returncode, done.stderr) == (1, "Q-9 is not waiting; see: saphan questions list\n")


def test_what_came_together_is_listed_from_the_beginning(saphan):
    for room in ("review", "practices", "profiles", "projects", "consultations", "triangular"):
        assert saphan(room, "list").stdout == "0 shown.\n"
    assert "group-1  Working group 1 (sample)" in saphan("groups", "list").stdout


def test_a_chat_that_is_no_group_s_cannot_be_taken_from_one(saphan):
    done = saphan("groups", "untie", "telegram", "-100200300", "--topic", "7")
    refusal = "no working group has that chat; see: saphan groups places\n"
    assert (done.returncode, done.stderr) == (1, refusal)


def test_what_is_no_joint_need_makes_no_project(saphan):
    assert saphan("projects", "state").stdout == "0 shown.\n"
    for words in (("approve", "N-0001", "--en", "One method."), ("refuse", "N-0001")):
        done = saphan("projects", *words)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(("N-0001 is no joint need", "there is no joint need N-0001"))


def test_what_does_not_wait_cannot_be_let_out(saphan):
    assert saphan("review", "list").stdout == "0 shown.\n"
    done = saphan("review", "refuse", "O-9", "No.")
    assert (done.returncode, done.stderr) == (1, "O-9 is not waiting; see: saphan review list\n")
    done = saphan("practices", "publish", "P-9")
    assert (done.returncode, done.stderr) == (1, "there is no P-9; see: saphan practices list\n")


def test_the_manifest_of_the_slack_app_is_printed(saphan):
    assert "slash_commands" in saphan("slack-manifest").stdout


def test_the_schema_of_a_new_database_is_up_to_date_after_an_upgrade(saphan, database):
    database.unlink()
    assert saphan("db", "upgrade").stdout == "The database is up to date.\n"
    assert saphan("db", "upgrade").stdout == "The database was up to date already.\n"


def test_a_file_that_is_no_database_is_refused_in_one_sentence(saphan, tmp_path):
    (tmp_path / "saphan.db").write_text("no database" * 1000, "utf-8")
    done = saphan("questions", "list")
    assert (done.returncode, done.stderr) == (
        1,
        f"the database {tmp_path}/saphan.db cannot be used: file is not a database\n",
    )


def test_the_record_is_shown_and_checked(saphan, tmp_path):
    (tmp_path / "people.csv").write_text(
        "name,email,country,role,language\nMele Tupou,mele@forum.example,TON,delegate,\n", "utf-8"
    )
    assert saphan("people", "import", "people.csv").returncode == 0
    (entry,) = [json.loads(line) for line in saphan("audit", "show", "--json").stdout.splitlines()]
    assert (entry["actor"], entry["action"]) == ("operator", "import_people")
    assert "operator (admin)  import_people  {" in saphan("audit", "show").stdout
    whole = saphan("audit", "verify", "--expect", entry["hash"])
    assert (whole.returncode, whole.stdout.splitlines()[0]) == (
        0,
        "Entries: 1. Each follows from the one before it.",
    )
    cut = saphan("audit", "verify", "--expect", "0" * 64)
    assert (cut.returncode, "taken away" in cut.stderr) == (1, True)
