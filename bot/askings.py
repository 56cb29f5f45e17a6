"""Asking to be introduced, by one side or by the secretariat for both; and the themes that nobody is asked about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot import listings
from bot.commands import Command
from bot.delegations import may_read
from bot.errors import Refused
from bot.introduction_commands import (
    AskIntroduction,
    Introduced,
    Invitation,
    MutedThemes,
    MuteTheme,
    NotPublished,
    OfferIntroduction,
    OfferPair,
    ReadIntroduction,
)
from bot.introductions import (
    SIDES,
    Introduction,
    IntroductionSide,
    agreed,
    check_fields,
    end_of,
    held,
    number_of,
    seen,
)
from bot.invitations import (
    MUTED,
    MutedTheme,
    asked_of,
    invitation,
    may_begin,
    muted_by,
    one_at_a_time,
    put_question,
)
from bot.live import one_seen
from bot.numbers import spelt
from bot.participants import MAY_BE_MATCHED, PEOPLE, keep_everybody
from bot.rights import REGISTERED
from bot.store import STATEMENTS, row_of
from matching.names import CERTAIN, Hit

if TYPE_CHECKING:
    from bot.records import Records


def ask(records: Records, command: AskIntroduction) -> Introduced:
    """Ask whoever brings what it is about, at once or when there is a place for it."""
    check_fields(command.fields)
    # Whom it is about must not be taken away before it is written.
    keep_everybody(records.session)
    own, about = records.actor_id, _named(records, command.about)
    fits = spelt(command.fits)
    if fits:
        _check_own(records, fits)
    author = _author(records, about)
    one_at_a_time(records.session)
    row = _open_one(records, about, own, author)
    if row is not None and row.introduced_at is not None:
        return seen(records.session, (row,), own, records.now)[0]
    row = row or _begin(records, about, fits, (author, own), own, author)
    result = agreed(records, row, command.fields)
    if row.begun_at is None and may_begin(records.session, row, records.now):
        records.notices += put_question(records.session, records.press, row, records.now)
    return result


def offer(records: Records, command: OfferIntroduction) -> str:
    """Ask both; neither has agreed yet."""
    keep_everybody(records.session)
    one, other = command.one, command.other
    if one == other or not (_can_be_asked(records.session, one) and _can_be_asked(records.session, other)):
        raise Refused("an introduction needs two people who are registered and do not object to matching")
    return _offered(records, command.about, "", (one, other), None)


def offer_pair(records: Records, command: OfferPair) -> str:
    """Ask both authors; neither has agreed yet."""
    keep_everybody(records.session)
    need, offered = _named(records, command.need), _named(records, command.offer)
    author, giver = _author_of(records, need), _author_of(records, offered)
    if author == giver:
        raise Refused(f"{need} and {offered} are of the same person")
    return _offered(records, offered, need, (giver, author), giver)


def _offered(records: Records, about: str, fits: str, sides: tuple[int, int], asked_of: int | None) -> str:
    row = _open_one(records, about, *sides)
    row = row or _begin(records, about, fits, sides, records.actor.id, asked_of)
    if row.begun_at is None:
        records.notices += put_question(
            records.session, records.press, row, records.now
        )  # the secretariat has weighed it: no place is counted
    return number_of(row.id or 0)


def read(records: Records, command: ReadIntroduction) -> Invitation:
    """Read one introduction with what there is to decide on."""
    row = held(records, command.number)
    return invitation(records.session, records.press.know, row, records.actor, records.now)


def mute_theme(records: Records, command: MuteTheme) -> tuple[str, ...]:
    """Keep that the actor is not asked about the theme, or is again."""
    if command.theme not in records.press.know.vocabulary.themes:
        raise Refused(f"there is no theme {command.theme}")
    mine = (MUTED.c.participant_id == records.actor_id) & (MUTED.c.theme == command.theme)
    records.session.execute(delete(MUTED).where(mine))
    if command.muted:
        records.session.add(MutedTheme(participant_id=records.actor_id, theme=command.theme))
    records.session.flush()
    return muted_themes(records, MutedThemes())


def muted_themes(records: Records, _command: MutedThemes) -> tuple[str, ...]:
    """Read the themes that the actor is not asked about."""
    found = set(records.session.execute(muted_by(records.actor_id)).scalars())
    return tuple(theme for theme in records.press.know.vocabulary.themes if theme in found)


# Who is asked


def _named(records: Records, about: str) -> str:
    """Return *about* as it is kept: a number in capitals, or the id of a provider or a practice."""
    about, catalogue = about.strip(), records.press.know.catalogue
    return about if about in catalogue.providers or about in catalogue.practices else spelt(about)


def _author(records: Records, about: str) -> int:
    """Return who is asked about *about*; raises Refused where the actor may not see it, or nobody can be asked."""
    actor = records.actor
    if not actor.confirmed or actor.unmatched:
        raise Refused(f"nobody can be asked about {about}")
    if listings.is_listing(about):
        return _if_asked(records.session, about, listings.author_of(records.session, about, actor))
    catalogue = records.press.know.catalogue
    if about in catalogue.providers:
        return _of_bodies(records, about, (about,))
    if about in catalogue.practices:
        return _of_bodies(records, about, catalogue.practices[about].providers)
    live = one_seen(records.session, about, actor)
    if live is None or live.own:
        raise Refused(f"nobody can be asked about {about}")
    return _author_of(records, about)


def _author_of(records: Records, number: str) -> int:
    place = row_of(number)
    row = records.session.get(STATEMENTS[place[0]], place[1]) if place else None
    sought = row is not None and row.withdrawn_at is None and row.met_at is None
    return _if_asked(records.session, number, row.participant_id if row is not None and sought else None)


def _if_asked(session: Session, about: str, author: int | None) -> int:
    if author is None or not _can_be_asked(session, author):
        raise Refused(f"nobody can be asked about {about}")
    return author


def _of_bodies(records: Records, about: str, providers: Collection[str]) -> int:
    """Return who is asked of those bodies of the catalogue: of those who surely are of one, the least busy."""
    names = records.press.know.catalogue.organisation_names
    query = select(PEOPLE.c.id, PEOPLE.c.organisation).where(
        PEOPLE.c.organisation.is_not(None),
        PEOPLE.c.role.in_(sorted(REGISTERED)),
        MAY_BE_MATCHED,
        PEOPLE.c.id != records.actor_id,
    )
    of_it: list[int] = [
        row.id
        for row in records.session.execute(query.order_by(PEOPLE.c.id))
        if _surely(names.closest(row.organisation, limit=2, cutoff=CERTAIN), providers)
    ]
    if not of_it:
        raise Refused(f"nobody of {about} can be asked")
    busy = asked_of(records.session, of_it, records.now)
    return min(of_it, key=lambda one: (busy.get(one, 0), one))


def _surely(hits: Sequence[Hit], providers: Collection[str]) -> bool:
    return len(hits) == 1 and hits[0].key in providers


def _can_be_asked(session: Session, participant: int) -> bool:
    found = select(PEOPLE.c.id).where(PEOPLE.c.id == participant, MAY_BE_MATCHED)
    return session.execute(found).first() is not None


def _check_own(records: Records, number: str) -> None:
    """Raise Refused unless that is an open need or offer of the actor, or of their delegation, which others see."""
    place = row_of(number)
    row = records.session.get(STATEMENTS[place[0]], place[1]) if place else None
    if row is None or row.withdrawn_at is not None or not may_read(row, records.actor):
        raise Refused(f"{number} is not yours")
    if row.met_at is not None:
        raise Refused(f"{number} is met")
    if row.published_at is None:
        raise NotPublished(f"{number} is not visible to others yet")


def _open_one(records: Records, about: str, one: int, other: int) -> Introduction | None:
    """Return the introduction of both about the same that goes on, None when there is none."""
    both = (
        select(SIDES.c.introduction_id)
        .where(SIDES.c.participant_id.in_((one, other)))
        .group_by(SIDES.c.introduction_id)
        .having(func.count() > 1)
    )
    waiting = select_rows(Introduction).where(
        col(Introduction.id).in_(both),
        col(Introduction.about) == about,
        col(Introduction.over_at).is_(None),
        or_(col(Introduction.introduced_at).is_not(None), col(Introduction.expires_at) > records.now),
    )
    return records.session.exec(waiting.with_for_update()).first()


def _begin(
    records: Records,
    about: str,
    fits: str,
    sides: tuple[int, int],
    asked_by: int | None,
    asked_of: int | None,
) -> Introduction:
    expires = end_of(records.press.know.forum, records.now)
    row = Introduction(
        about=about,
        fits=fits,
        asked_by=asked_by,
        asked_of=asked_of,
        proposed=asked_by not in sides,
        asked_at=records.now,
        expires_at=expires,
    )
    records.session.add(row)
    records.session.flush()
    for side in sides:
        records.session.add(IntroductionSide(introduction_id=row.id or 0, participant_id=side))
    records.session.flush()
    return row


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    AskIntroduction: ask,
    OfferIntroduction: offer,
    OfferPair: offer_pair,
    ReadIntroduction: read,
    MuteTheme: mute_theme,
    MutedThemes: muted_themes,
}
"""What carries each of these commands out."""
