"""`saphan people`: the registration list."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The participants.", no_args_is_help=True)


@app.callback()
def _people() -> None:
    pass


@app.command(name="import")
def import_people(
    file: Annotated[Path, typer.Argument(help="CSV with the columns name, email, country, role, language.")],
) -> None:
    """Take the registration list in; people are known by their e-mail addresses."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.commands import ImportPeople
    from bot.people import read_people

    with wiring.open_office(read_settings()) as office:
        people = read_people(file.name, file.read_bytes(), office.know.vocabulary)
        result = office.perform(ImportPeople(people))
    print(f"{result.added} added, {result.changed} changed, {result.unchanged} as they were.")
