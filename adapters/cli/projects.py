"""`saphan projects`: what several countries need, so that one project may serve them together."""

import typer

app = typer.Typer(help="The same need in several countries.", no_args_is_help=True)


@app.callback()
def _projects() -> None:
    pass


@app.command(name="list")
def list_projects() -> None:
    """Show the open needs that are one in at least three countries, that of the most countries first."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.commands import LiveStatements
    from bot.joint_needs import joint_needs

    with wiring.open_office(read_settings()) as office:
        found = joint_needs(office.perform(LiveStatements("need")), office.know)
    for one in found:
        print(f"{len(one.countries)} countries: {', '.join(one.countries)}  {', '.join(one.themes)}")
        for statement in one.statements:
            print(f"  {statement.number}  {statement.country}  {statement.text}")
    print(f"{len(found)} shown.")
