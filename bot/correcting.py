"""Announcements that were wrong: other words for everyone who has them, or taken back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import and_, func, insert, literal, null, or_, select, true, update

from bot import rescheduling
from bot.announcement_commands import Correct, Corrected, Retract
from bot.announcing import WAITING, checked, put_away
from bot.audiences import DELIVERIES
from bot.broadcasts import Announcement, Audience
from bot.compositions import TEMPLATES, Words
from bot.deliveries import PRIORITY
from bot.desk import Desk, kind_of, words_of
from bot.errors import Refused
from bot.expanding import Marks, personalise, reads, shared
from bot.steering import stands, stop
from bot.store import Broadcast

EDITS = ("telegram", "slack", "web", "terminal")
"""Channels on which a message can be changed after it arrived."""
SEEN = frozenset({"session", "room", "time", "minutes", "place"})
"""Kinds of slots whose change people must notice: a message that is edited in place makes no sound."""
EARLIER = ("before", "was")
"""Slots that say how a session stood before an announcement, which its corrections say too."""


def correct(desk: Desk, command: Correct) -> Corrected:
    """
    Give the announcement other words.

    What is queued leaves with them. What arrived is edited in place; who may not have it, or cannot see the edit, gets
    a new message, as does everyone when the room or the time differs.
    """
    row = desk.row(command.number)
    if row.state not in (*WAITING, "running", "paused", "cancelled"):
        raise Refused(stands("nothing_to_correct", row, "there is nothing to correct"))
    before, standing = words_of(row), rescheduling.of(desk.session, row)
    change = command.change if command.change != standing else None
    audience = Audience.from_json(row.audience)
    wanted = Announcement(_with_earlier(command.words, before), audience, kind_of(row), change=change)
    words = checked(wanted, desk.press).words
    if words == before and change is None:
        return Corrected()
    row.words = {**row.words, **words.to_json()}
    row.edition, row.corrected_at = row.edition + 1, desk.now
    if change is not None:
        row.session = change.session
        rescheduling.undo(desk.session, row, desk.now)
        rescheduling.keep(desk.session, row, change, desk.now, desk.actor.id)
    desk.session.add(row)
    desk.session.flush()
    if row.state in WAITING:
        return Corrected(queued=row.recipients)
    return _told(desk, row, everyone=change is not None or _moved(before, words))


def _with_earlier(words: Words, before: Words) -> Words:
    """Return *words* with what *before* says of the time before the announcement: by now the programme says more."""
    template = TEMPLATES.get(words.template or "")
    if template is None or words.slots.get("session") != before.slots.get("session"):
        return words
    named = {slot.name for slot in template.slots}
    kept = {name: before.slots[name] for name in EARLIER if name in named and name in before.slots}
    if kept.get("before") == words.slots.get("room"):
        kept.pop("before", None)
    return replace(words, slots={**kept, **words.slots})


def _moved(before: Words, after: Words) -> bool:
    """Tell whether the two name another place or time."""
    if before.template != after.template:
        return True
    template = TEMPLATES.get(after.template or "")
    seen = [slot.name for slot in template.slots if slot.kind in SEEN] if template else []
    return any(before.slots.get(name) != after.slots.get(name) for name in seen)


def _told(desk: Desk, row: Broadcast, *, everyone: bool) -> Corrected:
    """Let everyone have the new edition of *row*."""
    session, marks = desk.session, Marks(corrected=desk.now)
    cards = shared(session, row, desk.press, marks)
    fresh = {"card": null(), "shared_card_id": reads(cards, DELIVERIES.c.participant_id)}
    mine = DELIVERIES.c.broadcast_id == row.id
    not_there = and_(mine, DELIVERIES.c.state.in_(("queued", "failed", "unknown")))
    session.execute(update(DELIVERIES).where(not_there).values(fresh))
    still = _corrections(row, DELIVERIES) & (DELIVERIES.c.state == "queued")
    edits: Any = session.execute(update(DELIVERIES).where(still).values(fresh))
    edited = edits.rowcount + _insert_edits(desk, row, cards)
    anew = 0 if row.state == "cancelled" else _insert_anew(desk, row, cards, everyone=everyone)
    personalise(session, row, desk.press, marks)
    queued = and_(mine, DELIVERIES.c.state == "queued", DELIVERIES.c.corrects_id.is_(None))
    waiting = select(func.count()).select_from(DELIVERIES).where(queued)
    return Corrected(edited, anew, session.execute(waiting).scalar_one())


def retract(desk: Desk, command: Retract) -> Corrected:
    """Take the announcement back: from the queue, and from everyone who has it."""
    row = desk.row(command.number)
    if put_away(desk.session, row, "undone", desk.now):
        return Corrected(queued=row.recipients)
    if not desk.move(row, ("running", "paused", "cancelled"), "withdrawn", withdrawn_at=desk.now):
        return Corrected()
    rescheduling.undo(desk.session, row, desk.now)
    queued = stop(desk, row, "withdrawn")
    still = _corrections(row, DELIVERIES) & (DELIVERIES.c.state == "queued")
    over = {"state": "failed", "cause": "withdrawn", "settled_at": desk.machine}
    desk.session.execute(update(DELIVERIES).where(still).values(over))
    row.edition += 1
    desk.session.add(row)
    desk.session.flush()
    cards = shared(desk.session, row, desk.press, Marks(withdrawn=desk.now))
    return Corrected(_insert_edits(desk, row, cards, deletes=True), queued=queued)


def _corrections(row: Broadcast, table: Any) -> Any:
    """Return what makes a row of *table* one that edits a message of *row*."""
    own = DELIVERIES.alias("own")
    return (table.c.kind == "correction") & table.c.corrects_id.in_(
        select(own.c.id).where(own.c.broadcast_id == row.id)
    )


def _insert_edits(desk: Desk, row: Broadcast, cards: Mapping[str, int], *, deletes: bool = False) -> int:
    """
    Queue an edit of every message of *row* that arrived, or is in flight, unless one is queued already.

    Of those in flight nobody knows the platform's id yet: the ledger finds it when the edit leaves.
    """
    other = DELIVERIES.alias("other")
    queued = select(other.c.id).where(
        other.c.corrects_id == DELIVERIES.c.id, other.c.kind == "correction", other.c.state == "queued"
    )
    arrived = and_(
        DELIVERIES.c.broadcast_id == row.id,
        DELIVERIES.c.state.in_(("sent", "sending")),
        DELIVERIES.c.channel.in_(EDITS),
        ~queued.exists(),
    )
    values = {
        "kind": literal("correction"),
        "priority": literal(PRIORITY["correction"]),
        "replaces": DELIVERIES.c.message,
        "deletes": literal(deletes),
    }
    return _insert(desk, row, cards, arrived, f"c{row.edition}", values)


def _insert_anew(desk: Desk, row: Broadcast, cards: Mapping[str, int], *, everyone: bool) -> int:
    """Queue a new message to those whom an edit does not reach, or to *everyone* who has the announcement."""
    other = DELIVERIES.alias("other")
    queued = select(other.c.id).where(
        other.c.corrects_id == DELIVERIES.c.id, other.c.kind != "correction", other.c.state == "queued"
    )
    state = DELIVERIES.c.state
    unseen = true() if everyone else DELIVERIES.c.channel.not_in(EDITS)
    wanted = and_(
        DELIVERIES.c.broadcast_id == row.id,
        DELIVERIES.c.corrects_id.is_(None),
        or_(state == "unknown", and_(state.in_(("sent", "sending")), unseen)),
        ~queued.exists(),
    )
    values = {
        "kind": literal(row.kind),
        "priority": literal(PRIORITY[kind_of(row)]),
        "broadcast_id": literal(row.id),
        "deletes": literal(False),
    }
    return _insert(desk, row, cards, wanted, f"n{row.edition}", values)


def _insert(
    desk: Desk, row: Broadcast, cards: Mapping[str, int], which: Any, mark: str, more: Mapping[str, Any]
) -> int:
    """Queue a delivery with one of *cards* after each of those that *which* names; its ref ends with *mark*."""
    table = DELIVERIES.c
    values = {
        "ref": table.ref.concat(mark),
        **{name: table[name] for name in ("participant_id", "channel", "user", "chat", "thread")},
        "corrects_id": table.id,
        "shared_card_id": reads(cards, table.participant_id),
        "state": literal("queued"),
        "attempts": literal(0),
        "created_at": literal(desk.now, table.created_at.type),
        **more,
    }
    written = select(*values.values()).where(which).order_by(table.id)
    queued = insert(DELIVERIES).from_select(list(values), written)
    result: Any = desk.session.execute(queued, execution_options={"preserve_rowcount": True})
    return int(result.rowcount)
