"""The secretariat's work on single participants: finding them, their roles, and where they are written to."""

from typing import Any

from sqlmodel import col, select

from bot.commands import Person
from bot.desk import Desk
from bot.errors import Refused
from bot.people import listed
from bot.people_commands import FindPeople, SetPreferredChannel, SetRole
from bot.recognising import name_key
from bot.store import Participant, to_number


def find(desk: Desk, command: FindPeople) -> tuple[Person, ...]:
    """Read all who are registered, or those whom the text means."""
    text = command.text.strip()
    if not text:
        return listed(desk.session)
    number = to_number(text.removeprefix("#"))
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
    (person,) = listed(desk.session, [command.person]) or (None,)
    if person is not None and command.channel is not None and command.channel not in person.channels:
        linked = ", ".join(person.channels) or "nowhere"
        raise Refused(f"they are not linked on {command.channel} but on: {linked}")
    return _change(desk, command.person, preferred_channel=command.channel)


def _change(desk: Desk, person: int, **values: Any) -> Person:
    row = desk.session.get(Participant, person, with_for_update=True)
    if row is None:
        raise Refused(f"there is no participant {person}; see: saphan people list")
    for name, value in values.items():
        setattr(row, name, value)
    desk.session.add(row)
    desk.session.flush()
    return listed(desk.session, [person])[0]
