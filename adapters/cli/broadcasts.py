"""`saphan broadcast`: announcements of the secretariat, counted before they are sent and watched while they are."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.broadcasts import Announcement, Reach
    from bot.commands import Progress
    from bot.office import Office

app = typer.Typer(help="Announcements of the secretariat.", no_args_is_help=True)
Texts = Annotated[
    list[str],
    typer.Option("--text", help="A text with its language, for example en=The bus leaves at 17:00."),
]
Roles = Annotated[list[str] | None, typer.Option("--role", help="Only this role; may be repeated.")]
Countries = Annotated[
    list[str] | None, typer.Option("--country", help="Only this country (ISO3); may be repeated.")
]
Languages = Annotated[list[str] | None, typer.Option("--language", help="Only readers of this language.")]
Channels = Annotated[list[str] | None, typer.Option("--channel", help="Only this channel.")]
LOOK = 0.3
"""Seconds between two looks at the progress."""
STILL = 20.0
"""Seconds without any progress after which looking on is given up: somebody's terminal may be closed for days."""


@app.command()
def preview(
    text: Texts,
    role: Roles = None,
    country: Countries = None,
    language: Languages = None,
    channel: Channels = None,
) -> None:
    """Show whom an announcement reaches and what they would read; send nothing."""
    with _prepared(text, role, country, language, channel) as (office, announcement, reach):
        _show(office, announcement, reach)


@app.command()
def send(
    text: Texts,
    role: Roles = None,
    country: Countries = None,
    language: Languages = None,
    channel: Channels = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for a confirmation.")] = False,
) -> None:
    """Send an announcement once; the same one a second time sends nothing."""
    with _prepared(text, role, country, language, channel) as (office, announcement, reach):
        _show(office, announcement, reach)
        if not yes:
            typer.confirm(f"Send it to {reach.recipients} people?", abort=True)
        announced = office.announce(announcement)
        if announced.fresh:
            print(f"{announced.number}: queued for {announced.recipients} people.")
        else:
            print(f"{announced.number}: this announcement was sent before. Nothing is sent twice.")
        _watch(office, announced.number)


@app.command()
def status(
    number: Annotated[str | None, typer.Argument(help="An announcement's number, such as B-0003.")] = None,
) -> None:
    """Show how announcements stand."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.commands import ReadProgress
    from bot.errors import Refused

    with wiring.open_office(read_settings()) as office:
        found: tuple[Progress, ...] = office.perform(ReadProgress(number))
    if number is not None and not found:
        raise Refused(f"there is no announcement {number}; see: saphan broadcast status")
    for progress in found:
        print(f"{progress.number}  {_line(progress)}  “{progress.text[:60]}”")
    if not found:
        print("No announcement was sent yet.")


@contextmanager
def _prepared(
    texts: list[str],
    roles: list[str] | None,
    countries: list[str] | None,
    languages: list[str] | None,
    channels: list[str] | None,
) -> "Iterator[tuple[Office, Announcement, Reach]]":
    """Give the installation, the announcement that was asked for, checked, and whom it reaches."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.broadcasts import Announcement, Audience
    from bot.commands import FindReach
    from bot.compositions import Words
    from bot.errors import Refused

    written = {}
    for text in texts:
        lang, equals, words = text.partition("=")
        if not equals:
            raise Refused(f"“{text[:40]}” names no language; write --text en=...")
        written[lang.strip()] = words.strip()
    audience = Audience(
        frozenset(roles or ()),
        frozenset(name.upper() for name in countries or ()),
        frozenset(languages or ()),
        frozenset(channels or ()),
    )
    with wiring.open_office(read_settings()) as office:
        yield (
            office,
            Announcement(Words(texts=written), audience, now=True),
            office.perform(FindReach(audience)),
        )


def _show(office: "Office", announcement: "Announcement", reach: "Reach") -> None:
    from bot.markup import plain

    samples = office.preview(announcement)
    print(f"To {reach.recipients} people; {len(reach.unreachable)} more cannot be reached.")
    for (channel, lang), count in reach.counts.items():
        print(f"  {count:5}  {channel}, {lang}")
    for lang, card in {sample.lang: sample.card for sample in reversed(samples)}.items():
        print(f"--- {lang}")
        print("\n".join(plain(part) for part in (card.heading, card.body, card.note) if part))


def _watch(office: "Office", number: str) -> None:
    """Show the progress until every delivery has ended; leaving does not stop the sending."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    from adapters import server
    from bot.commands import ReadProgress

    if not server.is_sending(office.store):
        print("Nothing is sending at this moment: it leaves as soon as `saphan serve` runs.")
        return
    with Bar(
        TextColumn(number), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[state]}")
    ) as bar:
        task = bar.add_task("", total=None, state="")
        seen, since = "", time.monotonic()
        while time.monotonic() - since < STILL:
            (progress,) = office.perform(ReadProgress(number))
            ended = progress.recipients - sum(progress.states.get(name, 0) for name in ("queued", "sending"))
            line = _line(progress)
            bar.update(task, total=progress.recipients, completed=ended, state=line)
            if progress.over:
                return
            if line != seen:
                seen, since = line, time.monotonic()
            time.sleep(LOOK)
    print(f"The rest leaves as soon as its channel is on; see: saphan broadcast status {number}")


def _line(progress: "Progress") -> str:
    words = [f"{progress.states.get('sent', 0)} of {progress.recipients} delivered"]
    words += [f"{count} {state}" for state, count in sorted(progress.states.items()) if state != "sent"]
    words += [f"{count} {cause}" for cause, count in sorted(progress.causes.items())]
    return ", ".join(words)
