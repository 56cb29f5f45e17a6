"""`saphan adaptations`: how many adapt which good practice."""

import json
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command()(adaptations)


def adaptations(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Count the good practices that people adapt, by how far they are."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.adaptation_commands import CountAdaptations
    from bot.adaptations import STATES

    with wiring.open_office(read_settings()) as office:
        counts = office.perform(CountAdaptations())
        practices = office.know.catalogue.practices
    if as_json:
        print(json.dumps(counts, ensure_ascii=False))
        return
    for practice, states in counts.items():
        title = practices[practice].title if practice in practices else practice
        print(f"{title}: " + ", ".join(f"{states[state]} {state.replace('_', ' ')}" for state in STATES))
    print(f"{sum(sum(states.values()) for states in counts.values())} adaptations.")
