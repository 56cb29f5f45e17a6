"""The life of an announcement until it is out: checked, held, approved or undone, begun."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot import audiences, broadcasts, composing, rescheduling
from bot.announcement_commands import Announce, Announced, Approve, FindReach, SendNow, Undo
from bot.audiences import DELIVERIES
from bot.broadcasts import HOLD, LARGEST, Announcement, Reach, State
from bot.compositions import TEMPLATES
from bot.database import lock
from bot.desk import BROADCASTS, Desk, Press, id_of, move, number_of, state_of, to_row
from bot.errors import Refused
from bot.expanding import expand
from bot.messages import Attachment
from bot.reasons import Reason, because
from bot.store import Broadcast

log = structlog.get_logger()
WAITING: tuple[State, ...] = ("awaiting", "held")


def find_reach(desk: Desk, command: FindReach) -> Reach:
    """Find the audience's participants, each at one address."""
    broadcasts.check(command.audience, desk.press.know)
    return audiences.reach(desk.session, command.audience, desk.press.know.vocabulary, desk.now)


def announce(desk: Desk, command: Announce) -> Announced:
    """Keep the announcement and what becomes of its session; one with the same key is found again instead."""
    session, given = desk.session, command.announcement
    lock(session, f"announce:{given.change.session if given.change else given.key}")
    key, known = _known(desk, given)
    if known is not None:
        return announced(known, fresh=False)
    announcement = checked(given, desk.press)
    older = rescheduling.earlier(desk, announcement)
    if older is not None and (change := rescheduling.of(session, older)) is not None:
        both = rescheduling.merged(announcement, older, change)
        announcement, older = (checked(both, desk.press), older) if both else (announcement, None)
    row = _kept(desk, announcement, key)
    if older is not None:
        put_away(session, older, "merged", desk.now, about_id=row.id)
    if announcement.change is not None:
        rescheduling.keep(session, row, announcement.change, desk.now, desk.actor.id)
    if row.state == "held" and row.starts_at <= desk.now:
        begin(session, row, desk.press, desk.now)
    return announced(row)


def _known(desk: Desk, announcement: Announcement) -> tuple[str, Broadcast | None]:
    """
    Return the key to keep *announcement* under, and the one that was kept under it before.

    A session may come back to where it was before: the same change is another one once a different one has been made.
    """
    key = f"nudge.{announcement.about}" if announcement.about else announcement.key
    if announcement.change is not None:
        change, maker = rescheduling.newest(desk.session, announcement.change.session)
        last = desk.session.get(Broadcast, maker) if maker is not None else None
        if last is not None and last.key.startswith(key) and not announcement.again:
            return last.key, last
        key = f"{key}.{change}"
    if announcement.again:
        same = select(func.count()).select_from(BROADCASTS).where(BROADCASTS.c.key.startswith(key))
        return f"{key}.again{desk.session.execute(same).scalar_one()}", None
    return key, desk.session.exec(select_rows(Broadcast).where(col(Broadcast.key) == key)).first()


def _kept(desk: Desk, announcement: Announcement, key: str) -> Broadcast:
    recipients = audiences.size(desk.session, announcement.audience, desk.press.know.vocabulary)
    exempt = announcement.kind == "safety" or announcement.about is not None
    waits = recipients > desk.press.rules.approval_above and not exempt
    row = Broadcast(
        **to_row(announcement, key),
        state="awaiting" if waits else "held",
        created_by=desk.actor.id,
        created_at=desk.now,
        starts_at=_starts_at(announcement, desk.press, desk.now),
        recipients=recipients,
    )
    desk.session.add(row)
    desk.session.flush()
    return row


def checked(announcement: Announcement, press: Press) -> Announcement:
    """Return *announcement* with what its words leave to the programme; raises Refused with all that is wrong."""
    wrong: list[str | Reason] = []
    words = announcement.words
    try:
        words = composing.checked(words, press.know)
    except Refused as exc:
        wrong += exc.why
    for check in (_check_audience, _check_kind, _check_change, _check_attachment):
        try:
            check(announcement, press)
        except Refused as exc:
            wrong += exc.why
    if wrong:
        raise Refused(*wrong)
    return replace(announcement, words=words)


def _check_audience(announcement: Announcement, press: Press) -> None:
    broadcasts.check(announcement.audience, press.know)


def _check_kind(announcement: Announcement, _press: Press) -> None:
    template = TEMPLATES.get(announcement.words.template or "")
    if template is None or template.safety == (announcement.kind == "safety"):
        return
    if template.safety:
        raise Refused(f"{template.name} is a safety message; send it as one")
    safe = ", ".join(name for name, one in TEMPLATES.items() if one.safety)
    right = f"send it as an announcement, or take own text or {safe}"
    none = f"{template.name} is no safety message; {right}"
    raise Refused(because("no_safety_message", none, template=template.name))


def _check_change(announcement: Announcement, press: Press) -> None:
    if announcement.change is not None:
        rescheduling.session_of(announcement.change, press.know)


def _check_attachment(announcement: Announcement, _press: Press) -> None:
    attached: Attachment | None = announcement.attachment
    if attached is None:
        return
    if not attached.description.strip():
        none = f"{attached.name} has no description; say in words what it shows or holds"
        raise Refused(because("attachment_undescribed", none, file=attached.name))
    if not attached.content:
        empty = f"{attached.name} is empty; attach the file as it is once it was written"
        raise Refused(because("attachment_empty", empty, file=attached.name))
    if len(attached.content) > LARGEST:
        size, most = f"{len(attached.content) / 1e6:.1f}", f"{LARGEST / 1e6:.0f}"
        big = f"{attached.name} has {size} MB; {most} MB is the most"
        raise Refused(because("attachment_too_big", big, file=attached.name, size=size, most=most))


def _starts_at(announcement: Announcement, press: Press, now: datetime) -> datetime:
    """Return when *announcement* leaves; raises Refused when that cannot be."""
    wanted, use_by = announcement.starts_at, announcement.use_by
    at_once = announcement.now or announcement.kind == "safety"
    for moment in (wanted, use_by):
        if moment is not None and moment.tzinfo is None:
            raise Refused("the time has no zone; write it like 2022-09-13T14:30+07:00")
    if wanted is not None and wanted < now:
        passed = f"{_clock(wanted, press)} has passed; give a later time, or none to send it now"
        raise Refused(because("time_passed", passed, at=wanted))
    starts_at = wanted or (now if at_once else now + HOLD)
    quiet = press.rules.quiet
    if quiet is not None and not at_once:
        starts_at = quiet.after(starts_at, press.know.forum.time_zone)
    if use_by is not None and use_by <= starts_at:
        left = f"it would leave at {_clock(starts_at, press)}"
        over = f"its use-by {_clock(use_by, press)} is over before: {left}; give a later one"
        raise Refused(because("use_by_too_early", over, use_by=use_by, starts=starts_at))
    return starts_at


def _clock(moment: datetime, press: Press) -> str:
    return f"{moment.astimezone(press.know.forum.time_zone):%H:%M on %d %B}"


def announced(row: Broadcast, *, fresh: bool = True) -> Announced:
    """Return what is said about *row* once it is kept."""
    return Announced(number_of(row), row.recipients, fresh, state_of(row), row.starts_at)


def approve(desk: Desk, command: Approve) -> Announced:
    """Let the announcement go, if somebody else made it; it is held once more, so that it can be undone."""
    row = desk.row(command.number)
    if row.state != "awaiting":
        return announced(row, fresh=False)
    if row.created_by == desk.actor.id:
        own = f"{command.number} needs a second officer; ask one who did not write it"
        raise Refused(because("own_approval", own, number=command.number))
    if row.use_by is not None and row.use_by <= desk.now:
        past = f"{command.number} was of use until {_clock(row.use_by, desk.press)}; announce it anew"
        raise Refused(because("past_use_by", past, number=command.number))
    hold = HOLD if row.starts_at > row.created_at else timedelta()
    starts_at = max(row.starts_at, desk.now + hold)
    approved = desk.move(row, ("awaiting",), "held", approved_by=desk.actor.id, starts_at=starts_at)
    if approved and row.starts_at <= desk.now:
        begin(desk.session, row, desk.press, desk.now)
    return announced(row, fresh=approved)


def undo(desk: Desk, command: Undo) -> bool:
    """Take the announcement back if nothing of it has left, and its change with it."""
    return put_away(desk.session, desk.row(command.number), "undone", desk.now)


def send_now(desk: Desk, command: SendNow) -> bool:
    """Let the announcement leave without waiting longer."""
    row = desk.row(command.number)
    if row.state == "awaiting":
        waits = f"{command.number} waits for a second officer; it leaves once it is approved"
        raise Refused(because("awaits_approval", waits, number=command.number))
    return begin(desk.session, row, desk.press, desk.now)


def begin(session: Session, row: Broadcast, press: Press, now: datetime) -> bool:
    """
    Let *row* run and write a delivery for each recipient; tell whether it was this call that did.

    Two processes that come to it at the same time are told apart by the database. What cannot be written out any more,
    because the programme has changed meanwhile, is cancelled instead.
    """
    if not move(session, row, ("held",), "running", started_at=now, starts_at=min(row.starts_at, now)):
        return False
    try:
        with session.begin_nested():
            row.recipients = expand(session, row, press, now)
    except Refused as exc:
        move(session, row, ("running",), "cancelled")
        log.warning("announcement.cancelled", number=number_of(row), reason=str(exc))
        return False
    session.add(row)
    session.flush()
    return True


def give_up(session: Session, row: Broadcast, now: datetime) -> bool:
    """End *row* as late, which could not begin before its use-by; False when it has begun or was undone."""
    return put_away(session, row, "late", now)


def put_away(session: Session, row: Broadcast, state: State, now: datetime, **values: Any) -> bool:
    """End *row*, which has not left; its words may be announced again. False when it has left."""
    freed = f"{row.key}~{row.id}"
    if not move(session, row, WAITING, state, key=freed, **values):
        return False
    rescheduling.undo(session, row, now)
    return True


def in_flight(session: Session, number: str) -> int:
    """Return how many messages of the announcement are on their way to a platform at this moment."""
    out = (DELIVERIES.c.broadcast_id == id_of(number)) & (DELIVERIES.c.state == "sending")
    return int(session.execute(select(func.count()).select_from(DELIVERIES).where(out)).scalar_one())
