"""What happens to circulars by itself: the reminder before the deadline, and the result after it."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot.circulars import CIRCULARS, REPLIES, CircularRow, collected, question, to_circular
from bot.desk import Press
from bot.dialogue import say
from bot.notices import Notice, notify
from bot.participants import PEOPLE
from bot.prepared import Prepared
from bot.rights import SECRETARIAT

SENT = CIRCULARS.c.sent_at.is_not(None)
NEXT_REMINDER = Prepared(
    select(func.min(CIRCULARS.c.remind_at)).where(SENT, CIRCULARS.c.reminded_at.is_(None))
)
NEXT_RESULT = Prepared(select(func.min(CIRCULARS.c.deadline)).where(SENT, CIRCULARS.c.reported_at.is_(None)))


def next_due(session: Session, _now: datetime) -> datetime | None:
    """Return when the next reminder or the next result is due, None when nothing waits."""
    found = (query.scalar(session) for query in (NEXT_REMINDER, NEXT_RESULT))
    return min((at for at in found if at is not None), default=None)


def do_due(session: Session, press: Press, now: datetime) -> None:
    """Remind those who have not answered, or tell the secretariat what came of the first circular that is over."""
    late = (col(CircularRow.remind_at) <= now) & col(CircularRow.reminded_at).is_(None)
    over = (col(CircularRow.deadline) <= now) & col(CircularRow.reported_at).is_(None)
    due = select_rows(CircularRow).where(col(CircularRow.sent_at).is_not(None), or_(late, over))
    row = session.exec(due.order_by(col(CircularRow.id)).limit(1).with_for_update(skip_locked=True)).first()
    if row is None:
        return
    notices: list[Notice] = []
    if row.deadline <= now:
        row.reported_at, row.reminded_at = now, row.reminded_at or now
        result = say("circular/collected", collected=collected(session, row), over=True)
        staff = session.execute(select(PEOPLE.c.id).where(PEOPLE.c.role.in_(sorted(SECRETARIAT)))).scalars()
        notices = [Notice(officer, result) for officer in staff]
    else:
        row.reminded_at = now
        silent = (REPLIES.c.circular_id == row.id) & or_(
            REPLIES.c.answer.is_(None), REPLIES.c.answer == "seen"
        )
        people = session.execute(select(REPLIES.c.participant_id).where(silent)).scalars()
        notices = [Notice(one, question(to_circular(row), again=True)) for one in people]
    session.add(row)
    notify(session, press, notices, now)
