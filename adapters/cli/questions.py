"""`saphan questions`: what the assistant could not answer."""

from typing import Annotated

import typer

app = typer.Typer(help="The questions that wait for the secretariat.", no_args_is_help=True)


@app.command(name="list")
def list_questions() -> None:
    """Show the questions that wait, oldest first."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.question_commands import OpenQuestions

    with wiring.open_office(read_settings()) as office:
        waiting = office.perform(OpenQuestions())
    for question in waiting:
        topic = f" (topic: {question.topic}, not published)" if question.topic else ""
        print(f"{question.number}  [{question.lang}]  {question.text}{topic}")
    print(f"{len(waiting)} waiting." + ("  Answer one: saphan questions answer Q-1 TEXT" if waiting else ""))


@app.command()
def answer(
    number: Annotated[str, typer.Argument(help="The question's number, such as Q-31.")],
    text: Annotated[str, typer.Argument(help="The answer, in the language of the question.")],
) -> None:
    """Answer a question, and others in the very same words; tell who asked."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.errors import Refused
    from bot.question_commands import AnswerQuestion

    if not text.strip():
        raise Refused("the answer is empty; write what the asker is to read")
    with wiring.open_office(read_settings()) as office:
        answered = office.perform(AnswerQuestion(number, text))
    if not answered:
        raise Refused(f"{number} is not waiting; see: saphan questions list")
    numbers = ", ".join(question.number for question in answered)
    print(f"{numbers} answered. Who asked is told as soon as `saphan serve` runs.")
