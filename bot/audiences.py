"""Audiences in the database: who belongs to one, where each is written to, and who has muted such messages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, false, func, or_, select, tuple_
from sqlmodel import Session

from bot.broadcasts import Audience, Contact, Kind, Reach, Recipient
from bot.desk import id_of
from bot.errors import Refused
from bot.store import Broadcast, Confirmation, Delivery, Following, Inbox, KnownAddress, Need, Participant
from knowledge.vocabulary import Vocabulary

DELIVERIES: Any = Delivery.__table__  # type: ignore[attr-defined]
ADDRESSES: Any = KnownAddress.__table__  # type: ignore[attr-defined]
PEOPLE: Any = Participant.__table__  # type: ignore[attr-defined]
INBOX: Any = Inbox.__table__  # type: ignore[attr-defined]
NEEDS: Any = Need.__table__  # type: ignore[attr-defined]
FOLLOWINGS: Any = Following.__table__  # type: ignore[attr-defined]
CONFIRMATIONS: Any = Confirmation.__table__  # type: ignore[attr-defined]

LANG = func.coalesce(PEOPLE.c.language, PEOPLE.c.guessed_language)
CONTACT = (PEOPLE.c.id, PEOPLE.c.name, PEOPLE.c.country, PEOPLE.c.email)


def reach(session: Session, audience: Audience, vocabulary: Vocabulary, now: datetime) -> Reach:
    """Return who *audience* is: each participant once, at the address they are written to."""
    members = conditions(session, audience, vocabulary)
    found = reached(audience, members).subquery()
    count = func.count()
    places = select(found.c.channel, found.c.lang, count).group_by(found.c.channel, found.c.lang)
    counts = {(channel, lang): number for channel, lang, number in session.execute(places)}
    silent = reached(audience, members).where(muted("announcement", changes=False, now=now)).subquery()
    return Reach(
        counts=dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
        unreachable=unreachable(session, audience, members),
        muted=session.execute(select(count).select_from(silent)).scalar_one(),
    )


def size(session: Session, audience: Audience, vocabulary: Vocabulary) -> int:
    """Return how many of *audience* can be written to, without looking where."""
    members = conditions(session, audience, vocabulary)
    count = select(func.count()).select_from(PEOPLE).where(*members, _place(audience).exists())
    return int(session.execute(count).scalar_one())


def unreachable(session: Session, audience: Audience, members: Iterable[Any]) -> tuple[Contact, ...]:
    """Return who belongs to *audience* and cannot be written to, by country and name; a passer-by is nobody."""
    looks = select(ADDRESSES.c.user).where(ADDRESSES.c.participant_id == PEOPLE.c.id, ADDRESSES.c.only_looked)
    query = select(*CONTACT).where(*members, ~_place(audience).exists(), ~looks.exists())
    rows = session.execute(query.order_by(PEOPLE.c.country, PEOPLE.c.name, PEOPLE.c.id))
    return tuple(Contact(*row) for row in rows)


def recipients(session: Session, audience: Audience, vocabulary: Vocabulary) -> tuple[Recipient, ...]:
    """Return where each participant of *audience* is written to, by their rows."""
    query = reached(audience, conditions(session, audience, vocabulary)).order_by(PEOPLE.c.id)
    return tuple(Recipient(*row) for row in session.execute(query))


def reached(audience: Audience, members: Iterable[Any]) -> Select[Any]:
    """
    Return the query for the recipients: id, channel, user, chat and lang.

    Of several open addresses it is the one on the preferred channel, else the one last heard from, else the first by
    channel and user.
    """
    other = ADDRESSES.alias("other")
    theirs, this = _standing(other), _standing(ADDRESSES)
    better = select(other.c.user).where(
        other.c.participant_id == PEOPLE.c.id,
        or_(other.c.channel != ADDRESSES.c.channel, other.c.user != ADDRESSES.c.user),
        *_open(other, audience),
        or_(
            tuple_(*theirs) > tuple_(*this),
            and_(
                tuple_(*theirs) == tuple_(*this),
                tuple_(other.c.channel, other.c.user) < tuple_(ADDRESSES.c.channel, ADDRESSES.c.user),
            ),
        ),
    )
    return (
        select(PEOPLE.c.id, ADDRESSES.c.channel, ADDRESSES.c.user, ADDRESSES.c.chat, LANG.label("lang"))
        .join(ADDRESSES, ADDRESSES.c.participant_id == PEOPLE.c.id)
        .where(*members, *_open(ADDRESSES, audience), ~better.correlate(PEOPLE, ADDRESSES).exists())
    )


def _standing(table: Any) -> tuple[Any, Any]:
    """Return what lets one address go before another, the higher the better."""
    preferred = func.coalesce(table.c.channel == PEOPLE.c.preferred_channel, false())
    heard = select(func.coalesce(func.max(INBOX.c.id), 0)).where(
        INBOX.c.channel == table.c.channel, INBOX.c.user == table.c.user
    )
    return preferred, heard.correlate(table).scalar_subquery()


def conditions(session: Session, audience: Audience, vocabulary: Vocabulary) -> list[Any]:
    """Return what makes a participant one of *audience*; raises Refused for an announcement that there is not."""
    members = {one.iso3 for one in vocabulary.countries.values() if one.subregion in audience.regions}
    wanted = [
        column.in_(sorted(values))
        for column, values in (
            (PEOPLE.c.role, audience.roles),
            (PEOPLE.c.country, audience.countries | members),
            (LANG, audience.languages),
        )
        if values
    ]
    if audience.regions and not (audience.countries or members):
        wanted.append(false())
    if audience.people:
        wanted.append(_one_of(audience.people))
    if audience.themes:
        wanted.append(_one_of(_in_need(session, audience.themes)))
    if audience.followers:
        follows = select(FOLLOWINGS.c.session).where(FOLLOWINGS.c.participant_id == PEOPLE.c.id)
        wanted.append(follows.where(FOLLOWINGS.c.session.in_(sorted(audience.followers))).exists())
    if audience.confirmed_not is not None:
        wanted += unconfirmed(_announced(session, audience.confirmed_not))
    return wanted + _without(audience)


def _without(audience: Audience) -> list[Any]:
    excluded = []
    if audience.without_roles:
        excluded.append(PEOPLE.c.role.not_in(sorted(audience.without_roles)))
    if audience.without_countries:
        stays = PEOPLE.c.country.not_in(sorted(audience.without_countries))
        excluded.append(or_(PEOPLE.c.country.is_(None), stays))
    if audience.without_people:
        excluded.append(~_one_of(audience.without_people))
    return excluded


def _one_of(people: Iterable[int]) -> Any:
    # Written into the statement: there may be more of them than a statement takes parameters.
    return PEOPLE.c.id.in_(bindparam(None, sorted(people), expanding=True, literal_execute=True))


def _in_need(session: Session, themes: Iterable[str]) -> set[int]:
    """Return who has an open need in one of *themes*."""
    is_open = NEEDS.c.withdrawn_at.is_(None) & NEEDS.c.met_at.is_(None)
    theirs = is_open & NEEDS.c.participant_id.is_not(None)
    query = select(NEEDS.c.participant_id, NEEDS.c.details).where(theirs)
    rows = session.execute(query)
    return {person for person, details in rows if set(themes) & set(details.get("themes", ()))}


def _announced(session: Session, number: str) -> int:
    """Return the row of the announcement *number*; raises Refused when there is none."""
    row_id = id_of(number)
    if row_id is None or session.get(Broadcast, row_id) is None:
        raise Refused(f"there is no announcement {number or '“”'}; see: saphan broadcast status")
    return row_id


def unconfirmed(broadcast_id: int) -> list[Any]:
    """Return what makes a participant one who got that announcement, or may have, and has not confirmed it."""
    got = select(DELIVERIES.c.id).where(
        DELIVERIES.c.broadcast_id == broadcast_id,
        DELIVERIES.c.participant_id == PEOPLE.c.id,
        DELIVERIES.c.state.in_(("sent", "unknown")),
    )
    said = select(CONFIRMATIONS.c.at).where(
        CONFIRMATIONS.c.broadcast_id == broadcast_id, CONFIRMATIONS.c.participant_id == PEOPLE.c.id
    )
    return [got.exists(), ~said.exists()]


def _place(audience: Audience) -> Select[Any]:
    """Return the query for the open addresses of a participant."""
    return select(ADDRESSES.c.user).where(
        ADDRESSES.c.participant_id == PEOPLE.c.id, *_open(ADDRESSES, audience)
    )


def _open(table: Any, audience: Audience) -> list[Any]:
    """Return what makes an address one that may be written to, on one of the wanted channels."""
    wanted = [table.c.channel.in_(sorted(audience.channels))] if audience.channels else []
    return [table.c.unsubscribed_at.is_(None), ~table.c.only_looked, *wanted]


def muted(kind: Kind, *, changes: bool, now: Any) -> Any:
    """
    Return what makes a participant one who does not want to hear *kind* at the moment *now*, which may be a column.

    What *changes* a session passes every mute but the one until they write again, a safety message passes all.
    """
    if kind == "safety":
        return false()
    if changes:
        return func.coalesce(PEOPLE.c.muted == "until_written", false())
    still = or_(PEOPLE.c.muted_until.is_(None), PEOPLE.c.muted_until > now)
    return and_(PEOPLE.c.muted.is_not(None), still)
