"""`saphan doctor`: what is set, missing, weak or wrong."""

import typer


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command()(doctor)


def doctor() -> None:
    """Say what is set, missing, weak or wrong, without any secret; exit code 1 when something is."""
    from adapters.doctor import BAD, examine, look_round
    from adapters.settings import read_settings

    settings = read_settings()
    findings = [*examine(settings), *look_round(settings)]
    for finding in findings:
        print(finding)
    bad = sum(finding.state in BAD for finding in findings)
    print("Nothing is missing, weak or wrong." if not bad else f"To be mended: {bad}.")
    raise typer.Exit(1 if bad else 0)
