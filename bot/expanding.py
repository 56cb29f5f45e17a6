"""Turns an announcement into deliveries: one for each recipient, with the card that they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, and_, bindparam, case, cast, false, insert, literal, null, select, update
from sqlmodel import Session

from bot import composing, rescheduling
from bot.audiences import DELIVERIES, LANG, PEOPLE, conditions, muted, reached
from bot.broadcasts import Audience
from bot.composing import Reader
from bot.deliveries import PRIORITY
from bot.desk import Press, kind_of, number_of, row_id, words_of
from bot.messages import Attachment, Card
from bot.numbers import numbered
from bot.silence import in_session
from bot.store import Broadcast, SharedCard
from knowledge.vocabulary import LANGUAGES

SHARED: Any = SharedCard.__table__  # type: ignore[attr-defined]
AT_ONCE = 500
"""Cards that are written out for one statement."""
LATE = timedelta(minutes=1)
"""After so long a reminder says that it is late."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands on a card besides its words: when it was corrected or withdrawn, by how much it is late."""

    corrected: datetime | None = None
    withdrawn: datetime | None = None
    late: timedelta | None = None


NO_MARKS = Marks()


def expand(session: Session, row: Broadcast, press: Press, now: datetime) -> int:
    """
    Write a delivery for each recipient of *row* and return how many.

    The database does it by itself: the one writer is busy meanwhile, and a hundred thousand rows that come through
    Python keep every reply waiting for seconds. Whoever has muted such messages gets theirs when the mute ends; one
    that ends too late, or never, leaves a delivery that failed because of it. A reminder comes to those who sit in a
    session without a sound.
    """
    late = now - row.starts_at if row.kind == "reminder" and now - row.starts_at > LATE else None
    marks = Marks(late=late)
    audience = Audience.from_json(row.audience)
    found = reached(audience, conditions(session, audience, press.know.vocabulary))
    silent = muted(kind_of(row), changes=rescheduling.of(session, row) is not None, now=now)
    ends = PEOPLE.c.muted_until
    never = and_(silent, ends.is_(None) if row.use_by is None else (ends.is_(None) | (ends >= row.use_by)))
    sitting = in_session(press.know, now) if row.kind == "reminder" else false()
    people = found.add_columns(
        case((never, True), else_=False).label("never"), case((sitting, True), else_=False).label("sitting")
    ).subquery()
    machine = literal(now - press.ahead, DELIVERIES.c.settled_at.type)
    values = {
        "ref": literal(f"b{row.id:x}.").concat(cast(people.c.id, String)),
        "kind": literal(row.kind),
        "priority": literal(PRIORITY[kind_of(row)]),
        "participant_id": people.c.id,
        "broadcast_id": literal(row.id),
        "channel": people.c.channel,
        "user": people.c.user,
        "chat": people.c.chat,
        "deletes": literal(False),
        "silent": people.c.sitting,
        "shared_card_id": in_language(shared(session, row, press, marks), people.c.lang),
        "state": case((people.c.never, "failed"), else_="queued"),
        "cause": case((people.c.never, "muted"), else_=None),
        "attempts": literal(0),
        "created_at": literal(now, DELIVERIES.c.created_at.type),
        "settled_at": case((people.c.never, machine), else_=null()),
    }
    written = select(*values.values()).order_by(people.c.id)
    queued = insert(DELIVERIES).from_select(list(values), written)
    result: Any = session.execute(queued, execution_options={"preserve_rowcount": True})
    _put_off(session, row, press, silent)
    personalise(session, row, press, marks)
    return int(result.rowcount)


def _put_off(session: Session, row: Broadcast, press: Press, silent: Any) -> None:
    """Let the deliveries of *row* to those who are *silent* wait until their mute ends."""
    query = (
        select(DELIVERIES.c.id, PEOPLE.c.muted_until)
        .join(PEOPLE, PEOPLE.c.id == DELIVERIES.c.participant_id)
        .where(DELIVERIES.c.broadcast_id == row.id, DELIVERIES.c.state == "queued", silent)
    )
    waits = [{"row": place, "until": until - press.ahead} for place, until in session.execute(query)]
    if waits:
        one = update(DELIVERIES).where(DELIVERIES.c.id == bindparam("row"))
        session.connection().execute(one.values(not_before=bindparam("until")), waits)


def shared(session: Session, row: Broadcast, press: Press, marks: Marks) -> Mapping[str, int]:
    """
    Write the cards of *row*'s edition and return their rows by language.

    There are none while readers of one language may read different words.
    """
    if marks.withdrawn is None and composing.is_personal(words_of(row)):
        return {}
    cards = {lang: written(row, press, Reader(lang), "shared", marks) for lang in LANGUAGES}
    rows = {
        lang: SharedCard(broadcast_id=row_id(row), edition=row.edition, lang=lang, card=card.to_json())
        for lang, card in cards.items()
    }
    session.add_all(rows.values())
    session.flush()
    return {lang: one.id for lang, one in rows.items() if one.id is not None}


def in_language(cards: Mapping[str, int], lang: Any) -> Any:
    """Return the column that names the one of *cards* in *lang*, the English one where there is none."""
    if not cards:
        return null()
    return case({name: literal(card) for name, card in cards.items()}, value=lang, else_=cards["en"])


def reads(cards: Mapping[str, int], person: Any) -> Any:
    """Return the column that names the one of *cards* that the participant *person* reads."""
    if not cards:
        return null()
    return select(in_language(cards, LANG)).where(PEOPLE.c.id == person).scalar_subquery()


def personalise(session: Session, row: Broadcast, press: Press, marks: Marks) -> None:
    """Write a card of their own into the deliveries of *row* that have none."""
    if not composing.is_personal(words_of(row)):
        return
    mine = select(DELIVERIES.c.id).where(DELIVERIES.c.broadcast_id == row.id)
    query = (
        select(
            DELIVERIES.c.id,
            DELIVERIES.c.ref,
            LANG.label("lang"),
            PEOPLE.c.name,
            PEOPLE.c.country,
            PEOPLE.c.role,
        )
        .join(PEOPLE, PEOPLE.c.id == DELIVERIES.c.participant_id)
        .where((DELIVERIES.c.broadcast_id == row.id) | DELIVERIES.c.corrects_id.in_(mine))
        .where(DELIVERIES.c.card.is_(None), DELIVERIES.c.shared_card_id.is_(None))
    )
    one = update(DELIVERIES).where(DELIVERIES.c.id == bindparam("row")).values(card=bindparam("written"))
    people = session.execute(query).all()
    for start in range(0, len(people), AT_ONCE):
        cards = []
        for place, ref, *reader in people[start : start + AT_ONCE]:
            card = written(row, press, Reader(*reader), ref, marks)
            cards.append({"row": place, "written": card.to_json()})
        session.connection().execute(one, cards)


def written(row: Broadcast, press: Press, reader: Reader, ref: str, marks: Marks = NO_MARKS) -> Card:
    """Return what *reader* sees of *row*; raises Refused when the programme no longer has what it speaks of."""
    words = words_of(row)
    if row.about_id is not None:
        return composing.nudge(
            words, reader, press.know, press.wording, ref, number=numbered("B", row.about_id)
        )
    attached = row.words.get("attachment")
    return composing.card(
        words,
        reader,
        press.know,
        press.wording,
        ref,
        number=number_of(row) if row.confirmable else None,
        confirmable=row.confirmable,
        corrected=marks.corrected,
        withdrawn=marks.withdrawn,
        late=marks.late,
        attachment=Attachment.from_json(attached) if attached else None,
        safety=row.kind == "safety",
        rehearsal=bool(press.ahead),
    )
