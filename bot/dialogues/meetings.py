"""Meetings with those one was introduced to: when both can, booked, changed, cancelled; and whether they took place."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.commands import Command
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, perform, say
from bot.dialogues.times import At, Open, ask_time, hear_time
from bot.introduction_commands import Introduced, MyIntroductions
from bot.join_commands import MyThirds, Third
from bot.meeting_commands import (
    OUTCOMES,
    AcceptMeeting,
    AskInterpreter,
    CancelMeeting,
    DeclineMeeting,
    FindSlots,
    Free,
    Meeting,
    MyMeetings,
    Party,
    Proposed,
    ProposeMeeting,
    TellOutcome,
)
from bot.rights import may
from knowledge.moments import heard

LISTED = 8
PEOPLE = 4
"""Introductions that a meeting is offered for."""
CARDS = {"held": "meeting/held", "waiting": "meeting/waiting", "booked": "meeting/booked"}


def meet(turn: Turn) -> Move:
    """Do what was asked: "I-0003", "I-0003 table-3 2022-09-13T12:30", "M-0001 accept ...", "M-0001 cancel"."""
    about, action, first, second = (*str(turn.slots.get("text") or "").split(), "", "", "", "")[:4]
    about = about.upper()
    moment = moment_of(turn, second if action == "accept" else first)
    match action:
        case "":
            return _show(about) if about else show_meetings(turn)
        case "other":
            return Move(to=WHEN, slots={"about": about})
        case "accept" if moment is not None:
            return _do(about, AcceptMeeting(about, first, moment), partial(_came_of, about))
        case "no":
            return _do(about, DeclineMeeting(about), _told("meeting/let_go"))
        case "cancel" if first == "yes":
            return _do(about, CancelMeeting(about), _told("meeting/called_off"))
        case "cancel":
            return _with(about, _ask_sure)
        case "interpreter":
            return _do(
                about, AskInterpreter(about), lambda turn, meeting: finish(card(turn, meeting, edit=True))
            )
        case "outcome":
            return _with(about, partial(_outcome, first))
        case place if moment is not None:
            return _do(about, ProposeMeeting(about, place, moment), partial(_came_of, about))
        case _:
            return _show(about)


def moment_of(turn: Turn, written: str) -> datetime | None:
    """Return the moment in a choice of ours, at the forum's place; None where there is none."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment.replace(tzinfo=turn.know.forum.time_zone) if moment.tzinfo is None else moment


def _do(about: str, command: Command, then: Callable[[Turn, Any], Move]) -> Move:
    """Have *command* carried out; where there is nothing of that number it is said."""
    return perform(command, then, refused=lambda _turn, _why: finish(say("meeting/none", number=about)))


def _with(number: str, then: Callable[[Turn, Meeting], Move]) -> Move:
    """Go on with the actor's meeting of that number."""

    def found(turn: Turn, mine: tuple[Meeting, ...]) -> Move:
        meeting = next((one for one in mine if one.number == number), None)
        return finish(say("meeting/none", number=number)) if meeting is None else then(turn, meeting)

    return perform(MyMeetings(), found)


# What there is


def show_meetings(_turn: Turn) -> Move:
    """Show the actor's meetings, and with whom else they could have one."""
    return perform(MyMeetings(), lambda _turn, mine: perform(MyThirds(), partial(_with_thirds, mine)))


def _with_thirds(mine: tuple[Meeting, ...], _turn: Turn, thirds: tuple[Third, ...]) -> Move:
    joined = tuple(one for one in thirds if one.state == "joined")
    return perform(MyIntroductions(), partial(_listed, mine, joined))


def _listed(
    mine: tuple[Meeting, ...], joined: tuple[Third, ...], turn: Turn, introduced: tuple[Introduced, ...]
) -> Move:
    shown = [one for one in mine if one.state != "cancelled"]
    if not shown and may(turn.person.role, "arrange_meeting"):
        return hand_over("bookings")
    has_one = {one.about for one in shown if one.is_open(turn.now)}
    people = [
        (one.number, [Party(0, names.get("country"), names.get("name")) for names in one.others.values()])
        for one in joined
        if one.number not in has_one
    ]
    people += [
        (one.number, [Party(0, one.shown.get("country"), one.shown.get("name"))])
        for one in introduced
        if one.state == "introduced" and one.number not in has_one
    ]
    listed = say(
        "meeting/list",
        meetings=shown[-LISTED:],
        people=people[-PEOPLE:],
        now=turn.now,
        rehearsal=turn.rehearsal,
    )
    return finish(listed)


def _show(about: str) -> Move:
    """Show a meeting; for an introduction without one, when both are free."""

    def found(turn: Turn, mine: tuple[Meeting, ...]) -> Move:
        open_ones = [one for one in mine if one.about == about and one.is_open(turn.now) and one.proposal]
        booked = [one for one in mine if one.about == about and one.is_ahead(turn.now)]
        meeting = next((one for one in mine if one.number == about), None)
        meeting = meeting or next(iter((*booked, *open_ones)), None)
        if meeting is not None:
            return finish(card(turn, meeting))
        if about.startswith("M-") and may(turn.person.role, "arrange_meeting"):
            return hand_over("bookings", text=about)
        return _offer(about)

    return perform(MyMeetings(), found)


def card(turn: Turn, meeting: Meeting, *, edit: bool = False) -> Saying:
    """Return a meeting as it stands."""
    over = meeting.slot is not None and meeting.slot.ends <= turn.now
    return say("meeting/booked", edit=edit, meeting=meeting, over=over, rehearsal=turn.rehearsal)


def _offer(about: str, asked: datetime | None = None) -> Move:
    return _do(about, FindSlots(about, asked), lambda turn, free: _slots(turn, about, free, asked))


def _slots(turn: Turn, about: str, free: Free, asked: datetime | None) -> Move:
    """Offer what is free; a time that is typed is read, and whatever else is done takes its place."""
    shown = say(
        "meeting/slots",
        about=about,
        others=free.others,
        slots=free.slots,
        meeting=free.meeting,
        asked=asked,
        places=bool(turn.know.places),
        rehearsal=turn.rehearsal,
    )
    return Move(to=OFFERED, slots={"about": about}, asks=shown) if free.slots else finish(shown)


# What came of a choice


def _came_of(about: str, turn: Turn, proposed: Proposed) -> Move:
    meeting, result = proposed.meeting, proposed.result
    if meeting is not None and (template := CARDS.get(result)) is not None:
        if result == "booked":
            return finish(card(turn, meeting, edit=True))
        return finish(say(template, edit=True, meeting=meeting, rehearsal=turn.rehearsal))
    instead = say(
        "meeting/instead",
        about=about,
        result=result,
        meeting=meeting,
        nearest=proposed.nearest,
        rehearsal=turn.rehearsal,
    )
    return finish(instead)


def _told(template: str) -> Callable[[Turn, Meeting], Move]:
    return lambda _turn, meeting: finish(say(template, edit=True, meeting=meeting))


def _ask_sure(turn: Turn, meeting: Meeting) -> Move:
    if not meeting.is_ahead(turn.now):
        return finish(card(turn, meeting))
    return finish(say("meeting/sure", meeting=meeting))


# Another time


def ask_when(turn: Turn) -> Saying:
    """Ask for the time."""
    return ask_time(turn)


def hear_when(turn: Turn) -> Move:
    """Propose the time that was named where it can be had, else offer the nearest."""
    match hear_time(turn):
        case At(moment):
            about = turn.slots["about"]
            return _do(about, FindSlots(about, moment), partial(_found, about, moment))
        case Open() as doubt:
            return go(turn, WHEN, open=doubt.slots())
        case _:
            return go(turn, WHEN, open=None)


def _found(about: str, moment: datetime, turn: Turn, free: Free) -> Move:
    exact = next((slot for slot in free.slots if slot.starts == moment), None)
    if exact is None:
        return _slots(turn, about, free, moment)
    return _do(about, ProposeMeeting(about, exact.place, exact.starts), partial(_came_of, about))


# Afterwards


def _outcome(outcome: str, turn: Turn, meeting: Meeting) -> Move:
    if meeting.slot is None or meeting.slot.starts > turn.now:
        return finish(card(turn, meeting))
    if outcome not in OUTCOMES:
        return finish(say("meeting/did_you_meet", meeting=meeting))
    if outcome == "next_steps":
        return Move(to=NEXT_STEPS, slots={"number": meeting.number})
    return _keep(meeting.number, outcome)


def _keep(number: str, outcome: Any, text: str = "") -> Move:
    return _do(number, TellOutcome(number, outcome, text), _told("meeting/thanked"))


def ask_next_steps(_turn: Turn) -> Saying:
    """Ask what comes next."""
    return say("meeting/next_steps", edit=True)


def hear_next_steps(turn: Turn) -> Move:
    """Keep it."""
    if turn.choice is None and not turn.text.strip():
        return go(turn, NEXT_STEPS)
    return _keep(turn.slots["number"], "next_steps", "" if turn.choice else turn.text.strip())


def names_a_time(text: str) -> bool:
    """Tell whether *text* may be a time."""
    found = heard(text, datetime(2000, 1, 1, tzinfo=UTC))
    return not found.nothing and (found.at is not None or found.moment is not None)


OFFERED = Step("offered", ask_when, hear_when, free=False, reads=names_a_time, passing=True)
WHEN = Step("when", ask_when, hear_when, reads=lambda text: names_a_time(text) or " " not in text)
NEXT_STEPS = Step("next_steps", ask_next_steps, hear_next_steps)
MEET = Dialogue("meet", meet, (OFFERED, WHEN, NEXT_STEPS))
MEETINGS = Dialogue("meetings", show_meetings)
