"""The commands and what they have in common: exit codes, and errors in one clear sentence."""

import sys

import typer

from adapters.cli import (
    adaptations,
    audit,
    broadcasts,
    consultations,
    evaluate,
    groups,
    health,
    introductions,
    lookups,
    matching,
    meetings,
    packs,
    people,
    practices,
    profiles,
    projects,
    purging,
    questions,
    report,
    review,
    survey,
    talking,
    triangular,
)

app = typer.Typer(
    name="saphan",
    help="The messaging assistant of the Asia-Pacific Directors-General Forum.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for room in (talking, packs, lookups, matching, evaluate, health, purging, survey, adaptations, report):
    room.add_to(app)
app.add_typer(broadcasts.app, name="broadcast")
app.add_typer(questions.app, name="questions")
app.add_typer(review.app, name="review")
app.add_typer(practices.app, name="practices")
app.add_typer(profiles.app, name="profiles")
app.add_typer(introductions.app, name="introductions")
app.add_typer(groups.app, name="groups")
app.add_typer(consultations.app, name="consultations")
app.add_typer(projects.app, name="projects")
app.add_typer(triangular.app, name="triangular")
app.add_typer(meetings.app, name="meetings")
app.add_typer(people.app, name="people")
app.add_typer(audit.app, name="audit")
app.add_typer(packs.database, name="db")


def main() -> None:
    """Run the command line: exit code 0 done, 1 the task failed, 2 wrong use."""
    try:
        app()
    except Exception as exc:
        sentence = _sentence(exc)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        sys.exit(1)


def _sentence(exc: Exception) -> str | None:
    """Return what to tell whoever typed the command; None for a defect, which keeps its traceback."""
    from sqlalchemy.exc import DBAPIError

    from bot.errors import SaphanError
    from knowledge.problems import PackRefused

    match exc:
        case SaphanError() | PackRefused() | OSError():
            return str(exc)
        case DBAPIError():
            return f"the database cannot be used: {exc.orig}"
        case _:
            return None
