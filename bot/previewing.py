"""An announcement as its readers would see it, before anybody does: written out for real recipients, or for oneself."""

import secrets
from typing import Any

from sqlalchemy import func, select

from bot import audiences, ledger
from bot.announcement_commands import Preview, Sample, TestSend
from bot.announcing import checked
from bot.audiences import LANG, PEOPLE
from bot.broadcasts import Announcement, Audience
from bot.composing import Reader, marked_as_test
from bot.desk import Desk, to_row
from bot.errors import Refused
from bot.expanding import written
from bot.messages import Address, Outbound
from bot.reasons import because
from bot.store import Broadcast

READER = (LANG, PEOPLE.c.name, PEOPLE.c.country, PEOPLE.c.role)


def preview(desk: Desk, command: Preview) -> tuple[Sample, ...]:
    """Write the announcement out for the first recipient of each channel and language."""
    announcement = checked(command.announcement, desk.press)
    row = _draft(desk, announcement)
    query = _reached(desk, announcement).subquery()
    count = func.count()
    first = (
        select(query.c.channel, query.c.lang, count, func.min(query.c.id))
        .group_by(query.c.channel, query.c.lang)
        .order_by(count.desc(), query.c.channel, query.c.lang)
    )
    return tuple(
        Sample(channel, lang, number, written(row, desk.press, _reader(desk, person), "preview"))
        for channel, lang, number, person in desk.session.execute(first).all()
    )


def test_send(desk: Desk, command: TestSend) -> int:
    """Queue the announcement for the actor alone, marked as a test, once in each language that its audience reads."""
    if desk.actor.id is None:
        raise Refused("a test is sent to whoever asks for it, in their chat; see the preview instead")
    press = desk.press
    announcement = checked(command.announcement, press)
    row = _draft(desk, announcement)
    place = desk.session.execute(_place(desk, desk.actor.id)).first()
    if place is None:
        none = "there is no chat in which you can be written to; write to the assistant there first"
        raise Refused(because("no_chat", none))
    found = _reached(desk, announcement).subquery()
    langs = desk.session.execute(select(found.c.lang).distinct().order_by(found.c.lang)).scalars().all()
    test, outbounds = secrets.token_hex(6), []
    for number, lang in enumerate(langs or [desk.actor.reads]):
        reader = Reader(lang, desk.actor.name, desk.actor.country, desk.actor.role)
        card = written(row, press, reader, f"t{test}.{number}")
        card = marked_as_test(card, press.know, press.wording)
        outbounds.append(Outbound(0, Address(place.channel, place.user), place.chat, card))
    return len(ledger.enqueue(desk.session, "notice", outbounds, desk.actor.id, desk.now))


def _draft(desk: Desk, announcement: Announcement) -> Broadcast:
    """Return *announcement* as it would be kept; without a number it has no OK to tap."""
    values = to_row(announcement, announcement.key)
    return Broadcast(
        **{**values, "confirmable": False}, state="held", created_at=desk.now, starts_at=desk.now
    )


def _reached(desk: Desk, announcement: Announcement) -> Any:
    vocabulary = desk.press.know.vocabulary
    members = audiences.conditions(desk.session, announcement.audience, vocabulary)
    return audiences.reached(announcement.audience, members)


def _reader(desk: Desk, person: int) -> Reader:
    return Reader(*desk.session.execute(select(*READER).where(PEOPLE.c.id == person)).one())


def _place(desk: Desk, person: int) -> Any:
    return audiences.reached(Audience(), [PEOPLE.c.id == person])
