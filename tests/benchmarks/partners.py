"""
How well partners are found for a need, beside a plain BM25 and what a library gives in one line.

Each labelled need names those of the sample catalogue who can help, with a grade: 3 is just what is
asked for, 2 is clearly useful, 1 is worth a look. The part `dev` is for choosing between ways; the
part `end` only states figures. `python -m tests.benchmarks.partners dev` leaves it unseen.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from knowledge.loaders.pack import read_pack
from knowledge.sample import sample_pack
from knowledge.snapshot import Snapshot
from tests.benchmarks.answers import QUERIES, Rows, rivals, rows
from tests.benchmarks.processes import ROOT, SAPHAN

SPLITS = ("dev", "end")
LIMIT = 10
USEFUL = 2

Found = Mapping[str, Sequence[str]]
"""Maps the id of each need to those found for it, the best first."""
Measure = Callable[[Sequence[str], Mapping[str, int]], float]
"""Tells from those found and from the grades how well a need was served, 0 to 1."""


def ndcg(found: Sequence[str], right: Mapping[str, int], among: int) -> float:
    """Return the nDCG of the first *among*; a grade g is worth 2^g - 1."""
    gains = [2 ** right.get(key, 0) - 1 for key in found[:among]]
    best = sorted((2**grade - 1 for grade in right.values()), reverse=True)[:among]
    return discounted(gains) / discounted(best)


def discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))


def reciprocal_rank(found: Sequence[str], right: Mapping[str, int]) -> float:
    """Return 1 for a first hit that is useful, 1/2 for a second, and so on; 0 for none."""
    places = (place for place, key in enumerate(found, start=1) if right.get(key, 0) >= USEFUL)
    return 1 / next(places, math.inf)


MEASURES: Mapping[str, Measure] = {
    "nDCG@5": lambda found, right: ndcg(found, right, 5),
    "nDCG@10": lambda found, right: ndcg(found, right, 10),
    "MRR": reciprocal_rank,
}


def suggested(needs: Rows, *, told: Sequence[str] = ()) -> Found:
    """Return whom `saphan match` suggests for the text and the country, and for the fields *told* besides."""
    with tempfile.TemporaryDirectory() as folder:
        batch = Path(folder) / "needs.jsonl"
        fields = ("id", "text", "country", *told)
        asked = [{field: need[field] for field in fields} for need in needs]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SAPHAN_")}
        batch.write_text("".join(f"{json.dumps(row)}\n" for row in asked), encoding="utf-8")
        answers = subprocess.run(
            [SAPHAN, "match", "--json", "--limit", str(LIMIT), "--batch", batch],
            cwd=ROOT,
            env={**environment, "SAPHAN_DATABASE_URL": f"sqlite:///{Path(folder) / 'saphan.db'}"},
            check=True,
            capture_output=True,
            text=True,
            encoding="utf-8",
        ).stdout
    answered = map(json.loads, answers.splitlines())
    return {answer["id"]: [hit["id"] for hit in answer["hits"]] for answer in answered}


def ranked(needs: Rows) -> dict[str, Found]:
    """Return for each rival whom its ranking of the catalogue's texts alone gives."""
    catalogue = Snapshot.of(read_pack(sample_pack())).catalogue
    texts = {profile.id: [" ".join(profile.texts.values())] for profile in catalogue.profiles()}
    return {
        name: {need["id"]: [key for key, _ in rank(need["text"])] for need in needs}
        for name, rank in rivals(texts).items()
    }


def mean(measure: Measure, found: Found, needs: Rows) -> float:
    return float(np.mean([measure(found[need["id"]], need["right"]) for need in needs]))


def main(splits: Sequence[str] = SPLITS) -> None:
    """Measure and print, the parts named in *splits* only."""
    needs = [need for need in rows(QUERIES / "partners.jsonl") if need["split"] in splits]
    ways = {
        "saphan": suggested(needs),
        "saphan, theme told": suggested(needs, told=("theme",)),
        **ranked(needs),
    }
    for split in splits:
        part = [need for need in needs if need["split"] == split]
        print(f"  partners, {split}: {len(part)} needs against the sample catalogue")
        by_measure(ways, part)
        by_language(ways, part)


def by_measure(ways: Mapping[str, Found], needs: Rows) -> None:
    print(f"    {'':26}" + "".join(f"{name:>9}" for name in MEASURES))
    for way, found in ways.items():
        values = (mean(measure, found, needs) for measure in MEASURES.values())
        print(f"    {way:26}" + "".join(f"{value:9.3f}" for value in values), flush=True)


def by_language(ways: Mapping[str, Found], needs: Rows) -> None:
    groups: dict[str, Rows] = {}
    for need in needs:
        groups.setdefault(need["language"], []).append(need)
    heads = (f"{language} ({len(group)})" for language, group in groups.items())
    print(f"    {'nDCG@5 by language':26}" + "".join(f"{head:>9}" for head in heads))
    for way, found in ways.items():
        values = (mean(MEASURES["nDCG@5"], found, group) for group in groups.values())
        print(f"    {way:26}" + "".join(f"{value:9.3f}" for value in values), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or SPLITS)
