"""`saphan practices`: good practices that participants told of and the secretariat has to read."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.practice_commands import CheckPractice, Decided, RefusePractice

app = typer.Typer(help="Good practices that participants told of.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The number of a practice, such as P-0003.")]


@app.command(name="list")
def list_waiting() -> None:
    """Show what waits, oldest first."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.practice_commands import Submitted, WaitingPractices

    with wiring.open_office(read_settings()) as office:
        found: tuple[Submitted, ...] = office.perform(WaitingPractices())
    for submitted in found:
        one = submitted.practice
        teller = one.told_by
        whose = (teller.country or teller.organisation) if teller else ""
        label = "  private sector" if teller and teller.private else ""
        print(f"{one.id}  {one.theme}  {one.modality}  {whose or '?'}{label}  {one.title}")
        print(f"        {one.summary}")
        if one.replication_notes:
            print(f"        To do it elsewhere: {one.replication_notes}")
    print(f"{len(found)} shown." + ("  Let one out: saphan practices publish P-0003" if found else ""))


@app.command()
def publish(number: Number) -> None:
    """Let others find it; who told of it is told."""
    from bot.practice_commands import CheckPractice

    _decide(CheckPractice(number))


@app.command()
def refuse(
    number: Number,
    reason: Annotated[str, typer.Argument(help="Why, in one sentence that its author reads.")],
) -> None:
    """Keep it from others, or take it out again, and tell its author why."""
    from bot.errors import Refused
    from bot.practice_commands import RefusePractice

    if not reason.strip():
        raise Refused("the reason is empty; write what the author is to read")
    _decide(RefusePractice(number, reason.strip()))


def _decide(command: "CheckPractice | RefusePractice") -> None:
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.errors import Refused

    with wiring.open_office(read_settings()) as office:
        decided: Decided = office.perform(command)
    if decided.submitted is None:
        raise Refused(f"there is no {command.number}; see: saphan practices list")
    if not decided.fresh:
        raise Refused(f"{decided.submitted.number} is {decided.submitted.state} already")
    print(
        f"{decided.submitted.number}: {decided.submitted.state}. "
        "Its author is told as soon as `saphan serve` runs."
    )
