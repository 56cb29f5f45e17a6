"""
How much of a need or an offer is read out of its words, over labelled texts in eight languages.

`understand.jsonl` is there to develop on. `understand_held_out.jsonl` was written and labelled by somebody who had
read neither the word lists nor the code, and is for measuring only: whoever tunes on it must write another.
"""

import argparse
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.understand import Understanding
from tests.samples import sample_snapshot

QUERIES = Path(__file__).parents[1] / "queries"
SETS = {"understand": "to develop on", "understand_held_out": "held out"}
AMONG = 3
WRITTEN = date(2026, 11, 22)
"""The day for deadlines without a year."""

Row = Mapping[str, Any]
Mark = Callable[[Understanding, Row], float]
"""Says how right an understanding of a row is, 0 to 1."""


def kind(found: Understanding, row: Row) -> float:
    return bool(found.kind == row["kind"])


def first_theme(found: Understanding, row: Row) -> float:
    return found.themes[:1] != () and found.themes[0] in row["themes"]


def first_modality(found: Understanding, row: Row) -> float:
    return found.modalities[:1] != () and found.modalities[0] in row["modalities"]


def goals_among_three(found: Understanding, row: Row) -> float:
    """Return the share of the labelled goals that are among the first three found."""
    return len(set(found.sdgs[:AMONG]) & set(row["sdgs"])) / len(row["sdgs"])


def same(field: str) -> Mark:
    return lambda found, row: bool(getattr(found, field) == row[field])


def same_set(field: str) -> Mark:
    return lambda found, row: set(getattr(found, field)) == set(row[field])


# Each with the field that its label is in.
ALWAYS: dict[str, tuple[str, Mark]] = {
    "kind": ("kind", kind),
    "countries, exact set": ("countries", same_set("countries")),
    "model countries, exact set": ("model_countries", same_set("model_countries")),
    "urgency": ("urgency", same("urgency")),
    "deadline": ("deadline", same("deadline")),
    "people": ("people", same("people")),
}
"""What has a right answer for every text, where nothing is said as well."""
WHERE_LABELLED: dict[str, tuple[str, Mark]] = {
    "theme, first": ("themes", first_theme),
    "goals among three": ("sdgs", goals_among_three),
    "modality, first": ("modalities", first_modality),
}
"""What counts only where the label names something."""


def main(sets: Sequence[str] = tuple(SETS)) -> None:
    """Measure the *sets* of labelled texts and print them, all together and by language."""
    understand = sample_snapshot().understand
    for name in sets:
        rows = labelled(name)
        print(f"  {len(rows)} texts {SETS[name]}; 'said' are those whose label names something")
        report(rows, [understand(row["text"], today=WRITTEN) for row in rows])


def report(rows: Sequence[Row], found: Sequence[Understanding]) -> None:
    languages = list(dict.fromkeys(language(row) for row in rows))
    print(f"    {'':26}    all   said" + "".join(f"{lang:>7}" for lang in languages))
    pairs = list(zip(found, rows, strict=True))
    for name, (field, mark) in (ALWAYS | WHERE_LABELLED).items():
        said = [pair for pair in pairs if pair[1][field]]
        asked = pairs if name in ALWAYS else said
        by_language = [[pair for pair in asked if language(pair[1]) == lang] for lang in languages]
        shares = [share(group, mark) for group in (asked, said, *by_language)]
        print(f"    {name:26}" + "".join(f"{value:7.1%}" for value in shares), flush=True)


def share(pairs: Sequence[tuple[Understanding, Row]], mark: Mark) -> float:
    """Return the mean mark, 0 to 1; not a number for none."""
    return sum(mark(found, row) for found, row in pairs) / len(pairs) if pairs else math.nan


def language(row: Row) -> str:
    """Return the language of a text, which its id tells: `h-fr-03`."""
    return str(row["id"]).split("-")[1]


def labelled(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (QUERIES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"{' or '.join(SETS)}; both when left out")
    main(parser.parse_args().sets or tuple(SETS))
