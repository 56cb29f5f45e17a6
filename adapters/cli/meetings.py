"""`saphan meetings`: who meets whom and when, and bringing people together."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli import typed

if TYPE_CHECKING:
    from datetime import datetime

    from bot.meeting_commands import Free, Meeting, MeetingCounts, Proposed, Slot
    from bot.office import Office

app = typer.Typer(help="Meetings of two or more, and bringing people together.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The number of a meeting, such as M-0003.")]
Whom = Annotated[
    list[str],
    typer.Argument(
        help="A joint project (JP-0001), an introduction (I-0003), an offer to join (J-0002), a meeting (M-0003), "
        "or the numbers of two or more people as `saphan people list` shows them."
    ),
]
STANDINGS = {"booked": "booked", "waiting": "not agreed yet", "over": "over", "cancelled": "cancelled"}
"""Maps how a meeting stands to what is printed."""
WHY_NOT = {"table_taken": "that place is taken then", "busy": "one of them has another meeting then"}
"""Maps why a time cannot be had to what is printed; else there is no such time."""


@app.command(name="list")
def list_meetings() -> None:
    """Show the meetings that are booked, wait for an answer, or are over, the earliest first."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.meeting_commands import ReadMeetings

    with wiring.open_office(read_settings()) as office:
        found: tuple[Meeting, ...] = office.perform(ReadMeetings())
        for one in found:
            print(_line(office, one))
        standings = Counter(one.stands(office.now) for one in found)
        wanted = sum(one.interpreter is not None and one.is_ahead(office.now) for one in found)
    parts = [f"{count} {STANDINGS[stands]}" for stands, count in standings.items()]
    print(f"{len(found)} shown{': ' if parts else ''}{', '.join(parts)}.")
    if wanted:
        print(f"An interpreter is asked for in {wanted}. See: saphan questions list")


@app.command()
def counts() -> None:
    """Count the meetings by how they stand, and what people said came of them."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.meeting_commands import OUTCOMES, CountMeetings

    with wiring.open_office(read_settings()) as office:
        found: MeetingCounts = office.perform(CountMeetings())
    for name, words, numbers in (
        ("meetings", STANDINGS, found.standings),
        ("answers", {one: one.replace("_", " ") for one in sorted(OUTCOMES)}, found.outcomes),
    ):
        print(f"{name}  " + "  ".join(f"{said}: {numbers.get(key, 0)}" for key, said in words.items()))


@app.command()
def arrange(
    whom: Whom,
    at: Annotated[
        str | None, typer.Option(help="When it begins, at the forum's place: 2022-09-13T12:30.")
    ] = None,
    place: Annotated[
        str | None, typer.Option(help="Where, such as table-3; else the first that is free.")
    ] = None,
) -> None:
    """Show when they are all free, or ask them all whether they meet then."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.errors import Refused
    from bot.meeting_commands import ArrangeMeeting, FindTogether

    with wiring.open_office(read_settings()) as office:
        starts = typed.moment(at, "--at", office.know)
        free: Free = office.perform(FindTogether(tuple(whom), starts))
        if starts is None:
            if place is not None:
                raise Refused("--place needs --at")
            _offer(office, whom, free)
            return
        slot = next((one for one in free.slots if one.starts == starts), None)
        if place is None and slot is None:
            raise Refused(f"they cannot meet then{_nearest(office, free.slots)}")
        where = place or (slot.place if slot is not None else "")
        proposed: Proposed = office.perform(ArrangeMeeting(tuple(whom), where, starts))
        if proposed.meeting is None or proposed.result not in ("held", "booked"):
            why = WHY_NOT.get(proposed.result, f"{where} cannot be had then")
            raise Refused(why + _nearest(office, proposed.nearest))
        print(_line(office, proposed.meeting))
    if proposed.result == "held":
        print("They are asked as soon as `saphan serve` runs; the place is held for ten minutes.")


@app.command()
def cancel(number: Number) -> None:
    """Let a meeting not take place; its sides are told, and offered the nearest other time."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.errors import Refused
    from bot.meeting_commands import CancelMeeting, ReadMeetings

    with wiring.open_office(read_settings()) as office:
        found: tuple[Meeting, ...] = office.perform(ReadMeetings(number))
        if not found:
            raise Refused(f"there is no {number}; see: saphan meetings list")
        (before,) = found
        if not before.is_open(office.now):
            raise Refused(f"{before.number} is {STANDINGS[before.stands(office.now)]} already")
        office.perform(CancelMeeting(before.number))
    print(f"{before.number}: cancelled. Its sides are told as soon as `saphan serve` runs.")


def _offer(office: "Office", whom: list[str], free: "Free") -> None:
    if free.meeting is not None:
        print(_line(office, free.meeting))
    for slot in free.slots:
        print(_when(office, slot))
    print(f"{len(free.slots)} times shown at which all are free.")
    if free.slots:
        first = _iso(office, free.slots[0].starts)
        print(f"Ask them all: saphan meetings arrange {' '.join(whom)} --at {first}")


def _nearest(office: "Office", slots: "tuple[Slot, ...]") -> str:
    return f"; nearest: {', '.join(_when(office, one) for one in slots)}" if slots else ""


def _line(office: "Office", one: "Meeting") -> str:
    slot = one.slot if one.state in ("booked", "cancelled") else one.proposal
    people = ", ".join(
        f"{side.country} ({side.name})" if side.country and side.name else side.country or side.name or "?"
        for side in one.others
    )
    parts = [
        one.number,
        f"{STANDINGS[one.stands(office.now)]:14}",
        _when(office, slot) if slot is not None else "no time",
        people,
        one.about or "",
        f"interpreter asked for: {one.interpreter}" if one.interpreter else "",
    ]
    return "  ".join(part for part in parts if part)


def _when(office: "Office", slot: "Slot") -> str:
    ends = slot.ends.astimezone(office.know.forum.time_zone)
    return f"{_iso(office, slot.starts)} to {ends:%H:%M}  {slot.place}"


def _iso(office: "Office", moment: "datetime") -> str:
    return f"{moment.astimezone(office.know.forum.time_zone):%Y-%m-%dT%H:%M}"
