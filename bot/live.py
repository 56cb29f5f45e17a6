"""What participants need or offer just now, as far as somebody else may see it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import exists
from sqlmodel import Session, col, select

from bot.commands import Kind, Statement
from bot.participants import Actor
from bot.rights import GOVERNMENTS, REGISTERED, SECRETARIAT
from bot.store import STATEMENTS, Participant, StatementRow, row_of, to_statement

SEEN_BY: Mapping[str, frozenset[str]] = {
    "governments": GOVERNMENTS | SECRETARIAT,
    "all": REGISTERED,
    "secretariat": SECRETARIAT,
}
"""Maps what a statement's author chose to the roles that see it."""

PRIVATE_SECTOR = "private_sector"
"""The role whose needs and offers carry a label wherever they are shown."""


@dataclass(frozen=True, slots=True)
class Live:
    """
    An open need or offer. *own* says that it is the actor's.

    Where it is not *quoted* its words stay hidden: an offer that nobody checked yet, or a reader of whom only they
    themselves say who they are. *private_sector* is the label of what companies send.
    """

    statement: Statement
    own: bool
    quoted: bool
    private_sector: bool = False


def live(session: Session, kind: Kind, actor: Actor) -> tuple[Live, ...]:
    """
    Return the open statements of *kind* that *actor* may see and those of their own, in the order of their numbers.

    Nobody who objects to matching is among the authors, nor does such a reader see any. What is not published counts
    for its author only, and an offer that the secretariat has not checked counts only when it comes from a government.
    What is met counts no more.
    """
    if actor.unmatched:
        return ()
    table = STATEMENTS[kind]
    author = (col(Participant.id) == col(table.participant_id)) & col(Participant.unmatched)
    sought = col(table.withdrawn_at).is_(None) & col(table.met_at).is_(None)
    query = select(table).where(sought, ~exists().where(author))
    query = query.order_by(col(table.id))
    return tuple(_as_live(kind, row, actor) for row in session.exec(query) if _is_shown(row, actor))


def one_seen(session: Session, number: str, actor: Actor) -> Live | None:
    """Return the open statement with that number as *actor* sees it; None where there is none that they may see."""
    place = row_of(number)
    row = session.get(STATEMENTS[place[0]], place[1]) if place else None
    if place is None or row is None or row.withdrawn_at is not None:
        return None
    return _as_live(place[0], row, actor) if _is_shown(row, actor) else None


def _as_live(kind: Kind, row: StatementRow, actor: Actor) -> Live:
    trusted = actor.confirmed or actor.role in SECRETARIAT
    return Live(
        to_statement(kind, row),
        own=_is_own(row, actor),
        quoted=trusted and _is_checked(row),
        private_sector=row.role == PRIVATE_SECTOR,
    )


def _is_shown(row: StatementRow, actor: Actor) -> bool:
    return _is_own(row, actor) or _is_seen(row, actor.role)


def _is_own(row: StatementRow, actor: Actor) -> bool:
    # Nobody is the author of what somebody left behind, and the command line is nobody.
    return actor.id is not None and row.participant_id == actor.id


def _is_seen(row: StatementRow, reader: str) -> bool:
    if row.published_at is None or reader not in SEEN_BY[row.readers]:
        return False
    return _is_checked(row) or (row.role in GOVERNMENTS and getattr(row, "refused_at", None) is None)


def _is_checked(row: StatementRow) -> bool:
    """Tell whether the words may be read: needs are not checked, offers are."""
    return getattr(row, "checked_at", row.created_at) is not None
