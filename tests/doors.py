"""How people in a transcript come to the assistant; through a platform in `tests.platforms`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.assistant import Assistant
from bot.messages import Address, Card, Immediate, Inbound, Outbound


class Door:
    """The way to the assistant with nothing in between; messages look as if they came from Telegram."""

    channel = "telegram"

    def user(self, name: str) -> str:
        """Return the account of whoever the transcript calls *name*."""
        return name

    def begin(self) -> None:
        """Begin a transcript: nobody has come by yet."""

    def met(self, session: Session, user: str, participant: int, now: datetime) -> None:
        """Let *user* be somebody who has written before."""

    async def hear(self, assistant: Assistant, name: str, inbound: Inbound) -> Immediate | None:
        """Let *name* do what *inbound* says, and *assistant* hear it."""
        return await assistant.receive(inbound)

    async def show(self, outbounds: Sequence[Outbound]) -> None:
        """Show what was said, in this order."""


def to_outbound(row: Any, card: Card) -> Outbound:
    """Return the delivery *row* as the sender hands it to a channel."""
    return Outbound(
        row.id,
        Address(row.channel, row.user),
        row.chat,
        card,
        thread=row.thread,
        replaces=row.replaces,
        deletes=bool(row.deletes),
        silent=bool(row.silent),
    )
