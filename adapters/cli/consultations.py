"""`saphan consultations`: questions to the focal points and notes to the working groups, and their answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.circulars import Draft, to_circulate

if TYPE_CHECKING:
    from bot.circular_commands import Asked, Circular, Circulate, Collected, Reply
    from bot.office import Office

app = typer.Typer(help="Questions to all focal points, and notes to working groups.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="Its number, such as C-0001.")]
Text = Annotated[
    list[str] | None, typer.Option(help="The words in one language: en=TEXT; English is needed.")
]
Deadline = Annotated[
    str | None, typer.Option(help="Until when answers count, at the forum's place: 2022-09-13T17:00.")
]
Group = Annotated[
    str | None, typer.Option(help="A note to the members of this working group, not to the focal points.")
]
Choice = Annotated[
    list[str] | None,
    typer.Option(help="One of two or more answers to choose from; without any they answer in words."),
]
SilenceAgrees = Annotated[
    bool, typer.Option("--silence-agrees", help="Who does not answer to the note has no objection.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say how many would be asked and what they would read; ask nobody.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for a confirmation.")]


@app.command(name="list")
def list_consultations() -> None:
    """Show each with how many have answered, the newest first."""
    with _office() as office:
        found = _found(office)
    for one in found:
        circular = one.circular
        state = f"{one.people - one.silent} of {one.people} answered" if circular.sent else "to be approved"
        print(f"{circular.number}  {circular.group or 'focal points'}  {state}  {circular.texts['en']}")
    print(f"{len(found)} shown." + ("  All answers: saphan consultations show C-0001" if found else ""))


@app.command()
def show(number: Number) -> None:
    """Show one with its counts and every answer, by country."""
    with _office() as office:
        one = _named(office, number)
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


@app.command()
def put(
    text: Text = None,
    deadline: Deadline = None,
    group: Group = None,
    choice: Choice = None,
    silence_agrees: SilenceAgrees = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Put a question to all focal points, or a note to a working group, once; the same again asks nobody."""
    draft = Draft(text or (), deadline, group, choice or (), silence_agrees)
    with _office() as office:
        wanted = to_circulate(draft, office.know, office.now)
        people = _people(_show(office, wanted).people)
        if dry_run:
            print(f"Nobody was asked. It would be {people}.")
            return
        if not yes:
            typer.confirm(f"Ask {people}?", abort=True)
        _tell(office, office.perform(wanted))


@app.command()
def approve(number: Number) -> None:
    """Let one to many go, as the second officer."""
    from bot.circular_commands import ApproveCircular

    with _office() as office:
        sent: Collected | None = office.perform(ApproveCircular(number))
        if sent is None:
            raise _not_approved(office, _named(office, number).circular)
        _tell(office, sent)


# What the commands have in common


@contextmanager
def _office() -> "Iterator[Office]":
    """Give the desk of whoever runs the command line."""
    from adapters import wiring
    from adapters.settings import read_settings

    with wiring.open_office(read_settings()) as office:
        yield office


def _found(office: "Office") -> "tuple[Collected, ...]":
    from bot.circular_commands import CollectCirculars

    found: tuple[Collected, ...] = office.perform(CollectCirculars())
    return found


def _named(office: "Office", number: str) -> "Collected":
    """Return the one of that number; `c-1` is C-0001 too."""
    from bot.errors import Refused
    from bot.numbers import named

    wanted = named("C", number)
    for one in _found(office):
        if named("C", one.circular.number) == wanted:
            return one
    raise Refused(f"there is no {number.strip().upper()[:40]}; see: saphan consultations list")


def _said(reply: "Reply", choices: tuple[str, ...]) -> str:
    if reply.choice is not None:
        return choices[reply.choice]
    return ": ".join(filter(None, ((reply.answer or "").replace("_", " "), reply.words)))


def _show(office: "Office", wanted: "Circulate") -> "Asked":
    """Show how many are asked and what they read in each language; raise Refused where nobody is."""
    from adapters.terminal import to_lines
    from bot.circular_commands import Circular, FindAsked
    from bot.circulars import question
    from bot.errors import Refused

    asked: Asked = office.perform(FindAsked(wanted.group))
    if not asked.people:
        nobody = f"{wanted.group} has no confirmed member" if wanted.group else "there is no focal point"
        raise Refused(f"nobody would be asked: {nobody} who is linked and agreed to be known")
    print(f"To {_people(asked.people)}, until {_until(office, wanted)}.")
    if asked.approval:
        print("These are many: a second officer has to agree before anybody is asked.")
    parts = (wanted.texts, wanted.choices, wanted.deadline, wanted.silence_agrees, wanted.group)
    saying = question(Circular("C-…", *parts))
    for lang in dict.fromkeys((*asked.languages, *wanted.texts)):
        print(f"--- {lang}: {_people(asked.languages.get(lang, 0))}")
        print(to_lines(office.letter(saying, lang)).plain)
    return asked


def _tell(office: "Office", put: "Collected") -> None:
    """Say what becomes of it."""
    number, people = put.circular.number, _people(put.people)
    if not put.fresh:
        print(f"{number}: this was put before. Nobody is asked twice.")
    if not put.circular.sent:
        print(f"{number}: {people}; it waits for a second officer, who lets it go in a chat: /circulars")
    elif put.fresh:
        print(f"{number}: {people} asked, until {_until(office, put.circular)}.")
        print("It leaves as soon as `saphan serve` runs.")
    if put.circular.sent:
        print(f"What they answer: saphan consultations show {number}")


def _not_approved(office: "Office", one: "Circular") -> Exception:
    from bot.errors import Refused

    if one.sent:
        return Refused(f"{one.number} was sent already; see: saphan consultations show {one.number}")
    if one.deadline <= office.now:
        return Refused(f"{one.number} is over since {_until(office, one)}; put it anew with a later deadline")
    return Refused(
        f"{one.number} was put from the command line; an officer lets it go in a chat: /circular {one.number} approve"
    )


def _until(office: "Office", one: "Circular | Circulate") -> str:
    zone = office.know.forum.time_zone
    return f"{one.deadline.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"
