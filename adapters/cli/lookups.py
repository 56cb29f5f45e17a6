"""`saphan ask`, `understand` and `closest`: look-ups of one text or of a batch, as words or as JSON."""

import json
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from adapters.cli.jsonl import rows

if TYPE_CHECKING:
    from knowledge.snapshot import Snapshot
    from matching.intents import Band
    from matching.names import Hit

Row = Mapping[str, Any]
LookUp = Callable[[Row], dict[str, Any]]
Asking = tuple[Callable[[str, int], Sequence["Hit"]], Callable[[Sequence["Hit"]], "Band"]]

Words = Annotated[str | None, typer.Argument(help="The text to look up.")]
Batch = Annotated[
    Path | None, typer.Option(help='A file of texts instead, a line each: {"id": ..., "text": ...}.')
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one line for each text.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Hits at most.")]
Stats = Annotated[bool, typer.Option(help="End with the milliseconds of CPU per item and the peak memory.")]
KINDS = ("countries", "organisations", "rooms", "sessions", "names")


def add_to(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    for command in (ask, understand, closest):
        app.command()(command)


def ask(
    text: Words = None,
    batch: Batch = None,
    entries: Annotated[
        Path | None, typer.Option(help='Ask this instead: {"key", "title", "examples": [...]} a line.')
    ] = None,
    as_json: AsJson = False,
    limit: Limit = 10,
    stats: Stats = False,
) -> None:
    """Show which entries a question finds, and what the assistant would do with them."""
    hits, band = asking_entries(entries) if entries else asking_pack(snapshot("questions"))

    def look_up(row: Row) -> dict[str, Any]:
        found = hits(row["text"], limit)
        return {"band": band(found), "hits": _to_json(found)}

    def shown(answer: Row) -> Iterator[str]:
        yield str(answer["band"])
        yield from shown_hits(answer)

    run(look_up, text, batch, as_json, stats, shown)


def understand(
    text: Words = None, batch: Batch = None, as_json: AsJson = False, stats: Stats = False
) -> None:
    """Show what free text says: need or offer, of what, for whom."""
    know = snapshot("needs")
    day = today(know)

    def shown(answer: Row) -> Iterator[str]:
        for name, value in answer.items():
            if value not in (None, []):
                yield f"{name:16} {', '.join(map(str, value)) if isinstance(value, list) else value}"

    run(lambda row: know.understand(row["text"], today=day).to_json(), text, batch, as_json, stats, shown)


def closest(
    kind: Annotated[str, typer.Argument(help=f"What to look among: {', '.join(KINDS)}.")],
    text: Words = None,
    batch: Batch = None,
    names: Annotated[
        Path | None, typer.Option(help='For `names`: {"key": ..., "names": [...]} a line.')
    ] = None,
    as_json: AsJson = False,
    limit: Limit = 10,
    stats: Stats = False,
) -> None:
    """Show the names closest to a text, in spite of typing errors."""
    if kind not in KINDS:
        wrong_use(f"“{kind}” is not a kind of names; one of: {', '.join(KINDS)}")
    if (kind == "names") != (names is not None):
        wrong_use("the kind `names` and the option --names FILE go together")
    found = _names(kind, names)
    run(lambda row: {"hits": _to_json(found(row["text"], limit))}, text, batch, as_json, stats, shown_hits)


def snapshot(asked: Literal["names", "needs", "questions"]) -> "Snapshot":
    """Return the active pack's snapshot, ready for what is *asked*; what took time to learn is kept."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.snapshots import ready_for_questions

    settings = read_settings()
    with wiring.open_store(settings) as store:
        know = wiring.open_snapshot(settings, store)
        match asked:
            case "questions":
                return ready_for_questions(know, store)
            case "needs":
                return know.ready_for_needs()
            case "names":
                return know


def today(know: "Snapshot") -> date:
    """Return the day at the forum's place: the settings' `as_of`, or the machine's."""
    from adapters.settings import read_settings
    from bot.clock import system_time

    moment = read_settings().as_of or system_time()
    return moment.astimezone(know.forum.time_zone).date()


def asking_pack(know: "Snapshot") -> Asking:
    """Return what finds the entries of *know* for a text, and what says the band of what was found."""
    return know.answers.hits, know.answers.band


def asking_entries(path: Path) -> Asking:
    """Return the same for the entries of the file at *path*."""
    from matching.encoder import sentence_encoder
    from matching.intents import Intents, background

    examples = {
        row["key"]: [*row["examples"], *([row["title"]] if row.get("title") else [])]
        for row in rows(path, {"key": str, "examples": list})
    }
    intents = Intents(examples, background(), encoder=sentence_encoder())
    return intents.rank, intents.band


def _names(kind: str, path: Path | None) -> Callable[[str, int], Sequence["Hit"]]:
    from matching.names import Names

    if path is not None:
        found = Names({row["key"]: row["names"] for row in rows(path, {"key": str, "names": list})})
    else:
        know = snapshot("names")
        found = {
            "countries": lambda: know.vocabulary.country_names,
            "organisations": lambda: know.catalogue.organisation_names,
            "rooms": lambda: know.room_names,
            "sessions": lambda: know.session_names,
        }[kind]()
    return lambda text, limit: found.closest(text, limit=limit)


def run(
    look_up: LookUp,
    text: str | None,
    batch: Path | None,
    as_json: bool,
    stats: bool,
    shown: Callable[[Row], Iterator[str]],
) -> None:
    """Look up one text or every text of a batch, print each answer as it comes, and the figures last."""
    if (text is None) == (batch is None):
        wrong_use("give a text, or --batch FILE")
    asked: Sequence[Row] = rows(batch, {"id": object, "text": str}) if batch else [{"text": text}]
    spent = []
    for row in asked:
        before = time.process_time_ns()
        answer = look_up(row)
        spent.append((time.process_time_ns() - before) / 1e6)
        answer = {"id": row["id"], **answer} if "id" in row else answer
        if as_json or batch:
            print(json.dumps(answer, ensure_ascii=False))
        else:
            print("\n".join(shown(answer)))
    if stats:
        _print_stats(spent)


def shown_hits(answer: Row) -> Iterator[str]:
    """Give a line for each hit of *answer*."""
    for hit in answer["hits"]:
        yield f"{hit['score']:5.1f}  {hit.get('key', hit.get('id'))}  {'; '.join(hit.get('reasons', ()))}".rstrip()


def _to_json(hits: Sequence["Hit"]) -> list[dict[str, Any]]:
    return [{"key": hit.key, "score": round(hit.score, 2)} for hit in hits]


def _print_stats(spent: Sequence[float]) -> None:
    """Print to standard error how long an item took and how much memory the process had at most."""
    ordered = sorted(spent)
    if not ordered:
        return
    parts = [
        f"p{share} {ordered[min(len(ordered) - 1, len(ordered) * share // 100)]:.3f}"
        for share in (50, 95, 99)
    ]
    print(f"{len(ordered)} items, CPU ms: {', '.join(parts)}; peak memory {_peak_mb()} MB", file=sys.stderr)


def _peak_mb() -> int:
    """Return the most memory that this process had."""
    # Linux hands a child the peak of whoever started it on as its own; only /proc starts anew.
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
        return int(found[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def wrong_use(message: str) -> NoReturn:
    """End with exit code 2 and *message*."""
    raise typer.BadParameter(message)
