"""`saphan consultations`: questions to the focal points and notes to the working groups, and their answers."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.circular_commands import Collected, Reply

app = typer.Typer(help="Questions to all focal points, and notes to working groups.", no_args_is_help=True)


@app.command(name="list")
def list_consultations() -> None:
    """Show each with how many have answered, the newest first."""
    found = _found()
    for one in found:
        circular = one.circular
        state = f"{one.people - one.silent} of {one.people} answered" if circular.sent else "to be approved"
        print(f"{circular.number}  {circular.group or 'focal points'}  {state}  {circular.texts['en']}")
    print(f"{len(found)} shown." + ("  All answers: saphan consultations show C-0001" if found else ""))


@app.command()
def show(number: Annotated[str, typer.Argument(help="Its number, such as C-0001.")]) -> None:
    """Show one with its counts and every answer, by country."""
    from bot.errors import Refused

    wanted = number.strip().upper()
    one = next((one for one in _found() if one.circular.number == wanted), None)
    if one is None:
        raise Refused(f"there is no {wanted}; see: saphan consultations list")
    circular = one.circular
    print(f"{circular.number}  {circular.texts['en']}")
    counts = {choice: one.count("choice", place) for place, choice in enumerate(circular.choices)}
    if circular.group is not None:
        counts |= {"no objection": one.count("no_objection"), "objection": one.count("objection")}
    counts |= {"in words": one.count("comment"), "silent": one.silent}
    print(f"asked: {one.people}; " + "; ".join(f"{name}: {count}" for name, count in counts.items()))
    if circular.silence_agrees:
        print("Who is silent at the deadline has no objection.")
    for reply in one.replies:
        print(f"{reply.country or '?'}  {_said(reply, circular.choices)}")


def _said(reply: "Reply", choices: tuple[str, ...]) -> str:
    if reply.choice is not None:
        return choices[reply.choice]
    return ": ".join(filter(None, ((reply.answer or "").replace("_", " "), reply.words)))


def _found() -> "tuple[Collected, ...]":
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.circular_commands import CollectCirculars

    with wiring.open_office(read_settings()) as office:
        found: tuple[Collected, ...] = office.perform(CollectCirculars())
    return found
