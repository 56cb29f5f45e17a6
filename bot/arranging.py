"""Carries out what participants do on the way to a meeting: propose, accept, ask for another time, cancel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot import identity, meetings, questions, together
from bot.commands import AskSecretariat, Command
from bot.dialogue import say
from bot.errors import Refused
from bot.markup import plain
from bot.meeting_commands import (
    OUTCOMES,
    AcceptMeeting,
    ArrangeMeeting,
    AskInterpreter,
    CancelMeeting,
    CountMeetings,
    DeclineMeeting,
    FindSlots,
    FindTogether,
    Free,
    Meeting,
    MeetingCounts,
    MyMeetings,
    Proposed,
    ProposeMeeting,
    ReadMeetings,
    Slot,
    TellOutcome,
)
from bot.meeting_slots import Taken, free, is_in_session, occupy, offered, release, to_slots
from bot.meetings import MeetingRow, MeetingSide, booked, id_of, number_of, proposal, settle_due, sides
from bot.notices import Notice
from bot.participants import keep_everybody
from knowledge.contacts import mask_contacts

if TYPE_CHECKING:
    from bot.records import Records

HELD = timedelta(minutes=10)
"""How long a place is held for those who have not answered."""
OFFERED = 3
"""Times that are offered at once."""
MOST_WORDS = 1000
"""Characters of what comes next that are kept."""
CLEAR: Mapping[str, None] = dict.fromkeys(("held_place", "held_from", "held_to", "held_by", "held_until"))


def find_slots(records: Records, command: FindSlots) -> Free:
    """Find when all can meet."""
    people, row = meetings.people_of(records.desk, command.about)
    meeting = _seen(records, row) if row is not None else None
    slots = _nearest(records, people, row, command.near)
    about = command.about.strip().upper()
    others = meetings.parties(records.session, about, people, records.actor, records.now)
    return Free(others, slots, meeting)


def propose(records: Records, command: ProposeMeeting) -> Proposed:
    """Hold the place and ask the others."""
    keep_everybody(records.session)
    people, row = meetings.people_of(records.desk, command.about)
    slot = _slot(records, command.place, command.starts, len(people))
    if slot is None:
        return _instead(records, "no_slot", people, row, command.starts, command.place)
    if row is not None and row.state == "proposed" and proposal(row) == slot and not _is_own(records, row):
        return _agree(records, row, people, slot)
    return _hold(records, row, command.about.strip().upper(), people, slot)


def accept(records: Records, command: AcceptMeeting) -> Proposed:
    """Agree to what is proposed; what is held no more is proposed in turn."""
    keep_everybody(records.session)
    row = meetings.held(records.desk, command.number)
    people = [side.participant_id for side in sides(records.session, row)]
    slot, stands = proposal(row), booked(row)
    if stands is not None and (stands.place, stands.starts) == (command.place, command.starts):
        return Proposed("booked" if row.state == "booked" else "over", _seen(records, row))
    if row.state == "cancelled":
        return Proposed("over", _seen(records, row))
    if slot is None or (slot.place, slot.starts) != (command.place, command.starts):
        return Proposed("changed", _seen(records, row))
    if _slot(records, slot.place, slot.starts, len(people)) is None:
        # Its time has come, or a session has come to need the room.
        return _instead(records, "no_slot", people, row, slot.starts, slot.place)
    if row.state == "lapsed":
        return _hold(records, row, number_of(row), people, slot)
    return _agree(records, row, people, slot)


def decline(records: Records, command: DeclineMeeting) -> Meeting:
    """Hold no longer what is proposed, and tell the others."""
    row = meetings.held(records.desk, command.number)
    slot, own = proposal(row), _is_own(records, row)
    if slot is None or row.state == "cancelled":
        return _seen(records, row)
    asked = row.state != "lapsed"
    _change(records, row, state="booked" if row.state == "booked" else "cancelled", **CLEAR)
    _occupy(records, row, None)
    if asked and slot.starts > records.now:
        _tell_others(records, row, "meeting/dropped" if own else "meeting/declined", dropped=slot)
        _tell_arranger(records, row)
    return _seen(records, row)


def cancel(records: Records, command: CancelMeeting) -> Meeting:
    """Let the meeting not take place; the others are told, and when they could meet instead."""
    row = meetings.held(records.desk, command.number)
    slot = booked(row)
    if records.actor.id not in {side.participant_id for side in sides(records.session, row)}:
        _cancel_for_all(records, row)
    elif row.state == "booked" and slot is not None and slot.ends > records.now:
        call_off(records, row, slot)
    elif row.state in ("proposed", "lapsed"):
        return decline(records, DeclineMeeting(command.number))
    return _seen(records, row)


def call_off(records: Records, row: MeetingRow, slot: Slot | None, *, again: bool = True) -> None:
    """
    Let a meeting at *slot* not take place and tell the others; with *again* they are offered other times.

    None is one for which no time was found yet.
    """
    people = [side.participant_id for side in sides(records.session, row)]
    _change(records, row, state="cancelled", revision=row.revision + 1, **CLEAR)
    release(records.session, id_of(row))
    nearest = _other_time(records, people, row, slot) if again else ()
    _tell_others(records, row, "meeting/cancelled", cancelled=slot, nearest=nearest, again=again)
    if again:
        _tell_arranger(records, row)


def call_all_off(records: Records) -> None:
    """Cancel what the actor, who leaves, still has before them; the others are told no more than that."""
    for row in meetings.mine(records.session, records.actor.id):
        slot = booked(row)
        if row.state == "booked" and slot is not None and slot.ends > records.now:
            call_off(records, row, slot, again=False)
        elif row.state in ("proposed", "lapsed"):
            decline(records, DeclineMeeting(number_of(row)))


def ask_interpreter(records: Records, command: AskInterpreter) -> Meeting:
    """Put the wish into the secretariat's queue, once for each meeting."""
    row = meetings.held(records.desk, command.number)
    slot = booked(row)
    if slot is None or row.state != "booked" or slot.ends <= records.now:
        raise Refused(f"{command.number} is not booked")
    if row.interpreter is None:
        people = [
            identity.actor_of(records.session, side.participant_id) for side in sides(records.session, row)
        ]
        langs = sorted({one.reads for one in people})
        asked = say("meeting/interpreter", number=number_of(row), slot=slot, langs=langs)
        card = records.press.wording.card(asked, records.lang, "interpreter", records.press.know)
        number = questions.ask(records, AskSecretariat(plain(card.body), "interpreter"))
        _change(records, row, interpreter=number)
    return _seen(records, row)


def tell_outcome(records: Records, command: TellOutcome) -> Meeting:
    """Keep what the actor says of it."""
    if command.outcome not in OUTCOMES:
        raise Refused(f"{command.outcome} is no outcome; one of: {', '.join(sorted(OUTCOMES))}")
    row = meetings.held(records.desk, command.number)
    side = records.session.get(MeetingSide, (id_of(row), records.actor_id))
    if side is None or row.starts_at is None or row.starts_at > records.now:
        raise Refused(f"{command.number} did not begin yet")
    side.outcome, side.told_at = command.outcome, records.now
    if command.next_steps:
        side.next_steps = mask_contacts(command.next_steps[:MOST_WORDS]).text
    records.session.add(side)
    records.session.flush()
    return _seen(records, row)


def my_meetings(records: Records, _command: MyMeetings) -> tuple[Meeting, ...]:
    """Read the actor's meetings."""
    rows = meetings.mine(records.session, records.actor.id) if records.actor.id is not None else []
    return meetings.seen(records.session, rows, records.actor, records.now)


# What the secretariat does


def read_meetings(records: Records, command: ReadMeetings) -> tuple[Meeting, ...]:
    """Read them."""
    rows = meetings.everybodys(records.session, command.number)
    found = meetings.seen(records.session, rows, records.actor, records.now)
    return tuple(sorted(found, key=lambda one: (one.at is None, one.at or records.now)))


def count(records: Records, _command: CountMeetings) -> MeetingCounts:
    """Count them."""
    found: tuple[Meeting, ...] = read_meetings(records, ReadMeetings())
    standings: Counter[str] = Counter(one.stands(records.now) for one in found)
    standings["cancelled"] = meetings.cancelled(records.session)
    return MeetingCounts(standings, meetings.outcomes(records.session))


def find_together(records: Records, command: FindTogether) -> Free:
    """Find when all can meet."""
    people, about, row = together.called(records.desk, command.whom)
    slots = _nearest(records, people, row, command.near)
    others = meetings.parties(records.session, about, people, records.actor, records.now)
    return Free(others, slots, _seen(records, row) if row is not None else None)


def arrange(records: Records, command: ArrangeMeeting) -> Proposed:
    """Hold the place and ask all; a button twice asks nobody again."""
    keep_everybody(records.session)
    people, about, row = together.called(records.desk, command.whom)
    if row is not None and _chosen(row) == (command.place, command.starts):
        return Proposed("booked" if row.state == "booked" else "held", _seen(records, row))
    slot = _slot(records, command.place, command.starts, len(people))
    if slot is None:
        return _instead(records, "no_slot", people, row, command.starts, command.place)
    return _hold(records, row, about, people, slot)


def _chosen(row: MeetingRow) -> tuple[str, datetime] | None:
    """Return the place and the time that all are asked about, or that are booked; None where nothing is."""
    slot = proposal(row) if row.state != "lapsed" else None
    slot = slot or (booked(row) if row.state == "booked" else None)
    return (slot.place, slot.starts) if slot is not None else None


def _cancel_for_all(records: Records, row: MeetingRow) -> None:
    """Let what is booked, or was proposed, not take place, and tell everybody that the secretariat had to cancel it."""
    slot = booked(row) if row.state == "booked" else proposal(row)
    if row.state != "cancelled" and (slot is None or slot.ends > records.now):
        call_off(records, row, slot)


# What they have in common


def _is_own(records: Records, row: MeetingRow) -> bool:
    return row.held_by is not None and row.held_by == records.actor.id


def _slot(records: Records, place: str, starts: datetime, people: int) -> Slot | None:
    """Return the slot that begins at *starts*, None where there is none to be had by so many *people*."""
    found = records.press.know.places.get(place)
    if found is None or starts.tzinfo is None or starts <= records.now or found.seats < people:
        return None
    slot = next((one for one in to_slots(found) if one.starts == starts), None)
    return None if slot is None or is_in_session(records.press.know, found, slot) else slot


def _hold(
    records: Records, before: MeetingRow | None, about: str | None, people: list[int], slot: Slot
) -> Proposed:
    """Hold *slot* for the actor's proposal and show it to the others."""
    try:
        with records.session.begin_nested():
            row = before or meetings.begin(records.desk, people, about)
            _change(
                records,
                row,
                state="booked" if row.state == "booked" else "proposed",
                held_place=slot.place,
                held_from=slot.starts,
                held_to=slot.ends,
                held_by=records.actor.id,
                held_until=min(records.now + HELD, slot.starts),
            )
            for side in sides(records.session, row):
                side.agreed = side.participant_id == records.actor.id
                records.session.add(side)
            records.session.flush()
            _occupy(records, row, slot)
    except Taken as taken:
        return _instead(records, taken.what, people, before, slot.starts, slot.place)
    _tell_others(records, row, "meeting/proposed")
    return Proposed("held", _seen(records, row))


def _agree(records: Records, row: MeetingRow, people: list[int], slot: Slot) -> Proposed:
    """Let the actor agree to *slot*; it is booked once all do."""
    own = records.session.get(MeetingSide, (id_of(row), records.actor_id))
    if own is None:
        raise Refused("only who is to meet can agree")
    try:
        with records.session.begin_nested():
            own.agreed = True
            records.session.add(own)
            records.session.flush()
            if all(side.agreed for side in sides(records.session, row)):
                _book(records, row, slot)
                _occupy(records, row, None)
            else:
                _occupy(records, row, slot)
    except Taken as taken:
        return _instead(records, taken.what, people, row, slot.starts, slot.place)
    if row.state != "booked" or booked(row) != slot:
        return Proposed("waiting", _seen(records, row))
    _tell_others(records, row, "meeting/booked", over=False)
    _tell_arranger(records, row)
    return Proposed("booked", _seen(records, row))


def _book(records: Records, row: MeetingRow, slot: Slot) -> None:
    _change(
        records,
        row,
        state="booked",
        place=slot.place,
        starts_at=slot.starts,
        ends_at=slot.ends,
        revision=row.revision + 1,
        reminded_at=records.now if slot.starts - meetings.REMINDED <= records.now else None,
        asked_at=None,
        **CLEAR,
    )


def _occupy(records: Records, row: MeetingRow, holds: Slot | None) -> None:
    """Let the meeting have what is booked for everybody, and what it *holds* for those who agreed."""
    stands = booked(row) if row.state == "booked" else None
    people = {
        side.participant_id: [slot for slot in (stands, holds if side.agreed else None) if slot is not None]
        for side in sides(records.session, row)
    }
    occupy(records.session, id_of(row), [slot for slot in (stands, holds) if slot is not None], people)


def _change(records: Records, row: MeetingRow, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_at = records.now
    settle_due(row)
    records.session.add(row)
    records.session.flush()


def _instead(
    records: Records, result: Any, people: list[int], row: MeetingRow | None, near: datetime, place: str
) -> Proposed:
    meeting = _seen(records, row) if row is not None else None
    return Proposed(result, meeting, _nearest(records, people, row, near, place))


def _nearest(
    records: Records,
    people: list[int],
    row: MeetingRow | None,
    near: datetime | None,
    place: str | None = None,
) -> tuple[Slot, ...]:
    found = free(records.session, records.press.know, people, records.now, row.id if row else None)
    return offered(found, OFFERED, near, place)


def _other_time(
    records: Records, people: list[int], row: MeetingRow, before: Slot | None
) -> tuple[Slot, ...]:
    """Return the slot nearest to *before*, which is free again and does not suit."""
    found = free(records.session, records.press.know, people, records.now, row.id)
    if before is None:
        return offered(found, 1)
    others = (one for one in found if one.ends <= before.starts or before.ends <= one.starts)
    return offered(others, 1, before.starts, before.place)


def _seen(records: Records, row: MeetingRow) -> Meeting:
    return meetings.seen_one(records.session, row, records.actor, records.now)


def _tell_others(records: Records, row: MeetingRow, template: str, **values: Any) -> None:
    for side in sides(records.session, row):
        if side.participant_id != records.actor.id:
            reader = identity.actor_of(records.session, side.participant_id)
            meeting = meetings.seen_one(records.session, row, reader, records.now)
            by = next((one for one in meeting.others if one.person == records.actor.id), None)
            told = say(template, meeting=meeting, by=by, rehearsal=bool(records.press.ahead), **values)
            records.notices.append(Notice(side.participant_id, told))


def _tell_arranger(records: Records, row: MeetingRow) -> None:
    """Have the officer who arranged it see how it stands, unless they did so themselves."""
    officer = meetings.arranger(records.session, row)
    if officer is not None and officer.id is not None and officer.id != records.actor.id:
        meeting = meetings.seen_one(records.session, row, officer, records.now)
        told = say("bookings/meeting", meeting=meeting, over=False, rehearsal=bool(records.press.ahead))
        records.notices.append(Notice(officer.id, told))


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    FindSlots: find_slots,
    ProposeMeeting: propose,
    AcceptMeeting: accept,
    DeclineMeeting: decline,
    CancelMeeting: cancel,
    AskInterpreter: ask_interpreter,
    TellOutcome: tell_outcome,
    MyMeetings: my_meetings,
    ReadMeetings: read_meetings,
    CountMeetings: count,
    FindTogether: find_together,
    ArrangeMeeting: arrange,
}
"""What carries each command out."""
