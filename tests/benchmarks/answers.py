"""
How often the right answer is found, beside what a library gives in one line and a plain BM25.

The project's own labelled queries, those that nobody tunes on among them; with a folder of public data sets also
CLINC150, BANKING77 and HWU64, with ten phrasings of each intent and with all, and xSID, where only English phrasings
are known and other languages ask.
"""

import itertools
import json
import math
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from knowledge.answers import topics
from matching.encoder import Encoder, sentence_encoder
from matching.intents import Intents, background
from tests.samples import sample_snapshot
from tests.typing_errors import mistyped

QUERIES = Path(__file__).parents[1] / "queries"
SHOTS, HELD_OUT = 10, 4
# Of a set without queries of its own so many of a hundred phrasings are asked instead of known.
ASKED_OF_HUNDRED = 15
# Others are too slow to be asked more often against ten thousand phrasings.
MOST_ASKED = 1000
CHANCE = 5
WORDS = re.compile(r"\w+")

Examples = Mapping[str, Sequence[str]]
Ranking = Callable[[str], list[tuple[str, float]]]
"""Gives the keys of the ten best for a text, each with its score, best first."""
Rows = list[dict[str, Any]]
Queries = Sequence[tuple[str, str | None]]


def own_queries() -> None:
    """Print how well the labelled queries of this repository are answered from the sample pack."""
    know = sample_snapshot()
    answers, entries = know.answers, {**topics(), **know.entries}
    examples = {
        key: [text for asked in (*entry.phrasings.values(), entry.title.values()) for text in asked]
        for key, entry in entries.items()
    }
    ways = {
        "saphan": lambda text: pairs(answers.hits(text, 10)),
        "saphan without encoder": saphan(examples, None),
        **rivals(examples),
    }
    for name in ("questions", "questions_held_out"):
        queries = [(row["text"], row["key"]) for row in rows(QUERIES / f"{name}.jsonl")]
        compare(f"{name}, {len(examples)} entries", ways, queries)


def intents(name: str, folder: Path) -> None:
    """Print the same for an intent data set: ten phrasings of each are known, then all; others are asked."""
    known = shuffled(by_label(rows(folder / "train.jsonl")))
    held_out = [path for path in (folder / "val.jsonl", folder / "valid.jsonl") if path.exists()]
    if held_out:
        asked = shuffled(by_label(rows(held_out[0])))
    else:
        cut = {label: len(texts) * ASKED_OF_HUNDRED // 100 for label, texts in known.items()}
        asked = {label: texts[: cut[label]] for label, texts in known.items()}
        known = {label: texts[cut[label] :] for label, texts in known.items()}
    queries: list[tuple[str, str | None]] = [
        (text, label) for label, texts in asked.items() for text in texts
    ]
    random.Random(CHANCE).shuffle(queries)
    queries = queries[:MOST_ASKED]
    queries += [(row["text"], None) for path in sorted(folder.glob("oos_*.jsonl")) for row in rows(path)]
    few = {label: texts[:SHOTS] for label, texts in known.items()}
    ways = {
        "saphan": saphan(few, sentence_encoder()),
        "saphan without encoder": saphan(few, None),
        **rivals(few),
    }
    compare(f"{name}, {len(few)} intents of {SHOTS} phrasings", ways, queries)
    count = sum(map(len, known.values()))
    compare(
        f"{name}, {len(known)} intents, {count} phrasings",
        {"saphan": saphan(known, sentence_encoder())},
        queries,
    )


def languages(folder: Path) -> None:
    """Print how well questions in a language find what is known in English only, a third of it left out in turn."""
    parallel = {path.name.split(".")[0]: rows(path) for path in sorted(folder.glob("*.valid.jsonl"))}
    english = parallel.pop("en")
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for third in range(3):
        known = by_label([row for place, row in enumerate(english) if place % 3 != third])
        learnt = saphan(known, sentence_encoder())
        for lang, asked in {"en": english, **parallel}.items():
            right[lang] += [learnt(row["text"])[0][0] == row["label"] for row in asked[third::3]]
    print(
        f"  xSID, {len(english) * 2 // 3} English phrasings of {len(by_label(english))} intents: right first"
    )
    print("    " + "  ".join(f"{lang} {np.mean(found):.1%}" for lang, found in right.items()), flush=True)


def saphan(examples: Examples, encoder: Encoder | None) -> Ranking:
    """Return the assistant's own ranking."""
    learnt = Intents(examples, background(), encoder=encoder)
    return lambda text: pairs(learnt.rank(text, 10))


def shuffled(groups: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    chance = random.Random(CHANCE)
    return {label: chance.sample(list(texts), len(texts)) for label, texts in groups.items()}


def compare(title: str, ways: Mapping[str, Ranking], queries: Queries) -> None:
    """Print for each way how often the right key comes first or among three, and how well scope is told."""
    inside = sum(key is not None for _, key in queries)
    chance = random.Random(CHANCE)
    mistakes = [(mistyped(text, chance), key) for text, key in queries if key is not None]
    print(f"  {title}: {inside} queries, {len(queries) - inside} out of scope")
    print(f"    {'':24} top-1  top-3  one typo  AUROC   CPU p95")
    for name, way in ways.items():
        found, spent = [], []
        for text, _ in queries:
            start = time.thread_time()
            found.append(way(text))
            spent.append(1000 * (time.thread_time() - start))
        first, three = share_found(found, queries, 1), share_found(found, queries, 3)
        in_spite = share_found([way(text) for text, _ in mistakes], mistakes, 1)
        scores = [hits[0][1] if hits else 0.0 for hits in found]
        scope = auroc(scores, [key is not None for _, key in queries])
        told = f"{scope:6.3f}" if inside < len(queries) else "     -"
        slow = np.quantile(spent, 0.95)
        print(f"    {name:24} {first:5.1%}  {three:5.1%}  {in_spite:7.1%} {told}  {slow:5.1f} ms", flush=True)


def share_found(found: Sequence[list[tuple[str, float]]], queries: Queries, among: int) -> float:
    """Return for how many of the queries inside the scope the right key is *among* the first."""
    inside = [(hits, key) for hits, (_, key) in zip(found, queries, strict=True) if key is not None]
    return float(np.mean([key in [hit for hit, _ in hits[:among]] for hits, key in inside]))


def rivals(examples: Examples) -> dict[str, Ranking]:
    return {
        "rapidfuzz WRatio": fuzzy(examples, fuzz.WRatio),
        "rapidfuzz token_set_ratio": fuzzy(examples, fuzz.token_set_ratio),
        "BM25": bm25(examples),
    }


def fuzzy(examples: Examples, scorer: Any) -> Ranking:
    """Return the ranking by the nearest example of each key."""
    owners = [key for key, texts in examples.items() for _ in texts]
    texts = [default_process(text) for texts in examples.values() for text in texts]

    def rank(text: str) -> list[tuple[str, float]]:
        scores = process.cdist([default_process(text)], texts, scorer=scorer, workers=1)[0]
        return best(zip(owners, scores.tolist(), strict=True))

    return rank


def bm25(examples: Examples) -> Ranking:
    """Return the ranking by BM25 (k1 1.5, b 0.75), the examples of a key being one document."""
    counts = {key: Counter(words(" ".join(texts))) for key, texts in examples.items()}
    lengths = {key: sum(found.values()) for key, found in counts.items()}
    usual = sum(lengths.values()) / len(lengths)
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for key, found in counts.items():
        for word in found:
            holders[word].append(key)

    def rank(text: str) -> list[tuple[str, float]]:
        scores: defaultdict[str, float] = defaultdict(float)
        for word in set(words(text)):
            holding = holders.get(word, [])
            rarity = math.log(1 + (len(counts) - len(holding) + 0.5) / (len(holding) + 0.5))
            for key in holding:
                often = counts[key][word]
                scores[key] += rarity * often * 2.5 / (often + 1.5 * (0.25 + 0.75 * lengths[key] / usual))
        return best(scores.items())

    return rank


def best(scored: Any) -> list[tuple[str, float]]:
    """Return the ten best keys, each with its best score."""
    kept: dict[str, float] = {}
    for key, score in scored:
        kept[key] = max(score, kept.get(key, 0.0))
    return sorted(kept.items(), key=lambda item: -item[1])[:10]


def words(text: str) -> list[str]:
    return WORDS.findall(text.casefold())


def pairs(hits: Any) -> list[tuple[str, float]]:
    return [(hit.key, hit.score) for hit in hits]


def auroc(scores: Sequence[float], inside: Sequence[bool]) -> float:
    """Return how often a query inside the scope scores above one outside."""
    values, is_inside = np.array(scores), np.array(inside)
    within, without = values[is_inside], values[~is_inside]
    if not len(without):
        return math.nan
    higher = (within[:, None] > without).mean() + (within[:, None] == without).mean() / 2
    return float(higher)


def rows(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def by_label(found: Rows) -> dict[str, list[str]]:
    ordered = sorted(found, key=lambda row: str(row["label"]))
    return {
        label: [row["text"] for row in group]
        for label, group in itertools.groupby(ordered, key=lambda row: str(row["label"]))
    }


def main(data: Path | None = None) -> None:
    """Measure and print; the public data sets only where *data* has them."""
    own_queries()
    if data is None:
        print("  (more with --data FOLDER, a folder of public data sets)")
        return
    sets: list[tuple[str, Callable[[Path], None]]] = [
        ("clinc150", lambda folder: intents("CLINC150", folder)),
        ("banking77", lambda folder: intents("BANKING77", folder)),
        ("hwu64", lambda folder: intents("HWU64", folder)),
        ("xsid", languages),
    ]
    for name, measure in sets:
        if (data / name).is_dir():
            measure(data / name)


if __name__ == "__main__":
    main()
