"""The page of a link: for whom it is, where it works and what to do there. Whoever looks at it changes nothing."""

from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from bot import links
from bot.dialogue import say
from bot.messages import Address, Card
from bot.participants import of_locale
from bot.store import LinkRequest, Participant
from bot.turns import Turns
from knowledge.snapshot import Snapshot

Standing = Literal["open", "expired", "used", "ended", "unknown"]


@dataclass(frozen=True, slots=True)
class Looker:
    """
    Who opens the page: the browser's own *address*, None where it has none yet, and its *locale*.

    *telegram* and *slack* tell which of these they could go on in.
    """

    address: Address | None = None
    locale: str | None = None
    telegram: bool = False
    slack: bool = False


def link_page(session: Session, parts: Turns, know: Snapshot, token: str, looker: Looker) -> Card:
    """
    Return what the page of *token* says to *looker*.

    Its choices are what can be done: `telegram` opens that chat, `here` shows the link in the very browser that asked
    for it, `paste` puts it into this browser's text box, `chat` only opens the conversation.
    """
    row = links.by_token(session, parts.keys, token) if links.TOKEN.fullmatch(token) else None
    people = links.candidates(session, parts.keys, row) if row else ()
    standing: Standing = _standing(row, parts) if row and people else "unknown"
    working = row if standing == "open" else None
    asked = working if working and working.purpose == "login" else None
    saying = say(
        "link/page",
        standing=standing,
        names=[person.name for person in people] if working else [],
        channel=asked.channel if asked else "",
        at=asked.asked_at + parts.clock.offset if asked else None,
        telegram=looker.telegram,
        slack=looker.slack,
        asked_here=asked is not None and looker.address == Address(asked.channel, asked.user),
        rehearsal=parts.clock.rehearsal,
    )
    return parts.wording.card(saying, _language(session, row, looker), "link", know)


def _standing(row: LinkRequest, parts: Turns) -> Standing:
    if row.used_at is not None:
        return "used"
    if row.failures >= links.GUESSES:
        return "ended"
    return "expired" if parts.clock.machine() >= row.expires_at else "open"


def _language(session: Session, row: LinkRequest | None, looker: Looker) -> str:
    """Return the language of whoever asked for the link, or was given it; the browser's while they chose none."""
    browsers = of_locale(looker.locale) or "en"
    owner = session.get(Participant, row.participant_id) if row and row.participant_id else None
    if row is None or owner is None:
        return browsers
    return owner.language or (owner.guessed_language if row.purpose == "login" else browsers)
