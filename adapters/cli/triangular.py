"""`saphan triangular`: what pairs lack, and what partners offered, as counts."""

import typer

app = typer.Typer(help="Triangular cooperation.", no_args_is_help=True)


@app.callback()
def _triangular() -> None:
    pass


@app.command(name="list")
def list_triangles() -> None:
    """Show how far partners see what each pair lacks, and how many offered to join: nobody's name or answer."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.join_commands import CountTriangles, Triangle

    with wiring.open_office(read_settings()) as office:
        found: tuple[Triangle, ...] = office.perform(CountTriangles())
    for one in found:
        lacks = ", ".join(lack.words or lack.kind for lack in one.lacks)
        print(f"{one.number}  shown: {one.shown}  {', '.join(one.themes)}")
        print(
            f"  lacks: {lacks or '-'}; offers: {one.offers}; waiting: {one.waiting}; all agreed: {one.joined}"
        )
    print(f"{len(found)} shown.")
