"""
How often a name is found in spite of typing errors, beside what a library gives in one line.

Country names of the labelled queries and of the United Nations, the sample's organisations, and 100,000 names made up
by chance; with a folder of public data sets also the organisations of the IATI code lists.
"""

import random
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from knowledge.loaders.pack import read_pack
from knowledge.sample import sample_pack
from knowledge.snapshot import Snapshot
from knowledge.world import names as world
from matching.names import Names
from tests.benchmarks.answers import QUERIES, rows
from tests.typing_errors import mistyped

TYPED, ASKED, MANY = 480, 400, 100_000
ADJECTIVES = (
    "National Regional International Central Royal Asian Pacific United Federal Joint Northern Technical"
)
TOPICS = (
    "Water Health Trade Energy Education Statistics Fisheries Forestry Tourism Transport Finance Climate Disaster "
    "Youth Maritime Rural Urban Digital Agriculture Meteorology Customs Standards Mining Environment Labour"
)
KINDS = (
    "Institute Agency Centre Authority Ministry Bureau Council Foundation University Association Commission"
)
CONSONANTS, VOWELS = "b c d f g h j k l m n p r s t v z kh th sh", "a e i o u ai ia"

Finder = Callable[[str], list[str]]
"""Gives the keys found for a text, best first."""
Case = tuple[str, str]
"""What is typed, and the key of what is meant."""


def countries(know: Snapshot) -> None:
    """Print how often the country is found that a hand-written name means, or a mistyped official one."""
    before = time.process_time()
    names = know.vocabulary.country_names
    print(f"  countries: read and ready in {time.process_time() - before:.2f} s of CPU time")
    labelled = rows(QUERIES / "countries.jsonl")
    for split in ("dev", "end"):
        asked = [row for row in labelled if row["id"].startswith(split)]
        right = [_top(names, row["text"]) == ([row["key"]] if row["key"] else []) for row in asked]
        print(f"    by hand, {split:3} {np.mean(right):29.1%} of {len(asked)}")
    official = {iso3: place.names["en"] for iso3, place in world.territories().items() if "en" in place.names}
    chance = random.Random(1)
    cases = [(iso3, mistyped(official[iso3], chance)) for iso3 in chance.choices(list(official), k=TYPED)]
    _compare(
        "United Nations names, one typing error", names, official, [(text, iso3) for iso3, text in cases]
    )


def organisations(title: str, names: Mapping[str, Sequence[str]]) -> None:
    """Print how often an organisation is found when its name is distorted in several ways."""
    index = Names(names)
    long = [(key, name) for key, given in names.items() for name in given if len(name) > 7]
    chance = random.Random(3)
    print(f"  {title}: {len(names)} organisations, {len(long)} names")
    for way, distort in DISTORTIONS.items():
        cases = [
            (distort(name, chance), key)
            for key, name in (chance.choices(long, k=ASKED) if len(long) > ASKED else long)
        ]
        cases = [(text, key) for text, key in cases if index.exact(text) in ((), (key,))]
        _compare(way, index, names, cases)


def many() -> None:
    """Print the same for 100,000 names of organisations, and the cost of the index."""
    named = {str(number): [name] for number, name in enumerate(_made_up(MANY, random.Random(5)))}
    start, memory = time.process_time(), _peak_mb()
    index = Names(named)
    took, grown = time.process_time() - start, _peak_mb() - memory
    print(f"  {MANY:,} names: index in {took:.1f} s of CPU time, {grown} MB more at the peak")
    for errors in (1, 2, 3):
        chance = random.Random(errors)
        cases = [
            (_mistyped(named[key][0], errors, chance), key) for key in chance.choices(list(named), k=ASKED)
        ]
        _compare(f"{errors} typing errors", index, None, cases)


def _compare(
    title: str, index: Names, names: Mapping[str, Sequence[str] | str] | None, cases: Sequence[Case]
) -> None:
    """Print one line: how often right, and what a look-up costs; beside it WRatio where there are *names*."""
    spent: list[float] = []

    def ours(text: str) -> list[str]:
        start = time.process_time()
        hits = index.closest(text, limit=10)
        spent.append(1000 * (time.process_time() - start))
        return [hit.key for hit in hits]

    right = _share(ours, cases)
    costs = np.quantile(spent, [0.5, 0.95])
    rival = f", WRatio {_share(_wratio(names), cases):.1%}" if names else ""
    print(
        f"    {title:40} {right:6.1%} of {len(cases)}, CPU p50 {costs[0]:.2f} p95 {costs[1]:.2f} ms{rival}",
        flush=True,
    )


def _share(find: Finder, cases: Sequence[Case]) -> float:
    return float(np.mean([find(text)[:1] == [key] for text, key in cases]))


def _wratio(names: Mapping[str, Sequence[str] | str]) -> Finder:
    listed = [
        (key, name) for key, given in names.items() for name in ([given] if isinstance(given, str) else given)
    ]
    texts = [default_process(name) for _, name in listed]

    def find(text: str) -> list[str]:
        best = process.extractOne(default_process(text), texts, scorer=fuzz.WRatio)
        return [listed[best[2]][0]] if best else []

    return find


def _top(names: Names, text: str) -> list[str]:
    """Return all keys that share the highest score."""
    hits = names.closest(text, limit=8)
    return [hit.key for hit in hits if hit.score == hits[0].score]


def _mistyped(text: str, errors: int, chance: random.Random) -> str:
    for _ in range(errors):
        text = mistyped(text, chance)
    return text


def _swapped(text: str, chance: random.Random) -> str:
    """Return *text* with two neighbouring words the other way round."""
    words = text.split()
    if len(words) > 1:
        at = chance.randrange(len(words) - 1)
        words[at : at + 2] = words[at + 1], words[at]
    return " ".join(words)


def _dropped(text: str, chance: random.Random) -> str:
    """Return *text*, where it has three words or more, without one of its words."""
    words = text.split()
    if len(words) > 2:
        del words[chance.randrange(len(words))]
    return " ".join(words)


DISTORTIONS: Mapping[str, Callable[[str, random.Random], str]] = {
    "one typing error": lambda text, chance: _mistyped(text, 1, chance),
    "two typing errors": lambda text, chance: _mistyped(text, 2, chance),
    "two words swapped": _swapped,
    "two words swapped and a typing error": lambda text, chance: mistyped(_swapped(text, chance), chance),
    "a word left out": _dropped,
}


def _made_up(count: int, chance: random.Random) -> list[str]:
    """Return *count* different names of bodies at places that there are not."""
    adjectives, topics, kinds = ADJECTIVES.split(), TOPICS.split(), KINDS.split()
    syllables = [consonant + vowel for consonant in CONSONANTS.split() for vowel in VOWELS.split()]

    def place() -> str:
        return "".join(chance.choices(syllables, k=chance.randint(2, 4))).title()

    found: set[str] = set()
    while len(found) < count:
        words = [chance.choice(adjectives)] * (chance.random() < 0.6) + [chance.choice(topics)]
        words += ["and", chance.choice(topics)] * (chance.random() < 0.4)
        words += [chance.choice(kinds), "of", place()] + [place()] * (chance.random() < 0.3)
        found.add(" ".join(words))
    return sorted(found)


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _code_lists(folder: Path) -> dict[str, list[str]]:
    """Map what the code lists' organisations are called to all of its spellings, those of several bodies as one."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for file in ("CRSChannelCode.jsonl", "OrganisationIdentifier.jsonl"):
        for row in rows(folder / file):
            names[row["name"]["en"]] += row["name"].values()
    return {key: list(dict.fromkeys(given)) for key, given in names.items()}


def main(data: Path | None = None) -> None:
    """Measure and print; the code lists only where *data* has them."""
    know = Snapshot.of(read_pack(sample_pack()))
    countries(know)
    providers = know.catalogue.providers.values()
    called = {p.id: [name for name in (p.name, p.acronym, *p.aliases) if name] for p in providers}
    organisations("the sample's", called)
    if data is not None and (data / "iati_codelists").is_dir():
        organisations("IATI code lists", _code_lists(data / "iati_codelists"))
    many()


if __name__ == "__main__":
    main()
