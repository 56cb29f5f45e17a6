"""Announcements on their way: how far they have come, stopped and let go on, tried again, and whom they missed."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, case, func, insert, literal, or_, select, update
from sqlmodel import col
from sqlmodel import select as select_rows

from bot import audiences
from bot.announcement_commands import (
    Cancel,
    FindLatest,
    Missing,
    Pause,
    Progress,
    ReadProgress,
    ResendUnknown,
    Resume,
    RetryFailed,
    ToTelephone,
)
from bot.audiences import ADDRESSES, CONFIRMATIONS, CONTACT, DELIVERIES, LANG, PEOPLE
from bot.broadcasts import HOLD, Audience
from bot.composing import Reader
from bot.desk import BROADCASTS, Desk, id_of, number_of, state_of, words_of
from bot.errors import Refused
from bot.expanding import SHARED, written
from bot.markup import plain
from bot.reasons import Name, Reason, because
from bot.store import Broadcast, DeliveryEvent
from knowledge.vocabulary import LANGUAGES, Localised

EVENTS: Any = DeliveryEvent.__table__  # type: ignore[attr-defined]
NEWEST = 50
"""Announcements that are listed at once."""
WINDOW = timedelta(minutes=1)
"""What the rate is counted over."""
WAITING = ("queued", "sending")
"""States of deliveries that have not ended."""
FOR_GOOD = ("muted", "cancelled", "withdrawn", "late")
"""Causes of failures that somebody wanted, or that no second try mends."""


def pause(desk: Desk, command: Pause) -> Progress:
    """Stop the announcement until it is resumed."""
    row = desk.row(command.number)
    if row.state != "paused" and not (_waits(desk, row) and desk.move(row, ("running",), "paused")):
        raise Refused(_stands("not_running", desk, row, "only one that runs can be paused"))
    return _progress(desk, row)


def resume(desk: Desk, command: Resume) -> Progress:
    """Let the announcement go on."""
    row = desk.row(command.number)
    if not desk.move(row, ("paused",), "running") and row.state != "running":
        raise Refused(stands("not_paused", row, "only one that is paused can go on"))
    return _progress(desk, row)


def cancel(desk: Desk, command: Cancel) -> Progress:
    """Stop the announcement for good; what is queued ends as failed."""
    row = desk.row(command.number)
    done = row.state == "cancelled" or (
        _waits(desk, row) and desk.move(row, ("running", "paused"), "cancelled")
    )
    if not done and row.state in ("awaiting", "held"):
        raise Refused(stands("undo_instead", row, "undo it instead"))
    if not done:
        raise Refused(_stands("nothing_to_stop", desk, row, "nothing of it is left to stop"))
    stop(desk, row, "cancelled")
    return _progress(desk, row)


def _waits(desk: Desk, row: Broadcast) -> bool:
    """Tell whether something of *row* waits to leave, or is on its way."""
    mine = (DELIVERIES.c.broadcast_id == row.id) & DELIVERIES.c.state.in_(WAITING)
    return desk.session.execute(select(DELIVERIES.c.id).where(mine).limit(1)).first() is not None


def _stands(name: Name, desk: Desk, row: Broadcast, then: str) -> Reason:
    """Return the reason that *row* stands where it does; one of which all has left does not run any more."""
    return stands(name, row, then, left=row.state == "running" and not _waits(desk, row))


def stop(desk: Desk, row: Broadcast, cause: str) -> int:
    """End what is queued of *row* as failed because of *cause* and return how many."""
    queued = (DELIVERIES.c.broadcast_id == row.id) & (DELIVERIES.c.state == "queued")
    ended = update(DELIVERIES).where(queued)
    result: Any = desk.session.execute(ended.values(state="failed", cause=cause, settled_at=desk.machine))
    return int(result.rowcount)


def resend_unknown(desk: Desk, command: ResendUnknown) -> int:
    """Queue what may not have arrived once more, except for those who were sent a correction since."""
    row = _going(desk, command.number)
    newer = DELIVERIES.alias("newer")
    anew = select(newer.c.id).where(newer.c.corrects_id == DELIVERIES.c.id).exists()
    return _again(desk, row, "resent", and_(DELIVERIES.c.state == "unknown", ~anew))


def retry_failed(desk: Desk, command: RetryFailed) -> int:
    """Queue what failed once more, where the recipient can be written to and got it nowhere else."""
    row = _going(desk, command.number)
    place = select(ADDRESSES.c.user).where(
        ADDRESSES.c.channel == DELIVERIES.c.channel,
        ADDRESSES.c.user == DELIVERIES.c.user,
        ADDRESSES.c.unsubscribed_at.is_(None),
    )
    cause = func.coalesce(DELIVERIES.c.cause, "").not_in(FOR_GOOD)
    failed = and_(DELIVERIES.c.state == "failed", cause, place.exists(), ~_later())
    return _again(desk, row, "retried", failed)


def _later() -> Any:
    """Return what is true of a delivery after whose failure another address of the recipient was tried."""
    later = DELIVERIES.alias("later")
    return (
        select(later.c.id)
        .where(later.c.participant_id == DELIVERIES.c.participant_id, later.c.id > DELIVERIES.c.id)
        .where(later.c.broadcast_id == DELIVERIES.c.broadcast_id, later.c.corrects_id.is_(None))
        .exists()
    )


def _going(desk: Desk, number: str) -> Broadcast:
    """Return the announcement, of which something may still leave; raises Refused otherwise."""
    row = desk.row(number)
    if row.state not in ("running", "paused"):
        raise Refused(stands("announce_anew", row, "announce it anew"))
    if row.use_by is not None and row.use_by <= desk.now:
        raise Refused(because("past_use_by", f"{number} is past its use-by; announce it anew", number=number))
    return row


def _again(desk: Desk, row: Broadcast, event: str, which: Any) -> int:
    """Queue those deliveries of *row* once more, and note by whom that was done."""
    chosen = and_(DELIVERIES.c.broadcast_id == row.id, DELIVERIES.c.corrects_id.is_(None), which)
    noted = {
        "delivery_id": DELIVERIES.c.id,
        "at": literal(desk.machine, EVENTS.c.at.type),
        "event": literal(event),
        "cause": DELIVERIES.c.cause,
        "attempts": DELIVERIES.c.attempts,
        "actor_id": literal(desk.actor.id, EVENTS.c.actor_id.type),
    }
    desk.session.execute(insert(EVENTS).from_select(list(noted), select(*noted.values()).where(chosen)))
    fresh = {"state": "queued", "attempts": 0, "cause": None, "owner": None, "settled_at": None}
    result: Any = desk.session.execute(update(DELIVERIES).where(chosen).values(fresh))
    return int(result.rowcount)


def to_telephone(desk: Desk, command: ToTelephone) -> tuple[Missing, ...]:
    """Find whom the announcement did not reach for certain, and who could not be written to at all."""
    row = desk.row(command.number)
    audience = Audience.from_json(row.audience)
    members = audiences.conditions(desk.session, audience, desk.press.know.vocabulary)
    query = (
        select(*CONTACT, DELIVERIES.c.channel, DELIVERIES.c.state, DELIVERIES.c.cause)
        .join(DELIVERIES, DELIVERIES.c.participant_id == PEOPLE.c.id)
        .where(*_counted(row), DELIVERIES.c.state.in_(("failed", "unknown")))
    )
    failed = desk.session.execute(query).all()
    found = {one.id: Missing(one.name, one.country, one.email, *one[4:]) for one in failed}
    for one in audiences.unreachable(desk.session, audience, members):
        found.setdefault(one.id, Missing(one.name, one.country, one.email, None, "unreachable", None))
    return tuple(sorted(found.values(), key=lambda one: (one.country or "", one.name or "", one.email or "")))


def _counted(row: Broadcast) -> tuple[Any, ...]:
    """Return what makes a delivery of *row* the one that counts for its recipient: the last that was tried."""
    mine = (DELIVERIES.c.broadcast_id == row.id, DELIVERIES.c.corrects_id.is_(None))
    return (*mine, or_(DELIVERIES.c.state != "failed", ~_later()))


def read_progress(desk: Desk, command: ReadProgress) -> tuple[Progress, ...]:
    """Count the deliveries of announcements by state, place and cause."""
    newest = select_rows(Broadcast).order_by(col(Broadcast.id).desc()).limit(NEWEST)
    if command.number is not None:
        newest = newest.where(col(Broadcast.id) == id_of(command.number))
    return tuple(_progress(desk, row) for row in desk.session.exec(newest))


def find_latest(desk: Desk, command: FindLatest) -> Progress | None:
    """Find what the actor would take back by saying so: what leaves about now, else the one *shown* to them."""
    table = BROADCASTS.c
    has_left = table.state.in_(("running", "paused"))
    leaves = or_(table.created_at >= desk.now - HOLD, table.starts_at <= desk.now + HOLD)
    near = case((has_left, table.started_at >= desk.now - HOLD), else_=leaves)
    chosen = or_(near, table.id == id_of(command.shown)) if command.shown else near
    stands = or_(table.state.in_(("awaiting", "held")), has_left)
    mine = and_(table.created_by == desk.actor.id, stands, chosen)
    query = select_rows(Broadcast).where(mine).order_by(near.desc(), table.id.desc()).limit(1)
    row = desk.session.exec(query).first()
    return _progress(desk, row) if row is not None else None


def _progress(desk: Desk, row: Broadcast) -> Progress:
    table, count = DELIVERIES.c, func.count()
    lang = func.coalesce(SHARED.c.lang, LANG)
    grouped = (
        select(table.channel, lang, table.state, table.cause, count)
        .outerjoin(SHARED, SHARED.c.id == table.shared_card_id)
        .join(PEOPLE, PEOPLE.c.id == table.participant_id)
        .where(*_counted(row))
        .group_by(table.channel, lang, table.state, table.cause)
    )
    states: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    places: dict[tuple[str, str], Counter[str]] = {}
    for channel, reads, state, cause, number in desk.session.execute(grouped):
        states[state] += number
        places.setdefault((channel, reads), Counter())[state] += number
        if cause is not None and state in ("failed", "unknown"):
            causes[cause] += number
    rate = _rate(desk, row)
    waiting = states["queued"] + states["sending"]
    return Progress(
        number=number_of(row),
        text=said(desk, row, ("en",))["en"],
        recipients=row.recipients,
        states=dict(states),
        causes=dict(causes),
        kind=row.kind,
        state=state_of(row),
        starts_at=row.starts_at,
        places={place: dict(counts) for place, counts in sorted(places.items())},
        rate=rate,
        left=timedelta(seconds=round(waiting / rate)) if rate and row.state == "running" else None,
        changes=_changes(desk, row),
        confirmed=_confirmed(desk, row),
        created_by=desk.officer(row),
        own=row.created_by is not None and row.created_by == desk.actor.id,
    )


def _changes(desk: Desk, row: Broadcast) -> int:
    """Return how many corrections and withdrawals of messages of *row* have not ended."""
    own = DELIVERIES.alias("own")
    ours = DELIVERIES.c.corrects_id.in_(select(own.c.id).where(own.c.broadcast_id == row.id))
    waiting = select(func.count()).where(ours, DELIVERIES.c.state.in_(WAITING))
    return int(desk.session.execute(waiting).scalar_one()) if row.edition > 1 else 0


def _rate(desk: Desk, row: Broadcast) -> float:
    """Return the messages a second that arrived in the last minute, or since the beginning if that is later."""
    if row.started_at is None:
        return 0.0
    window = min(WINDOW, max(desk.now - row.started_at, timedelta(seconds=1)))
    arrived = select(func.count()).where(
        DELIVERIES.c.broadcast_id == row.id,
        DELIVERIES.c.state == "sent",
        DELIVERIES.c.settled_at > desk.machine - window,
    )
    return int(desk.session.execute(arrived).scalar_one()) / window.total_seconds()


def _confirmed(desk: Desk, row: Broadcast) -> int:
    mine = select(func.count()).where(CONFIRMATIONS.c.broadcast_id == row.id)
    return int(desk.session.execute(mine).scalar_one())


def said(desk: Desk, row: Broadcast, languages: Sequence[str] = LANGUAGES) -> Localised:
    """Return what *row* says in each of *languages*, as far as it can still be said."""
    words = words_of(row)
    if words.texts:
        return Localised(words.texts)
    try:
        return Localised(
            {lang: plain(written(row, desk.press, Reader(lang), "title").body) for lang in languages}
        )
    except Refused:
        return Localised(en=words.template or "")


def stands(name: Name, row: Broadcast, then: str, *, left: bool = False) -> Reason:
    """Return the reason that *row* stands where it does, or has *left* whole, and what follows from that."""
    state = "left" if left else row.state
    where = {
        "awaiting": "waits for a second officer",
        "held": "has not begun",
        "running": "is running",
        "left": "has left",
        "paused": "is paused",
        "undone": "was undone",
        "cancelled": "was cancelled",
        "withdrawn": "was withdrawn",
        "merged": "went out with another announcement",
        "late": "came too late and was not sent",
    }[state]
    number = number_of(row)
    return because(name, f"{number} {where}; {then}", number=number, state=state)
