"""
How documents are found, and how fast: the public sets through `saphan match`, then 100,000 of our own making.

South-South projects by their names (each name has one right description), clean and with two typing errors;
Cranfield's abstracts by its questions; and random texts of 55 words, which measure time and memory only.
Without a folder of public data sets only the last.
"""

import json
import math
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz

from tests.benchmarks.answers import Ranking, bm25, fuzzy, rows
from tests.benchmarks.processes import ROOT, SAPHAN

DOCUMENTS, WORDS, VOCABULARY, QUERIES, ASKED = 100_000, 55, 30_000, 300, 12
SEED = 0
TYPOS = 2

Texts = Mapping[str, str]
Relevant = Mapping[str, set[str]]


def matched(documents: Texts, queries: Texts) -> tuple[dict[str, list[str]], str]:
    """Return the ten best of *documents* for each of *queries* as `saphan match` has them, and its figures."""
    with tempfile.TemporaryDirectory() as folder:
        catalogue, batch = Path(folder) / "catalogue.jsonl", Path(folder) / "batch.jsonl"
        for path, texts in ((catalogue, documents), (batch, queries)):
            path.write_text(
                "".join(json.dumps({"id": k, "text": t}) + "\n" for k, t in texts.items()), "utf-8"
            )
        done = subprocess.run(
            [SAPHAN, "match", "--catalogue", catalogue, "--batch", batch, "--json", "--stats"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            encoding="utf-8",
        )
    answers = map(json.loads, done.stdout.splitlines())
    return {row["id"]: [hit["id"] for hit in row["hits"]] for row in answers}, done.stderr.splitlines()[-1]


def compare(title: str, documents: Texts, queries: Texts, relevant: Relevant) -> None:
    """Print the nDCG of the first ten beside that of a plain BM25 and of a library in one line."""
    examples = {key: [text] for key, text in documents.items()}
    ways: dict[str, Ranking] = {
        "BM25": bm25(examples),
        "rapidfuzz token_set_ratio": fuzzy(examples, fuzz.token_set_ratio),
    }
    found, figures = matched(documents, queries)
    print(f"  {title}: {len(queries)} queries, {len(documents)} documents, nDCG of the first ten")
    print(f"    {'saphan':26}{mean(found, relevant):.3f}   {figures}", flush=True)
    for name, rank in ways.items():
        ranked = {key: [hit for hit, _ in rank(text)] for key, text in queries.items()}
        print(f"    {name:26}{mean(ranked, relevant):.3f}", flush=True)


def mean(found: Mapping[str, Sequence[str]], relevant: Relevant) -> float:
    return float(np.mean([ndcg(found[key], relevant[key]) for key in found]))


def ndcg(found: Sequence[str], relevant: set[str]) -> float:
    gain = sum(1 / math.log2(place + 2) for place, key in enumerate(found[:10]) if key in relevant)
    return gain / (sum(1 / math.log2(place + 2) for place in range(min(10, len(relevant)))) or 1)


def projects(folder: Path) -> None:
    """Print how well a project's description is found by its name, clean and mistyped."""
    found = rows(folder / "projects.jsonl")
    documents = {row["id"]: row["description"] for row in found}
    names = {row["id"]: row["name"] for row in found}
    rng = random.Random(SEED)
    relevant = {key: {key} for key in names}
    compare("projects by their names", documents, names, relevant)
    mistyped = {key: with_typos(name, TYPOS, rng) for key, name in names.items()}
    compare(f"the same with {TYPOS} typing errors", documents, mistyped, relevant)


def cranfield(folder: Path) -> None:
    """Print how well Cranfield's abstracts are found by its questions."""
    relevant: dict[str, set[str]] = {}
    for row in rows(folder / "qrels.jsonl"):
        if row["rel"] > 0:
            relevant.setdefault(row["query"], set()).add(row["doc"])
    documents = {row["id"]: row["text"] for row in rows(folder / "docs.jsonl")}
    queries = {row["id"]: row["text"] for row in rows(folder / "queries.jsonl")}
    compare("Cranfield", documents, queries, relevant)


def many() -> None:
    """Print the time to find and the memory with very many documents, and whether the right one comes first."""
    documents = made_up()
    typing = random.Random(SEED)
    asked = typing.sample(list(documents), QUERIES)
    for typos in (0, TYPOS):
        queries = {key: asking_for(documents[key], typos, typing) for key in asked}
        found, figures = matched(documents, queries)
        first = np.mean([found[key][:1] == [key] for key in asked])
        print(
            f"  {DOCUMENTS} texts of {WORDS} words, {typos} typing errors: first {first:.1%}; {figures}",
            flush=True,
        )


def made_up() -> dict[str, str]:
    """Return very many texts of words that there are not, by their numbers."""
    rng = np.random.default_rng(SEED)
    vocabulary = np.array(pronounceable(VOCABULARY, random.Random(SEED)))
    # As in real text a few words are everywhere and most are rare.
    shares = 1 / np.arange(3, VOCABULARY + 3)
    drawn = rng.choice(VOCABULARY, (DOCUMENTS, WORDS), p=shares / shares.sum())
    return {str(number): " ".join(vocabulary[words]) for number, words in enumerate(drawn)}


def asking_for(text: str, typos: int, rng: random.Random) -> str:
    """Return some words of *text* in any order, with typing errors."""
    return with_typos(" ".join(rng.sample(text.split(), ASKED)), typos, rng)


def with_typos(text: str, count: int, rng: random.Random) -> str:
    """Return *text* with *count* letters left out, doubled, exchanged or replaced."""
    for _ in range(count):
        places = [found.start() for found in re.finditer("[A-Za-z]", text)]
        at = rng.choice(places)
        before, letter, after = text[:at], text[at], text[at + 1 :]
        other = rng.choice("abcdefghijklmnopqrstuvwxyz")
        forms = ("", 2 * letter, after[:1] + letter, other)
        form = rng.choice(forms)
        text = before + form + (after[1:] if form == forms[2] else after)
    return text


def pronounceable(count: int, rng: random.Random) -> list[str]:
    """Return *count* different made-up words."""
    syllables = [a + b for a in "bcdfgklmnprstvz" for b in "aeiou"]
    found: dict[str, Any] = {}
    while len(found) < count:
        found["".join(rng.choices(syllables, k=rng.randint(2, 4))) + rng.choice(["", "n", "s", "ing"])] = None
    return list(found)


def main(data: Path | None = None) -> None:
    """Measure and print; the public data sets only where *data* has them."""
    for name, measure in (("southsouth_catalogue", projects), ("cranfield", cranfield)):
        if data is not None and (data / name).is_dir():
            measure(data / name)
    many()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
