import pytest

from knowledge.sessions import session_asked, session_names
from tests.samples import sample_snapshot


@pytest.mark.parametrize(
    ("question", "title", "when"),
    [
        ("where is session 3?", "Session 3", False),
        ("when does session 3 start", "Session 3", True),
        ("what time is the opening ceremony", "Opening", True),
        ("lunch", "Lunch", False),
        ("à quelle heure est la clôture", "Closing", True),
        ("где обед", "Lunch", False),
        ("во сколько начинается заседание 2", "Session 2", True),
        ("第三场会议几点开始", "Session 3", True),
    ],
)
def test_a_question_names_a_session_by_its_title_in_any_language(
    question: str, title: str, when: bool
) -> None:
    asked = session_asked(question, sample_snapshot().programme)
    assert asked is not None
    assert (asked.session.title.in_("en").split(":")[0], asked.when) == (title, when)


@pytest.mark.parametrize(
    "question",
    [
        "is lunch provided",
        "where is session 9",
        "where is registration",
        "when is the closing date for registration",
        "what is discussed in session 3",
        "where can we train teachers before the opening of schools",
        "有午餐吗",
        "",
    ],
)
def test_other_questions_ask_for_no_session(question: str) -> None:
    assert session_asked(question, sample_snapshot().programme) is None


@pytest.mark.parametrize(
    ("typed", "session"),
    [
        ("opening", "s-opening"),
        ("openning ceremony", "s-opening"),
        ("cérémonie de clôture", "closing"),
        ("session 2", "s2"),
        ("заседание 3", "s3"),
        ("wg2", "wg2"),
        ("working grup 1", "wg1"),
        ("Better acess to available support", "s3"),
        ("morning braek", "break-morning"),
    ],
)
def test_a_session_is_found_by_a_part_of_its_title_in_spite_of_an_error(typed: str, session: str) -> None:
    assert session_names(sample_snapshot().programme).closest(typed)[0].key == session


@pytest.mark.parametrize("typed", ["session 9", "working group 7", "climate", "ceremony"])
def test_no_session_is_found_that_there_is_not(typed: str) -> None:
    assert session_names(sample_snapshot().programme).closest(typed) == []
