"""`saphan purge`: what is kept no longer."""

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command()(purge)


def purge(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would be deleted, and delete nothing.")
    ] = False,
) -> None:
    """Delete what is kept no longer, as happens by itself every day while `saphan serve` runs."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.errors import Refused
    from bot.privacy_commands import Purge

    with wiring.open_office(read_settings()) as office:
        done = office.perform(Purge(dry_run))
        zone = office.know.forum.time_zone
    for kind, until in done.until.items():
        deleted = ", ".join(f"{table} {count}" for table, count in done.counts.get(kind, {}).items())
        verb = "would be deleted" if dry_run else "deleted"
        print(f"{kind}: kept until {until.astimezone(zone):%d %B %Y, %H:%M}; {verb}: {deleted or 'nothing'}")
    if done.refused is not None:
        raise Refused(f"nothing is purged: {done.refused}")
