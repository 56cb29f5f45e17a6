"""`saphan profiles`: profiles of the private sector, which others see once the secretariat agrees."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.profile_commands import Listed

app = typer.Typer(help="Profiles of the private sector in the network.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The number of a profile, such as D-0003.")]


@app.command(name="list")
def list_unchecked() -> None:
    """Show those that others do not see, oldest first."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.profile_commands import UncheckedProfiles

    with wiring.open_office(read_settings()) as office:
        found: tuple[Listed, ...] = office.perform(UncheckedProfiles())
    for one in found:
        print(f"{one.number}  {', '.join(filter(None, (one.name, one.organisation, one.country)))}")
        print(f"        {one.profile.text}")
    print(f"{len(found)} shown." + ("  Let others see one: saphan profiles show D-0003" if found else ""))


@app.command()
def show(number: Number) -> None:
    """Let others see it; whoever listed themselves is told."""
    _decide(number, shown=True)


@app.command()
def hide(number: Number) -> None:
    """Let nobody see it; whoever listed themselves is told."""
    _decide(number, shown=False)


def _decide(number: str, *, shown: bool) -> None:
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.errors import Refused
    from bot.profile_commands import CheckProfile

    with wiring.open_office(read_settings()) as office:
        listed: Listed | None = office.perform(CheckProfile(number, shown))
    if listed is None:
        raise Refused(f"there is no {number}; see: saphan profiles list")
    print(
        f"{listed.number}: others {'see it' if shown else 'do not see it'}. "
        "Who it is of is told as soon as `saphan serve` runs."
    )
