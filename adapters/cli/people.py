"""`saphan people`: the registration list, and who is on it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli import papers
from adapters.cli.lookups import wrong_use

if TYPE_CHECKING:
    from bot.commands import Imported, Person, Registered
    from bot.office import Office
    from bot.registration import Listed, Reading

app = typer.Typer(help="The participants.", no_args_is_help=True)
app.command()(papers.letters)
app.command()(papers.codes)

Who = Annotated[str, typer.Argument(help="Their number in `saphan people list`, e-mail address or name.")]
SHOWN = 50
"""How many of one kind a dry run names."""


@app.callback()
def _people() -> None:
    pass


@app.command(name="import")
def import_people(
    file: Annotated[
        Path,
        typer.Argument(help="CSV or XLSX: name, email, country, role, language; or an export of Indico."),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
    ] = False,
    listed_in: Annotated[str, typer.Option("--list", help="The list's name, where there are several.")] = "",
    end_missing: Annotated[
        bool, typer.Option("--end-missing", help="End the registration of who stands on this list no more.")
    ] = False,
    column: Annotated[
        list[str] | None, typer.Option(help="Which column of an export says what: role=TITLE.")
    ] = None,
    role: Annotated[
        str, typer.Option(help="The role of everybody whose row names none, such as media.")
    ] = "",
    role_of: Annotated[
        list[str] | None, typer.Option(help="What a word of the list means: Observer=partner.")
    ] = None,
) -> None:
    """Take the registration list in: all of it, or nothing when it has a problem."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.commands import CompareList, ImportPeople
    from bot.registration import read_people

    reading = _reading(column or (), role, role_of or ())
    with wiring.open_office(read_settings(), with_keys=True) as office:
        listed = read_people(file.name, file.read_bytes(), office.know.vocabulary, reading)
        command = (
            CompareList(listed.people, listed_in)
            if dry_run
            else ImportPeople(listed.people, listed_in, end_missing)
        )
        result: Imported = office.perform(command)
    for line in _said(listed, result) if dry_run else ():
        print(line)
    counts = f"{len(result.added)} added, {len(result.changed)} changed, {result.unchanged} as they were"
    missing = f", {len(result.missing)} {'ended' if result.ended else 'missing'}" if result.missing else ""
    print(f"{'Nothing was changed. It would be: ' if dry_run else ''}{counts}{missing}.")
    if result.held_back:
        print(_held_back(listed, result))


@app.command(name="list")
def list_people(
    text: Annotated[str, typer.Argument(help="A number, an e-mail address or a name; nothing for all.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="Only those with that role.")] = None,
    country: Annotated[
        list[str] | None, typer.Option(help="Only those of that country, an ISO code.")
    ] = None,
    unlinked: Annotated[
        bool, typer.Option("--unlinked", help="Only those who have not linked a chat.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show who is registered, by country and name."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.people_commands import FindPeople

    with wiring.open_office(read_settings()) as office:
        people: tuple[Person, ...] = office.perform(FindPeople(text))
    countries = {name.upper() for name in country or ()}
    shown = [
        one
        for one in people
        if (not role or one.role in role)
        and (not countries or one.country in countries)
        and not (unlinked and one.channels)
    ]
    for one in shown:
        print(json.dumps(asdict(one), ensure_ascii=False) if as_json else _listed(one))
    if not as_json:
        print(f"{len(shown)} people.")


@app.command(name="role")
def set_role(
    person: Who,
    role: Annotated[str, typer.Argument(help="The role, or `listed`: as the next list says.")],
) -> None:
    """Give somebody a role that no list changes; for administrators."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.people_commands import SetRole
    from bot.rights import ROLES

    if role not in (*ROLES, "listed"):
        wrong_use(f"“{role}” is not a role; one of: {', '.join(ROLES)}, or listed")
    with wiring.open_office(read_settings()) as office:
        to = next((known for known in ROLES if known == role), None)
        print(_listed(office.perform(SetRole(the_one(office, person).id, to))))


@app.command()
def prefer(
    person: Who,
    channel: Annotated[str, typer.Argument(help="The channel, or `any`: where they wrote last.")],
) -> None:
    """Write to somebody on one of their channels first."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.people_commands import SetPreferredChannel

    with wiring.open_office(read_settings()) as office:
        command = SetPreferredChannel(the_one(office, person).id, None if channel == "any" else channel)
        print(_listed(office.perform(command)))


@app.command()
def readmit(
    email: Annotated[str, typer.Argument(help="The e-mail address that they were registered with.")],
    name: Annotated[str, typer.Option(help="Only who had that name, where several share the address.")] = "",
) -> None:
    """Let the next list bring back somebody who had asked to be forgotten; for administrators."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.people_commands import Readmit

    with wiring.open_office(read_settings(), with_keys=True) as office:
        count = office.perform(Readmit(email, name))
    print(f"{count} {'person' if count == 1 else 'people'} may come back with the next list.")


@app.command()
def unlink(person: Who, channel: Annotated[str, typer.Argument(help="The channel of the account.")]) -> None:
    """Take somebody's account on a channel from them, as when a telephone is lost."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.people_commands import UnlinkPerson

    with wiring.open_office(read_settings()) as office:
        print(_listed(office.perform(UnlinkPerson(the_one(office, person).id, channel))))


@app.command()
def link(
    person: Who,
    account: Annotated[
        str, typer.Argument(help="An account that has written before: telegram:12345, slack:U0123.")
    ],
) -> None:
    """Link an account to somebody who stands before you; for administrators."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.people_commands import LinkPerson

    channel, _, user = account.partition(":")
    if not user:
        wrong_use(f"“{account}” is not of the form telegram:12345")
    with wiring.open_office(read_settings()) as office:
        print(_listed(office.perform(LinkPerson(the_one(office, person).id, channel, user))))


def the_one(office: "Office", text: str) -> "Person":
    """Return the one participant whom *text* means; raises Refused where that is nobody, or several."""
    from bot.errors import Refused
    from bot.people_commands import FindPeople

    people: tuple[Person, ...] = office.perform(FindPeople(text)) if text.strip() else ()
    if len(people) == 1:
        return people[0]
    if not people:
        raise Refused(f"“{text}” is nobody; see: saphan people list")
    lines = "\n".join(f"  {_listed(one)}" for one in people)
    raise Refused(f"“{text}” is several people; give the number:\n{lines}")


def _listed(one: "Person") -> str:
    """Return one participant as a line."""
    channels = [f"{name} first" if name == one.preferred_channel else name for name in one.channels]
    return f"{one.id:>5}  {_line(one)}{'; ' + ', '.join(channels) if channels else ''}"


def _reading(columns: Iterable[str], role: str, role_words: Iterable[str]) -> "Reading":
    from bot.registration import TITLES, Reading
    from bot.rights import ROLES

    titles = dict(_pair(pair, "--column role=TITLE") for pair in columns)
    words = dict(_pair(pair, "--role-of WORD=ROLE") for pair in role_words)
    for wrong in titles.keys() - TITLES.keys():
        wrong_use(f"“{wrong}” is not read from a list; one of: {', '.join(TITLES)}")
    for wrong in {*words.values(), *filter(None, [role])} - set(ROLES):
        wrong_use(f"“{wrong}” is not a role; one of: {', '.join(ROLES)}")
    return Reading(titles, role or None, words)


def _pair(text: str, example: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not (found and name.strip() and value.strip()):
        wrong_use(f"“{text}” is not of the form {example}")
    return name.strip(), value.strip()


def _said(listed: "Listed", result: "Imported") -> Iterator[str]:
    """Yield what a dry run shows, line by line."""
    yield from _group("To be added", map(_line, result.added))
    changes = (
        f"{_line(change.person)}: "
        + "; ".join(f"{name} {was or '(none)'} -> {now or '(none)'}" for name, was, now in change.fields)
        for change in result.changed
    )
    yield from _group("To be changed", changes)
    yield from _group("Missing: registered before, and not on this list", map(_line, result.missing))
    yield from _group("Left out", listed.left_out)
    yield from _group("Perhaps one person twice", listed.doubtful)
    if listed.unused:
        yield f"Columns that are not read: {', '.join(listed.unused)}"


def _held_back(listed: "Listed", result: "Imported") -> str:
    """Return the sentence about those who asked to be forgotten: their rows, and no names."""
    rows = [str(listed.rows[place]) for place in result.held_back]
    which = f"row{'s' if len(rows) > 1 else ''} {', '.join(rows)}"
    return (
        f"{len(rows)} left out, who had asked to be forgotten: {which}. "
        "Who wants to come back: saphan people readmit EMAIL"
    )


def _group(heading: str, lines: Iterable[str]) -> Iterator[str]:
    lines = list(lines)
    if lines:
        yield f"{heading} ({len(lines)}):"
        yield from (f"  {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield f"  and {len(lines) - SHOWN} more"


def _line(one: "Person | Registered") -> str:
    mailbox = f"<{one.email}>" if one.email else ""
    return ", ".join(filter(None, (f"{one.name or '(no name)'} {mailbox}".strip(), one.country, one.role)))
