"""Edits of messages that were in flight when they were corrected: nobody knew the platform's id yet."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from bot.store import Delivery

ROWS: Any = Delivery.__table__  # type: ignore[attr-defined]
FIRST = ROWS.alias("first")
NAMELESS = (
    select(
        *(ROWS.c.id, ROWS.c.deletes, ROWS.c.card, ROWS.c.shared_card_id),
        *(FIRST.c.id.label("first"), FIRST.c.state, FIRST.c.message),
    )
    .join(FIRST, FIRST.c.id == ROWS.c.corrects_id)
    .where(ROWS.c.id.in_(bindparam("rows", expanding=True)), ROWS.c.state == "queued")
    .where(ROWS.c.kind == "correction", ROWS.c.replaces.is_(None))
    # Where the chat has moved, the message stayed behind: the correction is sent as a new one.
    .where(FIRST.c.chat == ROWS.c.chat)
)


def name(session: Session, rows: Sequence[int], now: datetime) -> list[int]:
    """
    Find for each edit among *rows* the message that it changes; return those that have to wait for theirs to end.

    What never left needs no edit: it leaves in the new words, and its edit ends. The edit of one that may have arrived
    is sent as a message, unless there is nothing to say but that it was taken back.
    """
    waiting = []
    for edit in session.execute(NAMELESS, {"rows": list(rows)}).all():
        if edit.state == "sending":
            waiting.append(edit.id)
        elif edit.message is not None:
            _change(session, edit.id, replaces=edit.message)
        elif edit.state != "unknown" or edit.deletes:
            _change(session, edit.id, state="failed", cause="cancelled", settled_at=now)
            if edit.state == "queued" and not edit.deletes:
                _change(session, edit.first, card=edit.card, shared_card_id=edit.shared_card_id)
    return waiting


def _change(session: Session, row: int, **values: Any) -> None:
    session.execute(update(ROWS).where(ROWS.c.id == row).values(values))
