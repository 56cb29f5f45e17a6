"""
How well partners are found for a need, beside a plain BM25 and what a library gives in one line.

Each labelled need names those of the sample catalogue who can help, with a grade: 3 is just what is
asked for, 2 is clearly useful, 1 is worth a look. The part `dev` is for choosing between ways; the
part `end` only states figures. `python -m tests.benchmarks.partners dev` leaves it unseen.

A hundred thousand profiles with texts and facets drawn by chance then measure time and memory only.
"""

import json
import math
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.loaders.pack import read_pack
from knowledge.sample import sample_pack
from knowledge.snapshot import Snapshot
from matching.partners import Partners
from matching.profiles import Kind, Profile
from tests.benchmarks.answers import QUERIES, Rows, rivals, rows
from tests.benchmarks.processes import ROOT, SAPHAN
from tests.benchmarks.searching import TYPOS, asking_for, made_up

SPLITS = ("dev", "end")
LIMIT = 10
USEFUL = 2
SEED, NEEDS = 0, 300
COUNTRIES = [f"C{number:02}" for number in range(62)]
SUBREGIONS = {iso3: f"r{number % 6}" for number, iso3 in enumerate(COUNTRIES)}

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
    many()


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


def many() -> None:
    """Print what suggesting takes among very many profiles, by their words and all their facets."""
    chance = random.Random(SEED)
    texts = made_up()
    given = [profile(key, text, chance) for key, text in texts.items()]
    start, before = time.process_time(), peak_mb()
    partners = Partners(given, subregions=SUBREGIONS)
    took, grown = time.process_time() - start, peak_mb() - before
    print(f"  {len(given):,} profiles: index in {took:.1f} s of CPU time, {grown} MB more at the peak")
    for typos in (0, TYPOS):
        asked = chance.sample(list(texts), NEEDS)
        needs = [need(f"n{key}", asking_for(texts[key], typos, chance), chance) for key in asked]
        spent = []
        for wanted in needs:
            start = time.process_time()
            partners.suggest(wanted)
            spent.append(1000 * (time.process_time() - start))
        p50, p95, p99 = np.quantile(spent, [0.5, 0.95, 0.99])
        print(
            f"    {NEEDS} needs, {typos} typing errors: CPU ms: p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f}",
            flush=True,
        )


def profile(key: str, text: str, chance: random.Random) -> Profile:
    """Return one that gives, with *text*; practices and offers are of somebody with a lower number."""
    kinds: tuple[Kind, ...] = ("provider", "practice", "practice", "practice", "offer")
    kind = chance.choice(kinds)
    owners = (str(chance.randrange(int(key))),) if kind != "provider" and key != "0" else ()
    return Profile(
        key,
        kind,
        {"name": text[:40], "summary": text[40:]},
        country=chance.choice((*COUNTRIES, None)),
        countries=frozenset(chance.sample(COUNTRIES, chance.randrange(4))),
        providers=owners,
        regions=frozenset(chance.sample((*SUBREGIONS.values(), "global"), chance.randrange(3))),
        roles=frozenset({chance.choice(("provider", "recipient", "financier"))}),
        replicated=chance.random() < 0.1,
        verified=chance.random() < 0.8,
        **facets(chance),
    )


def need(key: str, text: str, chance: random.Random) -> Profile:
    """Return one that asks with *text*, for the experience of a country by name now and then."""
    named = chance.sample(COUNTRIES, chance.random() < 0.3)
    return Profile(
        key,
        "need",
        {"text": text},
        country=chance.choice(COUNTRIES),
        model_countries=frozenset(named),
        **facets(chance),
    )


def facets(chance: random.Random) -> dict[str, Any]:
    return {
        "themes": tuple(chance.sample([f"t{number}" for number in range(24)], chance.randrange(4))),
        "sdgs": frozenset(chance.sample(range(1, 18), chance.randrange(4))),
        "modalities": frozenset(chance.sample([f"m{number}" for number in range(9)], chance.randrange(4))),
        "groups": frozenset(chance.sample(("LDC", "LLDC", "SIDS"), chance.randrange(2))),
        "languages": frozenset(chance.sample(("en", "fr", "ru", "zh"), chance.randrange(3))),
    }


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(sys.argv[1:] or SPLITS)
