"""`saphan people letters` and `codes`: what people are given on paper to be known by."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from adapters.paper import Sheet
    from bot.commands import Person
    from bot.office import Office
    from bot.papers import Paper

Format = Literal["csv", "pdf"]
People = Annotated[
    list[str] | None,
    typer.Argument(help="Numbers, addresses or names; nobody: all who have not linked a chat."),
]
Form = Annotated[Format, typer.Option("--format", help="CSV for a mail merge, or PDF to print.")]
Out = Annotated[Path | None, typer.Option(help="The file to write, readable by you only.")]
BOT = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")


def letters(
    people: People = None,
    bot: Annotated[
        str | None,
        typer.Option(
            help="The Telegram bot's name: the links open it, and not the page at SAPHAN_PUBLIC_URL."
        ),
    ] = None,
    form: Form = "csv",
    out: Out = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How long a new link works.")] = 60,
    renew: Annotated[
        bool, typer.Option("--renew", help="Make links that were given out before void.")
    ] = False,
) -> None:
    """Write the personal links for the letters of registration; those that still work come again as they are."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.dialogue import say
    from bot.people_commands import GiveLetters

    settings = read_settings()
    place = _place(bot, settings.public_url)
    with wiring.open_office(settings, with_keys=True) as office:
        papers: tuple[Paper, ...] = office.perform(GiveLetters(_chosen(office, people), days, renew))
        addresses = {paper.person.id: (place + paper.secret,) for paper in papers}
        if form == "csv":
            _write(
                out or Path("letters.csv"), _table(office, papers, ("link",), addresses).encode("utf-8-sig")
            )
        else:
            from adapters.paper import Sheet, to_pdf

            sheets = [
                Sheet(
                    _who(office, paper.person),
                    office.letter(
                        say("paper/letter", addresses=addresses[paper.person.id], until=paper.until),
                        paper.person.language or "en",
                    ),
                    addresses[paper.person.id][0],
                )
                for paper in papers
            ]
            _write(out or Path("letters.pdf"), to_pdf("letter", _some(sheets)))
    print(
        f"{len(papers)} letters. Whoever has one is taken for its person: keep the file as you keep passports."
    )


def codes(
    people: People = None,
    form: Form = "pdf",
    out: Out = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How long the codes work.")] = 3,
) -> None:
    """Write cards with a code each, for days when mail is slow; codes that were made before are void."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.dialogue import say
    from bot.people_commands import GiveCodes

    with wiring.open_office(read_settings(), with_keys=True) as office:
        papers: tuple[Paper, ...] = office.perform(GiveCodes(_chosen(office, people), days))
        if form == "csv":
            secrets = {paper.person.id: (paper.secret,) for paper in papers}
            _write(out or Path("codes.csv"), _table(office, papers, ("code",), secrets).encode("utf-8-sig"))
        else:
            from adapters.paper import Sheet, to_pdf

            sheets = [
                Sheet(
                    _who(office, paper.person),
                    office.letter(
                        say("paper/code", code=paper.secret, until=paper.until), paper.person.language or "en"
                    ),
                )
                for paper in papers
            ]
            _write(out or Path("codes.pdf"), to_pdf("card", _some(sheets)))
    print(f"{len(papers)} codes. Hand each to its person only, against something that shows who they are.")


def _place(bot: str | None, public_url: str) -> str:
    """Return what a token is put behind to open the Telegram bot with it, or the page of its link."""
    from adapters.cli.lookups import wrong_use

    if bot is None:
        from bot.links import PATH

        if not public_url:
            wrong_use("name the Telegram bot (--bot NAME), or set SAPHAN_PUBLIC_URL for links to the page")
        return public_url.rstrip("/") + PATH
    name = bot.removeprefix("@")
    if not BOT.fullmatch(name):
        wrong_use(f"“{bot}” is not the name of a Telegram bot")
    return f"https://t.me/{name}?start="


def _chosen(office: "Office", people: list[str] | None) -> tuple[int, ...] | None:
    from adapters.cli.people import the_one

    return tuple(the_one(office, text).id for text in people) if people else None


def _some(sheets: "Sequence[Sheet]") -> "Sequence[Sheet]":
    from bot.errors import Refused

    if not sheets:
        raise Refused("there is nobody to write for: all who are registered have linked a chat")
    return sheets


def _who(office: "Office", person: "Person") -> tuple[str, ...]:
    country = office.know.vocabulary.world_name(person.country, person.language) if person.country else None
    return tuple(filter(None, (person.name, person.position, person.organisation, country)))


def _table(
    office: "Office",
    papers: "Sequence[Paper]",
    columns: Sequence[str],
    secrets: Mapping[int, tuple[str, ...]],
) -> str:
    from adapters.cli.table import to_csv

    about = ("name", "email", "position", "organisation", "country", "language", "until")
    rows = [
        (
            *(paper.person.name, paper.person.email, paper.person.position, paper.person.organisation),
            office.know.vocabulary.world_name(paper.person.country, "en") if paper.person.country else None,
            *(paper.person.language, paper.until.date().isoformat()),
            *secrets[paper.person.id],
        )
        for paper in papers
    ]
    return to_csv((*about, *columns), rows)


def _write(file: Path, content: bytes) -> None:
    """Write *content* into *file*, which nobody else may read."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as written:
        os.fchmod(written.fileno(), 0o600)
        written.write(content)
