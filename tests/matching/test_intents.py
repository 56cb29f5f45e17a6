"""Questions find their entry, and what is no question of ours is not answered."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.intents import Intents, background, fingerprint
from matching.names import Hit
from matching.text import normalise

EXAMPLES = {
    "wifi": [
        "what is the wifi password",
        "how do I connect to the internet",
        "which network should I use for wifi",
        "is there wireless internet in the rooms",
        "quel est le mot de passe du wifi",
        "как подключиться к вайфаю",
        "无线网络密码是多少",
    ],
    "badge": [
        "where do I collect my badge",
        "I lost my badge",
        "where is the registration desk",
        "when does registration open",
        "où retirer mon badge",
        "где получить бейдж",
        "在哪里领取证件",
    ],
    "lunch": [
        "where is lunch served",
        "is there vegetarian food at lunch",
        "when do we have lunch",
        "is the lunch halal",
        "où est servi le déjeuner",
        "где будет обед",
        "午餐在哪里",
    ],
    "shuttle": [
        "when does the shuttle leave",
        "is there a bus to the hotel",
        "where does the shuttle bus stop",
        "how do I get from the hotel to the venue",
        "à quelle heure part la navette",
        "когда отправляется автобус в гостиницу",
        "班车几点出发",
    ],
    "interpretation": [
        "which languages are interpreted",
        "is there interpretation into Russian",
        "where do I get headphones for interpretation",
        "which channel is French",
        "y a-t-il une interprétation en français",
        "есть ли перевод на русский",
        "有中文同声传译吗",
    ],
}
INTENTS = Intents(EXAMPLES, background())


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("wifi passwrod pls", "wifi"),
        ("how can I get internet here", "wifi"),
        ("I cannot find my badge", "badge"),
        ("vegetarian lunch?", "lunch"),
        ("bus from hotel", "shuttle"),
        ("headphones for interpretation", "interpretation"),
        ("mot de passe wifi", "wifi"),
        ("когда автобус", "shuttle"),
        ("午餐几点", "lunch"),
        ("wifi密码", "wifi"),
    ],
)
def test_a_question_finds_its_entry(query: str, key: str) -> None:
    assert INTENTS.rank(query)[0].key == key


def test_a_phrasing_of_an_entry_is_certain_and_answered() -> None:
    hits = INTENTS.rank("Where is lunch served?!")
    assert hits[0] == Hit("lunch", 100.0)
    assert INTENTS.band(hits) == "answer"


def test_a_phrasing_that_two_entries_share_gives_a_choice() -> None:
    shared = Intents({"a": ["room change", "new room"], "b": ["room change", "other hall"]})
    hits = shared.rank("room change")
    assert hits == [Hit("a", 100.0), Hit("b", 100.0)]
    assert shared.band(hits) == "choices"


@pytest.mark.parametrize(
    "query",
    [
        "who won the chess championship",
        "how do I bake sourdough bread",
        "quel film passe ce soir au cinéma",
        "как вырастить помидоры на балконе",
        "股票今天涨了吗",
        "",
        "🙂🙂🙂",
    ],
)
def test_an_unrelated_question_is_not_answered(query: str) -> None:
    assert INTENTS.band(INTENTS.rank(query)) != "answer"


def test_most_unrelated_questions_are_left_to_a_person() -> None:
    unknown = [INTENTS.band(INTENTS.rank(text)) == "unknown" for text in background()]
    assert sum(unknown) > 0.7 * len(unknown)


def test_thresholds_are_scores_and_the_answer_needs_more() -> None:
    assert 0 < INTENTS.choices_at <= INTENTS.answer_at <= 100


def test_two_entries_close_together_are_a_choice() -> None:
    top = INTENTS.answer_at
    assert INTENTS.band([Hit("a", min(99.0, top + 1)), Hit("b", min(98.0, top))]) == "choices"


@pytest.mark.parametrize("examples", [{}, {"a": []}, {"a": ["wifi"]}, {"a": [""], "b": ["x"]}])
def test_hardly_any_examples_are_enough_to_start(examples: dict[str, list[str]]) -> None:
    intents = Intents(examples)
    assert intents.choices_at <= intents.answer_at
    intents.band(intents.rank("where is the wifi"))


def test_an_entry_without_examples_is_never_found_and_breaks_nothing() -> None:
    intents = Intents({"none": [], **EXAMPLES, "last": []}, background())
    assert intents.rank("wifi password")[0].key == "wifi"
    assert all(hit.key not in {"none", "last"} for hit in intents.rank("wifi password"))


def test_the_limit_holds_and_scores_fall() -> None:
    hits = INTENTS.rank("where is the shuttle bus to lunch", limit=2)
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score


@given(st.text(st.characters(), max_size=120))
def test_no_question_raises_and_scores_stay_in_range(query: str) -> None:
    hits = INTENTS.rank(query)
    assert all(0 <= hit.score <= 100 for hit in hits)
    INTENTS.band(hits)


@pytest.mark.parametrize("query", ["x" * 100_000, "公" * 100_000, "wifi " * 20_000])
def test_a_very_long_question_is_read_no_further_than_needed(query: str) -> None:
    INTENTS.rank(query)


def test_scores_do_not_depend_on_the_order_of_entries() -> None:
    keys = list(EXAMPLES)
    random.Random(2).shuffle(keys)
    shuffled = Intents({key: EXAMPLES[key] for key in keys}, background())
    ours = {hit.key: hit.score for hit in INTENTS.rank("internet in the hotel")}
    theirs = {hit.key: hit.score for hit in shuffled.rank("internet in the hotel")}
    assert ours == pytest.approx(theirs, abs=0.05)


def test_the_background_is_large_and_has_no_doubles() -> None:
    questions = [normalise(question) for question in background()]
    assert len(questions) > 600
    assert len(set(questions)) == len(questions)


def test_a_score_does_not_depend_on_how_many_are_asked_for() -> None:
    question = "where is the lunch for my delegation"
    assert INTENTS.rank(question, limit=1) == INTENTS.rank(question, limit=20)[:1]


def test_what_was_learnt_can_be_handed_on_instead_of_learning_again():
    examples = {"tea": ["how long does tea draw", "green tea"], "bread": ["how do I bake bread", "a loaf"]}
    first = Intents(examples, background())
    second = Intents(examples, background(), first.learnt())
    for question in ("baking a loaf", "is the tea ready", "who won the match", ""):
        assert second.rank(question) == first.rank(question)
    assert (second.answer_at, second.choices_at) == (first.answer_at, first.choices_at)


def test_the_fingerprint_changes_with_every_text():
    examples = {"tea": ["how long does tea draw"]}
    assert fingerprint(examples) == fingerprint({"tea": ("how long does tea draw",)})
    assert fingerprint(examples) != fingerprint({"tea": ["how long does tea draw?"]})
    assert fingerprint(examples) != fingerprint(examples, ["who won"])


@pytest.mark.parametrize("examples", [{}, {"tea": []}, {"tea": [""]}])
def test_without_phrasings_nothing_is_found(examples: dict[str, list[str]]) -> None:
    intents = Intents(examples, background())
    assert intents.band(intents.rank("where is lunch")) == intents.band(intents.rank("")) == "unknown"


def test_a_single_entry_is_not_the_answer_to_everything() -> None:
    intents = Intents({"wifi": ["wifi password"]}, background())
    assert intents.band(intents.rank("lunch")) == "unknown"
    assert intents.band(intents.rank("wifi password")) == "answer"
