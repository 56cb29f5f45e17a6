"""An announcement that was kept, read again as it was asked for: to change it, or to send something like it."""

from typing import cast

from bot import rescheduling
from bot.announcement_commands import ReadAnnouncement
from bot.broadcasts import Announcement, Audience, Kind
from bot.desk import Desk, id_of, words_of
from bot.messages import Attachment
from bot.store import Broadcast


def read(desk: Desk, command: ReadAnnouncement) -> Announcement | None:
    """Return the announcement with that number, None when there is none."""
    row_id = id_of(command.number)
    row = desk.session.get(Broadcast, row_id) if row_id is not None else None
    if row is None:
        return None
    attached = row.words.get("attachment")
    return Announcement(
        words=words_of(row),
        audience=Audience.from_json(row.audience),
        kind=cast("Kind", row.kind),
        use_by=row.use_by,
        confirmable=row.confirmable,
        change=rescheduling.of(desk.session, row),
        attachment=Attachment.from_json(attached) if attached else None,
    )
