"""`saphan audit`: the record of who did what."""

import json
from typing import Annotated

import typer

app = typer.Typer(help="The record of who did what.", no_args_is_help=True)


@app.command()
def verify(
    expect: Annotated[
        str | None, typer.Option(help="A hash that was noted before and has to be in the record.")
    ] = None,
) -> None:
    """Check that no entry was changed or taken out since it was written."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.errors import Refused
    from bot.privacy_commands import VerifyAudit

    with wiring.open_office(read_settings()) as office:
        verdict = office.perform(VerifyAudit(expect))
    if verdict.broken is not None:
        raise Refused(
            f"the record is broken: entry {verdict.broken} does not follow from what stands before it"
        )
    if not verdict.known:
        raise Refused(f"no entry has the hash {expect}: the end of the record was taken away")
    print(f"Entries: {verdict.entries}. Each follows from the one before it.")
    if verdict.head:
        print(f"Note this down, and check it later with --expect: {verdict.head}")


@app.command()
def show(
    newest: Annotated[int, typer.Option(min=1, help="How many of the newest entries.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show the newest entries, the oldest of them first; people stand under random names."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.privacy_commands import ShowAudit

    with wiring.open_office(read_settings()) as office:
        entries = office.perform(ShowAudit(newest))
    for entry in entries:
        if as_json:
            print(entry.model_dump_json())
            continue
        about = f" about {entry.subject}" if entry.subject else ""
        details = json.dumps(entry.details, sort_keys=True, ensure_ascii=False) if entry.details else ""
        role = f" ({entry.on_behalf})" if entry.on_behalf else ""
        print(
            f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {entry.actor}{role}  {entry.action}{about}  {details}".rstrip()
        )
