"""What a reply to one of our own messages means: under the card of whom one is introduced to, words to pass on."""

import re
from collections.abc import Callable

from sqlalchemy import select
from sqlmodel import Session

from bot.audiences import DELIVERIES
from bot.conversation import Shown
from bot.engine import Enter
from bot.messages import Inbound, Media, Text
from bot.routing import Routed, read_words

WRITES = re.compile(r"/write (I-\d+)")
"""The choice under which somebody writes to whom they are introduced to."""


def written_to(session: Session, inbound: Inbound, older: Callable[[str], Shown | None]) -> Routed | None:
    """Return what *inbound* passes on; None where it is no reply to such a card. *older* finds a card's choices."""
    if inbound.answers is None or inbound.place != "private" or not isinstance(inbound.heard, Text | Media):
        return None
    here = (DELIVERIES.c.channel == inbound.address.channel) & (DELIVERIES.c.user == inbound.address.user)
    query = select(DELIVERIES.c.ref).where(here, DELIVERIES.c.message == inbound.answers)
    ref = session.execute(query.order_by(DELIVERIES.c.id.desc()).limit(1)).scalar()
    card = older(ref) if ref else None
    found = (WRITES.fullmatch(choice.id) for choice in card.choices) if card else ()
    number = next((choice[1] for choice in found if choice), None)
    match inbound.heard:
        case Media() if number:
            return Routed(Enter("write", {"text": number, "media": True}))
        case Text(text, forwarded=False) if number and not text.startswith("/"):
            words = read_words(text)
            return Routed(Enter("write", {"text": f"{number} {words}"}), text=words)
        case _:
            return None
