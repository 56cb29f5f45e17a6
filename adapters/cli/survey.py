"""`saphan survey`: what the delegations have answered, as counts."""

import json
from dataclasses import asdict
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command()(survey)


def survey(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    lang: Annotated[str, typer.Option(help="The language of the questions.")] = "en",
) -> None:
    """Count the answers of the delegations that have submitted the survey; small numbers are left out."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.survey_commands import SurveyResults

    with wiring.open_office(read_settings()) as office:
        found = office.perform(SurveyResults())
        questions = {question.id: question for question in office.know.survey}
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False))
        return
    print(f"{found.begun} begun, {found.submitted} submitted.")
    for counted in found.questions:
        question = questions[counted.question]
        print(f"\n{question.text.in_(lang)}{' (sample question)' if question.sample else ''}")
        if counted.answered is None:
            print("  fewer than 3 answers: not shown")
            continue
        print(f"  {counted.answered} answered")
        for value, number in counted.counts.items():
            label = question.options[value].in_(lang) if value in question.options else value
            print(f"  {'not shown' if number is None else number:>9}  {label}")
    if not found.questions:
        print("Answers are counted from three delegations on.")
