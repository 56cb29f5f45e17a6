"""`saphan report`: what the secretariat takes home, all counts on one page."""

import typer

from adapters.cli import adaptations, groups, introductions, meetings, projects, review, survey, triangular

PARTS = {
    "Needs and offers": review.counts,
    "Introductions": introductions.counts,
    "The same need in several countries": projects.list_projects,
    "Joint projects": projects.state,
    "Triangular cooperation": triangular.list_triangles,
    "Meetings": meetings.counts,
    "Working groups": groups.list_groups,
    "Good practices that are adapted": adaptations.adaptations,
    "Survey": survey.survey,
}
"""Maps each heading to the command that prints what stands under it."""


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command()(report)


def report() -> None:
    """Print what was registered and what came of it, as counts: one part for each command that shows it alone."""
    for heading, part in PARTS.items():
        print(f"# {heading}")
        part()
        print()
