"""`saphan broadcast`: announcements of the secretariat, counted before they are sent and steered while they are."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.announcements import Asked, announcement
from adapters.cli.progress import as_json, line, short, whole

if TYPE_CHECKING:
    from bot.announcement_commands import Announced, Corrected, Progress
    from bot.broadcasts import Announcement, Reach
    from bot.commands import Command
    from bot.office import Office

app = typer.Typer(help="Announcements of the secretariat.", no_args_is_help=True)
LOOK = 0.3
"""Seconds between two looks at the progress."""
STILL = 20.0
"""Seconds without any progress after which looking on is given up: somebody's terminal may be closed for days."""

Several = list[str] | None


def _option(*names: str, help: str) -> Any:  # noqa: A002 - typer's own word
    return typer.Option(*names, help=help)


def _number(text: str) -> str:
    from bot.broadcasts import read_number

    return read_number(text)


NUMBER = typer.Argument(help="An announcement's number, such as B-0003.", parser=_number, metavar="NUMBER")
Number = Annotated[str, NUMBER]
Text = Annotated[Several, _option("--text", help="Own text with its language: en=The bus leaves at 17:00.")]
Template = Annotated[str | None, _option("--template", help="A template, such as room_change.")]
Slot = Annotated[Several, _option("--slot", help="A slot of the template: room=room-d, title.fr=Le rapport.")]
Session = Annotated[str | None, _option("--session", help="The session that it is about, such as s3.")]
Role = Annotated[Several, _option("--role", help="Only this role; may be repeated, as all of these.")]
Country = Annotated[Several, _option("--country", help="Only this country (ISO3).")]
Region = Annotated[Several, _option("--region", help="Only the members of this subregion.")]
Language = Annotated[Several, _option("--language", help="Only readers of this language.")]
Channel = Annotated[Several, _option("--channel", help="Only this channel.")]
FollowerOf = Annotated[Several, _option("--follower-of", help="Only those who follow this session.")]
Theme = Annotated[Several, _option("--theme", help="Only those with an open need in this theme.")]
Person = Annotated[list[int] | None, _option("--person", help="Only this participant (row).")]
Unconfirmed = Annotated[
    str | None,
    typer.Option(
        "--unconfirmed",
        help="Only those who have not confirmed that announcement.",
        parser=_number,
        metavar="NUMBER",
    ),
]
WithoutRole = Annotated[Several, _option("--without-role", help="Not this role.")]
WithoutCountry = Annotated[Several, _option("--without-country", help="Not this country (ISO3).")]
WithoutPerson = Annotated[list[int] | None, _option("--without-person", help="Not this participant.")]
At = Annotated[str | None, _option("--at", help="When it leaves, at the forum's place: 2022-09-13T14:15.")]
UseBy = Annotated[str | None, _option("--use-by", help="After this time nothing more of it leaves.")]
Confirm = Annotated[bool, _option("--confirm", help="Put the button OK under it.")]
Reminder = Annotated[bool, _option("--reminder", help="A reminder: it says by how much it is late.")]
Attach = Annotated[Path | None, _option("--attach", help="A document or a picture.")]
Describe = Annotated[str | None, _option("--describe", help="What the attachment shows or holds, in words.")]
ChangeRoom = Annotated[str | None, _option("--change-room", help="The room in which the session is now.")]
ChangeStart = Annotated[str | None, _option("--change-start", help="When the session begins now.")]
ChangeEnd = Annotated[str | None, _option("--change-end", help="When the session ends now.")]
Now = Annotated[bool, _option("--now", help="Leave at once: no half minute of undo, no quiet hours.")]
Again = Annotated[bool, _option("--again", help="Send on purpose what was sent before.")]
Yes = Annotated[bool, _option("--yes", help="Do not ask for a confirmation.")]
Json = Annotated[bool, _option("--json", help="As JSON.")]


@app.command()
def preview(
    text: Text = None,
    template: Template = None,
    slot: Slot = None,
    session: Session = None,
    role: Role = None,
    country: Country = None,
    region: Region = None,
    language: Language = None,
    channel: Channel = None,
    follower_of: FollowerOf = None,
    theme: Theme = None,
    person: Person = None,
    unconfirmed: Unconfirmed = None,
    without_role: WithoutRole = None,
    without_country: WithoutCountry = None,
    without_person: WithoutPerson = None,
    at: At = None,
    use_by: UseBy = None,
    confirm: Confirm = False,
    reminder: Reminder = False,
    attach: Attach = None,
    describe: Describe = None,
    change_room: ChangeRoom = None,
    change_start: ChangeStart = None,
    change_end: ChangeEnd = None,
) -> None:
    """Show whom an announcement reaches and what they would read; send nothing."""
    asked = Asked(**locals())
    with _office() as office:
        _show(office, announcement(asked, office.know))


@app.command()
def send(
    text: Text = None,
    template: Template = None,
    slot: Slot = None,
    session: Session = None,
    role: Role = None,
    country: Country = None,
    region: Region = None,
    language: Language = None,
    channel: Channel = None,
    follower_of: FollowerOf = None,
    theme: Theme = None,
    person: Person = None,
    unconfirmed: Unconfirmed = None,
    without_role: WithoutRole = None,
    without_country: WithoutCountry = None,
    without_person: WithoutPerson = None,
    at: At = None,
    use_by: UseBy = None,
    confirm: Confirm = False,
    reminder: Reminder = False,
    attach: Attach = None,
    describe: Describe = None,
    change_room: ChangeRoom = None,
    change_start: ChangeStart = None,
    change_end: ChangeEnd = None,
    now: Now = False,
    again: Again = False,
    yes: Yes = False,
) -> None:
    """Send an announcement once; the same one a second time sends nothing."""
    asked = Asked(**{name: value for name, value in locals().items() if name != "yes"})
    from bot.errors import Refused

    with _office() as office:
        wanted = announcement(asked, office.know)
        try:
            reach = _show(office, wanted)
        except Refused:
            # A session that was changed by it is not changed again: it is found as it was sent, or refused once more.
            return _tell(office, office.announce(wanted))
        if not yes:
            typer.confirm(f"Send it to {_people(reach.recipients)}?", abort=True)
        return _tell(office, office.announce(wanted))


@app.command()
def status(
    number: Annotated[str | None, NUMBER] = None,
    json: Json = False,
) -> None:
    """Show how announcements stand; of one: by channel and language, its rate, and what failed."""
    from bot.announcement_commands import ReadProgress

    with _office() as office:
        found: tuple[Progress, ...] = office.perform(ReadProgress(number))
    if number is not None and not found:
        raise _unknown(number)
    if json:
        _print_json([as_json(progress) for progress in found])
    elif number is not None:
        print("\n".join(whole(found[0])))
    else:
        for progress in found:
            print(f"{progress.number}  {progress.stage}  {line(progress)}  “{short(progress.text)}”")
        if not found:
            print("No announcement was sent yet.")


@app.command()
def approve(number: Number) -> None:
    """Let an announcement to many go, as the second officer."""
    from bot.announcement_commands import Approve

    with _office() as office:
        _tell(office, office.perform(Approve(number)))


@app.command()
def undo(number: Number) -> None:
    """Take an announcement back that has not left."""
    from bot.announcement_commands import Undo
    from bot.errors import Refused

    if not _do(Undo(number)):
        raise Refused(f"{number} has left or was stopped already; see: saphan broadcast withdraw {number}")
    print(f"{number}: stopped. Nobody was told, and no session was changed.")


@app.command()
def now(number: Number) -> None:
    """Let an announcement that is held leave at once."""
    from bot.announcement_commands import SendNow
    from bot.errors import Refused

    with _office() as office:
        if not office.perform(SendNow(number)):
            raise Refused(f"{number} has left or was stopped already; see: saphan broadcast status {number}")
        _watch(office, number)


@app.command()
def pause(number: Number) -> None:
    """Let nothing more leave for now; returns when nothing is in flight."""
    from bot.announcement_commands import Pause

    _stop(Pause(number), "paused")


@app.command()
def resume(number: Number) -> None:
    """Let a paused announcement go on."""
    from bot.announcement_commands import Resume

    with _office() as office:
        office.perform(Resume(number))
        _watch(office, number)


@app.command()
def cancel(number: Number) -> None:
    """Let nothing more leave, for good; returns when nothing is in flight."""
    from bot.announcement_commands import Cancel

    _stop(Cancel(number), "cancelled")


@app.command()
def correct(
    number: Number,
    text: Text = None,
    template: Template = None,
    slot: Slot = None,
    session: Session = None,
    change_room: ChangeRoom = None,
    change_start: ChangeStart = None,
    change_end: ChangeEnd = None,
) -> None:
    """Give an announcement other words: in place where it arrived, anew where a room or time differs."""
    from bot.announcement_commands import Correct

    options = {name: value for name, value in locals().items() if name not in ("number", "Correct")}
    with _office() as office:
        wanted = announcement(Asked(**options), office.know)
        done: Corrected = office.perform(Correct(number, wanted.words, wanted.change))
    print(f"{number}: {done.edits} changed in place, {done.anew} sent anew, {done.queued} had not left.")


@app.command()
def withdraw(number: Number) -> None:
    """Take an announcement back from everyone who has it, and the change of its session with it."""
    from bot.announcement_commands import Retract

    done: Corrected = _do(Retract(number))
    print(f"{number}: withdrawn; {done.edits} taken back where they arrived, {done.queued} had not left.")


@app.command()
def resend(number: Number) -> None:
    """Send again what may not have arrived."""
    from bot.announcement_commands import ResendUnknown

    print(f"{number}: {_do(ResendUnknown(number))} sent again.")


@app.command()
def retry(number: Number) -> None:
    """Try again what failed, but not to those who unsubscribed."""
    from bot.announcement_commands import RetryFailed

    print(f"{number}: {_do(RetryFailed(number))} tried again.")


@app.command()
def nudge(number: Number) -> None:
    """Ask those once more who have not confirmed an announcement."""
    from bot.announcement_commands import Nudge

    announced: Announced = _do(Nudge(number))
    people = _people(announced.recipients)
    print(f"{announced.number}: {people} asked." if announced.fresh else f"{number}: asked before.")


@app.command()
def missing(number: Number, json: Json = False) -> None:
    """List whom an announcement did not reach, or perhaps not."""
    from bot.announcement_commands import ToTelephone

    people = _do(ToTelephone(number))
    if json:
        from dataclasses import asdict

        return _print_json([asdict(one) for one in people])
    for one in people:
        reached = ", ".join(part for part in (one.channel, one.state, one.cause) if part)
        print(f"{one.name or '(no name)'}  {one.country or ''}  {one.email or ''}  {reached}")
    if not people:
        print(f"{number}: nobody is missing.")
    return None


@app.command()
def export(
    number: Number,
    file: Annotated[Path | None, typer.Argument(help="Where to write; else it is printed.")] = None,
) -> None:
    """Write the list of whom to telephone as CSV."""
    from adapters.cli.telephone import to_csv
    from bot.announcement_commands import ToTelephone

    with _office() as office:
        people = office.perform(ToTelephone(number))
        written = to_csv(people, office.know.vocabulary)
    if file is None:
        print(written, end="")
    else:
        # The mark at the beginning lets spreadsheets read the names as they are written.
        file.write_text(written, "utf-8-sig", newline="")
        print(f"{file}: {_people(len(people))}.")


# What the commands have in common


@contextmanager
def _office() -> "Iterator[Office]":
    """Give the desk of whoever runs the command line."""
    from adapters import wiring
    from adapters.settings import read_settings

    with wiring.open_office(read_settings()) as office:
        yield office


def _do(command: "Command") -> Any:
    with _office() as office:
        return office.perform(command)


def _show(office: "Office", wanted: "Announcement") -> "Reach":
    """Show the announcement as it would be read, and whom it reaches; return the latter."""
    from bot.announcement_commands import FindReach
    from bot.markup import plain

    samples = office.preview(wanted)
    reach: Reach = office.perform(FindReach(wanted.audience))
    print(f"To {_people(reach.recipients)}; {len(reach.unreachable)} more cannot be reached.")
    for (channel, lang), count in reach.counts.items():
        print(f"  {count:5}  {channel}, {lang}")
    if reach.muted:
        print(f"  {reach.muted:5}  of them want quiet now and are told later")
    for lang, card in {sample.lang: sample.card for sample in reversed(samples)}.items():
        fields = (f"{part.label}{card.colon}{part.value}" for part in card.fields)
        print(f"--- {lang}")
        print("\n".join(plain(part) for part in (card.heading, card.body, *fields, card.note) if part))
    return reach


def _tell(office: "Office", announced: "Announced") -> None:
    """Say what becomes of an announcement, and watch it when it leaves now."""
    number, zone = announced.number, office.know.forum.time_zone
    at = f"{announced.starts_at.astimezone(zone):%d %B, %H:%M:%S} ({zone.key})"
    if not announced.fresh:
        print(f"{number}: this announcement was sent before. Nothing is sent twice.")
    match announced.state:
        case "awaiting":
            print(f"{number}: {_people(announced.recipients)}; it waits for a second officer.")
            print(f"Another one lets it go: saphan broadcast approve {number}")
        case "held":
            print(f"{number}: leaves at {at} for {_people(announced.recipients)}.")
            print(f"Until then: saphan broadcast undo {number}, or saphan broadcast now {number}")
        case "running":
            if announced.fresh:
                print(f"{number}: queued for {_people(announced.recipients)}.")
            _watch(office, number)
        case state:
            print(f"{number} is {state}; see: saphan broadcast status {number}")


def _stop(command: Any, word: str) -> None:
    from bot.announcement_commands import ReadProgress
    from bot.errors import Refused

    number = command.number
    with _office() as office:
        office.perform(command)
        if not office.stopped(number):
            raise Refused(f"{number} is {word}, but some messages are still in flight; see its status")
        (progress,) = office.perform(ReadProgress(number))
    print(f"{number}: {word}; nothing is in flight. {line(progress)}")


def _watch(office: "Office", number: str) -> None:
    """Show the progress until every delivery has ended; leaving does not stop the sending."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    from adapters import server
    from bot.announcement_commands import ReadProgress

    if not server.is_sending(office.store):
        print("Nothing is sending at this moment: it leaves as soon as `saphan serve` runs.")
        return
    with Bar(
        TextColumn(number), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[state]}")
    ) as bar:
        task = bar.add_task("", total=None, state="")
        seen, since = "", time.monotonic()
        while time.monotonic() - since < STILL:
            (progress,) = office.perform(ReadProgress(number))
            said = line(progress)
            ended = progress.recipients - progress.waiting
            bar.update(task, total=progress.recipients, completed=ended, state=said)
            if progress.over:
                return
            if said != seen:
                seen, since = said, time.monotonic()
            time.sleep(LOOK)
    print(f"The rest leaves as soon as its channel is on; see: saphan broadcast status {number}")


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"


def _print_json(value: Any) -> None:
    from json import dumps

    print(dumps(value, ensure_ascii=False))


def _unknown(number: str) -> Exception:
    from bot.errors import Refused

    return Refused(f"there is no announcement {number}; see: saphan broadcast status")
