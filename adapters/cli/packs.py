"""`saphan load`, `check` and `db`: what the assistant knows, and the schema that keeps it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knowledge.loaders.pack import Pack

PackFolder = Annotated[Path, typer.Argument(help="The folder of the knowledge pack.")]
database = typer.Typer(help="The database's schema.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command()(load)
    app.command()(check)


def load(pack: PackFolder) -> None:
    """Take a knowledge pack in: all of it, or nothing when it has an error."""
    from adapters import wiring
    from adapters.settings import read_settings

    found = _read(pack)
    with wiring.open_store(read_settings()) as store:
        changed = wiring.load_pack(store, found)
    print(f"{_contents(found)} {'Loaded; it answers from now on.' if changed else 'It was loaded already.'}")


def check(pack: PackFolder) -> None:
    """Check a knowledge pack and change nothing."""
    print(f"{_contents(_read(pack))} No problem found.")


@database.command()
def upgrade() -> None:
    """Take the database's schema to this version's."""
    from adapters.settings import database_url, read_settings
    from bot import schema
    from bot.database import Store

    store = Store(database_url(read_settings()))
    try:
        before = schema.state(store)
        schema.upgrade(store)
        if store.dialect == "postgresql":
            from adapters import due

            due.install(store)
    finally:
        store.close()
    print("The database is up to date." if before != "current" else "The database was up to date already.")


def _read(folder: Path) -> "Pack":
    from bot.errors import Refused
    from knowledge.loaders.pack import read_pack

    if not folder.is_dir():
        raise Refused(f"{folder} is not a folder; name the folder that holds forum.yaml")
    return read_pack(folder)


def _contents(pack: "Pack") -> str:
    return (
        f"{len(pack.entries)} entries, {len(pack.programme.sessions)} sessions, {len(pack.rooms)} rooms, "
        f"{len(pack.providers)} providers, {len(pack.practices)} practices, "
        f"{len(pack.vocabulary.countries)} members."
    )
