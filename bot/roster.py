"""The secretariat's work on participants: the list, finding people, their roles, and where they are written to."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, update
from sqlmodel import col, select

from bot import identity, people, tombstones
from bot.commands import Command, CompareList, Imported, ImportPeople, Person, Registered
from bot.desk import Desk
from bot.dialogue import say
from bot.errors import Refused
from bot.ledger import ROWS
from bot.links import REQUESTS, seed_of
from bot.messages import Address
from bot.notices import tell_everywhere
from bot.numbers import to_row
from bot.people import listed
from bot.people_commands import (
    FindPeople,
    LinkPerson,
    MyChannels,
    PreferChannel,
    Readmit,
    SetPreferredChannel,
    SetRole,
    UnlinkChannel,
    UnlinkPerson,
)
from bot.recognising import name_key
from bot.store import KnownAddress, Participant


def import_people(desk: Desk, command: ImportPeople) -> Imported:
    """Add the new, change the changed, leave the rest; who asked to be forgotten stays out."""
    welcome, held_back = _welcome(desk, command.people)
    imported = people.take_in(
        desk.session,
        welcome,
        desk.now,
        desk.actor,
        listed_in=command.listed_in,
        end_missing=command.end_missing,
    )
    return replace(imported, held_back=held_back)


def compare_list(desk: Desk, command: CompareList) -> Imported:
    """Look at what an import would change."""
    welcome, held_back = _welcome(desk, command.people)
    return replace(people.compare(desk.session, welcome, command.listed_in), held_back=held_back)


def _welcome(desk: Desk, listed: tuple[Registered, ...]) -> tuple[tuple[Registered, ...], tuple[int, ...]]:
    """Return those whom a list may bring, and the places of the others."""
    held_back = tombstones.held_back(desk, listed)
    return tuple(one for place, one in enumerate(listed) if place not in set(held_back)), held_back


def find(desk: Desk, command: FindPeople) -> tuple[Person, ...]:
    """Read all who are registered, or those whom the text means."""
    text = command.text.strip()
    if not text:
        return listed(desk.session)
    number = to_row(text.removeprefix("#"))
    if number is not None:
        return listed(desk.session, [number])
    if "@" in text:
        mailbox = select(Participant.id).where(col(Participant.email) == text.casefold())
        return listed(desk.session, [key for key in desk.session.exec(mailbox) if key is not None])
    wanted = name_key(text)
    return tuple(one for one in listed(desk.session) if name_key(one.name or "") == wanted)


def set_role(desk: Desk, command: SetRole) -> Person:
    """Keep the role as one that was given by hand."""
    if command.role is None:
        return _change(desk, command.person, role_is_set=False)
    return _change(desk, command.person, role=command.role, role_is_set=True)


def set_preferred_channel(desk: Desk, command: SetPreferredChannel) -> Person:
    """Keep the channel, if the participant is linked there."""
    if command.channel is not None:
        _check_linked(_person(desk, command.person), command.channel)
    return _change(desk, command.person, preferred_channel=command.channel)


def unlink(desk: Desk, command: UnlinkPerson, stays: Address | None = None) -> Person:
    """
    Make each account on the channel but the one that *stays* a new visitor's.

    Nothing that waits to leave for it goes there any more.
    """
    person = _person(desk, command.person)
    _check_linked(person, command.channel)
    theirs = select(KnownAddress.user).where(
        KnownAddress.participant_id == person.id, KnownAddress.channel == command.channel
    )
    places = [Address(command.channel, user) for user in desk.session.exec(theirs).all()]
    for address in places:
        if address != stays:
            _stop(desk, person, address)
            identity.unlink(desk.session, identity.actor_of(desk.session, person.id), address, desk.now)
    if person.preferred_channel == command.channel and stays not in places:
        return _change(desk, person.id, preferred_channel=None)
    return _person(desk, person.id)


def unlink_for(desk: Desk, command: UnlinkPerson) -> Person:
    """Unlink them, and tell them on the channels that they have left: a telephone that is not lost is missed."""
    person = unlink(desk, command)
    saying = say(
        "channels/unlinked_for", channel=command.channel, at=desk.now, rehearsal=bool(desk.press.ahead)
    )
    ref = f"unlinked.{seed_of(person.id, desk.machine)}"
    tell_everywhere(desk.session, desk.press, person.id, saying, ref, desk.now)
    return person


def my_channels(desk: Desk, _command: MyChannels) -> Person:
    """Read the actor, with the channels on which they have several accounts."""
    mine = select(KnownAddress.channel).where(KnownAddress.participant_id == desk.own)
    several = mine.group_by(KnownAddress.channel).having(func.count() > 1).order_by(KnownAddress.channel)
    return replace(_person(desk, desk.own), several=tuple(desk.session.exec(several).all()))


def prefer(desk: Desk, command: PreferChannel) -> Person:
    """Keep the actor's own choice."""
    return set_preferred_channel(desk, SetPreferredChannel(desk.own, command.channel))


def unlink_own(desk: Desk, command: UnlinkChannel) -> Person:
    """Unlink the actor, but for where they write from; where that was done already nothing is left to do."""
    person = _person(desk, desk.own)
    return (
        unlink(desk, UnlinkPerson(person.id, command.channel), desk.place)
        if command.channel in person.channels
        else person
    )


def _stop(desk: Desk, person: Person, address: Address) -> None:
    """End what is queued for the account, and what it may still be asked to show."""
    waiting = (ROWS.c.participant_id == person.id) & (ROWS.c.state == "queued")
    there = (ROWS.c.channel == address.channel) & (ROWS.c.user == address.user)
    ended = {"state": "failed", "cause": "unsubscribed", "settled_at": desk.machine}
    desk.session.execute(update(ROWS).where(waiting, there).values(ended))
    asked = (REQUESTS.c.channel == address.channel) & (REQUESTS.c.user == address.user)
    open_ = asked & (REQUESTS.c.expires_at > desk.machine)
    desk.session.execute(update(REQUESTS).where(open_).values(expires_at=desk.machine))


def link(desk: Desk, command: LinkPerson) -> Person:
    """Make the account's visitor and the participant one."""
    person = _person(desk, command.person)
    place = desk.session.get(KnownAddress, (command.channel, command.user))
    if place is None:
        raise Refused(f"nobody has written from {command.channel}:{command.user} yet")
    whose = identity.actor_of(desk.session, place.participant_id)
    if whose.id == person.id:
        return person
    if whose.confirmed:
        raise Refused(
            f"{command.channel}:{command.user} is linked to participant {whose.id}; unlink it there first"
        )
    identity.link(desk.session, whose, person.id)
    return _person(desk, person.id)


def _check_linked(person: Person, channel: str) -> None:
    if channel not in person.channels:
        linked = ", ".join(person.channels) or "nowhere"
        raise Refused(f"they are not linked on {channel} but on: {linked}")


def _person(desk: Desk, participant: int) -> Person:
    """Return the participant; raises Refused when there is none."""
    found = listed(desk.session, [participant])
    if not found:
        raise Refused(f"there is no participant {participant}; see: saphan people list")
    return found[0]


def _change(desk: Desk, participant: int, **values: Any) -> Person:
    person = _person(desk, participant)
    row = desk.session.get_one(Participant, person.id, with_for_update=True, populate_existing=True)
    for name, value in values.items():
        setattr(row, name, value)
    desk.session.add(row)
    desk.session.flush()
    return _person(desk, person.id)


WORK: Mapping[type[Command], Callable[[Desk, Any], Imported | Person | tuple[Person, ...] | int]] = {
    ImportPeople: import_people,
    CompareList: compare_list,
    Readmit: tombstones.readmit,
    FindPeople: find,
    SetRole: set_role,
    SetPreferredChannel: set_preferred_channel,
    UnlinkPerson: unlink_for,
    LinkPerson: link,
    MyChannels: my_channels,
    PreferChannel: prefer,
    UnlinkChannel: unlink_own,
}
"""What carries each of these commands out."""
