"""
A working group's own places on the platforms: a chat or a topic where questions are about that group.

Nobody stands in the table: who tied what is in the record (`bot.audited`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite's compiler takes its clauses too
from sqlmodel import Field, Session, SQLModel

from bot.commands import Command
from bot.errors import Refused
from bot.group_chat_commands import GroupChat, GroupChats, GroupHere, Tied, TieGroup, UntieGroup
from bot.messages import Spot

if TYPE_CHECKING:
    from bot.records import Records


class GroupChatRow(SQLModel, table=True):
    """A chat of a channel, or the *topic* of it that is not empty, is *group*'s since *tied_at*, the forum's time."""

    __tablename__ = "group_chat"
    channel: str = Field(primary_key=True)
    chat: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    group: str
    tied_at: datetime


CHATS: Any = GroupChatRow.__table__  # type: ignore[attr-defined]
WRITE = upsert(CHATS)


def tie(records: Records, command: TieGroup) -> Tied | None:
    """Give the group the chat; whose it was before has it no longer."""
    spot = records.spot
    if spot is None:
        raise Refused("a working group is given a chat in that chat itself")
    if command.group not in records.press.know.groups:
        return None
    held = _held(records.session, spot)
    values = {"channel": spot.channel, "chat": spot.chat, "topic": spot.topic}
    kept = WRITE.values(**values, group=command.group, tied_at=records.now).on_conflict_do_update(
        index_elements=list(values),
        set_={"group": WRITE.excluded.group, "tied_at": WRITE.excluded.tied_at},
    )
    records.session.execute(kept)
    return Tied(GroupChat(command.group, spot), held if held != command.group else None)


def untie(records: Records, command: UntieGroup) -> GroupChat | None:
    """Take the chat from its group."""
    spot = command.spot or records.spot
    if spot is None:
        raise Refused("a chat is taken from a working group in that chat itself")
    held = _held(records.session, spot)
    records.session.execute(delete(CHATS).where(_is(spot)))
    return None if held is None else GroupChat(held, spot)


def here(records: Records, _command: GroupHere) -> GroupChat | None:
    """Read whose the chat is; a group that the pack names no longer has none."""
    spot = records.spot
    if spot is None:
        return None
    for one in dict.fromkeys((spot, Spot(spot.channel, spot.chat))):
        held = _held(records.session, one)
        if held is not None and held in records.press.know.groups:
            return GroupChat(held, one)
    return None


def read(records: Records, _command: GroupChats) -> tuple[GroupChat, ...]:
    """Read them all."""
    columns = (CHATS.c.group, CHATS.c.channel, CHATS.c.chat, CHATS.c.topic)
    rows = records.session.execute(select(*columns).order_by(*columns)).all()
    return tuple(GroupChat(row.group, Spot(row.channel, row.chat, row.topic)) for row in rows)


def _held(session: Session, spot: Spot) -> str | None:
    """Return the id of the group whose exactly *spot* is."""
    group: str | None = session.execute(select(CHATS.c.group).where(_is(spot))).scalar()
    return group


def _is(spot: Spot) -> Any:
    return (CHATS.c.channel == spot.channel) & (CHATS.c.chat == spot.chat) & (CHATS.c.topic == spot.topic)


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    TieGroup: tie,
    UntieGroup: untie,
    GroupHere: here,
    GroupChats: read,
}
"""What carries each command out."""
