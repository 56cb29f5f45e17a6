"""`saphan introductions`: how far they came, and having both sides of one asked."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated, get_args

import typer

if TYPE_CHECKING:
    from bot.introduction_commands import Pair

app = typer.Typer(help="Introductions of possible partners.", no_args_is_help=True)


@app.command(name="list")
def list_introductions() -> None:
    """Show how far each came, the newest first; who said no stands nowhere."""
    found = _all()
    for one in found:
        by = "  by the secretariat" if one.proposed else ""
        print(f"{one.number}  {' x '.join(filter(None, (one.fits, one.about)))}  {one.standing}{by}")
    print(
        f"{len(found)} shown."
        + ("" if found else "  Have two asked: saphan introductions offer N-0012 O-0007")
    )


@app.command()
def counts() -> None:
    """Count them by how far they came."""
    from bot.introduction_commands import Standing

    found = Counter(one.standing for one in _all())
    print("introductions  " + "  ".join(f"{name}: {found[name]}" for name in get_args(Standing)))


@app.command()
def offer(
    need: Annotated[str, typer.Argument(help="The number of a need, such as N-0012.")],
    fits: Annotated[str, typer.Argument(help="The number of the offer that fits it, such as O-0007.")],
) -> None:
    """Ask the authors of a need and an offer; each learns who the other is only if both agree."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.introduction_commands import OfferPair

    with wiring.open_office(read_settings()) as office:
        number = office.perform(OfferPair(need, fits))
    print(f"{number}: both are asked as soon as `saphan serve` runs.")


def _all() -> "tuple[Pair, ...]":
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.introduction_commands import AllIntroductions

    with wiring.open_office(read_settings()) as office:
        found: tuple[Pair, ...] = office.perform(AllIntroductions())
    return found
