"""Laws that hold for whatever finds something by text, and for every text that may come."""

import random
import unicodedata
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.clusters import Clusters
from matching.intents import Intents
from matching.names import Names
from matching.partners import Partners
from matching.profiles import Profile
from matching.search import TextIndex
from matching.text import grams, normalise, stems, tokens
from matching.triangles import Triangles
from tests.hostile import hold_up

TEXTS = {
    "solar": "Solar power for outer islands",
    "customs": "Single window for customs and transit",
    "vaccines": "Cold chain for vaccines in clinics",
    "water": "Нужна вода и очистка сточных вод",
    "health": "公共卫生培训和乡村医生",
    "rice": "เกษตรกรปลูกข้าวทนเค็ม",
    "school": "Écoles résistantes aux cyclones",
}
Finder = Callable[[str], list[tuple[str, float]]]


def names(keys: Sequence[str]) -> Finder:
    found = Names({key: [TEXTS[key]] for key in keys})
    return lambda text: [(hit.key, hit.score) for hit in found.closest(text, limit=9, cutoff=0)]


def search(keys: Sequence[str]) -> Finder:
    found = TextIndex({key: {"text": TEXTS[key]} for key in keys})
    return lambda text: [(hit.key, hit.score) for hit in found.search(text)]


def intents(keys: Sequence[str]) -> Finder:
    found = Intents({key: [TEXTS[key], *TEXTS[key].split()] for key in keys}, ["a joke", "the score"])
    return lambda text: [(hit.key, hit.score) for hit in found.rank(text)]


def given_profiles(keys: Sequence[str]) -> list[Profile]:
    roles = frozenset({"provider", "financier"})
    return [Profile(key, "provider", {"summary": TEXTS[key]}, roles=roles) for key in keys]


def partners(keys: Sequence[str]) -> Finder:
    found = Partners(given_profiles(keys))
    return lambda text: [(one.id, one.score) for one in found.suggest(need(text), limit=9)]


def triangles(keys: Sequence[str]) -> Finder:
    found = Triangles(given_profiles(keys))
    return lambda text: [
        (f"{one.provider and one.provider.id} {one.financier and one.financier.id}", one.score)
        for one in found.suggest(need(text), limit=9)
    ]


def need(text: str) -> Profile:
    return Profile("need", "need", {"text": text})


BUILDERS = (names, search, intents, partners, triangles)
FINDERS = {builder.__name__: builder(list(TEXTS)) for builder in BUILDERS}
QUERIES = st.one_of(
    st.text(st.characters(), max_size=60),
    st.lists(st.sampled_from([word for text in TEXTS.values() for word in text.split()]), max_size=5).map(
        " ".join
    ),
)


@pytest.mark.parametrize("read", [normalise, tokens, stems, grams], ids=lambda read: read.__name__)
def test_no_text_breaks_or_holds_up_its_reading(read: Callable[[str], object]) -> None:
    assert hold_up(read) == {}


@pytest.mark.parametrize("finder", FINDERS)
def test_no_text_breaks_or_holds_up_a_search(finder: str) -> None:
    assert hold_up(FINDERS[finder]) == {}


def test_no_text_breaks_or_holds_up_an_index() -> None:
    def build(text: str) -> None:
        TextIndex({"a": {"text": text}}), Names({"a": [text]}), Clusters([need(text)])

    assert hold_up(build, longest=10_000) == {}


@pytest.mark.parametrize("finder", FINDERS)
@given(query=QUERIES)
def test_one_query_gives_one_list_best_first(finder: str, query: str) -> None:
    found = FINDERS[finder](query)
    assert FINDERS[finder](query) == found
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert len({key for key, _ in found}) == len(found)
    assert all(0 <= score <= 100 for score in scores)


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda builder: builder.__name__)
def test_scores_do_not_depend_on_the_order_of_what_was_given(builder: Callable[..., Finder]) -> None:
    keys = list(TEXTS)
    random.Random(7).shuffle(keys)
    shuffled = builder(keys)
    for query in ("power for islands", "customs transt", "вода", "乡村医生", "ข้าว", "cyclone", "chain"):
        expected = dict(FINDERS[builder.__name__](query))
        assert dict(shuffled(query)) == pytest.approx(expected, abs=0.011)


@pytest.mark.parametrize("finder", FINDERS)
@given(query=QUERIES)
def test_case_and_spaces_do_not_matter(finder: str, query: str) -> None:
    assert FINDERS[finder](f"  {normalise(query)}\n") == FINDERS[finder](normalise(query))


def letters_and_marks(first: int, last: int) -> st.SearchStrategy[str]:
    every = [chr(point) for point in range(first, last + 1) if unicodedata.category(chr(point))[0] in "LM"]
    return st.text(st.sampled_from(every), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("first", "last"),
    [(0x0E00, 0x0E7F), (0x0900, 0x097F), (0x1780, 0x17FF), (0x1000, 0x109F), (0x0E80, 0x0EFF)],
    ids=["thai", "hindi", "khmer", "burmese", "lao"],
)
@given(data=st.data())
def test_scripts_that_spell_with_marks_keep_every_one(first: int, last: int, data: st.DataObject) -> None:
    word = data.draw(letters_and_marks(first, last))
    marks = [sign for sign in unicodedata.normalize("NFKC", word) if unicodedata.category(sign)[0] == "M"]
    kept = normalise(word)
    assert [sign for sign in kept if unicodedata.category(sign)[0] == "M"] == marks
    assert set("".join(tokens(word))) == set(kept) - {" "}
