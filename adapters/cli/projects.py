"""`saphan projects`: what several countries need, and the joint projects that are made of it."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.project_commands import ProjectState

app = typer.Typer(help="The same need in several countries, and joint projects.", no_args_is_help=True)

Number = Annotated[
    str, typer.Argument(help="The number under which `saphan projects list` shows it, such as N-0021.")
]
Words = Annotated[str, typer.Option(help="The draft in that language.")]


@app.command(name="list")
def list_projects() -> None:
    """Show the open needs that are one in at least three countries, that of the most countries first."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.need_groups import bring_up_to_date
    from bot.project_commands import FindJointNeeds

    with wiring.open_office(read_settings()) as office:
        office.work(bring_up_to_date)
        found = office.perform(FindJointNeeds())
    for one in found:
        made = f"  {one.project}" if one.project else ""
        print(f"{one.number}  {', '.join(one.countries)}  {', '.join(one.themes)}{made}")
        for need in one.needs:
            print(f"  {need.number}  {need.country}  {need.text}")
        if len(one.askable) < len(one.countries):
            print(f"  can be asked: {', '.join(one.askable) or 'nobody'}")
    print(
        f"{len(found)} shown." + ("  Propose one: saphan projects approve N-0021 --en TEXT" if found else "")
    )


@app.command()
def approve(number: Number, en: Words, fr: Words = "", ru: Words = "", zh: Words = "") -> None:
    """Ask the countries of a joint need, one by one, whether they join; none reads the name of another before."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.project_commands import BeginProject

    given = {"en": en, "fr": fr, "ru": ru, "zh": zh}
    texts = {lang: words.strip() for lang, words in given.items() if words.strip()}
    with wiring.open_office(read_settings()) as office:
        _say(office.perform(BeginProject(number, texts)))
    print("They are asked as soon as `saphan serve` runs.")


@app.command()
def refuse(number: Number) -> None:
    """Make no project of a joint need, and show it no more."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.errors import Refused
    from bot.project_commands import RefuseJointNeed

    with wiring.open_office(read_settings()) as office:
        if not office.perform(RefuseJointNeed(number)):
            raise Refused(f"there is no joint need {number}; see: saphan projects list")
    print(f"{number.strip().upper()} is not shown any more.")


@app.command()
def state() -> None:
    """Show how all joint projects stand, the newest first."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.project_commands import ReadProjects

    with wiring.open_office(read_settings()) as office:
        found: tuple[ProjectState, ...] = office.perform(ReadProjects())
    for one in found:
        _say(one)
    print(f"{len(found)} shown.")


def _say(one: "ProjectState") -> None:
    stands = "over" if not one.going else "under way" if one.told else "asked"
    print(f"{one.number}  {stands}  {one.texts['en']}")
    parts = {"asked": one.asked, "joined": one.joined, "said no": one.declined, "left": one.left}
    print(
        "  " + "; ".join(f"{name}: {', '.join(countries)}" for name, countries in parts.items() if countries)
    )
    if one.lead:
        print(f"  lead: {one.lead}")
    for wish in one.wishes:
        print(f"  {wish.country} suggests: {wish.text}")
    for country, when in (one.meetings or {}).items():
        print(f"  {country} wants to meet {'at' if when == 'forum' else 'after'} the forum")
