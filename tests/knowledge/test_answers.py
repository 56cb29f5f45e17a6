"""A question gets its answer, a choice of what it may mean, or the word that nobody has answered it yet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answers import Answer, Answers, Choices, Unknown, topics
from knowledge.snapshot import Snapshot
from knowledge.vocabulary import LANGUAGES
from matching.names import Hit


def answer(snapshot: Snapshot, question: str) -> Answer:
    found = snapshot.answers.ask(question)
    assert isinstance(found, Answer), found
    return found


def test_every_phrasing_of_every_entry_gets_that_entry(snapshot: Snapshot) -> None:
    for key, entry in {**snapshot.entries, **topics()}.items():
        for asked in entry.phrasings.values():
            for phrasing in asked:
                best = snapshot.answers.hits(phrasing, limit=1)[0]
                assert (best.key, best.score) == (key, 100), phrasing


def test_an_answer_carries_its_entry_and_source(snapshot: Snapshot) -> None:
    found = answer(snapshot, "what is this forum")
    assert found.entry == snapshot.entries["forum_about"]
    assert found.is_published
    assert found.entry is not None
    assert found.entry.source


def test_what_is_not_published_is_an_answer_that_says_so(snapshot: Snapshot) -> None:
    found = answer(snapshot, "wifi password")
    assert (found.key, found.is_published) == ("wifi", False)


@pytest.mark.parametrize(
    ("question", "key"),
    [("what is on now", "now"), ("что дальше", "now"), ("议程", "agenda"), ("où est ma salle", "where")],
)
def test_now_where_and_agenda_are_answered_without_an_entry(
    snapshot: Snapshot, question: str, key: str
) -> None:
    assert answer(snapshot, question) == Answer(key, 100)


@pytest.mark.parametrize(
    ("question", "room"),
    [
        ("where is room B", "room-b"),
        ("where is room b??", "room-b"),
        ("salle D", "room-d"),
        ("где зал А", "room-a"),
        ("B厅在几楼", "room-b"),
        ("展厅在哪里", "expo"),
        ("where is the cafeteria", "cafeteria"),
        ("où est la cantine", "cafeteria"),
        ("where is the cafetria", "cafeteria"),
        ("cafeteria", "cafeteria"),
    ],
)
def test_a_room_that_is_named_is_told(snapshot: Snapshot, question: str, room: str) -> None:
    found = answer(snapshot, question)
    assert (found.key, found.room, found.named) == ("where", room, None)


@pytest.mark.parametrize(
    ("question", "named"), [("where is room Z9", "Z9"), ("зал Ж", "Ж"), ("9号会议室", "9")]
)
def test_a_room_that_does_not_exist_is_told_by_the_name_it_was_given(
    snapshot: Snapshot, question: str, named: str
) -> None:
    found = answer(snapshot, question)
    assert (found.key, found.room, found.named) == ("where", None, named)


def test_the_name_of_a_place_is_no_question_for_the_way_by_itself(snapshot: Snapshot) -> None:
    assert snapshot.answers.hits("registration deadline", 1)[0].key == "registration_deadline"


@pytest.mark.parametrize(
    "question", ["tell me a joke", "расскажи анекдот", "给我讲个笑话", "qwertz", "", "🙂"]
)
def test_what_has_nothing_to_do_with_the_forum_is_unknown(snapshot: Snapshot, question: str) -> None:
    assert isinstance(snapshot.answers.ask(question), Unknown)


def test_choices_come_with_a_title_in_every_language(snapshot: Snapshot) -> None:
    found = snapshot.answers.ask("print documents")
    assert isinstance(found, Choices)
    assert 1 < len(found.entries) == len(found.scores) <= 3
    assert set(found.keys) >= {"documents", "printing"}
    assert all(entry.title.in_(lang) for entry in found.entries for lang in LANGUAGES)


def test_without_entries_the_three_topics_are_still_known() -> None:
    assert Answers({}).ask("what is next") == Answer("now", 100)


@given(question=st.text(max_size=200))
def test_any_question_gets_hits_best_first_and_a_band(snapshot: Snapshot, question: str) -> None:
    hits = snapshot.answers.hits(question)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 100 for score in scores)
    assert snapshot.answers.band(hits) in ("answer", "choices", "unknown")


@pytest.mark.parametrize(
    ("question", "key"), [("def of trc?", "triangular_cooperation"), ("wgs list pls", "working_groups")]
)
def test_abbreviations_are_read_as_what_they_stand_for(snapshot: Snapshot, question: str, key: str) -> None:
    assert snapshot.answers.hits(question)[0].key == key


def test_what_is_sensitive_is_asked_back_unless_it_is_beyond_doubt(snapshot: Snapshot) -> None:
    def band(key: str, score: float) -> str:
        return snapshot.answers.band([Hit(key, score), Hit("wifi", 1.0)])

    assert snapshot.entries["first_aid"].sensitive
    assert [band("first_aid", score) for score in (97.0, 99.0, 100.0)] == ["choices", "answer", "answer"]
    assert band("toilets", 97.0) == "answer"


@pytest.mark.parametrize(
    "question", ["fire in room C", "I am having a heart attack in room A", "someone collapsed in Room B"]
)
def test_an_emergency_in_a_room_is_no_question_for_the_way(snapshot: Snapshot, question: str) -> None:
    found = answer(snapshot, question)
    assert (found.key in {"emergency", "first_aid"}, found.urgent, found.room) == (True, True, None)


@pytest.mark.parametrize("question", ["room B", "which way to room A please", "зал B где", "C厅在哪儿"])
def test_a_room_that_is_asked_for_is_shown(snapshot: Snapshot, question: str) -> None:
    found = snapshot.answers.ask(question)
    assert isinstance(found, Answer)
    assert found.key == "where"
