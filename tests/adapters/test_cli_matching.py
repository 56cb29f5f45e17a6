"""What `saphan match` and `saphan why-not` print."""

import json


def test_why_not_tells_the_rank_and_what_was_missed(saphan):
    done = saphan("why-not", "--text", "train nurses against malaria", "UNICEF", "--country", "PNG")
    first, *missed = done.stdout.splitlines()
    assert "United Nations Children's Fund" in first
    assert "ranks number" in first
    assert all(line.startswith("- ") for line in missed)
    assert missed


def test_why_not_says_what_keeps_a_provider_out(saphan):
    done = saphan("why-not", "--text", "train nurses against malaria", "jpn-jica", "--country", "JPN")
    assert done.stdout.splitlines()[:2] == [
        "Japan International Cooperation Agency is not suggested.",
        "- It is of the country that asks (JPN).",
    ]


def test_why_not_of_a_need_that_is_not_there_is_refused(saphan):
    done = saphan("why-not", "N-0001", "jpn-jica")
    assert (done.returncode, done.stderr.strip()) == (1, "there is no need with the number N-0001")


def test_why_not_of_nobody_known_is_wrong_use(saphan):
    done = saphan("why-not", "--text", "nurses", "qqqqqqqq")
    assert done.returncode == 2
    assert "is nobody in the catalogue" in done.stderr


def test_documents_are_found_in_spite_of_typing_errors(saphan, tmp_path):
    documents = [{"id": 1, "name": "Solar", "themes": ["energy", "islands"]}, {"id": 2, "name": "Customs"}]
    (tmp_path / "catalogue.jsonl").write_text("\n".join(map(json.dumps, documents)), "utf-8")
    done = saphan("match", "enrgy for ilsands", "--catalogue", "catalogue.jsonl", "--json")
    assert [hit["id"] for hit in json.loads(done.stdout)["hits"]] == ["1"]


def test_many_documents_are_found_by_their_words_until_what_they_mean_is_learnt(saphan, tmp_path):
    lines = (json.dumps({"id": number, "text": f"Solar lamps {number}"}) for number in range(2_001))
    (tmp_path / "catalogue.jsonl").write_text("\n".join(lines), "utf-8")
    done = saphan("match", "нужна солнечная энергия 7", "--catalogue", "catalogue.jsonl", "--json")
    assert done.stderr.startswith("learning what 2,001 documents mean; until then")
    assert json.loads(done.stdout)["hits"][0]["id"] == "7"
