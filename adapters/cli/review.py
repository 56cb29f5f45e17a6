"""`saphan review`: needs and offers that others do not see yet."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.delegation_commands import Answered, Item
    from bot.office import Office

app = typer.Typer(help="Needs and offers that others do not see yet.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The number of a need or an offer, such as O-0007.")]


@app.command(name="list")
def list_waiting() -> None:
    """Show what waits, oldest first; offers that wait for the secretariat's check come last."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.delegation_commands import WaitingStatements

    with wiring.open_office(read_settings()) as office:
        items: tuple[Item, ...] = office.perform(WaitingStatements())
    for item in items:
        sent = item.statement
        print(f"{sent.number}  {item.state.replace('_', ' '):9}  {sent.country}  {item.role}  {sent.text}")
    print(f"{len(items)} shown." + ("  Let one out: saphan review publish O-0007" if items else ""))


@app.command()
def counts() -> None:
    """Count the published needs and offers that are open, in talks, met, and taken back."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.delegation_commands import CountStatements

    with wiring.open_office(read_settings()) as office:
        found = office.perform(CountStatements())
    for kind, states in found.items():
        print(
            f"{kind}s  " + "  ".join(f"{name.replace('_', ' ')}: {number}" for name, number in states.items())
        )


@app.command()
def publish(number: Number) -> None:
    """Let a need or an offer out: in the focal point's place, or after the secretariat's check; its author is told."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.delegation_commands import CheckOffer, Publish

    with wiring.open_office(read_settings()) as office:
        item = _waiting(office, number)
        command = CheckOffer if item.checkable else Publish
        answered: Answered = office.perform(command(item.statement.number, item.edition))
        _say(number, answered)


@app.command()
def refuse(
    number: Number,
    reason: Annotated[str, typer.Argument(help="Why, in one sentence that its author reads.")],
) -> None:
    """Keep an offer from others and tell its author why."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.delegation_commands import RefuseOffer
    from bot.errors import Refused

    if not reason.strip():
        raise Refused("the reason is empty; write what the author is to read")
    with wiring.open_office(read_settings()) as office:
        item = _waiting(office, number)
        if not item.checkable:
            raise Refused(f"{item.statement.number} is no offer that waits for the secretariat's check")
        answered = office.perform(RefuseOffer(item.statement.number, item.edition, reason.strip()))
        _say(number, answered)


def _waiting(office: "Office", number: str) -> "Item":
    from bot.delegation_commands import WaitingStatements
    from bot.errors import Refused

    wanted = number.strip().upper()
    items: tuple[Item, ...] = office.perform(WaitingStatements())
    for item in items:
        if item.statement.number == wanted:
            return item
    raise Refused(f"{wanted} is not waiting; see: saphan review list")


def _say(number: str, answered: "Answered") -> None:
    from bot.errors import Refused

    if answered.item is None or answered.outcome not in ("published", "declined"):
        raise Refused(f"{number} was answered or changed meanwhile; see: saphan review list")
    state = answered.item.state.replace("_", " ")
    print(f"{answered.item.statement.number}: {state}. Its author is told as soon as `saphan serve` runs.")
