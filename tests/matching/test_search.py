"""Documents are found by words, by endings, by parts of words and in every script."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.search import TextIndex, best_places

DOCUMENTS = {
    "customs": {"title": "Single window for customs", "summary": "Paperless trade across borders."},
    "vaccines": {"title": "Vaccine production", "summary": "Technology transfer to laboratories."},
    "mangrove": {"title": "Coastal forests", "summary": "Mangroves restored by villages."},
    "health_zh": {"title": "公共卫生培训", "summary": "培训乡村医生。"},
    "rice_th": {"title": "การปลูกข้าว", "summary": "เกษตรกรเรียนรู้การปลูกข้าวทนเค็ม"},
    "digital_ru": {"title": "Цифровое правительство", "summary": "Электронные услуги для граждан."},
    "empty": {"title": "", "summary": ""},
}
INDEX = TextIndex(DOCUMENTS, weights={"title": 2.0})


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("paperless trading at the border", "customs"),
        ("custms singel windw", "customs"),
        ("restoring a mangrove", "mangrove"),
        ("乡村公共卫生", "health_zh"),
        ("ปลูกข้าว", "rice_th"),
        ("цифровые услуги", "digital_ru"),
        ("produce vaccines", "vaccines"),
    ],
)
def test_the_document_that_is_about_it_comes_first(query: str, key: str) -> None:
    assert INDEX.search(query)[0].key == key


def test_a_word_in_a_heavy_field_counts_more() -> None:
    texts = {"body": {"title": "water", "text": "solar"}, "title": {"title": "solar", "text": "water"}}
    assert TextIndex(texts, weights={"title": 3.0}).search("solar")[0].key == "title"
    assert TextIndex(texts, weights={"text": 3.0}).search("solar")[0].key == "body"


def test_scores_are_parallel_to_the_keys_and_best_first_in_a_search() -> None:
    scores = INDEX.scores("customs trade")
    assert len(scores) == len(INDEX.keys)
    hits = INDEX.search("customs trade")
    assert hits[0].score == round(float(scores[INDEX.keys.index("customs")]), 2)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@pytest.mark.parametrize("query", ["", "!!!", "qqqq", "\ud800"])
def test_what_shares_nothing_finds_nothing(query: str) -> None:
    assert INDEX.search(query) == []


def test_a_document_is_found_by_what_the_best_ones_say_besides() -> None:
    documents = {
        "asked": {"text": "desalination of seawater by reverse osmosis"},
        "alike": {"text": "a membrane for reverse osmosis"},
        "other": {"text": "vaccines for villages"},
    }
    assert [hit.key for hit in TextIndex(documents).search("desalination")][:2] == ["asked", "alike"]


def test_typing_errors_are_borne_without_n_grams_too() -> None:
    documents = {f"{number}": {"text": f"paper number{number} about trade"} for number in range(10_001)}
    index = TextIndex(documents | {"wanted": {"text": "desalination of seawater"}})
    assert index.search("desalinaton seewater")[0].key == "wanted"


def test_a_french_word_does_not_find_what_only_begins_like_it_in_english() -> None:
    documents = {
        "formerly": {"text": "It was formerly the water board of the islands."},
        "agriculture": {"text": "The training of farmers in agriculture."},
    }
    assert TextIndex(documents).read("nous voulons former des agents pour la agriculture").words.keys() == {
        "agricultur"
    }


def test_scores_of_an_index_beside_another_can_be_compared() -> None:
    twin = TextIndex({"twin": DOCUMENTS["customs"]}, weights={"title": 2.0}, base=INDEX)
    query = INDEX.read("custms at the border", twin)
    own = float(INDEX.scores(query)[INDEX.keys.index("customs")])
    assert float(twin.scores(query)[0]) == pytest.approx(own)


def test_a_word_that_only_the_index_beside_has_is_not_mended() -> None:
    beside = TextIndex({"new": {"text": "mangoves"}}, base=INDEX)
    assert INDEX.read("restoring mangoves").text == "restoring mangroves"
    assert INDEX.read("restoring mangoves", beside).text == "restoring mangoves"


def test_an_empty_index_finds_nothing() -> None:
    assert TextIndex({}).search("customs") == []
    assert len(TextIndex({}).scores("customs")) == 0


def test_shared_words_are_the_telling_ones_of_the_query_the_rarest_first() -> None:
    documents = {str(n): {"text": "forum water"} for n in range(20)} | {
        "rain": {"text": "the forum collects rainwater in tanks"}
    }
    index = TextIndex(documents)
    place = index.keys.index("rain")
    assert index.shared("Please help: forum rainwater tank", place) == ["rainwater", "tank", "forum"]


def test_scores_do_not_depend_on_the_order_of_documents() -> None:
    keys = list(DOCUMENTS)
    random.Random(1).shuffle(keys)
    shuffled = TextIndex({key: DOCUMENTS[key] for key in keys}, weights={"title": 2.0})
    ours = dict(zip(INDEX.keys, INDEX.scores("digital customs 卫生"), strict=True))
    theirs = dict(zip(shuffled.keys, shuffled.scores("digital customs 卫生"), strict=True))
    for key, score in ours.items():
        assert theirs[key] == pytest.approx(score)


@given(st.text(st.characters(), max_size=100))
def test_no_query_raises_and_scores_stay_in_range(query: str) -> None:
    scores = INDEX.scores(query)
    assert np.all((scores >= 0) & (scores <= 100))


def test_equal_scores_keep_their_order() -> None:
    assert best_places(np.array([1.0, 3.0, 0.0, 3.0, 1.0]), 3) == [1, 3, 0]
