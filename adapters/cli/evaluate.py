"""`saphan evaluate`: how well labelled questions find their entries, as tables or as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.jsonl import rows
from adapters.cli.lookups import AsJson, asking_entries, asking_pack, snapshot

if TYPE_CHECKING:
    from rich.table import Table

    from adapters.cli.lookups import Asking
    from knowledge.evaluation import Bands, Evaluation, Gap, Outcome

Phrasings = Mapping[str, Mapping[str, Sequence[str]]]

# A menu offers three; a few more cost nothing and show how far the right one was.
_HITS = 10
_LONGEST_EXAMPLE = 60
_NUMBERS = ("share", "questions", "answered", "phrasings", "confused")


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command()(evaluate)


def evaluate(
    file: Annotated[
        Path,
        typer.Argument(
            help='Labelled questions, {"id", "text", "key"} a line; key null where no entry answers.'
        ),
    ],
    entries: Annotated[
        Path | None, typer.Option(help='Ask this instead: {"key", "title", "examples": [...]} a line.')
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how well labelled questions are answered, what is confused, and which entries lack phrasings."""
    from knowledge import evaluation

    asking, phrasings, languages = _of_entries(entries) if entries else _of_pack()
    outcomes = _outcomes(file, asking, phrasings)
    found = evaluation.evaluate(outcomes)
    lacking = evaluation.gaps(phrasings, languages, outcomes)
    if as_json:
        print(json.dumps(_to_json(found, lacking), ensure_ascii=False))
    else:
        _print(_figures(found), _confusions(found), _gaps(lacking))


def _of_pack() -> tuple["Asking", Phrasings, Sequence[str]]:
    from knowledge.answers import topics

    know = snapshot("questions")
    asked = {**topics(), **know.entries}
    return (
        asking_pack(know),
        {key: entry.phrasings for key, entry in asked.items()},
        know.forum.languages,
    )


def _of_entries(path: Path) -> tuple["Asking", Phrasings, Sequence[str]]:
    """Return the same for a file of entries, which does not tell languages apart."""
    asked = rows(path, {"key": str, "examples": list})
    return asking_entries(path), {row["key"]: {"": row["examples"]} for row in asked}, ()


def _outcomes(file: Path, asking: "Asking", keys: Phrasings) -> "list[Outcome]":
    """Ask every question of *file*; raises Refused for lines that are wrong and for a file without any."""
    from bot.errors import Refused
    from knowledge.evaluation import Outcome

    hits, band = asking
    asked = rows(file, {"id": object, "text": str, "key": str | None}, among={"key": keys})
    if not asked:
        raise Refused(f'{file.name}: there is no question; write {{"id", "text", "key"}} on each line')
    found = [(row, hits(row["text"], _HITS)) for row in asked]
    return [Outcome(row["text"], row["key"], band(got), tuple(got)) for row, got in found]


def _to_json(found: "Evaluation", lacking: "Sequence[Gap]") -> Any:
    return _rounded({**asdict(found), "gaps": [asdict(gap) for gap in lacking]})


def _rounded(value: Any) -> Any:
    """Return *value* as JSON has it, its shares with four digits."""
    match value:
        case float():
            return round(value, 4)
        case dict():
            return {str(key): _rounded(part) for key, part in value.items()}
        case list() | tuple():
            return [_rounded(part) for part in value]
        case _:
            return value


def _print(*tables: "Table") -> None:
    from rich.console import Console

    console = Console(markup=False, highlight=False)
    for table in tables:
        if table.row_count:
            console.print(table)


def _table(title: str, *columns: str) -> "Table":
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column in _NUMBERS else "left")
    return table


def _figures(found: "Evaluation") -> "Table":
    table = _table(
        f"{found.in_scope} questions in scope, {found.out_of_scope} out of scope", "figure", "share"
    )
    for name, share in _shares(found):
        if share is not None:
            table.add_row(name, f"{share:.1%}")
    if found.auroc is not None:
        table.add_row("AUROC, in against out of scope", f"{found.auroc:.3f}")
    return table


def _shares(found: "Evaluation") -> Iterator[tuple[str, float | None]]:
    yield "right entry first", found.first
    yield "right entry among three", found.among_three
    yield from _band_shares("in scope", found.bands)
    yield "right when answering, in scope", found.precision_answering
    yield "menus that hold the right one", found.menus_with_the_right_one
    for coverage, precision in found.precision_at.items():
        yield f"right among the surest {coverage:.0%}", precision
    yield from _band_shares("out of scope", found.bands_out_of_scope)


def _band_shares(where: str, bands: "Bands | None") -> Iterator[tuple[str, float]]:
    if bands is not None:
        yield f"{where}: answered", bands.answer
        yield f"{where}: menu", bands.choices
        yield f"{where}: unknown", bands.unknown


def _confusions(found: "Evaluation") -> "Table":
    table = _table("Worst confusions", "asked", "got", "questions", "answered", "for example")
    for one in found.confusions:
        asked, got = one.asked or "(out of scope)", one.got or "(nothing)"
        table.add_row(asked, got, str(one.count), str(one.answered), one.example[:_LONGEST_EXAMPLE])
    return table


def _gaps(lacking: "Sequence[Gap]") -> "Table":
    table = _table("Entries that lack phrasings", "entry", "phrasings", "none in", "confused")
    for gap in lacking:
        table.add_row(gap.key, str(gap.phrasings), ", ".join(gap.languages), str(gap.confused or ""))
    return table
