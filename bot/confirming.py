"""Who has read an announcement, because they said so, and one more asking of those who have not."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler takes its clauses too

from bot.announcement_commands import Announce, Announced, ConfirmRead, Nudge, Unconfirmed
from bot.announcing import announce
from bot.audiences import CONFIRMATIONS, CONTACT, DELIVERIES, PEOPLE, unconfirmed
from bot.broadcasts import Announcement, Audience, Contact
from bot.desk import Desk, id_of, number_of, row_id, words_of
from bot.errors import Refused
from bot.reasons import because
from bot.store import Broadcast


def confirm_read(desk: Desk, command: ConfirmRead) -> bool:
    """Note that the actor has read the announcement; saying so twice changes nothing."""
    number, person = id_of(command.number), desk.actor.id
    row = desk.session.get(Broadcast, number) if number is not None else None
    if row is None or number is None or person is None or not row.confirmable:
        return False
    got = select(DELIVERIES.c.id).where(
        DELIVERIES.c.broadcast_id == number, DELIVERIES.c.participant_id == person
    )
    if desk.session.execute(got).first() is None:
        return False
    said = {"broadcast_id": number, "participant_id": person, "at": desk.now}
    desk.session.execute(insert(CONFIRMATIONS).values(said).on_conflict_do_nothing())
    return True


def find_unconfirmed(desk: Desk, command: Unconfirmed) -> tuple[Contact, ...]:
    """Find who got the announcement, or may have, and has not confirmed it."""
    row = _confirmable(desk, command.number)
    query = select(*CONTACT).where(*unconfirmed(row_id(row)))
    rows = desk.session.execute(query.order_by(PEOPLE.c.country, PEOPLE.c.name, PEOPLE.c.id))
    return tuple(Contact(*one) for one in rows)


def nudge(desk: Desk, command: Nudge) -> Announced:
    """Ask those who have not confirmed once more, with the same words."""
    row = _confirmable(desk, command.number)
    if row.state not in ("running", "paused", "cancelled"):
        number = command.number
        raise Refused(because("not_out", f"{number} is not out; nobody can confirm it yet", number=number))
    number = number_of(row)
    audience = Audience(confirmed_not=number)
    return announce(desk, Announce(Announcement(words_of(row), audience, about=number)))


def _confirmable(desk: Desk, number: str) -> Broadcast:
    row = desk.row(number)
    if not row.confirmable:
        none = f"{number} asks nobody to confirm it; announce it as one to be confirmed"
        raise Refused(because("not_confirmable", none, number=number))
    return row
