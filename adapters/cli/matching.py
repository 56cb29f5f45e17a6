"""`saphan match` and `saphan why-not`: partners for a need, and what kept a provider from being one."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.jsonl import rows
from adapters.cli.lookups import (
    AsJson,
    Batch,
    Limit,
    LookUp,
    Row,
    Stats,
    Words,
    run,
    shown_hits,
    snapshot,
    today,
    wrong_use,
)

if TYPE_CHECKING:
    from knowledge.snapshot import Snapshot
    from matching.meaning import Meaning
    from matching.partners import Reason, Standing
    from matching.profiles import Profile

# Vectors of more documents than this are made in the background: they take about 5 ms each.
WAITED_FOR = 2_000

Country = Annotated[str | None, typer.Option(help="ISO3 code of the country that asks.")]
Theme = Annotated[str | None, typer.Option(help="Id of the theme.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command()(match)
    app.command()(why_not)


def match(
    text: Words = None,
    batch: Batch = None,
    catalogue: Annotated[
        Path | None, typer.Option(help='Search these documents instead: {"id", "text"} a line.')
    ] = None,
    country: Country = None,
    theme: Theme = None,
    as_json: AsJson = False,
    learn: Annotated[
        bool, typer.Option("--learn", help="Wait until it is learnt what the documents mean, however many.")
    ] = False,
    limit: Limit = 10,
    stats: Stats = False,
) -> None:
    """Show which providers and practices fit a need, and why."""
    look_up = _documents(catalogue, limit, learn) if catalogue else _partners(country, theme, limit)
    run(look_up, text, batch, as_json, stats, shown_hits)


def why_not(
    need: Annotated[str, typer.Argument(help="A need's number, such as N-0001; with --text its words.")],
    provider: Annotated[str, typer.Argument(help="A provider or practice: its id, or its name.")],
    as_text: Annotated[bool, typer.Option("--text", help="NEED is the words of a need.")] = False,
    country: Country = None,
    theme: Theme = None,
) -> None:
    """Show what kept a provider out of a need's suggestions, or below others."""
    know = snapshot("needs")
    wanted = _wanted(know, {"text": need}, country, theme) if as_text else _kept(know, need)
    key = _meant(know, provider)
    standing = know.catalogue.partners.standing(wanted, key)
    print("\n".join(_told(standing, _name(know, key))))


def _partners(country: str | None, theme: str | None, limit: int) -> LookUp:
    know = snapshot("needs")
    partners = know.catalogue.partners

    def look_up(row: Row) -> dict[str, Any]:
        found = partners.suggest(_wanted(know, row, country, theme), limit=limit)
        return {
            "hits": [
                {
                    "id": suggestion.id,
                    "score": round(suggestion.score, 2),
                    "reasons": [_as_words(reason) for reason in suggestion.reasons],
                }
                for suggestion in found
            ]
        }

    return look_up


def _as_words(reason: "Reason") -> str:
    return f"{reason.kind}: {', '.join(reason.values)}" if reason.values else reason.kind


def _wanted(know: "Snapshot", row: Row, country: str | None, theme: str | None) -> "Profile":
    """Return the need that *row*, a text with its asker, is to the matcher."""
    from bot.commands import Statement
    from bot.fitting import wanted_of

    read = know.understand(row["text"], today=today(know))
    asked_theme = row.get("theme") or theme
    statement = Statement(
        kind="need",
        text=row["text"],
        country=row.get("country") or country or "",
        themes=(asked_theme,) if asked_theme else read.themes,
        sdgs=read.sdgs,
        modalities=read.modalities,
        countries=read.countries,
        model_countries=read.model_countries,
    )
    return wanted_of(statement, know)


def _kept(know: "Snapshot", number: str) -> "Profile":
    """Return the need or offer with *number* in the database."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.errors import Refused
    from bot.fitting import wanted_of
    from bot.store import STATEMENTS, row_of, to_statement

    named = row_of(number)
    if named is None:
        raise Refused(
            f"“{number}” is not a number such as N-0001; with --text its words are taken for the need"
        )
    kind, row_id = named
    with wiring.open_store(read_settings()) as store:
        row = store.read(lambda session: session.get(STATEMENTS[kind], row_id))
        if row is None:
            raise Refused(f"there is no {kind} with the number {number}")
        return wanted_of(to_statement(kind, row), know)


def _meant(know: "Snapshot", name: str) -> str:
    """Return the id of the provider or practice that *name* is the id or a name of."""
    from matching.names import Names

    catalogue = know.catalogue
    if name in catalogue.providers or name in catalogue.practices:
        return name
    hits = catalogue.organisation_names.closest(name)
    if not hits:
        hits = Names({practice.id: (practice.title,) for practice in catalogue.practices.values()}).closest(
            name
        )
    best = [hit.key for hit in hits if hit.score == hits[0].score]
    if len(best) != 1:
        told = f"may be {' or '.join(best)}; give the id" if best else "is nobody in the catalogue"
        wrong_use(f"“{name}” {told}")
    return best[0]


def _name(know: "Snapshot", key: str) -> str:
    provider = know.catalogue.providers.get(key)
    return provider.name if provider else know.catalogue.practices[key].title


KEPT_OUT = {
    "own_country": "It is of the country that asks ({values}).",
    "recipient_only": "It only receives cooperation.",
    "region_not_served": "It serves other regions only: {values}.",
    "other_kind": "It is of a kind that is not looked for: {values}.",
    "itself": "It is the need itself.",
    "unverified": "Nobody has verified it: {points} % less.",
}
MISSED = "{part} is missing or weak: {points} points{values}."
PARTS = {
    "text": "Common words",
    "theme": "The theme",
    "country_named": "A country that is named",
    "practice": "A practice that fits",
    "sdg": "A common goal",
    "modality": "The form of help",
    "region": "The region",
    "worked_with": "Work with the country",
    "replicated": "A practice that was taken up elsewhere",
    "group": "The group of countries",
    "language": "The language",
}


def _told(standing: "Standing", name: str) -> Iterator[str]:
    """Give the sentences that say where *name* stands, and why not higher."""
    last = standing.last_shown
    if standing.rank is None:
        yield f"{name} is not suggested."
    elif last is None or not standing.behind:
        yield f"{name} is suggested: number {standing.rank}, {standing.score:.1f} points."
    else:
        yield (
            f"{name} ranks number {standing.rank} with {standing.score:.1f} points; "
            f"{last.id}, the last one shown, has {standing.behind:.1f} more."
        )
    for reason in standing.reasons:
        yield f"- {_sentence(reason)}"


def _sentence(reason: "Reason") -> str:
    values = ", ".join(reason.values)
    points = f"{reason.weight:.1f}".removesuffix(".0")
    if reason.kind in KEPT_OUT:
        return KEPT_OUT[reason.kind].format(values=values, points=points)
    part = PARTS[reason.kind.removeprefix("no_")]
    return MISSED.format(part=part, points=points, values=f" (looked for: {values})" if values else "")


def _documents(path: Path, limit: int, is_waited_for: bool) -> LookUp:
    """Return the search of the documents in the file at *path*; what they mean is learnt once it is needed."""
    from matching.encoder import sentence_encoder
    from matching.meaning import Meaning, blended, needs_meaning
    from matching.search import TextIndex, best_places

    documents = {str(row["id"]): _fields(row) for row in rows(path, {"id": object})}
    index = TextIndex(documents)
    meaning: Meaning | None = None

    def look_up(row: Row) -> dict[str, Any]:
        nonlocal meaning
        query = index.read(row["text"])
        if meaning is None and needs_meaning(query) and (encoder := sentence_encoder()):
            meaning = Meaning(encoder, len(index.keys))
            _learn(meaning, [documents[key] for key in index.keys], is_waited_for)
        scores = blended(index.scores(query), query, row["text"], meaning)
        return {
            "hits": [
                {"id": index.keys[place], "score": round(float(scores[place]), 2), "reasons": ["text"]}
                for place in best_places(scores, limit)
            ]
        }

    return look_up


def _fields(row: Row) -> dict[str, str]:
    return {
        name: " ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in row.items()
        if name != "id" and value is not None
    }


def _learn(meaning: "Meaning", documents: list[dict[str, str]], is_waited_for: bool) -> None:
    """
    Learn what *documents* mean and keep it in the database: whoever is interrupted goes on from there.

    In the background when they are many and not *is_waited_for*: the search answers by words meanwhile.
    """
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.snapshots import StoredVectors
    from matching.encoder import KeptEncoder
    from matching.meaning import document, learn

    def make() -> None:
        with wiring.open_store(read_settings()) as store, _progress(len(texts)) as advance:
            learn(meaning, texts, KeptEncoder(meaning.encoder, StoredVectors(store)).kept, advance)

    texts = [document(fields.values()) for fields in documents]
    if len(texts) <= WAITED_FOR or is_waited_for:
        make()
    else:
        print(
            f"learning what {len(texts):,} documents mean; until then they are found by their words "
            "(--learn waits for it)",
            file=sys.stderr,
        )
        threading.Thread(target=make, name="vectors", daemon=True).start()


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    """Give what is told of each step towards *total*; a terminal shows a bar."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    bar: Any = Progress(console=console, transient=True) if sys.stderr.isatty() else nullcontext()
    with bar as progress:
        task = progress.add_task("Learning meanings", total=total) if progress else None
        yield (lambda steps: progress.advance(task, steps)) if progress else None
