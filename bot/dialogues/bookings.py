"""The meetings of all, for the secretariat: what is booked, and bringing people together."""

from collections import Counter
from datetime import datetime
from functools import partial

from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, perform, say
from bot.dialogues.meetings import moment_of, names_a_time
from bot.dialogues.times import At, Open, ask_time, hear_time
from bot.errors import Refused
from bot.meeting_commands import (
    ArrangeMeeting,
    CancelMeeting,
    FindTogether,
    Free,
    Meeting,
    Party,
    Proposed,
    ReadMeetings,
    Result,
    Slot,
)
from bot.rights import may

LISTED = 10


def show(turn: Turn) -> Move:
    """Do what was asked: "M-0001", "M-0001 cancel", with nothing show all; who may not is shown their own."""
    if not may(turn.person.role, "arrange_meeting"):
        return hand_over("meetings")
    number, action, sure = (*str(turn.slots.get("text") or "").split(), "", "", "")[:3]
    number = number.upper()
    if not number:
        return perform(ReadMeetings(), _listed)
    if (action, sure) == ("cancel", "yes"):
        return perform(CancelMeeting(number), _called_off, partial(_none, number))
    return perform(ReadMeetings(number), partial(_one, number, action))


def _none(number: str, _turn: Turn, _refused: Refused) -> Move:
    return finish(say("bookings/none", number=number))


def _listed(turn: Turn, meetings: tuple[Meeting, ...]) -> Move:
    """List what is ahead, the earliest first, then what is over."""
    ahead = [one for one in meetings if one.is_open(turn.now)]
    over = [one for one in meetings if not one.is_open(turn.now)]
    standings = Counter(one.stands(turn.now) for one in meetings)
    listed = say(
        "bookings/list",
        meetings=[*ahead, *over][:LISTED],
        more=len(meetings[LISTED:]),
        booked=standings["booked"],
        waiting=standings["waiting"],
        over=standings["over"],
        interpreters=sum(one.interpreter is not None and one.is_ahead(turn.now) for one in ahead),
        now=turn.now,
        rehearsal=turn.rehearsal,
    )
    return finish(listed)


def _one(number: str, action: str, turn: Turn, found: tuple[Meeting, ...]) -> Move:
    if not found:
        return finish(say("bookings/none", number=number))
    (meeting,) = found
    if action == "cancel" and meeting.is_open(turn.now):
        return finish(say("bookings/sure", meeting=meeting))
    return finish(_card(turn, meeting))


def _card(turn: Turn, meeting: Meeting, *, edit: bool = False) -> Saying:
    """Return a meeting as it stands."""
    over = meeting.stands(turn.now) == "over"
    return say("bookings/meeting", edit=edit, meeting=meeting, over=over, rehearsal=turn.rehearsal)


def _called_off(turn: Turn, meeting: Meeting) -> Move:
    return finish(_card(turn, meeting, edit=True))


# Bringing people together


def arrange(turn: Turn) -> Move:
    """Do what was asked: "JP-0001", "12 15 table-3 2022-09-13T12:30", "M-0001 other"; with nothing ask for whom."""
    if not may(turn.person.role, "arrange_meeting"):
        return hand_over("meetings")
    words = str(turn.slots.get("text") or "").replace(",", " ").split()
    if not words:
        return Move(to=WHOM)
    if words[-1] == "other":
        return Move(to=WHEN, slots={"whom": words[:-1]})
    moment = moment_of(turn, words[-1]) if len(words) > 2 else None
    if moment is not None:
        return _propose(words[:-2], words[-2], moment)
    return _offer(words)


def _offer(whom: list[str], asked: datetime | None = None) -> Move:
    return perform(FindTogether(tuple(whom), asked), partial(_found, whom, asked), partial(_nobody, whom))


def _nobody(whom: list[str], _turn: Turn, _refused: Refused) -> Move:
    return finish(say("bookings/nobody", whom=" ".join(whom)))


def _found(whom: list[str], asked: datetime | None, turn: Turn, free: Free) -> Move:
    """Offer what is free, propose what was asked for, or show the meeting that they have already."""
    exact = next((slot for slot in free.slots if slot.starts == asked), None)
    if exact is not None:
        return _propose(whom, exact.place, exact.starts)
    if free.meeting is not None and free.meeting.at is not None and asked is None:
        return finish(_card(turn, free.meeting))
    return finish(_slots(turn, whom, free.meeting, free.slots, others=free.others, asked=asked))


def _slots(
    turn: Turn,
    whom: list[str],
    meeting: Meeting | None,
    slots: tuple[Slot, ...],
    *,
    others: tuple[Party, ...] = (),
    asked: datetime | None = None,
    result: Result | None = None,
) -> Saying:
    """Offer *slots*: to *others* in the beginning, or in place of what was *asked* for or had the *result*."""
    return say(
        "bookings/slots",
        whom=" ".join(whom),
        others=others,
        slots=slots,
        meeting=meeting,
        asked=asked,
        result=result,
        rehearsal=turn.rehearsal,
    )


def _propose(whom: list[str], place: str, starts: datetime) -> Move:
    return perform(
        ArrangeMeeting(tuple(whom), place, starts), partial(_came_of, whom), partial(_nobody, whom)
    )


def _came_of(whom: list[str], turn: Turn, proposed: Proposed) -> Move:
    if proposed.result in ("held", "booked") and proposed.meeting is not None:
        return finish(_card(turn, proposed.meeting, edit=True))
    return finish(_slots(turn, whom, proposed.meeting, proposed.nearest, result=proposed.result))


def ask_whom(_turn: Turn) -> Saying:
    """Ask who is to meet."""
    return say("bookings/whom")


def hear_whom(turn: Turn) -> Move:
    """Find when they all can."""
    words = turn.text.replace(",", " ").split()
    return _offer(words) if words else go(turn, WHOM)


def ask_when(turn: Turn) -> Saying:
    """Ask for the time."""
    return ask_time(turn)


def hear_when(turn: Turn) -> Move:
    """Propose the time that was named where it can be had, else offer the nearest."""
    match hear_time(turn):
        case At(moment):
            return _offer(turn.slots["whom"], moment)
        case Open() as doubt:
            return go(turn, WHEN, open=doubt.slots())
        case _:
            return go(turn, WHEN, open=None)


WHOM = Step("whom", ask_whom, hear_whom, passing=True, patient=True)
WHEN = Step("when", ask_when, hear_when, reads=lambda text: names_a_time(text) or " " not in text)
BOOKINGS = Dialogue("bookings", show)
ARRANGE = Dialogue("arrange", arrange, (WHOM, WHEN))
